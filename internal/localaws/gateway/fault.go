// SPDX-License-Identifier: MIT

package gateway

import (
	"errors"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// NotFound returns API Gateway's fault of something that is not there.
func NotFound(format string, args ...any) error {
	return wire.Errorf(http.StatusNotFound, "NotFoundException", format, args...)
}

// Conflict returns the fault of something that is there already.
func Conflict(format string, args ...any) error {
	return wire.Errorf(http.StatusConflict, "ConflictException", format, args...)
}

// BadRequest returns the fault of a wrong input.
func BadRequest(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "BadRequestException", format, args...)
}

// Unmodelled returns the fault of what API Gateway has and the embedded AWS has
// not.
func Unmodelled(what string) error { return BadRequest("the embedded AWS does not model %s", what) }

// Gone makes no error of the fact that something does not exist.
func Gone(err error) error {
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "NotFoundException" {
		return nil
	}
	return err
}
