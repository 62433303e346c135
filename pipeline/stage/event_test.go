// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newFollower returns a follower of the fake's stack that counts the events it
// is told of.
func newFollower(f *fakeCloudFormation) (*follower, *[]string) {
	var told []string
	return &follower{
		client: f.session().Clients.CloudFormation, name: fakeName, id: fakeStackID,
		report: func(e Event) { told = append(told, e.LogicalID+" "+e.Status) },
	}, &told
}

func TestFollow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		edit   func(*fakeCloudFormation)
		status string
		told   []string
	}{
		{"to the end", func(*fakeCloudFormation) {}, "UPDATE_COMPLETE", []string{"orders UPDATE_IN_PROGRESS", "Queue UPDATE_COMPLETE", "orders UPDATE_COMPLETE"}},
		{ // the state from before, which is one of success, and an event of the new operation
			"stale first looks", func(f *fakeCloudFormation) { f.stale = 2 }, "UPDATE_COMPLETE",
			[]string{"orders UPDATE_IN_PROGRESS", "Queue UPDATE_COMPLETE", "orders UPDATE_COMPLETE"},
		},
		{"throttled", func(f *fakeCloudFormation) {
			for range 20 {
				f.faults["DescribeStacks"] = append(f.faults["DescribeStacks"], throttled)
				f.faults["DescribeStackEvents"] = append(f.faults["DescribeStackEvents"], throttled)
			}
		}, "UPDATE_COMPLETE", []string{"orders UPDATE_IN_PROGRESS", "Queue UPDATE_COMPLETE", "orders UPDATE_COMPLETE"}},
		{"out of order", func(f *fakeCloudFormation) {
			f.faults["DescribeStacks"] = []fault{{http.StatusServiceUnavailable, "ServiceUnavailable", ""}, {http.StatusForbidden, "AccessDenied", "for now"}}
		}, "UPDATE_COMPLETE", []string{"orders UPDATE_IN_PROGRESS", "Queue UPDATE_COMPLETE", "orders UPDATE_COMPLETE"}},
		{"an event a page", func(f *fakeCloudFormation) { f.pageSize = 1 }, "UPDATE_COMPLETE", []string{"orders UPDATE_IN_PROGRESS", "Queue UPDATE_COMPLETE", "orders UPDATE_COMPLETE"}},
		{"events not permitted", func(f *fakeCloudFormation) {
			for range 100 {
				f.faults["DescribeStackEvents"] = append(f.faults["DescribeStackEvents"], fault{http.StatusForbidden, "AccessDenied", "never"})
			}
		}, "UPDATE_COMPLETE", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCloudFormation(t, "CREATE_COMPLETE")
				f.events = []Event{{ID: "old", LogicalID: "Queue", Type: "AWS::SQS::Queue", Status: "CREATE_FAILED", Reason: "long ago"}}
				f.events[0].ID = "event-0"
				follower, told := newFollower(f)
				follower.mark(t.Context())
				f.queue = append(states("UPDATE_IN_PROGRESS"), Event{LogicalID: "Queue", Type: "AWS::SQS::Queue", Status: "UPDATE_COMPLETE"}, Event{Status: "UPDATE_COMPLETE"})
				test.edit(f)
				stack, err := follower.follow(t.Context())
				if err != nil || string(stack.Status) != test.status {
					t.Fatalf("got %s, %v, want %s", stack.Status, err, test.status)
				}
				if diff := cmp.Diff(test.told, *told); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestFollowEnds: what does end it before the stack comes to rest.
func TestFollowEnds(t *testing.T) {
	t.Parallel()
	t.Run("expired credentials", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCloudFormation(t, "UPDATE_IN_PROGRESS")
			f.faults["DescribeStacks"] = []fault{{http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired"}}
			follower, _ := newFollower(f)
			_, err := follower.follow(t.Context())
			wantError(t, err, `follow stack "orders": ExpiredToken`)
			if !strings.Contains(hintOf(err), "log in again") {
				t.Errorf("hint: %q", hintOf(err))
			}
		})
	})
	t.Run("interrupt", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			interrupted := errors.New("interrupted")
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Hour, interrupted)
			defer cancel()
			follower, _ := newFollower(newFakeCloudFormation(t, "UPDATE_IN_PROGRESS"))
			if _, err := follower.follow(ctx); !errors.Is(err, interrupted) {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("the stack is no more", func(t *testing.T) {
		t.Parallel()
		f := newFakeCloudFormation(t, "")
		follower, _ := newFollower(f)
		stack, err := follower.follow(t.Context())
		if err != nil || stack.Exists() {
			t.Errorf("got %v, %v", stack, err)
		}
	})
}

// TestRest: an operation that somebody else began is waited for, and its events
// are not told again.
func TestRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCloudFormation(t, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
		f.events = []Event{{ID: "event-0", LogicalID: "Queue", Type: "AWS::SQS::Queue", Status: "UPDATE_COMPLETE"}}
		follower, told := newFollower(f)
		f.queue = states("UPDATE_COMPLETE")
		stack, err := follower.rest(t.Context())
		if err != nil || stack.Status != "UPDATE_COMPLETE" {
			t.Errorf("got %s, %v", stack.Status, err)
		}
		if diff := cmp.Diff([]string{"orders UPDATE_COMPLETE"}, *told); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestRootCause(t *testing.T) {
	t.Parallel()
	stack := func(status, reason string) Event {
		return Event{Type: "AWS::CloudFormation::Stack", LogicalID: fakeName, PhysicalID: fakeStackID, Status: status, Reason: reason}
	}
	failed := func(id, reason string) Event {
		return Event{Type: "AWS::SQS::Queue", LogicalID: id, Status: "CREATE_FAILED", Reason: reason}
	}
	tests := []struct {
		name   string
		events []Event
		want   string
	}{
		{"the oldest", []Event{failed("First", "no"), failed("Second", "neither"), stack("ROLLBACK_IN_PROGRESS", "")}, "First"},
		{"not the cancelled", []Event{failed("First", "Resource creation cancelled"), failed("Second", "no")}, "Second"},
		{"not a cancelled update", []Event{failed("First", "Resource update cancelled"), failed("Second", "no")}, "Second"},
		{"a cause that speaks of cancelling", []Event{failed("First", "the order was cancelled by the customer"), failed("Second", "no")}, "First"},
		{"not the stack", []Event{stack("UPDATE_ROLLBACK_FAILED", "x"), failed("First", "no")}, "First"},
		{"none", []Event{stack("CREATE_COMPLETE", "")}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, ok := (&follower{events: test.events}).rootCause()
			if got.LogicalID != test.want || ok != (test.want != "") {
				t.Errorf("got %q, %v, want %q", got.LogicalID, ok, test.want)
			}
		})
	}
}

// TestFailureWithoutResource: reasons that only the stack tells.
func TestFailureWithoutResource(t *testing.T) {
	t.Parallel()
	f := &follower{name: fakeName, events: []Event{
		{Type: "AWS::CloudFormation::Stack", Status: "UPDATE_ROLLBACK_IN_PROGRESS", Reason: "Export x cannot be deleted as it is in use"},
		{Type: "AWS::CloudFormation::Stack", Status: "UPDATE_ROLLBACK_COMPLETE"},
	}}
	wantError(t, f.failure(Stack{Status: "UPDATE_ROLLBACK_COMPLETE"}, nil), "Export x cannot be deleted", "UPDATE_ROLLBACK_COMPLETE")
	wantError(t, (&follower{name: fakeName}).failure(Stack{Status: "ROLLBACK_COMPLETE", Reason: "so there"}, nil), "so there")
	wantError(t, (&follower{name: fakeName}).failure(Stack{Status: "ROLLBACK_COMPLETE"}, nil), "gives no reason")
}

func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		last := time.Duration(0)
		for n := range 60 {
			start := time.Now()
			if err := (Pace{}).wait(t.Context(), n); err != nil {
				t.Fatal(err)
			}
			took := time.Since(start)
			if took <= 0 || took > 2400*time.Millisecond {
				t.Errorf("look %d: waited %v", n, took)
			}
			if last = took; n == 59 && last < 1600*time.Millisecond {
				t.Errorf("a late look: waited %v, want 2 s and 20 %%", last)
			}
		}
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	if err := (Pace{First: time.Hour}).wait(ctx, 5); !errors.Is(err, stop) {
		t.Errorf("cancelled: got %v", err)
	}
}
