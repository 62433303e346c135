// SPDX-License-Identifier: MIT

package acm

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API.
func protocol() wire.JSON {
	return wire.JSON{
		Service: "Certificate Manager", Target: "CertificateManager.", Limit: 1 << 20, TooLarge: "RequestEntityTooLarge", Invalid: "ValidationException",
	}
}

func actions() wire.Actions[*Service, arn.Scope] {
	return wire.Actions[*Service, arn.Scope]{
		"RequestCertificate":     wire.Method((*Service).serveRequest),
		"DescribeCertificate":    wire.Method((*Service).serveDescribe),
		"ListCertificates":       wire.Method((*Service).serveList),
		"DeleteCertificate":      wire.Method((*Service).serveDelete),
		"ListTagsForCertificate": wire.Method((*Service).serveTags),
	}
}

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for AWS Certificate Manager", Service Authorization Reference).
func needs() access.Table {
	one := access.On(access.ARNIn("CertificateArn"))
	return access.Table{Prefix: "acm", Rules: map[string]access.Rule{
		"RequestCertificate":     access.On(access.Any),
		"ListCertificates":       access.On(access.Any),
		"DescribeCertificate":    one,
		"DeleteCertificate":      one,
		"ListTagsForCertificate": one,
	}}
}

func (s *Service) scope(id wire.Identity) arn.Scope {
	return arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
}

// ServeAPI answers one request of the awsJson1.1 protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.actions.Serve(protocol(), s, s.scope(id), w, r)
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.table.Needs(r, s.scope(id)), true
}

// timestamp is a time as the protocol shows it: seconds since 1970.
type timestamp struct{ time.Time }

// MarshalJSON writes the seconds with their thousandths.
func (t timestamp) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(t.UnixMilli()) / 1000)
}

// none is the answer of actions that say nothing.
type none struct{}

type arnInput struct{ CertificateArn string }

func (s *Service) serveRequest(scope arn.Scope, in requestInput) (arnInput, error) {
	if in.CertificateTransparencyLoggingPreference != "" || in.CertificateExport != "" {
		return arnInput{}, invalid("ValidationException", "CertificateTransparencyLoggingPreference and Export belong into Options")
	}
	in.ValidationMethod = cmp.Or(in.ValidationMethod, "EMAIL")
	c, err := s.request(scope, in, tagsOf(in.Tags))
	if err != nil {
		return arnInput{}, err
	}
	return arnInput{c.ARN}, nil
}

func tagsOf(list []tag) map[string]string {
	tags := map[string]string{}
	for _, t := range list {
		tags[t.Key] = t.Value
	}
	return tags
}

func (s *Service) serveDelete(scope arn.Scope, in arnInput) (none, error) {
	return none{}, s.remove(scope, in.CertificateArn)
}

type tagsOutput struct{ Tags []tag }

func (s *Service) serveTags(scope arn.Scope, in arnInput) (tagsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(scope, in.CertificateArn)
	if err != nil {
		return tagsOutput{}, err
	}
	out := tagsOutput{Tags: []tag{}}
	for _, key := range slices.Sorted(maps.Keys(c.Tags)) {
		out.Tags = append(out.Tags, tag{key, c.Tags[key]})
	}
	return out, nil
}
