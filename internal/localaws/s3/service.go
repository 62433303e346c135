// SPDX-License-Identifier: MIT

package s3

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/policy"
)

// Sender is another service that makes requests on behalf of one of its
// resources, such as CloudFront for a distribution. The zero value is nobody.
type Sender struct {
	Principal string // such as cloudfront.amazonaws.com
	Source    string // ARN of the resource: aws:SourceArn
	Account   string // of the resource: aws:SourceAccount
}

// ServeFor answers a request of another service, which may do what the bucket's
// policy lets it; nobody may do what the policy opens to everybody. The bucket
// may be in any region.
func (s *Service) ServeFor(w http.ResponseWriter, r *http.Request, from Sender) {
	stampRequest(w)
	bucket, key := Locate(r.Host, r.URL.Path)
	call := &request{Request: r, w: w, bucket: bucket, key: key, query: r.URL.Query(), from: from}
	call.id.Anonymous = from.Principal == ""
	if err := s.serve(call); err != nil {
		drain(r)
		call.fail(err)
	}
}

// admitSender reports what the policy opens to another service. Policies that
// name a service are no public ones, which RestrictPublicBuckets is about.
func (b *bucket) admitSender(from Sender, action, key string) error {
	if action == "" {
		return accessDenied()
	}
	resource := b.arn()
	if key != "" {
		resource += "/" + key
	}
	question := policy.Request{
		PrincipalType: "Service", Principal: from.Principal, Action: "s3:" + action, Resource: resource,
		Context: map[string]string{
			"aws:sourcearn": from.Source, "aws:sourceaccount": from.Account, "aws:principalisawsservice": "true", "aws:securetransport": "true",
		},
	}
	if !b.policy().Allows(question) {
		return accessDenied()
	}
	return nil
}
