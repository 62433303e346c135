// SPDX-License-Identifier: MIT

package iot_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func properties(t *testing.T, text string) map[string]any {
	t.Helper()
	var p map[string]any
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTopicRule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		kind := w.ResourceTypes()["AWS::IoT::TopicRule"]
		request := func(text string) resource.Request {
			return resource.Request{Scope: here, Properties: properties(t, text), Tags: map[string]string{"stack": "s"}, DefaultName: func(int) string { return "stack-Rule-1A2B" }}
		}
		const first = `{"TopicRulePayload":{"Sql":"SELECT * FROM 'a'","AwsIotSqlVersion":"2016-03-23","RuleDisabled":"false","Actions":[{"Lambda":{"FunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:f"}}]},"Tags":[{"Key":"k","Value":"v"}]}`
		made, err := kind.Create(t.Context(), request(first))
		if err != nil {
			t.Fatal(err)
		}
		want := resource.Instance{PhysicalID: "stack_Rule_1A2B", Attributes: map[string]any{"Arn": here.Regional("iot", "rule/stack_Rule_1A2B")}}
		if diff := cmp.Diff(want, made); diff != "" {
			t.Error(diff)
		}
		if _, err := kind.Create(t.Context(), request(first)); err == nil || !strings.Contains(err.Error(), "already exists") {
			t.Errorf("got %v", err)
		}
		if got := w.ok(t, "GET", "/tags?resourceArn="+made.Attributes["Arn"].(string), nil)["tags"].([]any); len(got) != 2 {
			t.Errorf("tags %v", got)
		}
		const second = `{"TopicRulePayload":{"Sql":"SELECT x FROM 'b'","Actions":[{"Sqs":{"QueueUrl":"http://h/000000000000/q","RoleArn":"` + role + `","UseBase64":"true"}},{"DynamoDBv2":{"PutItem":{"TableName":"t"},"RoleArn":"` + role + `"}}],"ErrorAction":{"S3":{"BucketName":"b","Key":"k","RoleArn":"` + role + `"}}}}`
		if _, err := kind.Update(t.Context(), made, request(second)); err != nil {
			t.Fatal(err)
		}
		w.publish(t, "b", `{"x":1}`)
		if got := w.received(); len(got) != 2 || string(got[0].Body) != `{"x":{"N":"1"}}` || string(got[1].Body) != "eyJ4IjoxfQ==" {
			t.Errorf("got %v", got)
		}
		if _, err := kind.Update(t.Context(), made, request(`{"TopicRulePayload":{"Sql":"SELECT","Actions":[]}}`)); err == nil || !strings.Contains(err.Error(), "selects nothing") {
			t.Errorf("got %v", err)
		}
		for range 2 {
			if err := kind.Delete(t.Context(), made, request(first)); err != nil {
				t.Fatal(err)
			}
		}
		w.refused(t, "GET", "/rules/stack_Rule_1A2B", nil, "UnauthorizedException", "")
		if !kind.Replaces(properties(t, `{"RuleName":"a"}`), properties(t, `{"RuleName":"b"}`)) || kind.Replaces(properties(t, first), properties(t, second)) {
			t.Error("only another name makes another rule")
		}
		for text, want := range map[string]string{
			first: "", second: "",
			`{}`:                      "required key [TopicRulePayload]",
			`{"TopicRulePayload":{}}`: "required key [Actions]",
			`{"RuleName":"a-b","TopicRulePayload":{"Sql":"","Actions":[]}}`:                                                                     "pattern",
			`{"TopicRulePayload":{"Sql":"","Actions":[{"Firehose":{}}]}}`:                                                                       "#/TopicRulePayload/Actions/0/Firehose: the embedded AWS does not model",
			`{"TopicRulePayload":{"Sql":"","Actions":[{"Sqs":{"QueueUrl":"x"}}]}}`:                                                              "required key [RoleArn]",
			`{"TopicRulePayload":{"Sql":"","Actions":[],"ErrorAction":{"CloudwatchLogs":{"BatchMode":true,"LogGroupName":"g","RoleArn":"r"}}}}`: "BatchMode: the embedded AWS does not model",
		} {
			if got := strings.Join(kind.Check(properties(t, text)), "\n"); (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("%s: got %q, want %q", text, got, want)
			}
		}
	})
}
