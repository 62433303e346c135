// SPDX-License-Identifier: MIT

package iot_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func TestPublish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		w.ok(t, "POST", "/rules/hot", payload(`SELECT temperature AS t, topic(2) AS thing, clientid() AS client FROM 'things/+/heat' WHERE temperature > 30`, nil))
		w.ok(t, "POST", "/rules/all", payload(`SELECT * FROM 'things/#'`, nil))
		w.ok(t, "POST", "/rules/off", payload(`SELECT * FROM '#'`, object{"ruleDisabled": true}))
		if failure := w.publish(t, "things%2Fa%2Fheat?qos=1", `{"temperature":31.50}`); failure != "" {
			t.Fatal(failure)
		}
		got := w.received()
		var bodies []string
		for _, m := range got {
			if m.Principal != "iot.amazonaws.com" || m.Account != account || m.Target != function || m.Role != "" {
				t.Errorf("got %+v", m)
			}
			bodies = append(bodies, strings.TrimPrefix(m.Source, here.Regional("iot", "rule/"))+" "+string(m.Body))
		}
		want := []string{`all {"temperature":31.50}`, `hot {"t":31.50,"thing":"a","client":"n/a"}`}
		if diff := cmp.Diff(want, slices.Sorted(slices.Values(bodies))); diff != "" {
			t.Error(diff)
		}
		// Slashes in the path, another topic, and a condition that does not hold.
		w.publish(t, "things/a/heat", `{"temperature":30}`)
		w.publish(t, "other", `{"temperature":99}`)
		if got := w.received(); len(got) != 1 || string(got[0].Body) != `{"temperature":30}` {
			t.Errorf("got %v", got)
		}
		// Basic Ingest reaches one rule, by the topic behind its prefix.
		w.publish(t, "$aws/rules/hot/things/b/heat", `{"temperature":40}`)
		w.publish(t, "$aws/rules/hot/other/topic", `{"temperature":40}`)
		w.publish(t, "$aws/rules/missing/a", `{}`)
		if got := w.received(); len(got) != 1 || string(got[0].Body) != `{"t":40,"thing":"b","client":"n/a"}` {
			t.Errorf("got %v", got)
		}
		// What AWS IoT itself would publish.
		w.ok(t, "POST", "/rules/shadows", payload(`SELECT state.reported.*, topic(3) AS thing FROM '$aws/things/+/shadow/update/accepted'`, nil))
		w.publish(t, "$aws/things/oven/shadow/update/accepted", `{"state":{"reported":{"heat":200}}}`)
		if got := w.received(); len(got) != 1 || string(got[0].Body) != `{"heat":200,"thing":"oven"}` {
			t.Errorf("got %v", got)
		}
		w.ok(t, "POST", "/rules/off/enable", nil)
		w.ok(t, "POST", "/rules/all/disable", nil)
		w.publish(t, "x", `{"one":1}`)
		w.publish(t, "things/x", `{"one":1}`)
		if got := w.received(); len(got) != 2 || !strings.HasSuffix(got[1].Source, "rule/off") {
			t.Errorf("got %v", got)
		}
		for path, text := range map[string]string{
			"": "empty", "a/%2B/b": "wildcard", "$aws/things/x/shadow/update": "does not model shadows", "$SYS/x": "reserved", "a?retain=true": "retained", "a?qos=2": "Qos", "a?ttl=1": `"ttl"`,
			"1/2/3/4/5/6/7/8/9": "slashes", "$aws/rules/hot": "goes on behind",
		} {
			if failure := w.publish(t, path, "{}"); !strings.HasPrefix(failure, "InvalidRequestException: ") || !strings.Contains(failure, text) {
				t.Errorf("%s: got %q", path, failure)
			}
		}
		if failure := w.publish(t, "a", strings.Repeat("x", 129<<10)); !strings.Contains(failure, "131072 bytes") {
			t.Errorf("got %q", failure)
		}
		if _, failure := answer(t, w.DataPlane(), httptest.NewRequest(http.MethodGet, "/things/a/shadow", nil)); !strings.Contains(failure, "does not model GET /things/a/shadow") {
			t.Errorf("got %q", failure)
		}
	})
}

// TestActions: where each action sends, as which role and in which form.
func TestActions(t *testing.T) {
	t.Parallel()
	with := func(name string, members object) object {
		members["roleArn"] = role
		return object{name: members}
	}
	base := delivery.Message{Role: role, Session: "r", Source: here.Regional("iot", "rule/r"), Account: account, Body: []byte(`{"n":1.5,"s":"x"}`)}
	message := func(target, body string, change func(*delivery.Message)) delivery.Message {
		m := base
		m.Target = target
		if body != "" {
			m.Body = []byte(body)
		}
		if change != nil {
			change(&m)
		}
		return m
	}
	for _, test := range []struct {
		name   string
		action object
		want   delivery.Message
	}{
		{"sqs", with("sqs", object{"queueUrl": "http://127.0.0.1:4566/000000000000/jobs"}), message(here.Regional("sqs", "jobs"), "", nil)},
		{"sqs in base64", with("sqs", object{"queueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/jobs", "useBase64": true}), message(here.Regional("sqs", "jobs"), "eyJuIjoxLjUsInMiOiJ4In0=", nil)},
		{"sns", with("sns", object{"targetArn": here.Regional("sns", "news"), "messageFormat": "RAW"}), message(here.Regional("sns", "news"), "", nil)},
		{"kinesis", with("kinesis", object{"streamName": "clicks", "partitionKey": "${topic()}"}), message(here.Regional("kinesis", "stream/clicks"), "", func(m *delivery.Message) { m.Group = "a/b" })},
		{"table", with("dynamoDBv2", object{"putItem": object{"tableName": "things"}}), message(here.Regional("dynamodb", "table/things"), `{"n":{"N":"1.5"},"s":{"S":"x"}}`, nil)},
		{"bucket", with("s3", object{"bucketName": "kept", "key": "${replace(topic(), '/', '-')}/${s}.json"}), message("arn:aws:s3:::kept", "", func(m *delivery.Message) { m.Key = "a-b/x.json" })},
		{"logs", with("cloudwatchLogs", object{"logGroupName": "group"}), message(here.Regional("logs", "log-group:group:*"), "", nil)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, t.TempDir())
				w.ok(t, "POST", "/rules/r", payload(`SELECT * FROM 'a/+'`, object{"actions": []any{test.action}}))
				w.publish(t, "a/b", `{"n":1.5,"s":"x"}`)
				if diff := cmp.Diff([]delivery.Message{test.want}, w.received()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestErrorAction: what an error action gets, and that what may pass is tried
// again.
func TestErrorAction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		lost := here.Regional("sqs", "lost")
		queue := func(name, as string) object {
			return object{"sqs": object{"queueUrl": "http://127.0.0.1:4566/000000000000/" + name, "roleArn": as}}
		}
		w.inbox.fails[function] = wire.Errorf(403, "AccessDeniedException", "no policy lets iot.amazonaws.com in")
		w.ok(t, "POST", "/rules/r", payload(`SELECT x FROM 'a'`, object{
			"actions":     []any{lambda(), queue("jobs", role), queue("jobs", role+"-other"), queue("forbidden", role)},
			"errorAction": queue("lost", role),
		}))
		w.publish(t, "a", `{"x":1,"y":2}`)
		got := w.received()
		if len(got) != 2 || string(got[0].Body) != `{"x":1}` || got[1].Target != lost {
			t.Fatalf("got %v", got)
		}
		var report struct {
			RuleName, Topic, CloudwatchTraceID, ClientID, Base64OriginalPayload string
			Failures                                                            []struct{ FailedAction, FailedResource, ErrorMessage string }
		}
		if err := json.Unmarshal(got[1].Body, &report); err != nil {
			t.Fatal(err)
		}
		if report.RuleName != "r" || report.Topic != "a" || report.CloudwatchTraceID == "" || report.ClientID != "n/a" || report.Base64OriginalPayload != "eyJ4IjoxLCJ5IjoyfQ==" || len(report.Failures) != 3 {
			t.Errorf("got %+v", report)
		}
		for i, want := range []struct{ action, resource, text string }{
			{"LambdaAction", function, "no policy lets iot.amazonaws.com in"}, {"SqsAction", "http://127.0.0.1:4566/000000000000/jobs", "cannot assume"},
			{"SqsAction", "http://127.0.0.1:4566/000000000000/forbidden", "may not do sqs:SendMessage"},
		} {
			if f := report.Failures[i]; f.FailedAction != want.action || f.FailedResource != want.resource || !strings.Contains(f.ErrorMessage, want.text) || !strings.Contains(f.ErrorMessage, "Message arrived on: a") {
				t.Errorf("got %+v, want %+v", f, want)
			}
		}
		// A failure that may pass is tried again; one of the service does not end.
		w.inbox.fails = map[string]error{function: wire.Errorf(500, "ServiceException", "broken")}
		w.inbox.tries = 0
		w.ok(t, "PATCH", "/rules/r", payload(`SELECT * FROM 'a'`, object{"errorAction": queue("lost", role)}))
		w.publish(t, "a", `{}`)
		time.Sleep(2 * time.Minute)
		if got := w.received(); len(got) != 1 || w.inbox.tries != 5 {
			t.Errorf("got %v after %d deliveries", got, w.inbox.tries)
		}
		// Functions take no binary payload, and what cannot be selected goes nowhere.
		w.inbox.fails = nil
		w.publish(t, "a", "\x00\x01")
		if got := w.received(); len(got) != 1 || !strings.Contains(string(got[0].Body), "takes no binary payload") {
			t.Errorf("got %v", got)
		}
		w.ok(t, "PATCH", "/rules/r", payload(`SELECT *, 1 AS one FROM 'a'`, object{"errorAction": queue("lost", role)}))
		w.publish(t, "a", "\x00\x01")
		if got := w.received(); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
}

// TestRepublish: a rule feeds another one, and a circle ends.
func TestRepublish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		republish := func(topic string) object {
			return object{"republish": object{"topic": topic, "roleArn": role, "qos": 1}}
		}
		w.ok(t, "POST", "/rules/first", payload(`SELECT a FROM 'in/+'`, object{"actions": []any{republish("out/${topic(2)}")}}))
		w.ok(t, "POST", "/rules/second", payload(`SELECT *, topic() AS topic FROM 'out/+'`, object{"actions": []any{lambda(), republish("in/again")}}))
		w.publish(t, "in/x", `{"a":1,"b":2}`)
		if got := w.received(); len(got) != 1 || string(got[0].Body) != `{"a":1,"topic":"out/x"}` {
			t.Errorf("got %v", got)
		}
		w.ok(t, "PATCH", "/rules/first", payload(`SELECT a FROM 'in/+'`, object{"actions": []any{republish("forbidden")}, "errorAction": lambda()}))
		w.publish(t, "in/x", `{"a":1}`)
		if got := w.received(); len(got) != 1 || !strings.Contains(string(got[0].Body), "may not do iot:Publish") {
			t.Errorf("got %v", got)
		}
		w.ok(t, "PATCH", "/rules/first", payload(`SELECT a FROM 'in/+'`, object{"actions": []any{republish("$$aws/rules/second/out/y")}}))
		w.publish(t, "in/x", `{"a":1}`)
		if got := w.received(); len(got) != 1 || string(got[0].Body) != `{"a":1,"topic":"out/y"}` {
			t.Errorf("got %v", got)
		}
	})
}

// TestRules: the API of the rules, and that they are kept.
func TestRules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, dir)
		in := payload(`SELECT * FROM 'a/+'`, object{"description": "Things", "errorAction": lambda()})
		w.ok(t, "POST", "/rules/one", in)
		w.refused(t, "POST", "/rules/one", in, "ResourceAlreadyExistsException", "one")
		w.ok(t, "POST", "/rules/two", object{"sql": "SELECT * FROM 'b'", "actions": []any{}})
		got := w.ok(t, "GET", "/rules/one", nil)
		rule, _ := got["rule"].(object)
		if created, _ := rule["createdAt"].(float64); created == 0 {
			t.Errorf("got %v", rule)
		}
		delete(rule, "createdAt")
		in["ruleName"] = "one"
		if diff := cmp.Diff(object{"ruleArn": here.Regional("iot", "rule/one"), "rule": in}, got); diff != "" {
			t.Error(diff)
		}
		if got := w.ok(t, "GET", "/rules/two", nil)["rule"].(object)["awsIotSqlVersion"]; got != "2015-10-08" {
			t.Errorf("version %v", got)
		}
		for query, want := range map[string]string{"": "one two", "?topic=a/b": "one", "?topic=b": "two", "?topic=c": "", "?ruleDisabled=true": "", "?ruleDisabled=false": "one two", "?maxResults=1": "one", "?nextToken=1": "two"} {
			var names []string
			for _, r := range w.ok(t, "GET", "/rules"+query, nil)["rules"].([]any) {
				names = append(names, r.(object)["ruleName"].(string))
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%s: got %s, want %s", query, got, want)
			}
		}
		resource := "?resourceArn=" + here.Regional("iot", "rule/one")
		w.ok(t, "POST", "/tags", object{"resourceArn": here.Regional("iot", "rule/one"), "tags": []any{object{"Key": "b", "Value": "2"}}})
		w.ok(t, "POST", "/untag", object{"resourceArn": here.Regional("iot", "rule/one"), "tagKeys": []any{"missing"}})
		if diff := cmp.Diff([]any{object{"Key": "b", "Value": "2"}, object{"Key": "team", "Value": "a b"}}, w.ok(t, "GET", "/tags"+resource, nil)["tags"]); diff != "" {
			t.Error(diff)
		}
		w.refused(t, "GET", "/tags?resourceArn=x", nil, "ResourceNotFoundException", "x")
		w.ok(t, "DELETE", "/rules/two", nil)
		for _, call := range [][]string{{"GET", "/rules/two"}, {"DELETE", "/rules/two"}, {"POST", "/rules/two/enable"}, {"POST", "/rules/two/disable"}} {
			w.refused(t, call[0], call[1], nil, "UnauthorizedException", "Access to topic rule 'two' was denied")
		}
		w.refused(t, "PATCH", "/rules/two", without(in), "UnauthorizedException", "two")
		for query, want := range map[string]string{"": "127.0.0.1:4566", "?endpointType=iot:Data-ATS": "127.0.0.1:4566"} {
			if got := w.ok(t, "GET", "/endpoint"+query, nil)["endpointAddress"]; got != want {
				t.Errorf("endpoint %v", got)
			}
		}
		w.refused(t, "GET", "/endpoint?endpointType=iot:Jobs", nil, "InvalidRequestException", "iot:Jobs")
		w.refused(t, "GET", "/things", nil, "UnknownOperationException", "does not model GET /things")
	})
	synctest.Test(t, func(t *testing.T) {
		w := open(t, dir)
		w.publish(t, "a/b", `{"kept":true}`)
		if got := w.received(); len(got) != 1 {
			t.Errorf("got %v", got)
		}
	})
}

func without(in object) object {
	out := object{}
	for name, value := range in {
		if name != "ruleName" {
			out[name] = value
		}
	}
	return out
}

func TestRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		one := func(name string, members object) object { return object{"actions": []any{object{name: members}}} }
		for _, test := range []struct {
			sql        string
			changes    object
			code, text string
		}{
			{"SELECT FROM 'a'", nil, "SqlParseException", "selects nothing, at character 8"},
			{"SELECT upperr(a) AS b FROM 'a'", nil, "SqlParseException", "no function upperr"},
			{"SELECT aws_lambda('x', *) AS b FROM 'a'", nil, "InvalidRequestException", "does not model function aws_lambda"},
			{"SELECT decode(*, 'proto', 'a', 'b', 'c', 'd') AS b FROM 'a'", nil, "InvalidRequestException", "decode of AWS IoT SQL with 6 arguments"},
			{"SELECT upper(a) FROM 'a'", nil, "InvalidRequestException", "without a name"},
			{"SELECT [1] AS a FROM 'a'", object{"awsIotSqlVersion": "2015-10-08"}, "SqlParseException", "2015-10-08"},
			{"SELECT * FROM 'a'", object{"awsIotSqlVersion": "beta"}, "InvalidRequestException", `version "beta"`},
			{"SELECT * FROM 'a'", one("firehose", object{}), "InvalidRequestException", `"firehose"`},
			{"SELECT * FROM 'a'", object{"actions": []any{object{}}}, "InvalidRequestException", "exactly one"},
			{"SELECT * FROM 'a'", one("sqs", object{"queueUrl": "x"}), "InvalidRequestException", "Role arn"},
			{"SELECT * FROM 'a'", one("s3", object{"bucketName": "x", "roleArn": role}), "InvalidRequestException", "no key"},
			{"SELECT * FROM 'a'", one("s3", object{"bucketName": "x", "key": "${", "roleArn": role}), "SqlParseException", "${"},
			{"SELECT * FROM 'a'", one("s3", object{"bucketName": "x", "key": "${time_to_epoch('y', 'y')}", "roleArn": role}), "InvalidRequestException", "time_to_epoch"},
			{"SELECT * FROM 'a'", one("sns", object{"targetArn": "x", "messageFormat": "JSON", "roleArn": role}), "InvalidRequestException", "message format JSON"},
			{"SELECT * FROM 'a'", one("republish", object{"topic": "x", "qos": 2, "roleArn": role}), "InvalidRequestException", "qos"},
		} {
			w.refused(t, "POST", "/rules/r", payload(test.sql, test.changes), test.code, test.text)
		}
		w.refused(t, "POST", "/rules/a-b", payload("SELECT * FROM 'a'", nil), "InvalidRequestException", "ruleName")
	})
}
