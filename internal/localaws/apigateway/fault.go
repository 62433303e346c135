// SPDX-License-Identifier: MIT

package apigateway

import (
	"errors"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func notFound(format string, args ...any) error {
	return wire.Errorf(http.StatusNotFound, "NotFoundException", format, args...)
}

func conflict(format string, args ...any) error {
	return wire.Errorf(http.StatusConflict, "ConflictException", format, args...)
}

func badRequest(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "BadRequestException", format, args...)
}

func unmodelled(what string) error { return badRequest("the embedded AWS does not model %s", what) }

// gone makes no error of the fact that something does not exist.
func gone(err error) error {
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "NotFoundException" {
		return nil
	}
	return err
}
