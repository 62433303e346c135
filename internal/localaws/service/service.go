// SPDX-License-Identifier: MIT

// Package service is what the services of the embedded AWS share: the
// environment they run in and the shape they have.
package service

import (
	"net/http"
	"time"

	"github.com/rs/zerolog"

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
}

// Service answers the API of one AWS service and models its CloudFormation
// resource types.
type Service interface {
	// ServeAPI answers one request; id says who asks, and where.
	ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity)
	// ResourceTypes returns the modelled types by name, such as AWS::S3::Bucket.
	ResourceTypes() map[string]resource.Type
}
