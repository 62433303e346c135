// SPDX-License-Identifier: MIT

package gateway

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sparta-up/sparta/internal/localaws/policy"
)

// Answer is what a Lambda authorizer said. It does not change.
type Answer struct {
	Principal string         // "" in a simple answer
	Context   map[string]any // scalars for the function behind the API; nil if there are none
	APIKey    string         // usageIdentifierKey: the API key that the caller is taken for
	policy    *policy.Document
	simple    bool
}

// Allows reports whether the answer lets the caller at address source invoke
// resource, the ARN of a route or method.
func (a Answer) Allows(resource, source string) bool {
	if a.policy == nil {
		return a.simple
	}
	return a.policy.Allows(policy.Request{
		Action: "execute-api:Invoke", Resource: resource, Context: map[string]string{"aws:sourceip": source},
	})
}

// SimpleAnswer reads the answer of an HTTP API's authorizer with simple
// responses: isAuthorized and a context.
func SimpleAnswer(payload []byte) (Answer, error) {
	var said struct {
		IsAuthorized *bool          `json:"isAuthorized"`
		Context      map[string]any `json:"context"`
	}
	if err := json.Unmarshal(payload, &said); err != nil || said.IsAuthorized == nil {
		return Answer{}, errors.New("read answer of authorizer: it has no isAuthorized")
	}
	return Answer{simple: *said.IsAuthorized, Context: said.Context}, nil
}

// PolicyAnswer reads an answer with an IAM policy: principalId, policyDocument
// and a context of scalars.
func PolicyAnswer(payload []byte) (Answer, error) {
	var said struct {
		PrincipalID        string          `json:"principalId"`
		PolicyDocument     json.RawMessage `json:"policyDocument"`
		Context            map[string]any  `json:"context"`
		UsageIdentifierKey string          `json:"usageIdentifierKey"`
	}
	if err := json.Unmarshal(payload, &said); err != nil {
		return Answer{}, fmt.Errorf("read answer of authorizer: %w", err)
	}
	if said.PrincipalID == "" {
		return Answer{}, errors.New("read answer of authorizer: it has no principalId")
	}
	document, err := policy.Parse(said.PolicyDocument)
	if err != nil {
		return Answer{}, fmt.Errorf("read policy of authorizer: %w", err)
	}
	for name, value := range said.Context {
		switch value.(type) {
		case string, bool, float64, nil:
		default:
			return Answer{}, fmt.Errorf("read answer of authorizer: the member %s of its context is no scalar", name)
		}
	}
	return Answer{Principal: said.PrincipalID, Context: said.Context, APIKey: said.UsageIdentifierKey, policy: &document}, nil
}
