// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// accessBlock is the public access block of a bucket.
type accessBlock struct {
	XMLName               xml.Name `xml:"PublicAccessBlockConfiguration" json:"-"`
	BlockPublicAcls       bool
	IgnorePublicAcls      bool
	BlockPublicPolicy     bool
	RestrictPublicBuckets bool
}

// blockAll is what new buckets have since April 2023.
func blockAll() accessBlock {
	return accessBlock{BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
}

func getAccess(b *bucket) (any, error) {
	if b.Access == nil {
		return nil, missing("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
	}
	return *b.Access, nil
}

func putAccess(b *bucket, body []byte) error {
	var access accessBlock
	if xml.Unmarshal(body, &access) != nil {
		return malformedXML()
	}
	b.Access = &access
	return nil
}

func getPolicy(b *bucket) (any, error) {
	if b.Policy == "" {
		return nil, missing("NoSuchBucketPolicy", "The bucket policy does not exist")
	}
	return b.Policy, nil
}

func getPolicyStatus(b *bucket) (any, error) {
	if b.Policy == "" {
		return nil, missing("NoSuchBucketPolicy", "The bucket policy does not exist")
	}
	return struct {
		XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PolicyStatus"`
		IsPublic bool
	}{IsPublic: b.policy().Public()}, nil
}

// putPolicy refuses a public policy where the bucket blocks them, as S3 does.
func putPolicy(b *bucket, body []byte) error {
	malformed := func(format string, args ...any) error {
		return wire.Errorf(http.StatusBadRequest, "MalformedPolicy", format, args...)
	}
	if len(body) > 20<<10 {
		return malformed("The policy is larger than the limit of 20480 bytes")
	}
	doc, err := policy.Parse(body)
	if err != nil {
		return malformed("%v", err)
	}
	for _, statement := range doc.Statements {
		if statement.Principals == nil && statement.NotPrincipals == nil {
			return malformed("Missing required field Principal")
		}
		resources := append(statement.Resources, statement.NotResources...)
		if len(resources) == 0 {
			return malformed("Missing required field Resource")
		}
		for _, resource := range resources {
			if !b.contains(resource) {
				return malformed("Policy has invalid resource")
			}
		}
		for _, action := range append(statement.Actions, statement.NotActions...) {
			if action != "*" && !strings.HasPrefix(strings.ToLower(action), "s3:") {
				return malformed("Policy has invalid action")
			}
		}
	}
	if doc.Public() && b.Access != nil && b.Access.BlockPublicPolicy {
		return wire.Errorf(http.StatusForbidden, "AccessDenied", "User is not authorized to perform: s3:PutBucketPolicy on resource: \"%s\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.", b.arn())
	}
	b.Policy = string(body)
	return nil
}

// contains reports whether the resource of a policy can be this bucket or
// something in it.
func (b *bucket) contains(resource string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(resource, "arn:aws:s3:::"), "/")
	return strings.HasPrefix(resource, "arn:aws:s3:::") && policy.Match(name, b.Name)
}

func (b *bucket) arn() string { return "arn:aws:s3:::" + b.Name }

// policy returns the parsed policy; without one, a document that allows
// nothing.
func (b *bucket) policy() policy.Document {
	doc, err := policy.Parse([]byte(b.Policy))
	if err != nil { // "" or, never, a policy that was accepted by putPolicy
		return policy.Document{}
	}
	return doc
}

// admitAnonymous reports what the policy opens to everybody. Requests on
// loopback count as sent over TLS.
func (b *bucket) admitAnonymous(action, key string) error {
	if action == "" || b.Access != nil && b.Access.RestrictPublicBuckets {
		return accessDenied()
	}
	resource := b.arn()
	if key != "" {
		resource += "/" + key
	}
	question := policy.Request{
		PrincipalType: "AWS", Principal: "*", Action: action, Resource: resource,
		Context: map[string]string{"aws:securetransport": "true", "aws:sourceip": "127.0.0.1"},
	}
	if !b.policy().Allows(question) {
		return accessDenied()
	}
	return nil
}

// ownerships are the values of ObjectOwnership.
func ownerships() []string {
	return []string{"BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"}
}

type ownershipControls struct {
	XMLName xml.Name `xml:"OwnershipControls"`
	Rules   []struct {
		ObjectOwnership string
	} `xml:"Rule"`
}

func getOwnership(b *bucket) (any, error) {
	if b.Ownership == "" {
		return nil, missing("OwnershipControlsNotFoundError", "The bucket ownership controls were not found")
	}
	var out ownershipControls
	out.Rules = append(out.Rules, struct{ ObjectOwnership string }{b.Ownership})
	return out, nil
}

func putOwnership(b *bucket, body []byte) error {
	var in ownershipControls
	if xml.Unmarshal(body, &in) != nil || len(in.Rules) != 1 {
		return malformedXML()
	}
	for _, known := range ownerships() {
		if in.Rules[0].ObjectOwnership == known {
			b.Ownership = known
			return nil
		}
	}
	return malformedXML()
}
