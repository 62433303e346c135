// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
)

// waiting returns the stage for an operation on the fake's stack.
func waiting(t *testing.T, f *fakeCloudFormation, kind OperationKind) *Wait {
	s := service(t, ordersYAML)
	d := document(t, nil)
	d.Origins["Resources/Queue"] = cfn.Origin{By: "resources.Queue", Position: s.Position("resources", "Queue")}
	return &Wait{
		Project: projectOf(s), Session: pipeline.Known(f.session()), Template: pipeline.Known(TemplateObject{Document: d}),
		Operation: pipeline.Known(Operation{Kind: kind, Stack: Stack{Name: fakeName, ID: fakeStackID}, Token: "run"}),
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	queueFailed := Event{LogicalID: "Queue", Type: "AWS::SQS::Queue", Status: "CREATE_FAILED", Reason: "orders-q already exists"}
	tests := []struct {
		name    string
		kind    OperationKind
		queue   []Event
		says    []string
		partial bool
	}{
		{name: "created", kind: Created, queue: states("REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")},
		{name: "updated", kind: Updated, queue: states("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE")},
		{
			name: "rolled back", kind: Created,
			queue: append(states("CREATE_IN_PROGRESS"), queueFailed,
				Event{LogicalID: "Other", Type: "AWS::SQS::Queue", Status: "CREATE_FAILED", Reason: "Resource creation cancelled"},
				Event{Status: "ROLLBACK_IN_PROGRESS"}, Event{Status: "ROLLBACK_COMPLETE"}),
			says: []string{"sparta.yaml:3:3: resources.Queue: Queue (AWS::SQS::Queue) CREATE_FAILED: orders-q already exists", "the next `sparta up` makes it anew"},
		},
		{
			name: "update rolled back", kind: Updated,
			queue: append(states("UPDATE_IN_PROGRESS"), queueFailed, Event{Status: "UPDATE_ROLLBACK_IN_PROGRESS"}, Event{Status: "UPDATE_ROLLBACK_COMPLETE"}),
			says:  []string{"orders-q already exists", "it runs what it ran before"},
		},
		{
			name: "rollback stuck", kind: Updated, partial: true,
			queue: append(states("UPDATE_IN_PROGRESS"), queueFailed, Event{Status: "UPDATE_ROLLBACK_IN_PROGRESS"}, Event{Status: "UPDATE_ROLLBACK_FAILED"}),
			says:  []string{"orders-q already exists", `stack "orders" is left in UPDATE_ROLLBACK_FAILED`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCloudFormation(t, "CREATE_COMPLETE")
				f.queue = test.queue
				outcome, err := waiting(t, f, test.kind).Run(t.Context())
				if len(test.says) == 0 {
					if err != nil || outcome.Kind != test.kind || outcome.Stack.ID != fakeStackID {
						t.Errorf("got %v, %v", outcome, err)
					}
					return
				}
				wantError(t, err, test.says...)
				if !pipeline.Kept(err) {
					t.Error("uploads that the stack may refer to would be deleted")
				}
				failure, ok := errors.AsType[*StackError](err)
				if !ok || failure.Partial() != test.partial {
					t.Errorf("partly done: got %v, want %v", !test.partial, test.partial)
				}
				if want := "delete it, or give it another name"; !strings.Contains(hintOf(err), want) {
					t.Errorf("hint %q does not say %q", hintOf(err), want)
				}
			})
		})
	}
}

// TestWaitInterrupted: the first interrupt cancels and waits, a second one
// leaves.
func TestWaitInterrupted(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	tests := []struct {
		name   string
		kind   OperationKind
		moving string
		after  map[string][]Event
		faults map[string][]fault
		detach bool
		calls  []string
		says   []string
		is     error
	}{
		{
			name: "update", kind: Updated, moving: "UPDATE_IN_PROGRESS",
			after: map[string][]Event{"CancelUpdateStack": states("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")},
			calls: []string{"CancelUpdateStack"}, says: []string{"interrupted", "it runs what it ran before"},
		},
		{
			name: "creation", kind: Created, moving: "CREATE_IN_PROGRESS",
			after: map[string][]Event{"DeleteStack": states("DELETE_IN_PROGRESS", "DELETE_COMPLETE")},
			calls: []string{"DeleteStack"}, says: []string{"interrupted", "is gone"},
		},
		{
			name: "too late", kind: Updated, moving: "UPDATE_IN_PROGRESS",
			after:  map[string][]Event{},
			faults: map[string][]fault{"CancelUpdateStack": {{400, "ValidationError", "CancelUpdateStack cannot be called from current stack status"}}},
			calls:  []string{"CancelUpdateStack"}, says: []string{"too late to cancel", "UPDATE_COMPLETE"},
		},
		{
			name: "twice", kind: Updated, moving: "UPDATE_IN_PROGRESS", detach: true,
			after: map[string][]Event{"CancelUpdateStack": states("UPDATE_ROLLBACK_IN_PROGRESS")},
			calls: []string{"CancelUpdateStack"}, says: []string{"interrupted", "CloudFormation goes on by itself"}, is: ErrDetached,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCloudFormation(t, "CREATE_COMPLETE")
				f.queue = states(test.moving)
				f.after = test.after
				if test.faults != nil {
					f.faults = test.faults
				}
				ctx, cancel := context.WithCancelCause(t.Context())
				detach := make(chan struct{})
				w := waiting(t, f, test.kind)
				w.Detach = detach
				go func() {
					time.Sleep(10 * time.Second)
					cancel(interrupted)
					time.Sleep(10 * time.Second)
					if test.detach {
						close(detach)
					}
					if test.faults != nil {
						f.mu.Lock()
						f.queue = states("UPDATE_COMPLETE")
						f.mu.Unlock()
					}
				}()
				_, err := w.Run(ctx)
				wantError(t, err, test.says...)
				if !errors.Is(err, interrupted) || !pipeline.Kept(err) || test.is != nil && !errors.Is(err, test.is) {
					t.Errorf("got %#v, kept %v", err, pipeline.Kept(err))
				}
				if diff := cmp.Diff(test.calls, f.called()); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				synctest.Wait()
				time.Sleep(time.Minute) // the interrupting goroutine ends
			})
		})
	}
}

// TestWaitUnchanged: nothing to wait for costs no call.
func TestWaitUnchanged(t *testing.T) {
	t.Parallel()
	f := newFakeCloudFormation(t, "CREATE_COMPLETE")
	f.hook = func(action string) { t.Errorf("call of %s", action) }
	if outcome, err := waiting(t, f, Unchanged).Run(t.Context()); err != nil || outcome.Kind != Unchanged {
		t.Errorf("got %v, %v", outcome, err)
	}
}
