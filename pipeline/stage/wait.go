// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/pipeline"
)

// Outcome is how an operation on the stack ended.
type Outcome struct {
	Kind  OperationKind
	Stack Stack
}

// StackError is the failure of an operation on a stack, and the state that it
// left the stack in.
type StackError struct {
	Stack Stack
	Err   error
}

// Error returns the cause and the state.
func (s *StackError) Error() string { return fmt.Sprintf("%v\n%s", s.Err, s.State()) }
func (s *StackError) Unwrap() error { return s.Err }

// State says in a sentence what became of the stack.
func (s *StackError) State() string {
	switch s.Stack.Status {
	case "", types.StackStatusDeleteComplete:
		return fmt.Sprintf("stack %q is gone", s.Stack.Name)
	case types.StackStatusUpdateRollbackComplete:
		return fmt.Sprintf("stack %q was rolled back: it runs what it ran before", s.Stack.Name)
	case types.StackStatusRollbackComplete:
		return fmt.Sprintf("stack %q was rolled back: nothing of it runs; the next `sparta up` makes it anew", s.Stack.Name)
	}
	return fmt.Sprintf("stack %q is left in %s", s.Stack.Name, s.Stack.Status)
}

// Partial reports whether the stack is neither as it was nor as it should be.
func (s *StackError) Partial() bool {
	switch s.Stack.Status {
	case "", types.StackStatusDeleteComplete, types.StackStatusUpdateRollbackComplete, types.StackStatusRollbackComplete:
		return false
	}
	return true
}

// ErrDetached says that Sparta left while CloudFormation was still at work.
var ErrDetached = errors.New("detached: CloudFormation goes on by itself")

// Wait follows the stack's events until the operation has ended.
//
// When its context is cancelled it asks CloudFormation to cancel the operation,
// and goes on waiting for that; closing Detach makes it leave at once.
type Wait struct {
	Project   pipeline.Result[Project]
	Session   pipeline.Result[Session]
	Template  pipeline.Result[TemplateObject]
	Operation pipeline.Result[Operation]
	Follow    func(Event) // told of what happens to the stack; may be nil
	Detach    <-chan struct{}
	Pace      Pace
}

// Title returns the words of the box.
func (*Wait) Title() string { return "Wait for Complete/Failure Result" }

// Run returns the stack as it is in the end. Its errors keep what was uploaded:
// the stack may refer to it.
func (w *Wait) Run(ctx context.Context) (Outcome, error) {
	operation := w.Operation.Get()
	if operation.Kind == Unchanged {
		return Outcome{Unchanged, operation.Stack}, nil
	}
	client := w.Session.Get().Clients.CloudFormation
	f := &follower{
		client: client, name: operation.Stack.Name, id: operation.Stack.ID, seen: operation.seen,
		pace: w.Pace, report: w.Follow,
	}
	stack, err := f.follow(ctx)
	if err != nil && ctx.Err() != nil {
		return Outcome{}, pipeline.Keep(w.cancel(ctx, f, operation))
	}
	if err != nil {
		return Outcome{}, pipeline.Keep(err)
	}
	if !succeeded(stack.Status) {
		return Outcome{}, pipeline.Keep(&StackError{stack, f.failure(stack, blame(w.Project.Get().Service, w.Template.Get().Document))})
	}
	return Outcome{operation.Kind, stack}, nil
}

// cancel asks CloudFormation to give the operation up and waits for the stack
// to come to rest. It always returns an error.
func (w *Wait) cancel(ctx context.Context, f *follower, operation Operation) error {
	cause := context.Cause(ctx)
	ctx, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	go func() {
		select {
		case <-w.Detach:
			stop(ErrDetached)
		case <-ctx.Done():
		}
	}()
	client := w.Session.Get().Clients.CloudFormation
	zerolog.Ctx(ctx).Info().Str("stack", f.name).Msg("asking CloudFormation to cancel; interrupt again to leave at once")
	var err error
	if operation.Kind == Created { // which CloudFormation can't cancel
		_, err = client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &f.id})
	} else {
		_, err = client.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: &f.id})
	}
	if err != nil {
		zerolog.Ctx(ctx).Warn().Err(plain(err)).Msg("CloudFormation can't cancel any more; waiting for the end")
	}
	stack, err := f.follow(ctx)
	switch {
	case errors.Is(err, ErrDetached):
		return withHint(fmt.Errorf("%w: %w", cause, ErrDetached),
			"`sparta up` looks again, or: aws cloudformation describe-stack-events --stack-name %s", f.name)
	case err != nil:
		return fmt.Errorf("%w: %w", cause, err)
	case succeeded(stack.Status):
		return fmt.Errorf("%w: too late to cancel: stack %q ended in %s", cause, f.name, stack.Status)
	}
	return &StackError{stack, cause}
}
