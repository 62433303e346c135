// SPDX-License-Identifier: MIT

package ses

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// identityType is AWS::SES::EmailIdentity. What it says of DKIM, of feedback and
// of the MAIL FROM domain concerns mail that leaves, and has no effect here.
type identityType struct{ service *Service }

func (t identityType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"EmailIdentity":              shape.String,
		"DkimAttributes":             shape.Object(shape.Fields{"SigningEnabled": shape.Boolean}),
		"DkimSigningAttributes":      shape.Object(shape.Fields{"NextSigningKeyLength": shape.Enum("RSA_1024_BIT", "RSA_2048_BIT"), "DomainSigningPrivateKey": shape.Unmodelled, "DomainSigningSelector": shape.Unmodelled}),
		"FeedbackAttributes":         shape.Object(shape.Fields{"EmailForwardingEnabled": shape.Boolean}),
		"MailFromAttributes":         shape.Object(shape.Fields{"MailFromDomain": shape.String, "BehaviorOnMxFailure": shape.Enum("USE_DEFAULT_VALUE", "REJECT_MESSAGE")}),
		"ConfigurationSetAttributes": shape.Unmodelled,
		"Tags":                       shape.Tags,
	}, "EmailIdentity"), properties)
}

func (t identityType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "EmailIdentity")
}

func (t identityType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	name := shape.Member(r.Properties, "EmailIdentity")
	err := t.service.edited(r.Scope, func(p *place) error {
		if p.Identities[strings.ToLower(name)] != nil {
			return refused("AlreadyExistsException", "Email identity %s already exist.", name)
		}
		made, err := p.verify(name)
		if err == nil {
			made.Tags = shape.TagMap(r.Tags, r.Properties)
		}
		return err
	})
	if err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: name, Attributes: dkimRecords(r.Scope.Account, name)}, nil
}

// dkimRecords returns the three DNS records that AWS would want to see.
func dkimRecords(account, name string) map[string]any {
	out := map[string]any{}
	for n := 1; n <= 3; n++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "dkim/%d/%s/%s", n, account, strings.ToLower(name)))
		selector := hex.EncodeToString(sum[:16])
		out[fmt.Sprintf("DkimDNSTokenName%d", n)] = selector + "._domainkey." + domainOf(name)
		out[fmt.Sprintf("DkimDNSTokenValue%d", n)] = selector + ".dkim.amazonses.com"
	}
	return out
}

func (t identityType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return old, t.service.edited(r.Scope, func(p *place) error {
		made, err := p.verify(old.PhysicalID)
		if err == nil {
			made.Tags = shape.TagMap(r.Tags, r.Properties)
		}
		return err
	})
}

func (t identityType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return t.service.edited(r.Scope, func(p *place) error {
		delete(p.Identities, strings.ToLower(old.PhysicalID))
		return nil
	})
}
