// SPDX-License-Identifier: MIT

package localaws_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// field returns a member of what a command prints.
func field(t *testing.T, text, name string) string {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	value, _ := out[name].(string)
	return value
}

// withFunction makes the function "recorder" and returns its ARN and that of its
// role.
func (c cli) withFunction(t *testing.T) (function, role string) {
	t.Helper()
	program := zipOf(t, "recorder")
	if err := os.WriteFile(filepath.Join(c.Dir, "recorder.zip"), program, 0o600); err != nil {
		t.Fatal(err)
	}
	c.write(t, "trust.json", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","scheduler.amazonaws.com"]},"Action":"sts:AssumeRole"}]}`)
	c.must(t, "worker", "iam", "create-role", "--role-name", "worker", "--assume-role-policy-document", "file://trust.json")
	c.must(t, "", "iam", "attach-role-policy", "--role-name", "worker", "--policy-arn", "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole")
	c.must(t, "", "iam", "put-role-policy", "--role-name", "worker", "--policy-name", "schedule", "--policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:`+account+`:function:recorder"}]}`)
	role = "arn:aws:iam::" + account + ":role/worker"
	function = field(t, c.must(t, "recorder", "lambda", "create-function", "--function-name", "recorder", "--runtime", "provided.al2023", "--handler", "recorder",
		"--role", role, "--zip-file", "fileb://recorder.zip", "--environment", "Variables={RECORD="+filepath.Join(c.Dir, "record")+"}"), "FunctionArn")
	return function, role
}

// recorded waits for the function's event with a text.
func (c cli) recorded(t *testing.T, text string) {
	t.Helper()
	r := &rehearsal{record: filepath.Join(c.Dir, "record")}
	var event any
	r.event(t, &event, text)
}

func TestCommandLineQueueToFunction(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.withFunction(t)
	// Version 1 of the command overrides AWS_ENDPOINT_URL for SQS, and for SQS only.
	url := field(t, c.must(t, "QueueUrl", "sqs", "create-queue", "--queue-name", "jobs"), "QueueUrl")
	mapping := field(t, c.must(t, `"State": "Creating"`, "lambda", "create-event-source-mapping", "--function-name", "recorder", "--event-source-arn", "arn:aws:sqs:us-east-1:"+account+":jobs",
		"--batch-size", "3", "--function-response-types", "ReportBatchItemFailures", "--filter-criteria", `{"Filters":[{"Pattern":"{\"body\":[{\"prefix\":\"wanted\"}]}"}]}`), "UUID")
	c.must(t, `"State": "Enabled"`, "lambda", "get-event-source-mapping", "--uuid", mapping)
	c.must(t, mapping, "lambda", "list-event-source-mappings", "--function-name", "recorder")
	c.must(t, "MessageId", "sqs", "send-message", "--queue-url", url, "--message-body", "wanted job")
	c.recorded(t, "wanted job")
	c.must(t, `"State": "Updating"`, "lambda", "update-event-source-mapping", "--uuid", mapping, "--no-enabled", "--batch-size", "5")
	c.must(t, `"State": "Disabled"`, "lambda", "get-event-source-mapping", "--uuid", mapping)
	c.must(t, `"State": "Deleting"`, "lambda", "delete-event-source-mapping", "--uuid", mapping)
	c.mustNot(t, "ResourceNotFoundException", "lambda", "get-event-source-mapping", "--uuid", mapping)
	c.mustNot(t, "Cluster not found", "lambda", "create-event-source-mapping", "--function-name", "recorder",
		"--event-source-arn", "arn:aws:kafka:us-east-1:"+account+":cluster/c/1-1", "--starting-position", "LATEST", "--topics", "t")
	c.mustNot(t, "not valid for SQS event sources", "lambda", "create-event-source-mapping", "--function-name", "recorder",
		"--event-source-arn", "arn:aws:sqs:us-east-1:"+account+":jobs", "--starting-position", "LATEST")
}

func TestCommandLineTopicToFunction(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	function, _ := c.withFunction(t)
	topic := field(t, c.must(t, "TopicArn", "sns", "create-topic", "--name", "news", "--attributes", "DisplayName=News", "--tags", "Key=a,Value=b"), "TopicArn")
	c.must(t, "Sid", "lambda", "add-permission", "--function-name", "recorder", "--statement-id", "s", "--action", "lambda:InvokeFunction", "--principal", "sns.amazonaws.com", "--source-arn", topic)
	sub := field(t, c.must(t, "SubscriptionArn", "sns", "subscribe", "--topic-arn", topic, "--protocol", "lambda", "--notification-endpoint", function, "--return-subscription-arn"), "SubscriptionArn")
	c.must(t, "", "sns", "set-subscription-attributes", "--subscription-arn", sub, "--attribute-name", "FilterPolicy", "--attribute-value", `{"k":["v"]}`)
	c.must(t, `"FilterPolicyScope": "MessageAttributes"`, "sns", "get-subscription-attributes", "--subscription-arn", sub)
	c.must(t, `"DisplayName": "News"`, "sns", "get-topic-attributes", "--topic-arn", topic)
	c.must(t, `"Key": "a"`, "sns", "list-tags-for-resource", "--resource-arn", topic)
	c.must(t, "MessageId", "sns", "publish", "--topic-arn", topic, "--message", "extra extra", "--subject", "Now", "--message-attributes", `{"k":{"DataType":"String","StringValue":"v"}}`)
	c.recorded(t, "extra extra")
	c.must(t, `"Id": "1"`, "sns", "publish-batch", "--topic-arn", topic, "--publish-batch-request-entries", `[{"Id":"1","Message":"second edition","MessageAttributes":{"k":{"DataType":"String","StringValue":"v"}}}]`)
	c.recorded(t, "second edition")
	c.must(t, sub, "sns", "list-subscriptions-by-topic", "--topic-arn", topic)
	c.must(t, "", "sns", "unsubscribe", "--subscription-arn", sub)
	c.must(t, "", "sns", "delete-topic", "--topic-arn", topic)
	c.mustNot(t, "NotFound", "sns", "publish", "--topic-arn", topic, "--message", "x")
}

func TestCommandLineEventsToFunction(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	function, role := c.withFunction(t)
	rule := field(t, c.must(t, "RuleArn", "events", "put-rule", "--name", "orders", "--event-pattern", `{"source":["my.app"]}`), "RuleArn")
	c.must(t, `"FailedEntryCount": 0`, "events", "put-targets", "--rule", "orders", "--targets",
		`[{"Id":"f","Arn":"`+function+`","InputTransformer":{"InputPathsMap":{"n":"$.detail.n"},"InputTemplate":"{\"order\":<n>}"}}]`)
	c.must(t, "Sid", "lambda", "add-permission", "--function-name", "recorder", "--statement-id", "s", "--action", "lambda:InvokeFunction", "--principal", "events.amazonaws.com", "--source-arn", rule)
	c.must(t, `"FailedEntryCount": 0`, "events", "put-events", "--entries", `[{"Source":"my.app","DetailType":"Ordered","Detail":"{\"n\":42}","Time":"2026-11-23T12:00:00Z"}]`)
	c.recorded(t, `{"order":42}`)
	c.must(t, `"Result": true`, "events", "test-event-pattern", "--event-pattern", `{"source":["a"]}`, "--event",
		`{"id":"1","account":"2","source":"a","time":"t","region":"r","resources":[],"detail-type":"d","detail":{}}`)
	c.must(t, `"Name": "orders"`, "events", "list-rules", "--name-prefix", "ord")
	c.must(t, `"ENABLED"`, "events", "describe-rule", "--name", "orders")
	c.must(t, "event-bus/mine", "events", "create-event-bus", "--name", "mine")
	c.must(t, "mine", "events", "list-event-buses")
	c.must(t, `"FailedEntryCount": 0`, "events", "remove-targets", "--rule", "orders", "--ids", "f")
	c.must(t, "", "events", "delete-rule", "--name", "orders")

	c.must(t, "schedule/default/tick", "scheduler", "create-schedule", "--name", "tick", "--schedule-expression", "rate(1 hour)", "--flexible-time-window", "Mode=OFF",
		"--target", `{"Arn":"`+function+`","RoleArn":"`+role+`","Input":"{\"tick\":\"<aws.scheduler.schedule-arn>\"}"}`)
	c.recorded(t, `{"tick":"arn:aws:scheduler:us-east-1:`+account+`:schedule/default/tick"}`)
	c.must(t, "schedule-group/jobs", "scheduler", "create-schedule-group", "--name", "jobs")
	c.must(t, `"State": "ENABLED"`, "scheduler", "get-schedule", "--name", "tick")
	c.must(t, "schedule/default/tick", "scheduler", "update-schedule", "--name", "tick", "--schedule-expression", "at(2040-01-01T00:00:00)", "--schedule-expression-timezone", "Europe/Berlin",
		"--flexible-time-window", "Mode=OFF", "--target", `{"Arn":"`+function+`","RoleArn":"`+role+`"}`)
	if out := c.must(t, "Schedules", "scheduler", "list-schedules", "--group-name", "default"); !strings.Contains(out, "tick") {
		t.Errorf("got %s", out)
	}
	group := "arn:aws:scheduler:us-east-1:" + account + ":schedule-group/jobs"
	c.must(t, "", "scheduler", "tag-resource", "--resource-arn", group, "--tags", "Key=a,Value=b")
	c.must(t, `"Key": "a"`, "scheduler", "list-tags-for-resource", "--resource-arn", group)
	c.must(t, "", "scheduler", "delete-schedule", "--name", "tick")
	c.mustNot(t, "ResourceNotFoundException", "scheduler", "get-schedule", "--name", "tick")
}
