// SPDX-License-Identifier: MIT

// Package cognito is the Cognito user pools of the embedded AWS: pools with their
// app clients, groups and users, sign-up and sign-in with all triggers that are
// functions, and tokens that are signed as on AWS. It speaks the JSON API and has
// the CloudFormation types AWS::Cognito::UserPool, UserPoolClient, UserPoolGroup,
// UserPoolUser and UserPoolUserToGroupAttachment.
//
// No mail and no text message leaves the machine: each is announced to the user
// and listed at /_sparta/cognito-idp/messages, as the trigger customMessage made
// it. The keys of a pool are served at /POOL/.well-known/jwks.json.
//
// A password is kept as a salted verifier of the Secure Remote Password protocol,
// which sign-in by that protocol needs; to try one takes an exponentiation of 3072
// bits. Refresh tokens are kept as a hash. Codes and temporary passwords stand in
// the messages. Sign-ins that wait for an answer are lost when the process ends.
//
// What has no meaning on one machine is kept and shown, but has no effect: how
// mail and text messages are sent, tiers, devices, and the settings of the hosted
// pages. What would behave differently on AWS is refused by name: MFA, passkeys
// and sign-in by choice (USER_AUTH), the senders of codes (their codes are
// encrypted with KMS), other identity providers, domains and with them OAuth
// grants, resource servers, and links in mail. Attempts are not limited.
package cognito

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "cognito" // the name of the state document in the store
	principal = "cognito-idp.amazonaws.com"
	// codeNotFound is the error of resources that do not exist, but for users.
	codeNotFound = "ResourceNotFoundException"
)

// Deps are the other services that user pools call.
type Deps struct {
	// Functions runs triggers.
	Functions gateway.Functions
	// Notice tells the user something. It may be nil.
	Notice func(text string)
	// Patience is how long a trigger may take; 0 is what AWS has, 5 s.
	Patience time.Duration
}

// Service is Cognito user pools. Its methods may be called concurrently.
type Service struct {
	env    service.Env
	deps   Deps
	table  access.Table
	caller *gateway.Caller

	mu       sync.Mutex
	pools    map[string]*pool    // by id
	sessions map[string]*session // sign-ins that wait for an answer
}

// New opens the pools that env.Store keeps.
func New(env service.Env, deps Deps) (*Service, error) {
	if deps.Notice == nil {
		deps.Notice = func(string) {}
	}
	if deps.Patience == 0 {
		deps.Patience = 5 * time.Second
	}
	s := &Service{
		env: env, deps: deps, table: needs(), caller: gateway.NewCaller(deps.Functions),
		pools: map[string]*pool{}, sessions: map[string]*session{},
	}
	var kept []*pool
	if err := env.Store.Load(document, &kept); err != nil {
		return nil, fmt.Errorf("open cognito: %w", err)
	}
	for _, p := range kept {
		if err := p.open(); err != nil {
			return nil, fmt.Errorf("open user pool %s: %w", p.ID, err)
		}
		s.pools[p.ID] = p
	}
	env.Store.Register(document, s.snapshot)
	return s, nil
}

// Close waits for the triggers that run until ctx ends, and then kills them.
func (s *Service) Close(ctx context.Context) error {
	s.caller.Close(ctx)
	return nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]*pool, 0, len(s.pools))
	for _, p := range s.pools {
		kept = append(kept, p)
	}
	return json.Marshal(kept)
}

// changed marks the state as to be written. The caller may hold the lock.
func (s *Service) changed() { s.env.Store.Changed(document) }

// pool returns a pool of an account in a region; s.mu is held.
func (s *Service) pool(scope arn.Scope, id string) (*pool, error) {
	p := s.pools[id]
	if p == nil || p.Scope.Account != scope.Account || p.Scope.Region != scope.Region {
		return nil, notFound("User pool %s does not exist.", id)
	}
	return p, nil
}

// isGone reports whether an error says that something does not exist.
func isGone(err error) bool {
	e, ok := errors.AsType[*wire.Error](err)
	return ok && (e.Code == codeNotFound || e.Code == "UserNotFoundException")
}

func refused(code, format string, args ...any) error { return wire.Errorf(400, code, format, args...) }

func notFound(format string, args ...any) error {
	return refused(codeNotFound, format, args...)
}

func invalid(format string, args ...any) error {
	return refused("InvalidParameterException", format, args...)
}

func unauthorized(format string, args ...any) error {
	return refused("NotAuthorizedException", format, args...)
}

// unmodelled refuses what AWS has and the embedded AWS has not.
func unmodelled(what string) error { return invalid("the embedded AWS does not model %s", what) }
