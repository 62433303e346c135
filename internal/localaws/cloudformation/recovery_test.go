// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// block makes a work wait until the operation is aborted.
func (c *cloud) block(work string) {
	c.on(func(ctx context.Context, verb, id string, _ resource.Request) error {
		if strings.HasPrefix(verb+" "+id, work) {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
}

// TestKilledProcess: what a process that died in the middle of an operation
// leaves behind is settled when the state is opened again, and can be gone on
// with.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	one, two := templateOf("A", thing(`"Value":"1"`), "B", thing(`"Value":"1","Of":{"Ref":"A"}`)), templateOf("A", thing(`"Value":"2"`), "B", thing(`"Value":"2","Of":{"Ref":"A"}`))
	create := func(w *world) {
		_, err := w.client.CreateStack(w.t.Context(), &sdk.CreateStackInput{StackName: aws.String("app"), TemplateBody: &one})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	update := func(w *world) {
		_, err := w.client.UpdateStack(w.t.Context(), &sdk.UpdateStackInput{StackName: aws.String("app"), TemplateBody: &two})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	rollBack := func(w *world) {
		if _, err := w.client.RollbackStack(w.t.Context(), &sdk.RollbackStackInput{StackName: aws.String("app")}); err != nil {
			w.t.Fatal(err)
		}
	}
	remove := func(w *world) {
		if _, err := w.client.DeleteStack(w.t.Context(), &sdk.DeleteStackInput{StackName: aws.String("app")}); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		before func(w *world)
		block  string
		during func(w *world)
		status types.StackStatus
		next   func(w *world)
		end    types.StackStatus
		left   int
	}{
		{"create", nil, "create B", create, types.StackStatusCreateFailed, remove, types.StackStatusDeleteComplete, 0},
		{"create, rolled back later", nil, "create B", create, types.StackStatusCreateFailed, rollBack, types.StackStatusRollbackComplete, 0},
		{"update", create, "update B", update, types.StackStatusUpdateFailed, rollBack, types.StackStatusUpdateRollbackComplete, 2},
		{"delete", create, "delete a-", remove, types.StackStatusDeleteFailed, remove, types.StackStatusDeleteComplete, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *world) {
				if c.before != nil {
					c.before(w)
					w.settled("app")
				}
				w.cloud.block(c.block)
				c.during(w)
				synctest.Wait()
				id := *w.stack("app").StackId
				killed(t, w)
				w.cloud.on(nil)
				st := w.stack(id)
				if st.StackStatus != c.status || !strings.Contains(aws.ToString(st.StackStatusReason), "stopped") {
					t.Errorf("settled: got %s %q, want %s", st.StackStatus, aws.ToString(st.StackStatusReason), c.status)
				}
				for _, e := range w.events(id) {
					t.Log(aws.ToString(e.LogicalResourceId), e.ResourceStatus, aws.ToString(e.ResourceStatusReason))
				}
				c.next(w)
				if st := w.settled(id); st.StackStatus != c.end {
					t.Errorf("in the end: got %s, want %s", st.StackStatus, c.end)
				}
				if left := w.cloud.left(); len(left) != c.left {
					t.Errorf("left %v, want %d", left, c.left)
				}
				for name, properties := range w.cloud.live {
					if properties["Value"] != "1" {
						t.Errorf("%s has %v", name, properties["Value"])
					}
				}
			})
		})
	}
}

// killed replaces the service by one that is opened on a copy of its state, as
// after a kill.
func killed(t *testing.T, w *world) {
	t.Helper()
	if err := w.store.Flush(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(w.dir, "cloudformation.json"))
	if err != nil {
		t.Fatal(err)
	}
	old := w.service
	w.dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(w.dir, "cloudformation.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := old.Close(ended); err != nil { // ends its goroutines; its state is not looked at
		t.Fatal(err)
	}
	w.open()
}

func TestClose(t *testing.T) {
	t.Parallel()
	t.Run("waits", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			w.cloud.on(func(context.Context, string, string, resource.Request) error { time.Sleep(time.Minute); return nil })
			if _, err := w.client.CreateStack(t.Context(), &sdk.CreateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(templateOf("A", thing(``)))}); err != nil {
				t.Fatal(err)
			}
			if err := w.service.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if st := w.stack("app"); st.StackStatus != types.StackStatusCreateComplete {
				t.Errorf("status %s", st.StackStatus)
			}
			_, err := w.client.CreateStack(t.Context(), &sdk.CreateStackInput{StackName: aws.String("b"), TemplateBody: aws.String(templateOf("A", thing(``)))})
			if !strings.HasPrefix(failure(t, err), "ServiceUnavailable") {
				t.Errorf("after Close: %v", err)
			}
			if w.cloud.left()[0] != "a-1" || len(w.cloud.left()) != 1 {
				t.Errorf("left %v", w.cloud.left())
			}
		})
	})
	t.Run("aborts", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			w.cloud.block("create B")
			if _, err := w.client.CreateStack(t.Context(), &sdk.CreateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(templateOf("A", thing(``), "B", thing(`"Of":{"Ref":"A"}`)))}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := w.service.Close(ctx); err != nil {
				t.Fatal(err)
			}
			if st := w.stack("app"); st.StackStatus != types.StackStatusCreateFailed || len(w.cloud.left()) != 1 {
				t.Errorf("status %s, left %v: an aborted operation must not roll back", st.StackStatus, w.cloud.left())
			}
		})
	})
	t.Run("deaf resource", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, w *world) {
			w.cloud.on(func(context.Context, string, string, resource.Request) error { time.Sleep(time.Minute); return nil })
			if _, err := w.client.CreateStack(t.Context(), &sdk.CreateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(templateOf("A", thing(``)))}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := w.service.Close(ctx); err == nil {
				t.Error("Close does not say that a resource ignores its cancellation")
			}
			if st := w.stack("app"); st.StackStatus != types.StackStatusCreateFailed {
				t.Errorf("status %s", st.StackStatus)
			}
			time.Sleep(time.Minute) // until the resource is done after all
		})
	})
}

func TestStateSurvives(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		w.create("app", `{"Resources":{"A":`+thing(`"Size":3,"List":["x",true]`)+`},"Outputs":{"O":{"Value":{"Fn::GetAtt":["A","Nested.Port"]},"Export":{"Name":"e"}}}}`)
		killed(t, w)
		st := w.stack("app")
		if st.StackStatus != types.StackStatusCreateComplete || len(st.Outputs) != 1 || *st.Outputs[0].OutputValue != "5432" {
			t.Errorf("%+v", st)
		}
		c := w.changeSet(setOf("same", `{"Resources":{"A":`+thing(`"Size":3,"List":["x",true]`)+`},"Outputs":{"O":{"Value":{"Fn::GetAtt":["A","Nested.Port"]},"Export":{"Name":"e"}}}}`))
		if aws.ToString(c.StatusReason) != nothingChanges {
			t.Errorf("%s: %+v", aws.ToString(c.StatusReason), c.Changes)
		}
		if st := w.remove("app"); st.StackStatus != types.StackStatusDeleteComplete || len(w.cloud.left()) > 0 {
			t.Errorf("%s, left %v", st.StackStatus, w.cloud.left())
		}
	})
}

func TestBrokenState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := os.WriteFile(filepath.Join(w.dir, "cloudformation.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := openAgain(w); err == nil || !strings.Contains(err.Error(), "cloudformation.json") {
		t.Errorf("got %v", err)
	}
}

// TestSettledStates: where each state in progress goes after a kill, and that
// the stack can then be deleted without leaving anything behind.
func TestSettledStates(t *testing.T) {
	t.Parallel()
	for state, want := range map[types.StackStatus]types.StackStatus{
		types.StackStatusCreateInProgress:                        types.StackStatusCreateFailed,
		types.StackStatusRollbackInProgress:                      types.StackStatusRollbackFailed,
		types.StackStatusUpdateInProgress:                        types.StackStatusUpdateFailed,
		types.StackStatusUpdateCompleteCleanupInProgress:         types.StackStatusUpdateComplete,
		types.StackStatusUpdateRollbackInProgress:                types.StackStatusUpdateRollbackFailed,
		types.StackStatusUpdateRollbackCompleteCleanupInProgress: types.StackStatusUpdateRollbackComplete,
		types.StackStatusDeleteInProgress:                        types.StackStatusDeleteFailed,
		types.StackStatusReviewInProgress:                        types.StackStatusReviewInProgress,
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *world) {
				reach(t, w, state)
				killed(t, w)
				w.cloud.on(nil)
				st := w.stack("app")
				if st.StackStatus != want {
					t.Fatalf("got %s, want %s", st.StackStatus, want)
				}
				if want == types.StackStatusUpdateRollbackFailed {
					if _, err := w.client.ContinueUpdateRollback(t.Context(), &sdk.ContinueUpdateRollbackInput{StackName: aws.String("app")}); err != nil {
						t.Fatal(err)
					}
					if st := w.settled("app"); st.StackStatus != types.StackStatusUpdateRollbackComplete {
						t.Errorf("continued: %s", st.StackStatus)
					}
				}
				resources, err := w.client.ListStackResources(t.Context(), &sdk.ListStackResourcesInput{StackName: aws.String("app")})
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range resources.StackResourceSummaries {
					if strings.HasSuffix(string(r.ResourceStatus), "_IN_PROGRESS") {
						t.Errorf("%s is %s", *r.LogicalResourceId, r.ResourceStatus)
					}
				}
				if st := w.remove("app"); st.StackStatus != types.StackStatusDeleteComplete || len(w.cloud.left()) > 0 {
					t.Errorf("%s, left %v", st.StackStatus, w.cloud.left())
				}
			})
		})
	}
}
