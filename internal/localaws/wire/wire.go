// SPDX-License-Identifier: MIT

// Package wire holds what the AWS wire protocols have in common: who asks, and
// how an answer or an error is written in each protocol.
package wire

import (
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
