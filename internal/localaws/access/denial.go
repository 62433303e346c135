// SPDX-License-Identifier: MIT

package access

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Denial says that a role may not do something, in the words of AWS
// ("Troubleshoot access denied error messages", IAM User Guide).
type Denial struct {
	Who      string // ARN of the session
	Action   string
	Resource string // ARN or "*"
	Why      string // such as: because no identity-based policy allows the sqs:sendmessage action
	Note     string // what the embedded AWS has to add; "" is nothing
}

// Error returns the message.
func (d *Denial) Error() string { return d.text(d.Resource) }

// Quoted returns the message with the resource in quotes, as S3 has it.
func (d *Denial) Quoted() string { return d.text(`"` + d.Resource + `"`) }

func (d *Denial) text(resource string) string {
	text := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", d.Who, d.Action, resource, d.Why)
	if d.Note != "" {
		text += " (" + d.Note + ")"
	}
	return text
}

// TokenError says that temporary credentials are none, or no longer.
type TokenError struct{ Expired bool }

// Error returns the message.
func (e *TokenError) Error() string {
	if e.Expired {
		return "The security token included in the request is expired"
	}
	return "The security token included in the request is invalid."
}

// IsDenial reports whether an error says that a role may not do something.
func IsDenial(err error) bool {
	_, ok := errors.AsType[*Denial](err)
	return ok
}

// Fault words an error of Guard as services of the protocol of r do. Other
// errors are returned as they are.
func Fault(r *http.Request, err error) error {
	_, target := r.Header["X-Amz-Target"]
	rpc := target || r.Header.Get("Smithy-Protocol") != ""
	query := !rpc && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	status := http.StatusForbidden
	if rpc {
		status = http.StatusBadRequest
	}
	code := func(ofQuery, ofJSON string) string {
		if query {
			return ofQuery
		}
		return ofJSON
	}
	token, isToken := errors.AsType[*TokenError](err)
	switch {
	case isToken && token.Expired:
		return wire.Errorf(status, code("ExpiredToken", "ExpiredTokenException"), "%s", token.Error())
	case isToken:
		return wire.Errorf(status, code("InvalidClientTokenId", "UnrecognizedClientException"), "%s", token.Error())
	case IsDenial(err):
		return wire.Errorf(status, code("AccessDenied", "AccessDeniedException"), "%s", err.Error())
	}
	return err
}
