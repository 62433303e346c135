// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// stuck brings a stack to UPDATE_ROLLBACK_FAILED: B can neither be updated nor
// brought back.
func stuck(t *testing.T, w *world) {
	t.Helper()
	w.create("app", templateOf("A", thing(`"Value":"1"`), "B", thing(`"Value":"1","Of":{"Ref":"A"}`), "C", thing(`"Value":"1","Of":{"Ref":"B"}`)))
	w.cloud.failOn("update B")
	st := w.update("app", templateOf("A", thing(`"Value":"2"`), "B", thing(`"Value":"2","Of":{"Ref":"A"}`), "C", thing(`"Value":"2","Of":{"Ref":"B"}`)))
	if st.StackStatus != types.StackStatusUpdateRollbackFailed {
		t.Fatalf("status %s", st.StackStatus)
	}
	if got, want := aws.ToString(st.StackStatusReason), "The following resource(s) failed to update: [B]. "; got != want {
		t.Errorf("reason: got %q, want %q", got, want)
	}
}

func TestContinueUpdateRollback(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		works bool // B can be updated again
		in    sdk.ContinueUpdateRollbackInput
		want  types.StackStatus
		value any // of B in the end
	}{
		{"repaired", true, sdk.ContinueUpdateRollbackInput{}, types.StackStatusUpdateRollbackComplete, "1"},
		{"still broken", false, sdk.ContinueUpdateRollbackInput{}, types.StackStatusUpdateRollbackFailed, "1"},
		{"skip", false, sdk.ContinueUpdateRollbackInput{ResourcesToSkip: []string{"B"}}, types.StackStatusUpdateRollbackComplete, "1"},
		{"force", false, sdk.ContinueUpdateRollbackInput{ForceRollback: aws.Bool(true)}, types.StackStatusUpdateRollbackComplete, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *world) {
				stuck(t, w)
				if c.works {
					w.cloud.on(nil)
				}
				c.in.StackName = aws.String("app")
				if _, err := w.client.ContinueUpdateRollback(t.Context(), &c.in); err != nil {
					t.Fatal(err)
				}
				st := w.settled("app")
				if st.StackStatus != c.want {
					t.Errorf("status: got %s, want %s", st.StackStatus, c.want)
				}
				if got := w.cloud.live["b-"+physical(w, "B")]["Value"]; got != c.value {
					t.Errorf("B: got %v, want %v", got, c.value)
				}
				if got := w.cloud.live["a-"+physical(w, "A")]["Value"]; got != "1" {
					t.Errorf("A: got %v, want 1", got)
				}
			})
		})
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			stuck(t, w)
			for _, in := range []*sdk.ContinueUpdateRollbackInput{
				{ResourcesToSkip: []string{"A"}},
				{ResourcesToSkip: []string{"B"}, ForceRollback: aws.Bool(true)},
			} {
				in.StackName = aws.String("app")
				if _, err := w.client.ContinueUpdateRollback(t.Context(), in); !strings.HasPrefix(failure(t, err), "ValidationError: ") {
					t.Errorf("%+v: got %v", in, err)
				}
			}
		})
	})
}

func TestRollbackStack(t *testing.T) {
	t.Parallel()
	t.Run("update", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			w.create("app", templateOf("A", thing(`"Value":"1"`), "B", thing(`"Value":"1"`)))
			w.cloud.failOn("update B")
			keep := func(in *sdk.UpdateStackInput) { in.DisableRollback = aws.Bool(true) }
			second := templateOf("A", thing(`"Value":"2"`), "B", thing(`"Value":"2"`), "C", thing(``))
			if st := w.update("app", second, keep); st.StackStatus != types.StackStatusUpdateFailed {
				t.Fatalf("status %s", st.StackStatus)
			}
			_, err := w.client.UpdateStack(t.Context(), &sdk.UpdateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(second)})
			if !strings.Contains(failure(t, err), "is in UPDATE_FAILED state and can not be updated.") {
				t.Errorf("update without DisableRollback: %v", err)
			}
			w.cloud.on(nil)
			out, err := w.client.RollbackStack(t.Context(), &sdk.RollbackStackInput{StackName: aws.String("app")})
			if err != nil || out.OperationId == nil {
				t.Fatal(out, err)
			}
			if st := w.settled("app"); st.StackStatus != types.StackStatusUpdateRollbackComplete {
				t.Errorf("status %s", st.StackStatus)
			}
			if left := w.cloud.left(); len(left) != 2 {
				t.Errorf("left %v", left)
			}
			for id, properties := range w.cloud.live {
				if properties["Value"] != "1" {
					t.Errorf("%s has %v", id, properties["Value"])
				}
			}
		})
	})
	t.Run("retry", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			w.create("app", templateOf("A", thing(`"Value":"1"`)))
			w.cloud.failOn("update A")
			keep := func(in *sdk.UpdateStackInput) { in.DisableRollback = aws.Bool(true) }
			w.update("app", templateOf("A", thing(`"Value":"2"`)), keep)
			w.cloud.on(nil)
			w.cloud.taken()
			// The same template again: what failed is tried again.
			if st := w.update("app", templateOf("A", thing(`"Value":"2"`)), keep); st.StackStatus != types.StackStatusUpdateComplete {
				t.Errorf("status %s", st.StackStatus)
			}
			if diff := cmp.Diff([]string{"update A"}, w.cloud.taken()); diff != "" {
				t.Error(diff)
			}
		})
	})
	t.Run("creation", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			w.cloud.failOn("create B")
			w.create("app", templateOf("A", thing(``), "B", thing(``)), func(in *sdk.CreateStackInput) { in.OnFailure = types.OnFailureDoNothing })
			if _, err := w.client.RollbackStack(t.Context(), &sdk.RollbackStackInput{StackName: aws.String("app")}); err != nil {
				t.Fatal(err)
			}
			if st := w.settled("app"); st.StackStatus != types.StackStatusRollbackComplete || len(w.cloud.left()) > 0 {
				t.Errorf("status %s, left %v", st.StackStatus, w.cloud.left())
			}
		})
	})
	t.Run("replacement", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			w.create("app", templateOf("A", thing(`"Name":"1"`)))
			st := w.update("app", templateOf("A", thing(`"Name":"2"`)), func(in *sdk.UpdateStackInput) { in.DisableRollback = aws.Bool(true) })
			if h := w.history("app"); st.StackStatus != types.StackStatusUpdateFailed ||
				!slices.Contains(h, "A UPDATE_FAILED Replacement type updates not supported on stack with disable-rollback.") {
				t.Errorf("%s, %v", st.StackStatus, h)
			}
		})
	})
}

func TestCreateFailedIsRetried(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		template := templateOf("A", thing(``), "B", thing(`"Of":{"Ref":"A"}`))
		w.cloud.failOn("create B")
		w.create("app", template, func(in *sdk.CreateStackInput) { in.DisableRollback = aws.Bool(true) })
		w.cloud.on(nil)
		w.cloud.taken()
		c := w.changeSet(&sdk.CreateChangeSetInput{StackName: aws.String("app"), ChangeSetName: aws.String("again"), TemplateBody: &template})
		if len(c.Changes) != 1 || *c.Changes[0].ResourceChange.LogicalResourceId != "B" || c.Changes[0].ResourceChange.Action != types.ChangeActionAdd {
			t.Errorf("changes %+v, %s", c.Changes, aws.ToString(c.StatusReason))
		}
		in := &sdk.ExecuteChangeSetInput{ChangeSetName: c.ChangeSetId}
		if _, err := w.client.ExecuteChangeSet(t.Context(), in); !strings.Contains(failure(t, err), "can not be updated") {
			t.Errorf("execution with rollback: %v", err)
		}
		in.DisableRollback = aws.Bool(true)
		if _, err := w.client.ExecuteChangeSet(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if st := w.settled("app"); st.StackStatus != types.StackStatusUpdateComplete {
			t.Errorf("status %s", st.StackStatus)
		}
		if diff := cmp.Diff([]string{"create B"}, w.cloud.taken()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCancelUpdate(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.create("app", templateOf("A", thing(`"Value":"1"`)))
		cancel := &sdk.CancelUpdateStackInput{StackName: aws.String("app"), ClientRequestToken: aws.String("stop")}
		_, err := w.client.CancelUpdateStack(t.Context(), cancel)
		if got, want := failure(t, err), "ValidationError: CancelUpdateStack cannot be called from current stack status"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		w.cloud.on(func(ctx context.Context, verb, _ string, r resource.Request) error {
			if verb == "update" && r.Properties["Value"] == "2" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		if _, err := w.client.UpdateStack(t.Context(), &sdk.UpdateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(templateOf("A", thing(`"Value":"2"`)))}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if _, err := w.client.CancelUpdateStack(t.Context(), cancel); err != nil {
			t.Fatal(err)
		}
		if st := w.settled("app"); st.StackStatus != types.StackStatusUpdateRollbackComplete {
			t.Errorf("status %s", st.StackStatus)
		}
		for _, e := range w.events("app") {
			if e.ResourceStatus == types.ResourceStatusUpdateRollbackInProgress && aws.ToString(e.ClientRequestToken) != "stop" {
				t.Errorf("token of the rollback: %q", aws.ToString(e.ClientRequestToken))
			}
		}
	})
}

func TestRollbackOfCreationFails(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.cloud.on(func(_ context.Context, verb, id string, _ resource.Request) error {
			if verb == "create" && id == "B" || verb == "delete" {
				return errors.New("no")
			}
			return nil
		})
		st := w.create("app", templateOf("A", thing(``), "B", thing(`"Of":{"Ref":"A"}`)))
		if st.StackStatus != types.StackStatusRollbackFailed || aws.ToString(st.StackStatusReason) != "The following resource(s) failed to delete: [A]. " {
			t.Errorf("got %s %q", st.StackStatus, aws.ToString(st.StackStatusReason))
		}
		w.cloud.on(nil)
		if st := w.remove("app"); st.StackStatus != types.StackStatusDeleteComplete || len(w.cloud.left()) > 0 {
			t.Errorf("got %s, left %v", st.StackStatus, w.cloud.left())
		}
	})
}

// TestPolicies walks DeletionPolicy and UpdateReplacePolicy.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
func TestPolicies(t *testing.T) {
	t.Parallel()
	policy := func(attributes string) string {
		return templateOf("A", `{"Type":"AWS::Fake::Thing","Properties":{"Name":"1"}`+attributes+`}`, "Z", thing(``))
	}
	broken := func(attributes string) string {
		return templateOf("A", `{"Type":"AWS::Fake::Thing"`+attributes+`}`, "B", thing(`"Of":{"Ref":"A"}`))
	}
	for _, c := range []struct {
		name       string
		attributes string
		do         func(w *world, attributes string)
		left       int // instances of A
	}{
		{"delete", ``, func(w *world, a string) { w.create("app", policy(a)); w.remove("app") }, 0},
		{"delete, Retain", `,"DeletionPolicy":"Retain"`, func(w *world, a string) { w.create("app", policy(a)); w.remove("app") }, 1},
		{"delete, RetainExceptOnCreate", `,"DeletionPolicy":"RetainExceptOnCreate"`, func(w *world, a string) { w.create("app", policy(a)); w.remove("app") }, 1},
		{"dropped, Retain", `,"DeletionPolicy":"Retain"`, func(w *world, a string) { w.create("app", policy(a)); w.update("app", templateOf("Z", thing(``))) }, 1},
		{"dropped", ``, func(w *world, a string) { w.create("app", policy(a)); w.update("app", templateOf("Z", thing(``))) }, 0},
		{"replaced", `,"DeletionPolicy":"Retain"`, func(w *world, a string) {
			w.create("app", policy(a))
			w.update("app", strings.Replace(policy(a), `"1"`, `"2"`, 1))
		}, 1},
		{"replaced, Retain", `,"UpdateReplacePolicy":"Retain"`, func(w *world, a string) {
			w.create("app", policy(a))
			w.update("app", strings.Replace(policy(a), `"1"`, `"2"`, 1))
		}, 2},
		{"rollback, Retain", `,"DeletionPolicy":"Retain"`, func(w *world, a string) { w.cloud.failOn("create B"); w.create("app", broken(a)) }, 1},
		{"rollback, RetainExceptOnCreate", `,"DeletionPolicy":"RetainExceptOnCreate"`, func(w *world, a string) { w.cloud.failOn("create B"); w.create("app", broken(a)) }, 0},
		{"rollback, Retain, flag", `,"DeletionPolicy":"Retain"`, func(w *world, a string) {
			w.cloud.failOn("create B")
			w.create("app", broken(a), func(in *sdk.CreateStackInput) { in.RetainExceptOnCreate = aws.Bool(true) })
		}, 0},
		{"update rollback, Retain", `,"DeletionPolicy":"Retain"`, func(w *world, a string) {
			w.create("app", templateOf("Z", thing(``)))
			w.cloud.failOn("create B")
			w.update("app", broken(a))
		}, 1},
		{"update rollback, RetainExceptOnCreate", `,"DeletionPolicy":"RetainExceptOnCreate"`, func(w *world, a string) {
			w.create("app", templateOf("Z", thing(``)))
			w.cloud.failOn("create B")
			w.update("app", broken(a))
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *world) {
				c.do(w, c.attributes)
				left := slices.DeleteFunc(w.cloud.left(), func(id string) bool { return !strings.HasPrefix(id, "a-") })
				if len(left) != c.left {
					t.Errorf("left: %v, want %d", left, c.left)
				}
			})
		})
	}
}

// half makes the next creation of id fail and leave something behind.
func (c *cloud) half(id string) {
	done := false
	c.on(func(_ context.Context, verb, logicalID string, _ resource.Request) error {
		if verb+" "+logicalID == "create "+id && !done {
			done = true
			return errHalf
		}
		return nil
	})
}

// TestHalfMade: what a failed creation leaves behind is deleted.
func TestHalfMade(t *testing.T) {
	t.Parallel()
	template := templateOf("A", thing(`"Name":"1"`))
	t.Run("rollback", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			w.cloud.half("A")
			if st := w.create("app", template); st.StackStatus != types.StackStatusRollbackComplete || len(w.cloud.left()) > 0 {
				t.Errorf("%s, left %v", st.StackStatus, w.cloud.left())
			}
		})
	})
	t.Run("retry", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			w.cloud.half("A")
			w.create("app", template, func(in *sdk.CreateStackInput) { in.DisableRollback = aws.Bool(true) })
			st := w.update("app", template, func(in *sdk.UpdateStackInput) { in.DisableRollback = aws.Bool(true) })
			if diff := cmp.Diff([]string{"create A", "delete a-1", "create A"}, w.cloud.taken()); diff != "" || st.StackStatus != types.StackStatusUpdateComplete {
				t.Errorf("%s (-want +got):\n%s", st.StackStatus, diff)
			}
			if diff := cmp.Diff([]string{"a-2"}, w.cloud.left()); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("replacement", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			w.create("app", template)
			w.cloud.half("A")
			st := w.update("app", templateOf("A", thing(`"Name":"2"`)))
			if diff := cmp.Diff([]string{"a-1"}, w.cloud.left()); diff != "" || st.StackStatus != types.StackStatusUpdateRollbackComplete {
				t.Errorf("%s, left (-want +got):\n%s", st.StackStatus, diff)
			}
		})
	})
}

// TestLateSuccess: a resource that was made although its creation was cancelled
// is deleted too, and one that was updated is brought back.
func TestLateSuccess(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.create("app", templateOf("U", thing(`"Value":"1"`), "N", thing(`"Name":"1"`)))
		before := w.cloud.left()
		w.cloud.on(func(_ context.Context, verb, id string, r resource.Request) error {
			if verb+" "+id == "create Bad" {
				time.Sleep(time.Second)
				return errors.New("no")
			}
			if r.Properties["Value"] != "1" {
				time.Sleep(2 * time.Second) // deaf to the cancellation
			}
			return nil
		})
		st := w.update("app", templateOf("U", thing(`"Value":"2"`), "N", thing(`"Name":"2"`), "C", thing(``), "Bad", thing(``)))
		if st.StackStatus != types.StackStatusUpdateRollbackComplete {
			t.Errorf("%s", st.StackStatus)
		}
		if diff := cmp.Diff(before, w.cloud.left()); diff != "" {
			t.Errorf("left (-want +got):\n%s", diff)
		}
		if got := w.cloud.live["u-"+physical(w, "U")]["Value"]; got != "1" {
			t.Errorf("U: %v", got)
		}
		h := w.history("app")
		for _, want := range []string{"U UPDATE_FAILED Resource update cancelled", "C CREATE_FAILED Resource creation cancelled"} {
			if !slices.Contains(h, want) {
				t.Errorf("no %q in %v", want, h)
			}
		}
	})
}

// TestCleanupFails: an update whose cleanup fails is a success all the same.
func TestCleanupFails(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.create("app", templateOf("A", thing(``), "Z", thing(``)))
		w.cloud.on(func(_ context.Context, verb, _ string, _ resource.Request) error {
			if verb == "delete" {
				return errors.New("no")
			}
			return nil
		})
		st := w.update("app", templateOf("Z", thing(``)))
		if st.StackStatus != types.StackStatusUpdateComplete || aws.ToString(st.StackStatusReason) != "Update successful. One or more resources could not be deleted." {
			t.Errorf("%s %q", st.StackStatus, aws.ToString(st.StackStatusReason))
		}
		if h := w.history("app"); !slices.Contains(h, "A DELETE_FAILED no") {
			t.Errorf("%v", h)
		}
	})
}
