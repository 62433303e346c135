// SPDX-License-Identifier: MIT

package events

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

func TestBuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		made := w.ok(t, "CreateEventBus", object{"Name": "mine", "Description": "d", "Tags": []object{{"Key": "a", "Value": "1"}}})
		mine := here.Regional("events", "event-bus/mine")
		if made["EventBusArn"] != mine {
			t.Errorf("got %v", made)
		}
		w.refused(t, "CreateEventBus", object{"Name": "mine"}, "ResourceAlreadyExistsException", "Event bus mine already exists.")
		w.refused(t, "CreateEventBus", object{"Name": "default"}, "ResourceAlreadyExistsException", "")
		w.refused(t, "CreateEventBus", object{"Name": "aws.partner/x"}, "ValidationException", "name")
		w.ok(t, "CreateEventBus", object{"Name": "third"})
		third := here.Regional("events", "event-bus/third")
		w.rule(t, object{"Name": "r", "EventBusName": mine, "EventPattern": `{"source":["my.app"]}`}, object{"Id": "f", "Arn": functionARN("mine")}, object{"Id": "b", "Arn": third})
		w.rule(t, object{"Name": "r", "EventPattern": `{"source":["my.app"]}`}, object{"Id": "b", "Arn": mine})
		w.rule(t, object{"Name": "r", "EventBusName": "third", "EventPattern": `{"source":["my.app"]}`}, object{"Id": "f", "Arn": functionARN("third")})
		w.put(t, `{}`, nil) // default, then mine, and no further
		if got := w.take(); len(got) != 1 || got[0].Target != functionARN("mine") || got[0].Source != here.Regional("events", "rule/mine/r") {
			t.Errorf("got %+v", got)
		}
		w.put(t, `{}`, object{"EventBusName": "mine"})
		if got := w.take(); len(got) != 2 {
			t.Errorf("got %+v", got)
		}
		if got := w.ok(t, "DescribeEventBus", object{"Name": "mine"}); got["Description"] != "d" || got["CreationTime"] != 946684800.0 {
			t.Errorf("got %v", got)
		}
		w.ok(t, "UpdateEventBus", object{"Name": "mine", "Description": "e"})
		if got := w.ok(t, "ListEventBuses", object{"NamePrefix": "m"})["EventBuses"].([]any); len(got) != 1 || got[0].(object)["Description"] != "e" {
			t.Errorf("got %v", got)
		}
		if got := w.ok(t, "ListEventBuses", object{"Limit": 2}); len(got["EventBuses"].([]any)) != 2 || got["NextToken"] != "2" {
			t.Errorf("got %v", got)
		}
		w.ok(t, "TagResource", object{"ResourceARN": mine, "Tags": []object{{"Key": "b", "Value": "2"}}})
		w.ok(t, "UntagResource", object{"ResourceARN": mine, "TagKeys": []string{"a"}})
		if got := w.ok(t, "ListTagsForResource", object{"ResourceARN": mine})["Tags"]; !cmp.Equal(got, []any{object{"Key": "b", "Value": "2"}}) {
			t.Errorf("got %v", got)
		}
		w.refused(t, "DeleteEventBus", object{"Name": "mine"}, "ValidationException", "has rules")
		w.refused(t, "DeleteEventBus", object{"Name": "default"}, "ValidationException", "default")
		if got := w.ok(t, "ListRules", object{"EventBusName": "mine"})["Rules"].([]any); len(got) != 1 || got[0].(object)["EventBusName"] != "mine" {
			t.Errorf("got %v", got)
		}
		w.ok(t, "RemoveTargets", object{"Rule": "r", "EventBusName": "mine", "Ids": []string{"f", "b"}})
		w.ok(t, "DeleteRule", object{"Name": "r", "EventBusName": "mine"})
		for range 2 {
			w.ok(t, "DeleteEventBus", object{"Name": "mine"})
		}
	})
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.rule(t, object{"Name": "r", "EventPattern": `{"source":["aws.s3"],"resources":["arn:aws:s3:::b"]}`}, object{"Id": "f", "Arn": functionARN("f")})
		m := delivery.Message{Principal: "s3.amazonaws.com", Source: "arn:aws:s3:::b", Account: account, Target: here.Regional("events", "event-bus/default"),
			EventSource: "aws.s3", DetailType: "Object Created", Resources: []string{"arn:aws:s3:::b"}, Body: []byte(`{"k":"v"}`)}
		if err := w.Deliver(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if got := w.take(); len(got) != 1 || !strings.Contains(string(got[0].Body), `"detail-type":"Object Created"`) {
			t.Errorf("got %+v", got)
		}
		for _, edit := range []func(*delivery.Message){
			func(m *delivery.Message) { m.Target += "2" }, func(m *delivery.Message) { m.Account = "111111111111" },
			func(m *delivery.Message) { m.Body = []byte("x") }, func(m *delivery.Message) { m.Target = here.Regional("events", "rule/r") },
		} {
			bad := m
			edit(&bad)
			if err := w.Deliver(t.Context(), bad); err == nil {
				t.Errorf("accepted %+v", bad)
			}
		}
	})
}

func TestTestEventPattern(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		event := `{"id":"1","account":"2","source":"a","time":"t","region":"r","resources":[],"detail-type":"d","detail":{"n":1}}`
		for pattern, want := range map[string]bool{`{"detail":{"n":[1]}}`: true, `{"detail":{"n":[2]}}`: false} {
			if got := w.ok(t, "TestEventPattern", object{"EventPattern": pattern, "Event": event})["Result"]; got != want {
				t.Errorf("%s: got %v", pattern, got)
			}
		}
		w.refused(t, "TestEventPattern", object{"EventPattern": `{"a":"b"}`, "Event": event}, "InvalidEventPatternException", "must be an object or an array")
		w.refused(t, "TestEventPattern", object{"EventPattern": `{"a":["b"]}`, "Event": `{}`}, "InvalidEventPatternException", "'id' is missing")
		w.refused(t, "TestEventPattern", object{"EventPattern": `{"a":["b"]}`, "Event": `[]`}, "InvalidEventPatternException", "not a JSON object")
	})
}
