// SPDX-License-Identifier: MIT

package localaws

import (
	"errors"
	"io"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// authorize returns an error unless a caller who acts with the credentials of a
// role may make a request. This is the one place where the requests of functions
// are checked, whichever service they are for.
func (t router) authorize(answering service.Service, r *http.Request, id wire.Identity) error {
	session, restricted, err := t.env.Access.Restricted(id)
	if err != nil || !restricted {
		return err
	}
	needs, known := needsOf(answering, r, id)
	if !known {
		return wire.Errorf(http.StatusForbidden, "AccessDeniedException",
			"the embedded AWS does not know which permission %s %s of %s needs: %s may not make the request", r.Method, r.URL.Path, id.Service, session.ARN)
	}
	return t.env.Access.May(session, id.Region, needs...)
}

// needsOf returns what a request needs. Where a service has no table of its own,
// the role needs the action that is named like the operation, on any resource:
// that is right for nearly all operations of AWS, and a role without the right
// is found out, whereas nobody would gain by calls that cannot be made at all.
func needsOf(answering service.Service, r *http.Request, id wire.Identity) ([]access.Need, bool) {
	if guarded, ok := answering.(service.Guarded); ok {
		return guarded.Needs(r, id)
	}
	return access.Assume(r, id.Service)
}

// refuse answers a request that its caller may not make.
func (t router) refuse(answering service.Service, w http.ResponseWriter, r *http.Request, id wire.Identity, err error) {
	t.env.Log.Info().Err(err).Str("service", id.Service).Msg("refused request")
	if refuser, ok := answering.(service.Refuser); ok {
		refuser.Refuse(w, r, id, err)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body) // so that the client gets to the answer
	e, ok := errors.AsType[*wire.Error](access.Fault(r, err))
	if !ok {
		e = wire.Errorf(http.StatusInternalServerError, "InternalFailure", "%v", err)
	}
	wire.WriteUnknown(w, r, e)
}
