// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type stackResult struct {
	StackID     string `xml:"StackId"`
	OperationID string `xml:"OperationId,omitempty"`
}

// request is what CreateStack, UpdateStack and CreateChangeSet have in common.
type request struct {
	template   *template
	revision   revision
	parameters map[string]given
	deployment deploymentConfig
	tagged     bool // Tags were given, be they none
}

// deploymentConfig is the parameter DeploymentConfig.
type deploymentConfig struct{ disableRollback *bool }

func (f form) deploymentConfig() (deploymentConfig, error) {
	var c deploymentConfig
	for _, key := range sortedKeys(f) {
		switch {
		case key == "DeploymentConfig.Mode" && f.text(key) != "STANDARD":
			return c, notModelledf("deployment mode", f.text(key))
		case key == "DeploymentConfig.Mode", key == "DeploymentConfig.DisableRollback", !strings.HasPrefix(key, "DeploymentConfig."):
		default:
			return c, notModelledf("parameter", key)
		}
	}
	var err error
	c.disableRollback, err = f.boolean("DeploymentConfig.DisableRollback")
	return c, err
}

// readRequest reads and checks the template and what goes with it, as far as
// that needs no stack.
func (s *Service) readRequest(ctx context.Context, scope arn.Scope, f form, previous string) (*request, error) {
	body, err := s.body(ctx, scope, f, previous)
	if err != nil {
		return nil, err
	}
	r := &request{tagged: f.present("Tags")}
	r.revision.Template, r.revision.RoleARN = body, f.text("RoleARN")
	if r.template, err = parse(body); err != nil {
		return nil, err
	}
	if err := s.assumable(scope, r.revision.RoleARN); err != nil {
		return nil, err
	}
	r.revision.Description, r.revision.Secrets = r.template.description, r.template.secrets()
	if r.revision.Tags, err = f.tags(); err != nil {
		return nil, err
	}
	if r.revision.Capabilities, err = f.acknowledged(); err != nil {
		return nil, err
	}
	if r.parameters, err = f.parameters(); err != nil {
		return nil, err
	}
	if r.deployment, err = f.deploymentConfig(); err != nil {
		return nil, err
	}
	return r, r.template.checkCapabilities(r.revision.Capabilities)
}

// model makes the request ready to be deployed to a stack. What the client left
// out stays as it is in the stack.
func (r *request) model(st *stack) (*model, error) {
	var err error
	if r.revision.Parameters, err = r.template.parameterValues(r.parameters, st.Current.Parameters); err != nil {
		return nil, err
	}
	if !r.tagged {
		r.revision.Tags = st.Current.Tags
	}
	if r.revision.RoleARN == "" {
		r.revision.RoleARN = st.Current.RoleARN
	}
	return newParsedModel(r.template, st.Scope, st.ID, st.Name, r.revision)
}

// newStack returns a stack that nobody knows yet.
func (s *Service) newStack(scope arn.Scope, name string) *stack {
	return &stack{
		Scope: scope, Name: name, ID: scope.Regional("cloudformation", "stack/"+name+"/"+wire.RequestID()),
		Created: s.now(), Resources: map[string]*record{},
	}
}

// enterStack makes a stack known.
func (s *Service) enterStack(st *stack) {
	s.stacks[st.ID] = st
	s.live[liveKey(st.Scope, st.Name)] = st
}

// repeated looks for an operation with the same client request token: the same
// one was asked for again, which succeeds, or another one, which does not.
func (st *stack) repeated(token, kind string) (bool, error) {
	before, seen := st.Tokens[token]
	if token == "" || !seen {
		return false, nil
	}
	if before != kind {
		return false, wire.Errorf(http.StatusBadRequest, "TokenAlreadyExistsException", "The client request token %s was already used by another operation of stack %s", token, st.Name)
	}
	return true, nil
}

func (s *Service) createStack(ctx context.Context, scope arn.Scope, f form) (any, error) {
	name, err := f.name("StackName")
	if err != nil {
		return nil, err
	}
	r, err := s.readRequest(ctx, scope, f, "")
	if err != nil {
		return nil, err
	}
	op := &operation{by: callerOf(ctx), kind: "CREATE_STACK", token: f.text("ClientRequestToken"), id: wire.RequestID()}
	if err := op.readCreation(f, r.deployment); err != nil {
		return nil, err
	}
	protect, err := f.flag("EnableTerminationProtection")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.live[liveKey(scope, name)]; old != nil {
		if again, _ := old.repeated(op.token, op.kind); again {
			return stackResult{StackID: old.ID}, nil
		}
		return nil, alreadyExistsf("Stack [%s] already exists", name)
	}
	st := s.newStack(scope, name)
	m, err := r.model(st)
	if err != nil {
		return nil, err
	}
	st.Protected = protect
	s.enterStack(st)
	if err := s.begin(st, op, m); err != nil {
		s.forget(st)
		return nil, err
	}
	return stackResult{st.ID, op.id}, nil
}

// readCreation reads how the creation of a stack deals with failure.
func (op *operation) readCreation(f form, c deploymentConfig) error {
	disable, err := f.boolean("DisableRollback")
	if err != nil {
		return err
	}
	op.onFailure = f.text("OnFailure")
	switch op.onFailure {
	case "", "ROLLBACK", "DELETE", "DO_NOTHING":
	default:
		return invalidf("1 validation error detected: Value '%s' at 'onFailure' failed to satisfy constraint: Member must satisfy enum value set: [DO_NOTHING, ROLLBACK, DELETE]", op.onFailure)
	}
	if disable != nil && op.onFailure != "" {
		return invalidf("DisableRollback and OnFailure cannot both be specified")
	}
	if disable == nil {
		disable = c.disableRollback
	}
	if op.onFailure == "" && disable != nil && *disable {
		op.onFailure = "DO_NOTHING"
	}
	op.disableRollback = op.onFailure == "DO_NOTHING"
	if op.noValidation, err = f.flag("DisableValidation"); err != nil {
		return err
	}
	op.retainExceptOnCreate, err = f.flag("RetainExceptOnCreate")
	return err
}

func (s *Service) updateStack(ctx context.Context, scope arn.Scope, f form) (any, error) {
	previous, err := s.previousTemplate(scope, f.text("StackName"))
	if err != nil {
		return nil, err
	}
	r, err := s.readRequest(ctx, scope, f, previous)
	if err != nil {
		return nil, err
	}
	op := &operation{by: callerOf(ctx), kind: "UPDATE_STACK", token: f.text("ClientRequestToken"), id: wire.RequestID()}
	if err := op.readUpdate(f, r.deployment); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, err
	}
	if again, err := st.repeated(op.token, op.kind); again || err != nil {
		return stackResult{StackID: st.ID}, err
	}
	if err := st.updatable(op.disableRollback); err != nil {
		return nil, err
	}
	m, err := r.model(st)
	if err != nil {
		return nil, err
	}
	if len(s.validate(m, !op.noValidation)) == 0 { // faults are told of by events
		_, changed, err := s.plan(st, m)
		if err != nil {
			return nil, err
		}
		if !changed {
			return nil, invalidf("No updates are to be performed.")
		}
	}
	st.obsolete()
	return stackResult{st.ID, op.id}, s.begin(st, op, m)
}

func (op *operation) readUpdate(f form, c deploymentConfig) error {
	disable, err := f.boolean("DisableRollback")
	if err != nil {
		return err
	}
	if disable == nil {
		disable = c.disableRollback
	}
	op.disableRollback = disable != nil && *disable
	if op.noValidation, err = f.flag("DisableValidation"); err != nil {
		return err
	}
	op.retainExceptOnCreate, err = f.flag("RetainExceptOnCreate")
	return err
}

// previousTemplate returns the template of a stack that is to be updated.
func (s *Service) previousTemplate(scope arn.Scope, name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, name)
	if err != nil {
		return "", err
	}
	return st.Current.Template, nil
}

// updatable refuses an update that the status of the stack forbids.
func (st *stack) updatable(disableRollback bool) error {
	failed := st.Status == "CREATE_FAILED" || st.Status == "UPDATE_FAILED"
	if stable(st.Status) || failed && disableRollback {
		return nil
	}
	return invalidf("Stack:%s is in %s state and can not be updated.", st.ID, st.Status)
}

// begin starts the creation or update of a stack. It is called with s.mu held.
func (s *Service) begin(st *stack, op *operation, m *model) error {
	creation := op.kind == "CREATE_STACK"
	retag := !creation && (!maps.Equal(st.Current.Tags, m.Tags) || st.Stable != nil && !maps.Equal(st.Stable.Tags, m.Tags))
	before := st.Current
	err := s.start(st, func(ctx, base context.Context, r *run) {
		if creation {
			s.create(ctx, base, r, st, op, m)
		} else {
			s.update(ctx, base, r, st, op, m, retag)
		}
	})
	if err != nil {
		return err
	}
	if !creation && stable(st.Status) {
		st.Stable = &before
	}
	s.enter(st, op)
	st.Current = m.revision
	st.RetainExceptOnCreate, st.DisableRollback = op.retainExceptOnCreate, op.disableRollback
	if creation {
		s.setStack(st, op, "CREATE_IN_PROGRESS", "User Initiated")
	} else {
		st.Updated = s.now()
		s.setStack(st, op, "UPDATE_IN_PROGRESS", "User Initiated")
	}
	return nil
}
