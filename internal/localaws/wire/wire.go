// SPDX-License-Identifier: MIT

// Package wire holds what the AWS wire protocols have in common: who asks, and
// how an answer or an error is written in each protocol.
package wire

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is an error that a service answers with. Its Code is what SDK clients
// see as ErrorCode and its Message what they see as ErrorMessage.
type Error struct {
	Status  int    // HTTP status; 0 means 400
	Code    string // such as ValidationError
	Message string
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// HTTPStatus returns the status to answer with.
func (e *Error) HTTPStatus() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

// Errorf returns an *Error.
func Errorf(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Failure is an error of a service call as CloudFormation words it in the
// reason of an event: the error of the service with its name and a request id.
type Failure struct {
	text string
	err  *Error
}

// FromService words an *Error that a service, such as "S3", gave to
// CloudFormation: "message (Service: S3, Status Code: 409, Request ID: ...)".
// Other errors, and nil, are returned as they are.
func FromService(service string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	return &Failure{
		text: fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s)", e.Message, service, e.HTTPStatus(), RequestID()),
		err:  e,
	}
}

// Error returns the message with service, status and request id.
func (f *Failure) Error() string { return f.text }

// Unwrap returns the error of the service.
func (f *Failure) Unwrap() error { return f.err }
