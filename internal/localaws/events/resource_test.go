// SPDX-License-Identifier: MIT

package events

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func request(properties object) resource.Request {
	return resource.Request{Scope: here, Properties: properties, Tags: map[string]string{"k": "v"}, DefaultName: func(int) string { return "stack-Rule-ABC" }}
}

func TestRuleType(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		rules := w.ResourceTypes()["AWS::Events::Rule"]
		properties := object{"EventPattern": object{"source": []any{"my.app"}}, "State": "ENABLED", "Targets": []any{
			object{"Id": "f", "Arn": functionARN("f"), "RetryPolicy": object{"MaximumRetryAttempts": "2"}},
			object{"Id": "g", "Arn": functionARN("g"), "InputTransformer": object{"InputPathsMap": object{"k": "$.detail.k"}, "InputTemplate": `{"k":<k>}`}},
		}}
		if faults := rules.Check(properties); faults != nil {
			t.Error(faults)
		}
		if faults := rules.Check(object{"Targets": []any{object{"Id": "x", "EcsParameters": object{}}}, "Colour": "red"}); len(faults) != 3 {
			t.Error(faults)
		}
		made, err := rules.Create(t.Context(), request(properties))
		want := resource.Instance{PhysicalID: "stack-Rule-ABC", Attributes: object{"Arn": here.Regional("events", "rule/stack-Rule-ABC")}}
		if diff := cmp.Diff(want, made); diff != "" || err != nil {
			t.Fatal(diff, err)
		}
		if _, err := rules.Create(t.Context(), request(properties)); err == nil || !strings.Contains(err.Error(), "already exists") {
			t.Errorf("got %v", err)
		}
		w.put(t, `{"k":"v"}`, nil)
		if got := w.take(); len(got) != 2 {
			t.Errorf("got %+v", got)
		}
		next := object{"ScheduleExpression": "rate(1 minute)", "Targets": []any{object{"Id": "f", "Arn": functionARN("f")}}}
		if _, err := rules.Update(t.Context(), made, request(next)); err != nil {
			t.Fatal(err)
		}
		w.put(t, `{"k":"v"}`, nil)
		if got := w.take(); len(got) != 0 {
			t.Errorf("the pattern is still there: %+v", got)
		}
		if list := w.ok(t, "ListTargetsByRule", object{"Rule": made.PhysicalID})["Targets"].([]any); len(list) != 1 {
			t.Errorf("targets %v", list)
		}
		bad := object{"ScheduleExpression": "rate(2 minutes)", "Targets": []any{object{"Id": "x", "Arn": "x"}}}
		if _, err := rules.Update(t.Context(), made, request(bad)); err == nil || !strings.Contains(err.Error(), "(Service: EventBridge, Status Code: 400") {
			t.Errorf("got %v", err)
		}
		if got := w.ok(t, "DescribeRule", object{"Name": made.PhysicalID}); got["ScheduleExpression"] != "rate(1 minute)" {
			t.Errorf("a failed update changed the rule: %v", got)
		}
		bad["Name"] = "other"
		if _, err := rules.Create(t.Context(), request(bad)); err == nil {
			t.Error("bad targets were accepted")
		}
		w.refused(t, "DescribeRule", object{"Name": "other"}, "ResourceNotFoundException", "")
		if !rules.Replaces(next, object{"Name": "x"}) || !rules.Replaces(next, object{"EventBusName": "x"}) || rules.Replaces(next, object{}) {
			t.Error("replaces the wrong things")
		}
		for range 2 {
			if err := rules.Delete(t.Context(), made, request(next)); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestBusType(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		buses, rules := w.ResourceTypes()["AWS::Events::EventBus"], w.ResourceTypes()["AWS::Events::Rule"]
		properties := object{"Name": "mine", "DeadLetterConfig": object{"Arn": queueARN("dead")}}
		made, err := buses.Create(t.Context(), request(properties))
		want := resource.Instance{PhysicalID: "mine", Attributes: object{"Arn": here.Regional("events", "event-bus/mine"), "Name": "mine", "Policy": ""}}
		if diff := cmp.Diff(want, made); diff != "" || err != nil {
			t.Fatal(diff, err)
		}
		rule, err := rules.Create(t.Context(), request(object{"EventBusName": "mine", "EventPattern": `{"source":["a"]}`}))
		if err != nil || rule.PhysicalID != "mine|stack-Rule-ABC" || rule.Attributes["Arn"] != here.Regional("events", "rule/mine/stack-Rule-ABC") {
			t.Fatal(rule, err)
		}
		if _, err := buses.Update(t.Context(), made, request(object{"Name": "mine", "Description": "d"})); err != nil {
			t.Error(err)
		}
		if got := w.ok(t, "DescribeEventBus", object{"Name": "mine"}); got["Description"] != "d" || got["DeadLetterConfig"] != nil {
			t.Errorf("got %v", got)
		}
		if err := buses.Delete(t.Context(), made, request(properties)); err == nil {
			t.Error("deleted with its rules")
		}
		if err := rules.Delete(t.Context(), rule, request(nil)); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := buses.Delete(t.Context(), made, request(properties)); err != nil {
				t.Error(err)
			}
		}
		if !buses.Replaces(properties, object{"Name": "x"}) || buses.Check(object{"Name": "a", "Policy": object{}}) == nil {
			t.Error("checks the wrong things")
		}
	})
}
