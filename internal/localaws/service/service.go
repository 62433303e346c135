// SPDX-License-Identifier: MIT

// Package service is what the services of the embedded AWS share: the
// environment they run in and the shape they have.
package service

import (
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Env is the environment that every service is given.
type Env struct {
	Default  arn.Scope        // the account and region of anonymous requests and front doors
	Store    *store.Store     // what survives between processes
	Doors    *door.Set        // HTTP listeners for function URLs and websites
	Now      func() time.Time // the clock
	Endpoint func() string    // base URL of the API, such as http://127.0.0.1:4566
	Log      zerolog.Logger
	// Access says what callers may do who act with a role; nil: everything. The
	// router asks it of requests to ServeAPI.
	Access *access.Guard
}

// Service answers the API of one AWS service and models its CloudFormation
// resource types.
type Service interface {
	// ServeAPI answers one request; id says who asks, and where.
	ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity)
	// ResourceTypes returns the modelled types by name, such as AWS::S3::Bucket.
	ResourceTypes() map[string]resource.Type
}

// Guarded is a Service that says which permissions its requests need. Of one
// that does not, callers who act with a role need the action that is named like
// the operation.
type Guarded interface {
	Service
	// Needs returns the permissions that a request to ServeAPI needs. It reports
	// false if they are not known: such a request is refused. The body can be
	// read afterwards.
	Needs(r *http.Request, id wire.Identity) ([]access.Need, bool)
}

// Refuser is a Service whose errors have a form of their own, also for those who
// may not do what they ask for.
type Refuser interface {
	Service
	// Refuse answers a request with an error of access.Guard.
	Refuse(w http.ResponseWriter, r *http.Request, id wire.Identity, err error)
}
