// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
)

// Operation is what CloudFormation was asked to do.
type Operation struct {
	Kind  OperationKind
	Stack Stack  // as it was when the operation began; ID is set if there is one
	Token string // idempotency token of the operation
	seen  string // newest stack event from before the operation
}

// OperationKind says what happens to the stack.
type OperationKind string

// The kinds of operation.
const (
	Unchanged OperationKind = "unchanged" // the stack already is as it should be
	Created   OperationKind = "created"
	Updated   OperationKind = "updated"
	Deleted   OperationKind = "deleted"
)

// Confirm asks a person whether to go on. It returns a *ConsentError where
// nobody can be asked.
type Confirm func(ctx context.Context, question string, details []string) error

// ConsentError says that something destructive needs a person's word.
type ConsentError struct {
	Question string
	Details  []string
}

// Error returns the question and what it is about.
func (c *ConsentError) Error() string {
	return c.Question + "\n  " + strings.Join(c.Details, "\n  ")
}

// Hint names the flag that consents.
func (c *ConsentError) Hint() string { return "nothing was changed; add --yes to go on" }

// Converge brings the stack to the template: by a change set, whatever state
// an earlier operation left the stack in.
type Converge struct {
	Project  pipeline.Result[Project]
	Session  pipeline.Result[Session]
	Stack    pipeline.Result[Stack]
	Template pipeline.Result[TemplateObject]
	Confirm  Confirm
	Follow   func(Event) // told of what happens to the stack; may be nil
	Pace     Pace
	Token    string // unique to this run

	values bool // the change set is read with the values that change
}

// Title returns the words of the box.
func (*Converge) Title() string { return "Create/Update Stack" }

// Run prepares the stack, then creates and executes a change set. Once that is
// under way its errors keep what was uploaded.
func (c *Converge) Run(ctx context.Context) (Operation, error) {
	stack := c.Stack.Get()
	if c.Template.Get().Current {
		return Operation{Kind: Unchanged, Stack: stack}, nil
	}
	for {
		var err error
		row := transitionOf(stack.Status)
		switch row.up {
		case stepCreate:
			return c.change(ctx, stack, types.ChangeSetTypeCreate)
		case stepUpdate:
			return c.change(ctx, stack, types.ChangeSetTypeUpdate)
		case stepWait:
			stack, err = c.follower(stack).rest(ctx)
		case stepRecreate:
			stack, err = c.remove(ctx, stack)
		case stepRecover, stepRevert:
			stack, err = c.rollback(ctx, stack)
		case stepBusy:
			err = withHint(fmt.Errorf("stack %q is in %s: another operation is under way", stack.Name, stack.Status),
				"wait until it has ended, then run `sparta up` again")
		default:
			err = withHint(fmt.Errorf("stack %q is in %s, which can't be updated", stack.Name, stack.Status), "%s", row.advice)
		}
		if err != nil {
			return Operation{}, err
		}
	}
}

// Undo stops what was uploaded from being deleted: CloudFormation has begun to
// use it. It is called only if the command ends before Wait has begun.
func (c *Converge) Undo(_ context.Context, operation Operation) error {
	if operation.Kind == Unchanged {
		return nil
	}
	return pipeline.Keep(withHint(fmt.Errorf("stack %q: %w", operation.Stack.Name, ErrDetached), "`sparta up` looks again"))
}

func (c *Converge) client() *cloudformation.Client { return c.Session.Get().Clients.CloudFormation }

func (c *Converge) blame() func(Event) error {
	return blame(c.Project.Get().Service, c.Template.Get().Document)
}

func (c *Converge) follower(stack Stack) *follower {
	return &follower{client: c.client(), name: stack.Name, id: stack.ID, pace: c.Pace, report: c.Follow}
}

// remove deletes a stack in which nothing lives, so that it can be made anew.
func (c *Converge) remove(ctx context.Context, stack Stack) (Stack, error) {
	if err := checkOwnership(ctx, c.client(), stack, c.Confirm); err != nil {
		return Stack{}, err
	}
	zerolog.Ctx(ctx).Info().Str("status", string(stack.Status)).Msg("deleting the remains of an earlier attempt")
	f := c.follower(stack)
	f.mark(ctx)
	if _, err := c.client().DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &stack.ID}); err != nil {
		return Stack{}, fmt.Errorf("delete stack %q: %w", stack.Name, plain(err))
	}
	after, err := f.follow(ctx)
	if err != nil {
		return Stack{}, err
	}
	if after.Exists() && after.Status != types.StackStatusDeleteComplete {
		return Stack{}, f.failure(after, c.blame())
	}
	return Stack{Name: stack.Name}, nil
}

// rollback finishes a rollback that got stuck, or begins the one that a failed
// update with rollback disabled left out.
func (c *Converge) rollback(ctx context.Context, stack Stack) (Stack, error) {
	if err := checkOwnership(ctx, c.client(), stack, c.Confirm); err != nil {
		return Stack{}, err
	}
	zerolog.Ctx(ctx).Info().Str("status", string(stack.Status)).Msg("rolling back the earlier attempt")
	f := c.follower(stack)
	f.mark(ctx)
	var err error
	if stack.Status == types.StackStatusUpdateRollbackFailed {
		_, err = c.client().ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: &stack.ID})
	} else {
		_, err = c.client().RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: &stack.ID})
	}
	if err != nil {
		return Stack{}, fmt.Errorf("roll back stack %q: %w", stack.Name, plain(err))
	}
	after, err := f.follow(ctx)
	if err != nil {
		return Stack{}, err
	}
	if after.Status == stack.Status { // still stuck: going round again would not help
		return Stack{}, withHint(f.failure(after, c.blame()),
			"mend what blocks the rollback, or skip it: aws cloudformation continue-update-rollback --stack-name %s --resources-to-skip RESOURCE", stack.Name)
	}
	return after, nil
}

// change creates a change set, asks for consent if data would be lost, and
// executes it.
func (c *Converge) change(ctx context.Context, stack Stack, kind types.ChangeSetType) (Operation, error) {
	if err := checkOwnership(ctx, c.client(), stack, c.Confirm); err != nil {
		return Operation{}, err
	}
	set, err := c.createChangeSet(ctx, stack, kind)
	if err != nil {
		return Operation{}, err
	}
	if set.empty {
		return Operation{Kind: Unchanged, Stack: stack}, c.discard(ctx, set, kind)
	}
	if losses := set.losses(); len(losses) > 0 {
		if err := c.Confirm(ctx, "this update deletes or replaces resources that hold data:", losses); err != nil {
			return Operation{}, c.giveUp(ctx, set, kind, err)
		}
	}
	operation := Operation{Kind: Updated, Stack: stack, Token: c.Token}
	operation.Stack.ID = set.stackID
	if kind == types.ChangeSetTypeCreate {
		operation.Kind = Created
	}
	f := c.follower(operation.Stack)
	f.mark(ctx)
	operation.seen = f.seen
	return operation, c.execute(ctx, set, kind)
}

// execute begins the operation. Where CloudFormation refuses, nothing has begun;
// where no answer came, it may have, so that the error keeps what was uploaded.
func (c *Converge) execute(ctx context.Context, set changeSet, kind types.ChangeSetType) error {
	if ctx.Err() != nil {
		return c.giveUp(ctx, set, kind, context.Cause(ctx))
	}
	_, err := c.client().ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{
		ChangeSetName: &set.id, StackName: &set.stackID, ClientRequestToken: &c.Token,
	})
	if err == nil {
		return nil
	}
	refused := fmt.Errorf("execute change set: %w", plain(err))
	if status := httpStatus(err); status >= http.StatusBadRequest && status < http.StatusInternalServerError {
		return c.giveUp(ctx, set, kind, refused)
	}
	return pipeline.Keep(refused)
}

// giveUp discards a change set that will not be executed because of err, which
// it returns.
func (c *Converge) giveUp(ctx context.Context, set changeSet, kind types.ChangeSetType, err error) error {
	if discardErr := c.discard(context.WithoutCancel(ctx), set, kind); discardErr != nil {
		zerolog.Ctx(ctx).Warn().Err(discardErr).Msg("the unused change set stays behind")
	}
	return err
}

// discard deletes a change set that is not executed and, if it was to create
// the stack, the empty stack that it made.
func (c *Converge) discard(ctx context.Context, set changeSet, kind types.ChangeSetType) error {
	_, err := c.client().DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{ChangeSetName: &set.id, StackName: &set.stackID})
	if err == nil && kind == types.ChangeSetTypeCreate {
		_, err = c.client().DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &set.stackID})
	}
	if err != nil {
		return fmt.Errorf("delete change set: %w", plain(err))
	}
	return nil
}

// capabilities returns what CloudFormation wants acknowledged for the template
// (CreateChangeSet, parameter Capabilities).
func capabilities(t *cfn.Template) []types.Capability {
	needed := map[types.Capability]bool{}
	for _, r := range t.Resources {
		if !strings.HasPrefix(r.Type, "AWS::IAM::") {
			continue
		}
		needed[types.CapabilityCapabilityIam] = true
		for _, name := range []string{"RoleName", "UserName", "GroupName", "PolicyName", "ManagedPolicyName", "InstanceProfileName"} {
			if r.Properties[name] != nil {
				needed[types.CapabilityCapabilityNamedIam] = true
			}
		}
	}
	if t.Transform != nil {
		needed[types.CapabilityCapabilityAutoExpand] = true
	}
	var list []types.Capability
	for _, c := range types.Capability("").Values() {
		if needed[c] {
			list = append(list, c)
		}
	}
	return list
}

func clientToken(parts ...string) *string { return aws.String(strings.Join(parts, "-")) }
