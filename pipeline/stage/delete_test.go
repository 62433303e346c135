// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/pipeline"
)

// TestDeleteStates has a row for every state of stackstate.go.
func TestDeleteStates(t *testing.T) {
	t.Parallel()
	gone := states("DELETE_IN_PROGRESS", "DELETE_COMPLETE")
	tests := []struct {
		status string
		queue  []Event
		calls  []string
		kind   OperationKind
		fault  string
	}{
		{status: "", kind: Unchanged},
		{status: "DELETE_COMPLETE", kind: Unchanged},
		{status: "DELETE_IN_PROGRESS", queue: states("DELETE_COMPLETE"), kind: Unchanged},
		{status: "CREATE_IN_PROGRESS", fault: "another operation is under way"},
		{status: "UPDATE_IN_PROGRESS", fault: "another operation is under way"},
		{status: "IMPORT_IN_PROGRESS", fault: "another operation is under way"},
		{status: "SOMETHING_NEW", fault: "SOMETHING_NEW, which can't be deleted"},
		{status: "UPDATE_ROLLBACK_IN_PROGRESS", queue: states("UPDATE_ROLLBACK_COMPLETE"), calls: []string{"DeleteStack"}, kind: Deleted},
		{status: "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", queue: states("UPDATE_COMPLETE"), calls: []string{"DeleteStack"}, kind: Deleted},
		{status: "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", queue: states("UPDATE_ROLLBACK_COMPLETE"), calls: []string{"DeleteStack"}, kind: Deleted},
		{status: "IMPORT_ROLLBACK_IN_PROGRESS", queue: states("IMPORT_ROLLBACK_COMPLETE"), calls: []string{"DeleteStack"}, kind: Deleted},
		{status: "ROLLBACK_IN_PROGRESS", queue: states("ROLLBACK_COMPLETE"), calls: []string{"DeleteStack"}, kind: Deleted},
	}
	for _, resting := range []string{
		"REVIEW_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
		"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED", "IMPORT_ROLLBACK_FAILED",
	} {
		row := tests[0]
		row.status, row.calls, row.kind = resting, []string{"DeleteStack"}, Deleted
		tests = append(tests, row)
	}
	for i, test := range tests {
		t.Run(fmt.Sprintf("%d-%s", i, test.status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCloudFormation(t, test.status)
				stack := f.stack()
				f.queue, f.after["DeleteStack"] = test.queue, gone
				session := pipeline.Known(f.session())
				d := &Delete{Session: session, Stack: pipeline.Known(stack), Emptied: pipeline.Known(Emptied(nil)), Token: "run"}
				operation, err := d.Run(t.Context())
				if diff := cmp.Diff(test.calls, f.called()); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				if test.fault != "" {
					wantError(t, err, test.fault)
					return
				}
				if err != nil || operation.Kind != test.kind {
					t.Fatalf("got %q, %v, want %q", operation.Kind, err, test.kind)
				}
				g := &Gone{Project: projectOf(service(t, ordersYAML)), Session: session, Operation: pipeline.Known(operation)}
				outcome, err := g.Run(t.Context())
				if err != nil || outcome.Kind != test.kind || outcome.Stack.Exists() {
					t.Errorf("in the end: got %v, %v", outcome, err)
				}
			})
		})
	}
}

func TestDeleteNotPermitted(t *testing.T) {
	t.Parallel()
	f := newFakeCloudFormation(t, "CREATE_COMPLETE")
	d := &Delete{Session: pipeline.Known(f.session()), Stack: pipeline.Known(f.stack()), Emptied: pipeline.Known(Emptied(nil)), Token: "run"}
	f.faults["DeleteStack"] = []fault{{403, "AccessDenied", "not you"}}
	_, err := d.Run(t.Context())
	wantError(t, err, `delete stack "orders": AccessDenied: not you`)
}

func TestGone(t *testing.T) {
	t.Parallel()
	running := Operation{Kind: Deleted, Stack: Stack{Name: fakeName, ID: fakeStackID}}
	gone := func(t *testing.T, f *fakeCloudFormation) *Gone {
		return &Gone{Project: projectOf(service(t, ordersYAML)), Session: pipeline.Known(f.session()), Operation: pipeline.Known(running)}
	}
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCloudFormation(t, "CREATE_COMPLETE")
			f.queue = append(states("DELETE_IN_PROGRESS"),
				Event{LogicalID: "Files", Type: "AWS::S3::Bucket", Status: "DELETE_FAILED", Reason: "The bucket you tried to delete is not empty."},
				Event{Status: "DELETE_FAILED"})
			_, err := gone(t, f).Run(t.Context())
			wantError(t, err, "Files (AWS::S3::Bucket) DELETE_FAILED", `stack "orders" is left in DELETE_FAILED`)
			if failure, ok := errors.AsType[*StackError](err); !ok || !failure.Partial() {
				t.Errorf("got %#v, want a partial StackError", err)
			}
			if hintOf(err) == "" {
				t.Error("no hint")
			}
		})
	})
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			interrupted := errors.New("interrupted")
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, interrupted)
			defer cancel()
			f := newFakeCloudFormation(t, "DELETE_IN_PROGRESS")
			_, err := gone(t, f).Run(ctx)
			if !errors.Is(err, interrupted) || !errors.Is(err, ErrDetached) || hintOf(err) == "" || len(f.called()) != 0 {
				t.Errorf("got %v, calls %v", err, f.called())
			}
		})
	})
}
