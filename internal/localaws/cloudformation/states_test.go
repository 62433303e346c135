// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sparta-up/sparta/internal/localaws/cloudformation"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
)

func openAgain(w *world) error {
	_, err := cloudformation.New(service.Env{Store: w.store}, w.deps)
	return err
}

// reach brings the stack "app" into a state. It stays there until the test
// ends, also if the state is one in progress.
func reach(t *testing.T, w *world, state types.StackStatus) {
	t.Helper()
	one, two := templateOf("A", thing(`"Value":"1"`)), templateOf("A", thing(`"Value":"2"`), "B", thing(`"Of":{"Ref":"A"}`))
	create := func() {
		if _, err := w.client.CreateStack(t.Context(), &sdk.CreateStackInput{StackName: aws.String("app"), TemplateBody: &one}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	}
	update := func(keep bool) {
		in := &sdk.UpdateStackInput{StackName: aws.String("app"), TemplateBody: &two, DisableRollback: aws.Bool(keep)}
		if _, err := w.client.UpdateStack(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	}
	remove := func() {
		if _, err := w.client.DeleteStack(t.Context(), &sdk.DeleteStackInput{StackName: aws.String("app")}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	}
	// fail fails some works and blocks others.
	script := func(fail, block string) {
		w.cloud.on(func(ctx context.Context, verb, id string, _ resource.Request) error {
			work := verb + " " + id
			if fail != "" && strings.Contains(fail, work+";") {
				return errors.New("no")
			}
			if block != "" && strings.HasPrefix(work, block) {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
	}
	switch state {
	case types.StackStatusReviewInProgress:
		in := setOf("first", one)
		in.ChangeSetType = types.ChangeSetTypeCreate
		w.changeSet(in)
	case types.StackStatusCreateInProgress:
		script("", "create A")
		create()
	case types.StackStatusCreateComplete:
		create()
	case types.StackStatusCreateFailed:
		script("create A;", "")
		w.create("app", one, func(in *sdk.CreateStackInput) { in.OnFailure = types.OnFailureDoNothing })
	case types.StackStatusRollbackInProgress:
		script("create B;", "delete a-1")
		one = two
		create()
	case types.StackStatusRollbackComplete:
		script("create A;", "")
		create()
	case types.StackStatusRollbackFailed:
		script("create B;delete a-1;", "")
		one = two
		create()
	case types.StackStatusUpdateInProgress:
		create()
		script("", "update A")
		update(false)
	case types.StackStatusUpdateComplete:
		create()
		update(false)
	case types.StackStatusUpdateCompleteCleanupInProgress:
		one = templateOf("A", thing(`"Value":"1"`), "Old", thing(``))
		create()
		script("", "delete old")
		update(false)
	case types.StackStatusUpdateFailed:
		create()
		script("update A;", "")
		update(true)
	case types.StackStatusUpdateRollbackInProgress:
		create()
		first := true
		w.cloud.on(func(ctx context.Context, verb, id string, _ resource.Request) error {
			if verb == "update" && first {
				first = false
				return errors.New("no")
			}
			<-ctx.Done()
			return ctx.Err()
		})
		update(false)
	case types.StackStatusUpdateRollbackComplete:
		create()
		script("create B;", "")
		update(false)
	case types.StackStatusUpdateRollbackCompleteCleanupInProgress:
		create()
		two = templateOf("A", thing(`"Value":"1"`), "N", thing(``), "B", thing(`"Of":{"Ref":"N"}`))
		script("create B;", "delete n-")
		update(false)
	case types.StackStatusUpdateRollbackFailed:
		create()
		script("update A;", "")
		update(false)
	case types.StackStatusDeleteInProgress:
		create()
		script("", "delete a-1")
		remove()
	case types.StackStatusDeleteFailed:
		create()
		script("delete a-1;", "")
		remove()
	default:
		t.Fatalf("no way to %s", state)
	}
	if st := w.stack("app"); st.StackStatus != state {
		t.Fatalf("state: got %s, want %s", st.StackStatus, state)
	}
}

// TestStates: what each action answers in each state of a stack. The answers
// are: ok, or a part of the error message.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes
func TestStates(t *testing.T) {
	t.Parallel()
	const (
		ok       = "ok"
		busy     = "can not be updated"
		exists   = "already exists"
		undelete = "cannot be deleted while in status"
		noRoll   = "can not be rolled back"
		noGoOn   = "can not continue its rollback"
		noCancel = "CancelUpdateStack cannot be called"
	)
	type answers struct{ create, createSet, updateSet, update, keep, delete, rollBack, goOn, cancel string }
	inUse := answers{exists, exists, busy, busy, busy, undelete, noRoll, noGoOn, noCancel}
	settled := answers{exists, exists, ok, ok, ok, ok, noRoll, noGoOn, noCancel}
	failed := answers{exists, exists, ok, busy, ok, ok, ok, noGoOn, noCancel}
	dead := answers{exists, exists, busy, busy, busy, ok, noRoll, noGoOn, noCancel}
	with := func(a answers, edit func(*answers)) answers { edit(&a); return a }
	for state, want := range map[types.StackStatus]answers{
		types.StackStatusReviewInProgress:                        with(dead, func(a *answers) { a.createSet = ok }),
		types.StackStatusCreateInProgress:                        with(inUse, func(a *answers) { a.delete = ok }),
		types.StackStatusCreateComplete:                          settled,
		types.StackStatusCreateFailed:                            failed,
		types.StackStatusRollbackInProgress:                      inUse,
		types.StackStatusRollbackComplete:                        dead,
		types.StackStatusRollbackFailed:                          dead,
		types.StackStatusUpdateInProgress:                        with(inUse, func(a *answers) { a.cancel = ok }),
		types.StackStatusUpdateComplete:                          settled,
		types.StackStatusUpdateCompleteCleanupInProgress:         inUse,
		types.StackStatusUpdateFailed:                            failed,
		types.StackStatusUpdateRollbackInProgress:                inUse,
		types.StackStatusUpdateRollbackComplete:                  settled,
		types.StackStatusUpdateRollbackCompleteCleanupInProgress: inUse,
		types.StackStatusUpdateRollbackFailed:                    with(dead, func(a *answers) { a.goOn = ok }),
		types.StackStatusDeleteInProgress:                        with(inUse, func(a *answers) { a.delete = ok }),
		types.StackStatusDeleteFailed:                            dead,
	} {
		next := templateOf("A", thing(`"Value":"9"`))
		name := aws.String("app")
		for action, call := range map[string]struct {
			want string
			do   func(ctx context.Context, c *sdk.Client) error
		}{
			"CreateStack": {want.create, func(ctx context.Context, c *sdk.Client) error {
				_, err := c.CreateStack(ctx, &sdk.CreateStackInput{StackName: name, TemplateBody: &next})
				return err
			}},
			"CreateChangeSet CREATE": {want.createSet, func(ctx context.Context, c *sdk.Client) error {
				in := setOf("next", next)
				in.ChangeSetType = types.ChangeSetTypeCreate
				_, err := c.CreateChangeSet(ctx, in)
				return err
			}},
			"CreateChangeSet UPDATE": {want.updateSet, func(ctx context.Context, c *sdk.Client) error {
				_, err := c.CreateChangeSet(ctx, setOf("next", next))
				return err
			}},
			"UpdateStack": {want.update, func(ctx context.Context, c *sdk.Client) error {
				_, err := c.UpdateStack(ctx, &sdk.UpdateStackInput{StackName: name, TemplateBody: &next})
				return err
			}},
			"UpdateStack DisableRollback": {want.keep, func(ctx context.Context, c *sdk.Client) error {
				_, err := c.UpdateStack(ctx, &sdk.UpdateStackInput{StackName: name, TemplateBody: &next, DisableRollback: aws.Bool(true)})
				return err
			}},
			"DeleteStack": {want.delete, func(ctx context.Context, c *sdk.Client) error {
				_, err := c.DeleteStack(ctx, &sdk.DeleteStackInput{StackName: name})
				return err
			}},
			"RollbackStack": {want.rollBack, func(ctx context.Context, c *sdk.Client) error {
				_, err := c.RollbackStack(ctx, &sdk.RollbackStackInput{StackName: name})
				return err
			}},
			"ContinueUpdateRollback": {want.goOn, func(ctx context.Context, c *sdk.Client) error {
				_, err := c.ContinueUpdateRollback(ctx, &sdk.ContinueUpdateRollbackInput{StackName: name})
				return err
			}},
			"CancelUpdateStack": {want.cancel, func(ctx context.Context, c *sdk.Client) error {
				_, err := c.CancelUpdateStack(ctx, &sdk.CancelUpdateStackInput{StackName: name})
				return err
			}},
		} {
			t.Run(string(state)+"/"+action, func(t *testing.T) {
				t.Parallel()
				inBubble(t, func(t *testing.T, w *world) {
					reach(t, w, state)
					got := failure(t, call.do(t.Context(), w.client))
					if call.want == ok && got != "" || call.want != ok && !strings.Contains(got, call.want) {
						t.Errorf("got %q, want %s", got, call.want)
					}
					ctx, cancel := context.WithCancel(t.Context())
					cancel()
					if err := w.service.Close(ctx); err != nil { // ends what is blocked
						t.Error(err)
					}
				})
			})
		}
	}
}

func TestTerminationProtection(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		st := w.create("app", templateOf("A", thing(``)), func(in *sdk.CreateStackInput) { in.EnableTerminationProtection = aws.Bool(true) })
		if !aws.ToBool(st.EnableTerminationProtection) {
			t.Error("not protected")
		}
		_, err := w.client.DeleteStack(t.Context(), &sdk.DeleteStackInput{StackName: aws.String("app")})
		if got, want := failure(t, err), "ValidationError: Stack [app] cannot be deleted while TerminationProtection is enabled"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		out, err := w.client.UpdateTerminationProtection(t.Context(), &sdk.UpdateTerminationProtectionInput{StackName: aws.String("app"), EnableTerminationProtection: aws.Bool(false)})
		if err != nil || *out.StackId != *st.StackId {
			t.Errorf("%v %v", out, err)
		}
		if st := w.remove("app"); st.StackStatus != types.StackStatusDeleteComplete {
			t.Errorf("%s", st.StackStatus)
		}
	})
}
