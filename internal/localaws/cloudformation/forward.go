// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/forward"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// principal is CloudFormation as it assumes roles.
const principal = "cloudformation.amazonaws.com"

// caller is who asked for an operation. The zero caller is not restricted.
type caller struct {
	session    access.Session
	restricted bool // by the policies of a role
}

type callerKey struct{}

// as returns a context that knows who makes a request. Errors are those of
// credentials, which were checked before.
func (s *Service) as(ctx context.Context, id wire.Identity) (context.Context, error) {
	session, restricted, err := s.env.Access.Restricted(id)
	return context.WithValue(ctx, callerKey{}, caller{session, restricted}), err
}

func callerOf(ctx context.Context) caller {
	by, _ := ctx.Value(callerKey{}).(caller)
	return by
}

// actor returns as whom an operation acts on the resources of a stack: its
// service role, if it has one, else who asked for it ("AWS CloudFormation service
// role", CloudFormation User Guide).
func (op *operation) actor(roleARN string) caller {
	if roleARN != "" {
		return caller{access.SessionOf(roleARN, "AWSCloudFormation"), true}
	}
	return op.by
}

// permit returns an error unless an operation may do with a resource what a
// handler of its type does.
func (s *Service) permit(op *operation, roleARN string, h forward.Handler, r resource.Request, physicalID string) error {
	actor := op.actor(roleARN)
	if !actor.restricted || s.env.Access == nil {
		return nil
	}
	needs, err := s.needed(h, r, physicalID)
	if err != nil {
		return err
	}
	for i := range needs {
		s.forwarded(&needs[i], roleARN)
	}
	if err := s.env.Access.May(actor.session, r.Scope.Region, needs...); err != nil {
		return fmt.Errorf("Resource handler returned message: \"%w\" (HandlerErrorCode: AccessDenied)", err) //nolint:staticcheck // AWS's words
	}
	return nil
}

// needed are the permissions that a handler takes.
func (s *Service) needed(h forward.Handler, r resource.Request, physicalID string) ([]access.Need, error) {
	switch {
	case r.Type == waitHandleType:
		return nil, nil
	case r.Type == customResourceType, strings.HasPrefix(r.Type, customPrefix):
		function, _ := r.Properties["ServiceToken"].(string)
		return []access.Need{{Action: "lambda:InvokeFunction", Resource: function}}, nil
	}
	return s.providers().Needs(h, r, physicalID)
}

// forwarded sets the condition keys of calls that CloudFormation makes with its
// caller's credentials ("aws:CalledVia", IAM User Guide).
func (s *Service) forwarded(need *access.Need, roleARN string) {
	if roleARN != "" {
		return
	}
	context := map[string]string{"aws:viaawsservice": "true", "aws:calledviafirst": principal, "aws:calledvialast": principal}
	maps.Copy(context, need.Context)
	need.Context, need.Lists = context, map[string][]string{"aws:calledvia": {principal}}
}

// readable returns an error unless a caller may read a template from S3, which
// CloudFormation does for it.
func (s *Service) readable(ctx context.Context, scope arn.Scope, bucket, key string) error {
	by := callerOf(ctx)
	if !by.restricted {
		return nil
	}
	need := access.Need{Action: "s3:GetObject", Resource: scope.Bucket(bucket) + "/" + key}
	s.forwarded(&need, "")
	return s.env.Access.May(by.session, scope.Region, need)
}

// assumable returns an error unless CloudFormation may assume the service role
// that a request names.
func (s *Service) assumable(scope arn.Scope, roleARN string) error {
	if roleARN == "" || s.deps.Assumable == nil {
		return nil
	}
	if err := s.deps.Assumable(scope, roleARN, principal); err != nil {
		return invalidf("Role %s is invalid or cannot be assumed", roleARN)
	}
	return nil
}

// takeRole makes the service role that a request names the stack's, for this
// operation and those to come. It is called with s.mu held.
func (s *Service) takeRole(st *stack, f form) error {
	role := f.text("RoleARN")
	if role == "" {
		return nil
	}
	if err := s.assumable(st.Scope, role); err != nil {
		return err
	}
	st.Current.RoleARN = role
	return nil
}
