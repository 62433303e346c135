// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
)

// Delete asks CloudFormation to delete the stack. Custom resources of the stack
// empty what is theirs; other buckets were emptied before.
type Delete struct {
	Session pipeline.Result[Session]
	Stack   pipeline.Result[Stack]
	Emptied pipeline.Result[Emptied]
	Follow  func(Event) // told of what happens to the stack; may be nil
	Pace    Pace
	Token   string // unique to this run
}

// Title returns the words of the box.
func (*Delete) Title() string { return "Delete Stack" }

// Run begins the deletion. A stack that does not exist is left alone.
func (d *Delete) Run(ctx context.Context) (Operation, error) {
	stack := d.Stack.Get()
	client := d.Session.Get().Clients.CloudFormation
	for {
		f := &follower{client: client, name: stack.Name, id: stack.ID, pace: d.Pace, report: d.Follow}
		row := transitionOf(stack.Status)
		switch row.down {
		case stepNothing:
			return Operation{Kind: Unchanged, Stack: Stack{Name: stack.Name}}, nil
		case stepWait:
			after, err := f.rest(ctx)
			if err != nil {
				return Operation{}, err
			}
			stack = after
		case stepBusy:
			return Operation{}, withHint(fmt.Errorf("stack %q is in %s: another operation is under way", stack.Name, stack.Status),
				"wait until it has ended, then run `sparta down` again")
		case stepDelete:
			f.mark(ctx)
			_, err := client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &stack.ID, ClientRequestToken: &d.Token})
			if err != nil {
				return Operation{}, fmt.Errorf("delete stack %q: %w", stack.Name, plain(err))
			}
			return Operation{Kind: Deleted, Stack: stack, Token: d.Token, seen: f.seen}, nil
		default:
			return Operation{}, withHint(fmt.Errorf("stack %q is in %s, which can't be deleted", stack.Name, stack.Status), "%s", row.advice)
		}
	}
}

// Gone waits until the stack is deleted.
type Gone struct {
	Project   pipeline.Result[Project]
	Session   pipeline.Result[Session]
	Operation pipeline.Result[Operation]
	Follow    func(Event) // told of what happens to the stack; may be nil
	Pace      Pace
}

// Title returns the words of the box.
func (*Gone) Title() string { return "Wait for Deletion" }

// Run returns when the stack is gone. An interrupt makes it leave at once: a
// deletion can't be cancelled.
func (g *Gone) Run(ctx context.Context) (Outcome, error) {
	operation := g.Operation.Get()
	if operation.Kind == Unchanged {
		return Outcome{Unchanged, operation.Stack}, nil
	}
	f := &follower{
		client: g.Session.Get().Clients.CloudFormation, name: operation.Stack.Name, id: operation.Stack.ID,
		seen: operation.seen, pace: g.Pace, report: g.Follow,
	}
	stack, err := f.follow(ctx)
	if err != nil && ctx.Err() != nil {
		return Outcome{}, withHint(fmt.Errorf("%w: %w", context.Cause(ctx), ErrDetached), "`sparta down` looks again")
	}
	if err != nil {
		return Outcome{}, err
	}
	if stack.Exists() && transitionOf(stack.Status).down != stepNothing {
		return Outcome{}, &StackError{stack, f.failure(stack, blame(g.Project.Get().Service, cfn.Document{}))}
	}
	return Outcome{Deleted, Stack{Name: stack.Name}}, nil
}
