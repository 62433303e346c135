// SPDX-License-Identifier: MIT

package lambda

import (
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
)

// Permits reports whether the resource policy of a function lets another
// service, such as apigateway.amazonaws.com, invoke it on behalf of source, the
// ARN of what calls. function is a name, name:qualifier or ARN; one that does
// not exist permits nothing.
func (s *Service) Permits(scope arn.Scope, function, service, source string) bool {
	r, err := parseReference(function, "")
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.find(scope, r)
	if err != nil {
		return false
	}
	qualifier := plain(r.qualifier)
	d := f.Policies[qualifier]
	if d == nil {
		return false
	}
	document, err := policy.Parse([]byte(d.text()))
	return err == nil && document.Allows(policy.Request{
		PrincipalType: "Service", Principal: service, Action: "lambda:InvokeFunction", Resource: f.arn(qualifier),
		Context: map[string]string{"aws:sourcearn": source, "aws:sourceaccount": scope.Account},
	})
}
