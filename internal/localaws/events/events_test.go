// SPDX-License-Identifier: MIT

package events

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The event decodes into the type of aws-lambda-go without a loss.
func TestEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.rule(t, object{"Name": "orders", "EventPattern": `{"source":["my.app"],"detail":{"total":[{"numeric":[">",10]}]}}`}, object{"Id": "f", "Arn": functionARN("f")})
		put := w.put(t, `{ "total": 11, "name": "<a>" }`, object{"Resources": []string{"r1"}, "Time": 946684860, "TraceHeader": "Root=1"})
		w.put(t, `{"total":9}`, nil)
		got := w.take()
		if len(got) != 1 {
			t.Fatalf("got %v", got)
		}
		var e events.EventBridgeEvent
		d := json.NewDecoder(strings.NewReader(string(got[0].Body)))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		want := events.EventBridgeEvent{Version: "0", ID: e.ID, DetailType: "Ordered", Source: "my.app", AccountID: account, Region: "us-east-1",
			Time: time.Date(2000, 1, 1, 0, 1, 0, 0, time.UTC), Resources: []string{"r1"}, Detail: json.RawMessage(`{"total":11,"name":"<a>"}`)}
		if diff := cmp.Diff(want, e); diff != "" || put["Entries"].([]any)[0].(object)["EventId"] != e.ID {
			t.Error(diff, put)
		}
		m := got[0]
		m.Body = nil
		if diff := cmp.Diff(delivery.Message{Principal: "events.amazonaws.com", Source: here.Regional("events", "rule/orders"), Account: account, Target: functionARN("f"), TraceHeader: "Root=1"}, m); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPutEventsRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		for _, test := range []struct {
			entry object
			code  string
		}{
			{object{"Source": ""}, "InvalidArgument"}, {object{"DetailType": ""}, "InvalidArgument"}, {object{"Detail": ""}, "InvalidArgument"},
			{object{"Source": "aws.s3"}, "NotAuthorizedForSourceException"}, {object{"Detail": "x"}, "MalformedDetail"}, {object{"Detail": "[]"}, "MalformedDetail"},
			{object{"Detail": "null"}, "MalformedDetail"}, {object{"EventBusName": "missing"}, "InvalidArgument"},
		} {
			out := w.put(t, "{}", test.entry)
			if got := out["Entries"].([]any)[0].(object)["ErrorCode"]; got != test.code || out["FailedEntryCount"] != 1.0 {
				t.Errorf("%v: got %v", test.entry, out)
			}
		}
		w.refused(t, "PutEvents", object{"Entries": []object{}}, "ValidationException", "length")
		w.refused(t, "PutEvents", object{"Entries": make([]object, 11)}, "ValidationException", "length")
		w.refused(t, "PutEvents", object{"Entries": []object{{"Source": "a", "DetailType": "b", "Detail": `{"a":"` + strings.Repeat("x", 1<<20) + `"}`}}}, "ValidationException", "size")
		w.refused(t, "PutEvents", object{"EndpointId": "x"}, "ValidationException", `does not model parameter "EndpointId" of PutEvents`)
		w.refused(t, "CreateArchive", object{}, "UnknownOperationException", "CreateArchive")
	})
}

func TestInputs(t *testing.T) {
	t.Parallel()
	const detail = `{"name":"Zoë \"Z\"","total":3.50,"tags":["a","b"],"deep":{"x":[{"y":1},{"y":2}]}}`
	for _, test := range []struct {
		name   string
		target object
		want   string // RULE stands for the ARN of the rule
	}{
		{"constant", object{"Input": `{"a":1}`}, `{"a":1}`},
		{"path", object{"InputPath": "$.detail.deep"}, `{"x":[{"y":1},{"y":2}]}`},
		{"path to a number", object{"InputPath": "$.detail.total"}, `3.50`},
		{"path with an index", object{"InputPath": "$.detail['deep'].x[1].y"}, `2`},
		{"path to all", object{"InputPath": "$.detail.deep.x[*].y"}, `[1,2]`},
		{"object", object{"InputTransformer": object{"InputPathsMap": object{"n": "$.detail.name", "t": "$.detail.total", "l": "$.detail.tags"},
			"InputTemplate": `{"who": <n>, "say": "hello <n>, <t> for <l>", "list": <l>}`}}, `{"who": "Zoë \"Z\"", "say": "hello Zoë \"Z\", 3.50 for [\"a\",\"b\"]", "list": ["a","b"]}`},
		{"string", object{"InputTransformer": object{"InputPathsMap": object{"t": "$.detail.total"}, "InputTemplate": `"total <t>"`}}, `"total 3.50"`},
		{"plain text", object{"InputTransformer": object{"InputPathsMap": object{"t": "$.detail.total"}, "InputTemplate": `total <t>`}}, `"total 3.50"`},
		{"missing", object{"InputTransformer": object{"InputPathsMap": object{"m": "$.detail.missing"}, "InputTemplate": `{"m":<m>,"n":"-<m>-"}`}}, `{"m":"","n":"--"}`},
		{"reserved", object{"InputTransformer": object{"InputTemplate": `{"r":<aws.events.rule-arn>,"n":"<aws.events.rule-name>","t":<aws.events.event.ingestion-time>}`}},
			`{"r":"RULE","n":"orders","t":"2000-01-01T00:00:00Z"}`},
		{"escaped quote", object{"InputTransformer": object{"InputPathsMap": object{"t": "$.detail.total"}, "InputTemplate": `{"a":"\"<t>\"","b":<t>}`}}, `{"a":"\"3.50\"","b":3.50}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, t.TempDir())
				test.target["Id"], test.target["Arn"] = "f", functionARN("f")
				w.rule(t, object{"Name": "orders", "EventPattern": `{"source":["my.app"]}`}, test.target)
				w.put(t, detail, nil)
				got := w.take()
				want := strings.ReplaceAll(test.want, "RULE", here.Regional("events", "rule/orders"))
				if len(got) != 1 || string(got[0].Body) != want {
					t.Errorf("got %+v, want %s", got, want)
				}
				if len(got) == 1 && string(got[0].Body) != want {
					t.Errorf("got %s", got[0].Body)
				}
			})
		})
	}
}

func TestWholeEventInTemplate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.rule(t, object{"Name": "orders", "EventPattern": `{"source":["my.app"]}`}, object{"Id": "f", "Arn": functionARN("f"),
			"InputTransformer": object{"InputTemplate": `{"bare":<aws.events.event>,"whole":<aws.events.event.json>}`}})
		w.put(t, `{"k":"v"}`, nil)
		var got struct{ Bare, Whole object }
		if err := json.Unmarshal(w.take()[0].Body, &got); err != nil {
			t.Fatal(err)
		}
		if got.Bare["source"] != "my.app" || got.Bare["detail"] != nil || !cmp.Equal(got.Whole["detail"], object{"k": "v"}) {
			t.Errorf("got %v", got)
		}
	})
}

func TestTargets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		pattern := object{"Name": "all", "EventPattern": `{"source":[{"prefix":"my"}]}`}
		w.rule(t, pattern,
			object{"Id": "q", "Arn": queueARN("q.fifo"), "SqsParameters": object{"MessageGroupId": "g"}},
			object{"Id": "t", "Arn": here.Regional("sns", "t"), "RoleArn": "arn:aws:iam::000000000000:role/good"},
			object{"Id": "l", "Arn": here.Regional("logs", "log-group:/aws/events/x")},
			object{"Id": "bad-role", "Arn": functionARN("never"), "RoleArn": "arn:aws:iam::000000000000:role/bad"})
		w.put(t, `{}`, nil)
		got := w.take()
		slices.SortFunc(got, func(a, b delivery.Message) int { return strings.Compare(a.Target, b.Target) })
		if len(got) != 3 || got[1].Principal != "" || got[2].Group != "g" || got[2].Deduplication == "" || got[0].Principal != "events.amazonaws.com" {
			t.Errorf("got %+v", got)
		}
		if list := w.ok(t, "ListTargetsByRule", object{"Rule": "all"})["Targets"].([]any); len(list) != 4 {
			t.Errorf("got %v", list)
		}
		w.ok(t, "RemoveTargets", object{"Rule": "all", "Ids": []string{"t", "l", "bad-role"}})
		if names := w.ok(t, "ListRuleNamesByTarget", object{"TargetArn": queueARN("q.fifo")})["RuleNames"]; !cmp.Equal(names, []any{"all"}) {
			t.Errorf("got %v", names)
		}
		w.refused(t, "DeleteRule", object{"Name": "all"}, "ValidationException", "has targets")
		w.ok(t, "DisableRule", object{"Name": "all"})
		w.put(t, `{}`, nil)
		if got := w.take(); len(got) != 0 {
			t.Errorf("disabled, and sent %v", got)
		}
		w.ok(t, "EnableRule", object{"Name": "all"})
		w.put(t, `{}`, nil)
		if got := w.take(); len(got) != 1 {
			t.Errorf("enabled, and sent %v", got)
		}
		w.ok(t, "RemoveTargets", object{"Rule": "all", "Ids": []string{"q"}})
		for range 2 {
			w.ok(t, "DeleteRule", object{"Name": "all"})
		}
		w.refused(t, "DescribeRule", object{"Name": "all"}, "ResourceNotFoundException", "Rule all does not exist on EventBus default.")
	})
}

func TestTargetsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.ok(t, "CreateEventBus", object{"Name": "mine"})
		w.rule(t, object{"Name": "r", "EventBusName": "mine", "EventPattern": `{"source":["a"]}`})
		f := functionARN("f")
		for _, test := range []struct {
			target object
			want   string
		}{
			{object{"Id": "a b", "Arn": f}, "a b"},
			{object{"Id": "x", "Arn": "f"}, "not in correct format"},
			{object{"Id": "x", "Arn": here.Regional("states", "stateMachine:m")}, "does not model the target"},
			{object{"Id": "x", "Arn": strings.Replace(f, "us-east-1", "eu-west-1", 1)}, "other regions"},
			{object{"Id": "x", "Arn": here.Regional("events", "event-bus/mine")}, "own rule"},
			{object{"Id": "x", "Arn": here.Regional("events", "event-bus/default"), "Input": "{}"}, "event bus targets"},
			{object{"Id": "x", "Arn": queueARN("q.fifo")}, "SqsParameters must be specified"},
			{object{"Id": "x", "Arn": f, "SqsParameters": object{"MessageGroupId": "g"}}, "SqsParameters not valid"},
			{object{"Id": "x", "Arn": f, "Input": "{"}, "JSON syntax error"},
			{object{"Id": "x", "Arn": f, "Input": "{}", "InputPath": "$"}, "Only one of"},
			{object{"Id": "x", "Arn": f, "InputPath": "detail"}, "begins with $"},
			{object{"Id": "x", "Arn": f, "InputPath": "$..x"}, "goes on"},
			{object{"Id": "x", "Arn": f, "InputTransformer": object{"InputTemplate": "<y>"}}, "<y> which is not defined"},
			{object{"Id": "x", "Arn": f, "InputTransformer": object{"InputPathsMap": object{"AWS1": "$.x"}, "InputTemplate": "x"}}, "variable name"},
			{object{"Id": "x", "Arn": f, "RetryPolicy": object{"MaximumRetryAttempts": 186}}, "185"},
			{object{"Id": "x", "Arn": f, "RetryPolicy": object{"MaximumEventAgeInSeconds": 59}}, "86400"},
			{object{"Id": "x", "Arn": f, "DeadLetterConfig": object{"Arn": queueARN("dead.fifo")}}, "standard queue"},
			{object{"Id": "x", "Arn": f, "EcsParameters": object{}}, "EcsParameters"},
		} {
			w.refused(t, "PutTargets", object{"Rule": "r", "EventBusName": "mine", "Targets": []object{test.target}}, "ValidationException", test.want)
		}
		var many []object
		for i := range 6 {
			many = append(many, object{"Id": fmt.Sprint(i), "Arn": f})
		}
		w.refused(t, "PutTargets", object{"Rule": "r", "EventBusName": "mine", "Targets": many}, "LimitExceededException", "")
	})
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.inbox.fail = map[string]error{
			functionARN("denied"): wire.Errorf(403, "AccessDeniedException", "no permission"),
			functionARN("busy"):   wire.Errorf(429, "TooManyRequestsException", "busy"),
		}
		w.rule(t, object{"Name": "r", "EventPattern": `{"source":["my.app"]}`},
			object{"Id": "d", "Arn": functionARN("denied"), "DeadLetterConfig": object{"Arn": queueARN("dead")}},
			object{"Id": "b", "Arn": functionARN("busy"), "DeadLetterConfig": object{"Arn": queueARN("dead")}, "RetryPolicy": object{"MaximumRetryAttempts": 2}})
		w.put(t, `{"n":1}`, nil)
		first := w.take()
		if len(first) != 1 || first[0].Target != queueARN("dead") || first[0].Attributes["ERROR_CODE"].StringValue != "NO_PERMISSIONS" ||
			first[0].Attributes["TARGET_ARN"].StringValue != functionARN("denied") || !strings.Contains(string(first[0].Body), `"detail":{"n":1}`) {
			t.Fatalf("got %+v", first)
		}
		time.Sleep(time.Minute)
		second := w.take()
		if len(second) != 1 || second[0].Attributes["RETRY_ATTEMPTS"].StringValue != "2" || second[0].Attributes["EXHAUSTED_RETRY_CONDITION"].StringValue != "MaximumRetryAttempts" {
			t.Errorf("got %+v", second)
		}
	})
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := open(t, dir)
		w.rule(t, object{"Name": "often", "ScheduleExpression": "rate(5 minutes)"}, object{"Id": "f", "Arn": functionARN("f")})
		w.rule(t, object{"Name": "daily", "ScheduleExpression": "cron(7 0 * * ? *)"}, object{"Id": "g", "Arn": functionARN("g"), "Input": `"now"`})
		w.rule(t, object{"Name": "off", "ScheduleExpression": "rate(1 minute)", "State": "DISABLED"}, object{"Id": "h", "Arn": functionARN("h")})
		time.Sleep(12 * time.Minute)
		synctest.Wait()
		var at []string
		for i, m := range w.inbox.got {
			at = append(at, m.Target[strings.LastIndex(m.Target, ":")+1:]+w.inbox.at[i].UTC().Format(" 15:04:05"))
		}
		if want := []string{"f 00:05:00", "g 00:07:00", "f 00:10:00"}; !slices.Equal(at, want) {
			t.Errorf("got %v", at)
		}
		var e events.EventBridgeEvent
		if err := json.Unmarshal(w.take()[0].Body, &e); err != nil {
			t.Fatal(err)
		}
		if e.DetailType != "Scheduled Event" || e.Source != "aws.events" || !slices.Equal(e.Resources, []string{here.Regional("events", "rule/often")}) ||
			string(e.Detail) != "{}" || !e.Time.Equal(time.Date(2000, 1, 1, 0, 5, 0, 0, time.UTC)) {
			t.Errorf("got %+v", e)
		}
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.store.Flush(); err != nil {
			t.Fatal(err)
		}
		again := open(t, dir)
		time.Sleep(4 * time.Minute) // 00:16
		if got := again.take(); len(got) != 1 || got[0].Target != functionARN("f") {
			t.Errorf("after the restart: %+v", got)
		}
		again.ok(t, "PutRule", object{"Name": "often", "ScheduleExpression": "rate(1 hour)"})
		time.Sleep(20 * time.Minute)
		if got := again.take(); len(got) != 0 {
			t.Errorf("after the change: %+v", got)
		}
	})
}

func TestRulesRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.ok(t, "CreateEventBus", object{"Name": "mine"})
		for _, test := range []struct {
			in         object
			code, text string
		}{
			{object{"Name": "a b", "EventPattern": "{}"}, "ValidationException", "a b"},
			{object{"Name": "r"}, "ValidationException", "EventPattern or ScheduleExpression"},
			{object{"Name": "r", "EventPattern": "{}"}, "InvalidEventPatternException", "Empty objects"},
			{object{"Name": "r", "EventPattern": `{"a":["` + strings.Repeat("x", 4096) + `"]}`}, "ValidationException", "4096"},
			{object{"Name": "r", "ScheduleExpression": "rate(1 minutes)"}, "ValidationException", "ScheduleExpression is not valid"},
			{object{"Name": "r", "ScheduleExpression": "at(2030-01-01T00:00:00)"}, "ValidationException", "ScheduleExpression is not valid"},
			{object{"Name": "r", "ScheduleExpression": "rate(1 minute)", "EventBusName": "mine"}, "ValidationException", "only on the default event bus"},
			{object{"Name": "r", "EventPattern": `{"a":["b"]}`, "EventBusName": "other"}, "ResourceNotFoundException", "Event bus other does not exist"},
			{object{"Name": "r", "EventPattern": `{"a":["b"]}`, "State": "ON"}, "ValidationException", "ENABLED"},
		} {
			w.refused(t, "PutRule", test.in, test.code, test.text)
		}
	})
}

// Whatever the path and the template, filling them ends, and what comes out is
// JSON.
func FuzzTransform(f *testing.F) {
	f.Add("$.detail.a[0]['b']", `{"x":<v>,"y":"<v> \" <aws.events.rule-name>"}`, `{"detail":{"a":[{"b":"c\""}]}}`)
	f.Add("$[*]", `<v>`, `{"detail":1}`)
	f.Fuzz(func(t *testing.T, path, template, event string) {
		tr := &transformer{InputPathsMap: map[string]string{"v": path}, InputTemplate: template}
		if tr.check() != nil {
			return
		}
		out, err := target{InputTransformer: tr}.input(occasion{rule: &rule{Scope: here, Bus: defaultBus, Name: "r"}, event: []byte(event)})
		if err == nil && !json.Valid(out) {
			t.Errorf("%q is not JSON", out)
		}
	})
}
