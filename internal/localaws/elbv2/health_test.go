// SPDX-License-Identifier: MIT

package elbv2_test

import (
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/aws/aws-lambda-go/events"
)

// health asks how the target of a target group is.
func (w *world) health(t testing.TB, group string) types.TargetHealth {
	t.Helper()
	out, err := w.client.DescribeTargetHealth(t.Context(), &sdk.DescribeTargetHealthInput{TargetGroupArn: &group})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.TargetHealthDescriptions) != 1 {
		t.Fatalf("got %d targets", len(out.TargetHealthDescriptions))
	}
	return *out.TargetHealthDescriptions[0].TargetHealth
}

// awaitHealth waits for a state.
func (w *world) awaitHealth(t testing.TB, group string, state types.TargetHealthStateEnum) types.TargetHealth {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		got := w.health(t, group)
		if got.State == state {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %s, want %s", got.State, state)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestHealthCheck: the function gets the event of a health check as soon as a
// load balancer leads to it, and is healthy when it answers well.
func TestHealthCheck(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := make(chan []byte, 8)
	h.handle("well", func(event []byte) (string, error) {
		got <- event
		return `{"statusCode":204}`, nil
	})
	group := h.must(t, "TargetGroup", groupProperties("well", "well", "HealthCheckEnabled", true, "HealthCheckPath", "/health?deep=1",
		"Matcher", properties{"HttpCode": "200,204-206"})).PhysicalID
	if state := h.health(t, group); state.State != types.TargetHealthStateEnumUnused || state.Reason != types.TargetHealthReasonEnumNotInUse {
		t.Errorf("before: got %+v", state)
	}
	rule := h.must(t, "ListenerRule", ruleProperties(h.listener.PhysicalID, 1, forward(group), paths("/")))
	want := events.ALBTargetGroupRequest{
		HTTPMethod: "GET", Path: "/health", QueryStringParameters: map[string]string{"deep": "1"}, Headers: map[string]string{"user-agent": "ELB-HealthChecker/2.0"},
		RequestContext: events.ALBTargetGroupRequestContext{ELB: events.ELBContext{TargetGroupArn: group}},
	}
	select {
	case event := <-got:
		if diff := cmp.Diff(want, strict(t, event)); diff != "" {
			t.Error(diff)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no health check came")
	}
	h.awaitHealth(t, group, types.TargetHealthStateEnumHealthy)
	if err := h.remove("ListenerRule", rule); err != nil {
		t.Fatal(err)
	}
	if state := h.health(t, group); state.State != types.TargetHealthStateEnumUnused {
		t.Errorf("after: got %+v", state)
	}
}

// TestHealthDisabled: without checks a target is unavailable, and answers.
func TestHealthDisabled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	group := h.serve(t, "hello")
	if got := h.health(t, group); got.State != types.TargetHealthStateEnumUnavailable || got.Reason != types.TargetHealthReasonEnumHealthCheckDisabled {
		t.Errorf("got %+v", got)
	}
	if status, _ := said(t, ask(t, "GET", h.address, "")); status != 200 {
		t.Errorf("got %d", status)
	}
}
