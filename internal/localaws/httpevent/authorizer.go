// SPDX-License-Identifier: MIT

package httpevent

// V1Authorizer is an event of format 1.0 for an authorizer, which does not see
// the body.
type V1Authorizer struct {
	V1
	Body            any `json:"body,omitempty"` // hides that of V1
	IsBase64Encoded any `json:"isBase64Encoded,omitempty"`
}

// WithoutBody returns the event without its body.
func (e V1) WithoutBody() V1Authorizer { return V1Authorizer{V1: e} }

// V2Authorizer is an event of format 2.0 for an authorizer, which does not see
// the body.
type V2Authorizer struct {
	V2
	Body            any `json:"body,omitempty"` // hides that of V2
	IsBase64Encoded any `json:"isBase64Encoded,omitempty"`
}

// WithoutBody returns the event without its body.
func (e V2) WithoutBody() V2Authorizer { return V2Authorizer{V2: e} }
