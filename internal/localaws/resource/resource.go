// SPDX-License-Identifier: MIT

// Package resource is the contract between the embedded CloudFormation engine
// and the services whose resources it makes.
package resource

import (
	"context"
	"errors"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// Type models one CloudFormation resource type. Each service package offers
// its types as a map from the type's name. Methods may be called concurrently
// for different resources.
type Type interface {
	// Create makes the resource. When it fails nothing may be left behind,
	// unless Instance.PhysicalID is set with the error: then the engine
	// deletes that instance during rollback.
	Create(ctx context.Context, r Request) (Instance, error)
	// Update changes the resource in place. It is called only if Replaces
	// said that no changed property needs a new resource.
	Update(ctx context.Context, old Instance, r Request) (Instance, error)
	// Delete removes the resource. What is already gone is no error.
	Delete(ctx context.Context, old Instance, r Request) error
	// Replaces reports whether going from old to new properties needs a new
	// resource ("Update requires: Replacement" on the type's AWS page).
	Replaces(old, new map[string]any) bool
	// Check returns the faults that CloudFormation would find in the
	// properties before it calls the service: missing, unknown or
	// ill-typed ones. Values may still be unresolved intrinsics.
	Check(properties map[string]any) []string
}

// Request says what CloudFormation wants to make.
type Request struct {
	Scope         arn.Scope
	StackID       string
	StackName     string
	LogicalID     string
	Type          string            // such as AWS::Lambda::Function
	Properties    map[string]any    // JSON values, intrinsics resolved
	OldProperties map[string]any    // of the last successful operation; nil on Create
	UpdatePolicy  map[string]any    // the resource attribute, intrinsics resolved; nil on Create, in a rollback, or if there is none
	Tags          map[string]string // the stack's tags and the aws:cloudformation:* ones
	// DefaultName makes the physical name that CloudFormation would generate:
	// stack, logical id and a random part, within max characters.
	DefaultName func(max int) string
}

// Instance is a resource that exists.
type Instance struct {
	PhysicalID string         // what Ref returns
	Attributes map[string]any // what GetAtt returns, by attribute name
}

// ErrRetry marks a failure that passes by itself, such as a role that is not
// yet assumable; the engine tries again for a while as CloudFormation does.
var ErrRetry = errors.New("not ready yet")
