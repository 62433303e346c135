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

func (s *Service) createChangeSet(ctx context.Context, scope arn.Scope, f form) (any, error) {
	if err := f.refuse("CreateChangeSet", "IncludeNestedStacks", "ImportExistingResources"); err != nil {
		return nil, err
	}
	c, err := f.changeSet()
	if err != nil {
		return nil, err
	}
	stackName := f.text("StackName")
	previous := ""
	if c.Type == "UPDATE" {
		if previous, err = s.previousTemplate(scope, stackName); err != nil {
			return nil, invalidf("Stack [%s] does not exist", stackName)
		}
	} else if !strings.HasPrefix(stackName, "arn:") {
		if _, err := f.name("StackName"); err != nil {
			return nil, err
		}
	}
	r, err := s.readRequest(ctx, scope, f, previous)
	if err != nil {
		return nil, err
	}
	c.DisableRollback = r.deployment.disableRollback

	s.mu.Lock()
	defer s.mu.Unlock()
	st, fresh, err := s.stackFor(scope, stackName, c)
	if err != nil {
		return nil, err
	}
	m, err := r.model(st)
	if err != nil {
		return nil, err
	}
	c.Target = m.revision
	if same := st.findChangeSet(c.Name); same != nil && !strings.HasPrefix(same.Execution, "EXECUTE_") {
		return changeSetResult{same.ID, st.ID}, c.matches(same)
	}
	if fresh {
		s.enterStack(st)
		s.setStack(st, &operation{}, "REVIEW_IN_PROGRESS", "User Initiated")
	}
	if err := s.addChangeSet(st, c, m); err != nil {
		return nil, err
	}
	return changeSetResult{c.ID, st.ID}, nil
}

type changeSetResult struct {
	ID      string `xml:"Id"`
	StackID string `xml:"StackId"`
}

// changeSet reads what belongs to the change set itself.
func (f form) changeSet() (*changeSet, error) {
	name, err := f.name("ChangeSetName")
	if err != nil {
		return nil, err
	}
	c := &changeSet{
		Name: name, Type: f.text("ChangeSetType"), Description: f.text("Description"),
		Token: f.text("ClientToken"), OnStackFailure: f.text("OnStackFailure"),
	}
	if c.NoValidation, err = f.flag("DisableValidation"); err != nil {
		return nil, err
	}
	switch c.Type {
	case "":
		c.Type = "UPDATE"
	case "CREATE", "UPDATE":
	default:
		return nil, notModelledf("change set type", c.Type)
	}
	switch {
	case c.OnStackFailure == "", c.OnStackFailure == "ROLLBACK", c.OnStackFailure == "DO_NOTHING":
	case c.OnStackFailure == "DELETE" && c.Type == "CREATE":
	default:
		return nil, invalidf("OnStackFailure %s is not valid for a change set of type %s", c.OnStackFailure, c.Type)
	}
	return c, nil
}

// stackFor returns the stack that a change set is for; it is fresh if the
// change set is what brings it into being.
func (s *Service) stackFor(scope arn.Scope, name string, c *changeSet) (st *stack, fresh bool, err error) {
	st, err = s.find(scope, name)
	exists := err == nil && st.Deleted.IsZero()
	switch {
	case c.Type == "CREATE" && !exists && !strings.HasPrefix(name, "arn:"):
		return s.newStack(scope, name), true, nil
	case !exists:
		return nil, false, invalidf("Stack [%s] does not exist", name)
	case c.Type == "CREATE" && st.Status == "REVIEW_IN_PROGRESS":
		return st, false, nil
	case c.Type == "CREATE":
		return nil, false, invalidf("Stack [%s] already exists and cannot be created again with the changeSet [%s].", st.Name, c.Name)
	}
	return st, false, st.updatable(true)
}

// matches refuses a change set whose name is taken by another one. The same
// one may be created again.
func (c *changeSet) matches(same *changeSet) error {
	attribute := ""
	switch {
	case c.Token != same.Token || c.Token == "":
		attribute = "ClientToken"
	case c.Target.Template != same.Target.Template:
		attribute = "Template"
	case !maps.Equal(c.Target.Parameters, same.Target.Parameters):
		attribute = "Parameters"
	case !maps.Equal(c.Target.Tags, same.Target.Tags):
		attribute = "Tags"
	default:
		return nil
	}
	return alreadyExistsf("ChangeSet %s cannot be created due to a mismatch with existing attribute %s", c.Name, attribute)
}

// changeSetOf finds the change set that a request names: by id, or by name and
// stack.
func (s *Service) changeSetOf(scope arn.Scope, f form) (*stack, *changeSet, error) {
	name := f.text("ChangeSetName")
	if strings.HasPrefix(name, "arn:") {
		for _, st := range s.stacks {
			if c := st.Changes[name]; c != nil && st.Scope.Account == scope.Account && st.Scope.Region == scope.Region {
				return st, c, nil
			}
		}
		return nil, nil, noChangeSet(name)
	}
	if f.text("StackName") == "" {
		return nil, nil, invalidf("StackName must be specified if ChangeSetName is not specified as an ARN.")
	}
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, nil, invalidf("Stack [%s] does not exist", f.text("StackName"))
	}
	if c := st.findChangeSet(name); c != nil {
		return st, c, nil
	}
	return st, nil, noChangeSet(name)
}

func invalidChangeSetStatus(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidChangeSetStatus", format, args...)
}

func (s *Service) deleteChangeSet(_ context.Context, scope arn.Scope, f form) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, c, err := s.changeSetOf(scope, f)
	switch {
	case st != nil && c == nil, st == nil && strings.HasPrefix(f.text("ChangeSetName"), "arn:"):
		return struct{}{}, nil // to delete what is not there succeeds
	case err != nil:
		return nil, err
	case c.Execution == "EXECUTE_IN_PROGRESS", c.Status == "CREATE_PENDING", c.Status == "CREATE_IN_PROGRESS":
		return nil, invalidChangeSetStatus("ChangeSet [%s] cannot be deleted in its current status of [%s] and execution status of [%s]", c.ID, c.Status, c.Execution)
	}
	delete(st.Changes, c.ID)
	s.changed()
	return struct{}{}, nil
}

func (s *Service) executeChangeSet(ctx context.Context, scope arn.Scope, f form) (any, error) {
	disable, err := f.boolean("DisableRollback")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, c, err := s.changeSetOf(scope, f)
	if err != nil {
		return nil, err
	}
	op := &operation{by: callerOf(ctx), id: wire.RequestID(), kind: c.Type + "_STACK", token: f.text("ClientRequestToken"), noValidation: c.NoValidation}
	if again, err := st.repeated(op.token, op.kind); again || err != nil {
		return struct{}{}, err
	}
	if c.Status != "CREATE_COMPLETE" || c.Execution != "AVAILABLE" {
		return nil, invalidChangeSetStatus("ChangeSet [%s] cannot be executed in its current execution status of [%s] (status [%s])", c.ID, c.Execution, c.Status)
	}
	if disable != nil && c.OnStackFailure != "" {
		return nil, invalidf("DisableRollback cannot be specified for a change set that was created with OnStackFailure")
	}
	op.onFailureOf(c, disable)
	if op.retainExceptOnCreate, err = f.flag("RetainExceptOnCreate"); err != nil {
		return nil, err
	}
	if c.Type == "CREATE" && st.Status != "REVIEW_IN_PROGRESS" {
		return nil, invalidf("Stack:%s is in %s state and can not be created.", st.ID, st.Status)
	}
	if c.Type == "UPDATE" {
		if err := st.updatable(op.disableRollback); err != nil {
			return nil, err
		}
	}
	m, err := newModel(st.Scope, st.ID, st.Name, c.Target)
	if err != nil {
		return nil, err
	}
	if err := s.begin(st, op, m); err != nil {
		return nil, err
	}
	st.consume(c)
	return struct{}{}, nil
}

// onFailureOf sets how the execution of a change set deals with failure.
func (op *operation) onFailureOf(c *changeSet, disable *bool) {
	if disable == nil {
		disable = c.DisableRollback
	}
	op.onFailure = c.OnStackFailure
	if op.onFailure == "" && disable != nil && *disable {
		op.onFailure = "DO_NOTHING"
	}
	op.disableRollback = op.onFailure == "DO_NOTHING"
}
