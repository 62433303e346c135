// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func (s *Service) deleteStack(ctx context.Context, scope arn.Scope, f form) (any, error) {
	if _, err := f.deploymentConfig(); err != nil {
		return nil, err
	}
	op := &operation{by: callerOf(ctx), id: wire.RequestID(), kind: "DELETE_STACK", token: f.text("ClientRequestToken"), retain: map[string]bool{}}
	for _, id := range f.list("RetainResources") {
		op.retain[id] = true
	}
	switch mode := f.text("DeletionMode"); mode {
	case "", "STANDARD":
	case "FORCE_DELETE_STACK":
		op.force = true
	default:
		return nil, invalidf("1 validation error detected: Value '%s' at 'deletionMode' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, FORCE_DELETE_STACK]", mode)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, f.text("StackName"))
	if err != nil || !st.Deleted.IsZero() {
		if f.text("StackName") == "" {
			return nil, err
		}
		return struct{}{}, nil // to delete what is not there succeeds
	}
	if again, err := st.repeated(op.token, op.kind); again || err != nil {
		return struct{}{}, err
	}
	if err := s.takeRole(st, f); err != nil {
		return nil, err
	}
	if err := st.deletable(op); err != nil {
		return nil, err
	}
	return struct{}{}, s.beginDeletion(st, op)
}

// deletable refuses a deletion that the stack forbids.
func (st *stack) deletable(op *operation) error {
	if st.Protected {
		return invalidf("Stack [%s] cannot be deleted while TerminationProtection is enabled", st.Name)
	}
	if st.Status != "DELETE_FAILED" && (len(op.retain) > 0 || op.force) {
		return invalidf("Invalid operation on stack [%s]. RetainResources and DeletionMode FORCE_DELETE_STACK can be specified only when the stack is in the DELETE_FAILED state", st.ID)
	}
	for id := range op.retain {
		if r := st.Resources[id]; r == nil || r.Status != "DELETE_FAILED" {
			return invalidf("The specified resources to retain must be in a valid state: [%s]. Do not specify resources that are not in the DELETE_FAILED state", id)
		}
	}
	if st.inProgress() && st.Status != "CREATE_IN_PROGRESS" && st.Status != "DELETE_IN_PROGRESS" {
		return invalidf("Stack [%s] cannot be deleted while in status %s", st.ID, st.Status)
	}
	return nil
}

// beginDeletion starts the deletion of a stack, or has it follow the creation
// under way.
func (s *Service) beginDeletion(st *stack, op *operation) error {
	if st.Status == "DELETE_IN_PROGRESS" {
		return nil
	}
	if reason := s.exportInUse(st); reason != "" {
		s.setStack(st, op, st.Status, reason) // CloudFormation leaves the status as it is
		return nil
	}
	if st.Status == "CREATE_IN_PROGRESS" {
		if r := s.running[st.ID]; r != nil {
			r.next = op
			r.cancel(errDeleted)
		}
	} else if err := s.start(st, func(ctx, _ context.Context, _ *run) { s.erase(ctx, st, op) }); err != nil {
		return err
	}
	s.enter(st, op)
	s.setStack(st, op, "DELETE_IN_PROGRESS", "User Initiated")
	return nil
}

func (s *Service) cancelUpdateStack(_ context.Context, scope arn.Scope, f form) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, err
	}
	r := s.running[st.ID]
	if st.Status != "UPDATE_IN_PROGRESS" || r == nil || st.Stable == nil {
		return nil, invalidf("CancelUpdateStack cannot be called from current stack status")
	}
	if token := f.text("ClientRequestToken"); token != "" {
		r.token = token
	}
	r.cancel(errUser)
	return struct{}{}, nil
}

func (s *Service) continueUpdateRollback(ctx context.Context, scope arn.Scope, f form) (any, error) {
	op := &operation{by: callerOf(ctx), id: wire.RequestID(), kind: "CONTINUE_ROLLBACK", token: f.text("ClientRequestToken"), skip: map[string]bool{}}
	skipped := f.list("ResourcesToSkip")
	var err error
	if op.skipFailed, err = f.flag("ForceRollback"); err != nil {
		return nil, err
	}
	if op.skipFailed && len(skipped) > 0 {
		return nil, invalidf("ForceRollback and ResourcesToSkip cannot both be specified")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, err
	}
	if again, err := st.repeated(op.token, op.kind); again || err != nil {
		return struct{}{}, err
	}
	if st.Status != "UPDATE_ROLLBACK_FAILED" || st.Stable == nil {
		return nil, invalidf("Stack:%s is in %s state and can not continue its rollback.", st.ID, st.Status)
	}
	for _, id := range skipped {
		if r := st.Resources[id]; r == nil || r.Status != "UPDATE_FAILED" {
			return nil, invalidf("The resource %s to skip is not in the UPDATE_FAILED state", id)
		}
		op.skip[id] = true
	}
	if err := s.takeRole(st, f); err != nil {
		return nil, err
	}
	op.retainExceptOnCreate = st.RetainExceptOnCreate
	if err := s.start(st, func(ctx, _ context.Context, _ *run) { s.restore(ctx, st, op) }); err != nil {
		return nil, err
	}
	s.enter(st, op)
	s.setStack(st, op, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
	return struct{}{}, nil
}

func (s *Service) rollbackStack(ctx context.Context, scope arn.Scope, f form) (any, error) {
	if _, err := f.deploymentConfig(); err != nil {
		return nil, err
	}
	op := &operation{by: callerOf(ctx), id: wire.RequestID(), kind: "ROLLBACK", token: f.text("ClientRequestToken")}
	var err error
	if op.retainExceptOnCreate, err = f.flag("RetainExceptOnCreate"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"CREATE_FAILED", "UPDATE_FAILED"}, st.Status) {
		return nil, invalidf("Stack:%s is in %s state and can not be rolled back.", st.ID, st.Status)
	}
	if err := s.takeRole(st, f); err != nil {
		return nil, err
	}
	status, work := "ROLLBACK_IN_PROGRESS", func(ctx, _ context.Context, _ *run) { s.unmake(ctx, st, op) }
	if st.Stable != nil {
		status, work = "UPDATE_ROLLBACK_IN_PROGRESS", func(ctx, _ context.Context, _ *run) { s.restore(ctx, st, op) }
	}
	if err := s.start(st, work); err != nil {
		return nil, err
	}
	s.enter(st, op)
	s.setStack(st, op, status, "User Initiated")
	return stackResult{st.ID, op.id}, nil
}

func (s *Service) updateTerminationProtection(_ context.Context, scope arn.Scope, f form) (any, error) {
	enable, err := f.boolean("EnableTerminationProtection")
	if err != nil {
		return nil, err
	}
	if enable == nil {
		return nil, invalidf("1 validation error detected: Value null at 'enableTerminationProtection' failed to satisfy constraint: Member must not be null")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, err
	}
	if !st.Deleted.IsZero() || st.inProgress() && st.Status == "DELETE_IN_PROGRESS" {
		return nil, invalidf("Stack [%s] is deleted or being deleted: its termination protection cannot be changed", st.Name)
	}
	st.Protected = *enable
	s.changed()
	return stackResult{StackID: st.ID}, nil
}
