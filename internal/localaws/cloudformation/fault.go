// SPDX-License-Identifier: MIT

package cloudformation

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// invalidf returns the error that CloudFormation answers most bad requests
// with, among them a stack that does not exist.
func invalidf(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "ValidationError", format, args...)
}

// alreadyExistsf returns the error for a name that is taken.
func alreadyExistsf(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "AlreadyExistsException", format, args...)
}

// noChangeSet returns the error for a change set that is not there.
func noChangeSet(name string) error {
	return wire.Errorf(http.StatusNotFound, "ChangeSetNotFound", "ChangeSet [%s] does not exist", name)
}

// noStack returns the error for a stack that is not there. Clients test for
// its text.
func noStack(name string) error { return invalidf("Stack with id %s does not exist", name) }

// message returns the text of an error without its code, for reasons in events.
func message(err error) string {
	if e, ok := err.(*wire.Error); ok { //nolint:errorlint // a wrapped error has more to say than its cause
		return e.Message
	}
	return err.Error()
}

// insufficientCapabilities returns the error for IAM resources that the client
// did not acknowledge.
func insufficientCapabilities(capability string) error {
	return wire.Errorf(http.StatusBadRequest, "InsufficientCapabilitiesException", "Requires capabilities : [%s]", capability)
}

// notModelledf returns the error for a request that AWS would answer and the
// embedded AWS does not.
func notModelledf(what, name string) error {
	return invalidf("the embedded AWS does not model the %s %s", what, name)
}
