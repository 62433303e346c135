// SPDX-License-Identifier: MIT

package cloudformation

import (
	"cmp"
	"context"
	"errors"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// operation is one change of a stack that a client asked for, or the rollback
// that follows it.
type operation struct {
	by    caller
	id    string // OperationId
	token string // ClientRequestToken
	kind  string // as in Stack.LastOperations, such as CREATE_STACK

	noValidation         bool
	disableRollback      bool
	retainExceptOnCreate bool
	onFailure            string          // DO_NOTHING, ROLLBACK or DELETE for a creation
	skip                 map[string]bool // resources that a continued rollback leaves as they are
	skipFailed           bool            // a continued rollback leaves whatever fails
	retain               map[string]bool // resources that a deletion leaves behind
	force                bool            // a deletion leaves behind whatever fails
}

// errUser is the cancellation cause of an update that the client cancelled,
// errDeleted that of a creation whose stack is to be deleted.
var (
	errUser    = errors.New("the update was cancelled by the user")
	errDeleted = errors.New("the stack is being deleted")
)

// run is an operation under way.
type run struct {
	cancel context.CancelCauseFunc // ends the step under way; a rollback or a deletion follows
	abort  context.CancelCauseFunc // ends everything, when the service is closed
	next   *operation              // the deletion that follows a cancelled creation
	token  string                  // the client request token of who cancelled an update
}

// newOperation enters an operation into the stack's books. It is called with
// s.mu held.
func (s *Service) newOperation(st *stack, kind, token string) *operation {
	op := &operation{id: wire.RequestID(), token: token, kind: kind}
	s.enter(st, op)
	return op
}

const (
	maxTokens       = 100 // client request tokens that a stack remembers
	lastOperations  = 20  // operations that a stack remembers
	shownOperations = 2   // and how many of them DescribeStacks lists
)

func (s *Service) enter(st *stack, op *operation) {
	st.Operations = append([]operationEntry{{op.kind, op.id}}, st.Operations...)
	st.Operations = st.Operations[:min(len(st.Operations), lastOperations)]
	if op.token != "" && op.kind != "ROLLBACK" && !hasKey(st.Tokens, op.token) {
		if len(st.Tokens) == 0 || len(st.Tokens) >= maxTokens {
			st.Tokens = map[string]string{}
		}
		st.Tokens[op.token] = op.kind
	}
}

// start runs an operation in the background. It is called with s.mu held, and
// with the stack in a status that says what is under way. The first context
// ends when the operation is cancelled, the second when the service is closed.
func (s *Service) start(st *stack, work func(ctx, base context.Context, r *run)) error {
	if s.closed {
		return wire.Errorf(503, "ServiceUnavailable", "the embedded AWS is shutting down")
	}
	base, abort := context.WithCancelCause(s.env.Log.WithContext(context.Background()))
	ctx, cancel := context.WithCancelCause(base)
	r := &run{cancel: cancel, abort: abort}
	s.running[st.ID] = r
	s.inFlight.Go(func() {
		defer abort(nil)
		work(ctx, base, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.running[st.ID] != r {
			return // the next operation has begun already
		}
		if base.Err() != nil {
			s.settle(st)
		}
		delete(s.running, st.ID)
	})
	return nil
}

// create makes the resources of a new stack.
func (s *Service) create(ctx, base context.Context, r *run, st *stack, op *operation, m *model) {
	d := &deployment{s: s, st: st, op: op, m: m, carryOn: op.onFailure == "DO_NOTHING"}
	reason, ok := s.deploy(ctx, d)
	if base.Err() != nil {
		return
	}
	s.mu.Lock() // a deletion may be asked for until the stack has left CREATE_IN_PROGRESS
	var next *operation
	work := s.unmake
	switch {
	case r.next != nil:
		next, work = r.next, s.erase
	case ok:
		s.end(st, op, "CREATE_COMPLETE", "")
	case op.onFailure == "DO_NOTHING":
		s.end(st, op, "CREATE_FAILED", reason)
	case op.onFailure == "DELETE":
		next, work = s.follow(st, op, "DELETE_STACK", "DELETE_IN_PROGRESS", reason+"Delete requested by user."), s.erase
	default:
		next = s.follow(st, op, "ROLLBACK", "ROLLBACK_IN_PROGRESS", reason+"Rollback requested by user.")
	}
	s.mu.Unlock()
	if next != nil {
		work(base, st, next)
	}
}

// update makes a stack what a model says.
func (s *Service) update(ctx, base context.Context, r *run, st *stack, op *operation, m *model, retag bool) {
	d := &deployment{s: s, st: st, op: op, m: m, retag: retag, carryOn: op.disableRollback}
	reason, ok := s.deploy(ctx, d)
	if base.Err() != nil {
		return
	}
	if cancelled := errors.Is(context.Cause(ctx), errUser); cancelled || !ok {
		s.afterFailure(base, r, st, op, reason, cancelled)
		return
	}
	s.mu.Lock()
	st.drop(m)
	s.setStack(st, op, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
	s.mu.Unlock()
	clean := s.cleanUp(base, st, op, func(r *record) bool {
		if st.Resources[r.LogicalID] != nil {
			return r.UpdateReplacePolicy == "Retain"
		}
		return retainedOnDelete(r)
	})
	if base.Err() != nil {
		return
	}
	reason = ""
	if !clean {
		reason = "Update successful. One or more resources could not be deleted."
	}
	s.conclude(st, op, "UPDATE_COMPLETE", reason)
}

// afterFailure rolls a failed or cancelled update back, or leaves it as it is if
// the client wants that.
func (s *Service) afterFailure(ctx context.Context, r *run, st *stack, op *operation, reason string, cancelled bool) {
	s.mu.Lock()
	var next *operation
	switch {
	case cancelled:
		by := *op
		by.token = cmp.Or(r.token, op.token)
		next = s.follow(st, &by, "ROLLBACK", "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
	case op.disableRollback:
		s.end(st, op, "UPDATE_FAILED", reason)
	default:
		next = s.follow(st, op, "ROLLBACK", "UPDATE_ROLLBACK_IN_PROGRESS", reason)
	}
	s.mu.Unlock()
	if next != nil {
		s.restore(ctx, st, next)
	}
}

// deploy runs a deployment and, if it succeeds, sets the stack's outputs.
func (s *Service) deploy(ctx context.Context, d *deployment) (reason string, ok bool) {
	if !d.run(ctx) {
		return d.failure(), false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	outputs, err := d.m.outputs(d.resolver())
	if err == nil {
		err = s.checkExports(d.st, outputs)
	}
	if err != nil {
		return message(err) + ". ", false
	}
	d.st.Outputs = outputs
	d.st.Imports = sortedKeys(d.imports)
	return "", true
}

// follow begins the operation that follows a failed one by itself. It is called
// with s.mu held.
func (s *Service) follow(st *stack, op *operation, kind, status, reason string) *operation {
	next := s.newOperation(st, kind, op.token)
	next.by = op.by
	next.retainExceptOnCreate = op.retainExceptOnCreate
	s.setStack(st, next, status, reason)
	return next
}

// conclude ends an operation.
func (s *Service) conclude(st *stack, op *operation, status, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(st, op, status, reason)
}

// end is conclude with s.mu held.
func (s *Service) end(st *stack, op *operation, status, reason string) {
	s.setStack(st, op, status, reason)
	if stable(status) {
		st.Stable = nil
		st.settled()
	}
}

// stable reports whether a stack in status is what its client asked for last,
// or was brought back to that: it can be updated, and rolled back to.
func stable(status string) bool {
	return status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" || status == "UPDATE_ROLLBACK_COMPLETE"
}

// settled marks all resources as older than any update to come.
func (st *stack) settled() {
	for _, r := range st.Resources {
		r.Fresh = false
	}
}

// drop leaves the resources that a model does not have to the cleanup.
func (st *stack) drop(m *model) {
	for _, id := range sortedKeys(st.Resources) {
		if !hasKey(m.resources, id) {
			st.Garbage = append(st.Garbage, st.Resources[id])
			delete(st.Resources, id)
		}
	}
}
