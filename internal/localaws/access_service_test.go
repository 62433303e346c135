// SPDX-License-Identifier: MIT

package localaws_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws"
)

func arnOf(service, resource string) string {
	return "arn:aws:" + service + ":us-east-1:" + account + ":" + resource
}

// until waits until it is so.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s has not come about", what)
		}
	}
}

func message(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorMessage()
	}
	return ""
}

// queue makes a queue and returns what calls the JSON APIs, and its URL.
func (r *restricted) queue(t *testing.T, name string) (*rehearsal, string) {
	t.Helper()
	api := &rehearsal{endpoint: r.endpoint}
	url, _ := api.json(t, "sqs", "AmazonSQS.CreateQueue", map[string]any{"QueueName": name, "Attributes": map[string]string{"VisibilityTimeout": "60"}})["QueueUrl"].(string)
	return api, url
}

// A mapping needs the role's permission when it is made, and later for each
// batch.
func TestMappingIsRestricted(t *testing.T) {
	t.Parallel()
	r := restrict(t)
	api, url := r.queue(t, "jobs")
	create := func() (*lambda.CreateEventSourceMappingOutput, error) {
		return r.lambda.CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{FunctionName: aws.String("caller"), EventSourceArn: aws.String(arnOf("sqs", "jobs"))})
	}
	for _, test := range []struct{ granted, missing string }{
		{`"sqs:SendMessage"`, "ReceiveMessage"}, {`"sqs:ReceiveMessage"`, "DeleteMessage"}, {`["sqs:ReceiveMessage","sqs:DeleteMessage"]`, "GetQueueAttributes"},
	} {
		r.grant(t, `{"Effect":"Allow","Action":`+test.granted+`,"Resource":"`+arnOf("sqs", "jobs")+`"}`)
		if _, err := create(); message(err) != "The function execution role does not have permissions to call "+test.missing+" on SQS" {
			t.Errorf("%s only: got %v", test.granted, err)
		}
	}
	r.grant(t, `{"Effect":"Allow","Action":"sqs:*","Resource":"`+arnOf("sqs", "jobs")+`"}`)
	mapping, err := create()
	if err != nil {
		t.Fatal(err)
	}
	result := func() string {
		out, err := r.lambda.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: mapping.UUID})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(out.LastProcessingResult)
	}
	api.json(t, "sqs", "AmazonSQS.SendMessage", map[string]any{"QueueUrl": url, "MessageBody": "{}"})
	until(t, "the first batch", func() bool { return result() == "OK" })
	// The function handles the batch, but the role may no longer delete it.
	r.grant(t, `{"Effect":"Allow","Action":"sqs:ReceiveMessage","Resource":"*"},{"Effect":"Deny","Action":"sqs:DeleteMessage","Resource":"*"}`)
	api.json(t, "sqs", "AmazonSQS.SendMessage", map[string]any{"QueueUrl": url, "MessageBody": "{}"})
	problem := "PROBLEM: User: arn:aws:sts::" + account + ":assumed-role/worker/awslambda is not authorized to perform: "
	until(t, "the denial of deletion", func() bool {
		return result() == problem+"sqs:DeleteMessage on resource: "+arnOf("sqs", "jobs")+" with an explicit deny in an identity-based policy"
	})
	r.grant(t, `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}`)
	api.json(t, "sqs", "AmazonSQS.SendMessage", map[string]any{"QueueUrl": url, "MessageBody": "{}"}) // ends the poll under way
	until(t, "the denial of receipt", func() bool {
		return strings.HasPrefix(result(), problem+"sqs:ReceiveMessage on resource: "+arnOf("sqs", "jobs")+" because no identity-based policy")
	})
}

// A bucket of failures needs a role that may write anywhere in it and list it.
func TestFailureBucketIsRestricted(t *testing.T) {
	t.Parallel()
	r := restrict(t)
	r.bucket(t, "failures")
	target := "arn:aws:s3:::failures"
	name := func() error {
		_, err := r.lambda.PutFunctionEventInvokeConfig(t.Context(), &lambda.PutFunctionEventInvokeConfigInput{
			FunctionName: aws.String("caller"), MaximumRetryAttempts: aws.Int32(0),
			DestinationConfig: &lambdatypes.DestinationConfig{OnFailure: &lambdatypes.OnFailure{Destination: &target}},
		})
		return err
	}
	const folder = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::failures/aws/lambda/*"}`
	const write = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::failures/*"}`
	const list = `{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::failures"}`
	for _, test := range []struct{ granted, missing string }{{list, "PutObject"}, {folder + "," + list, "PutObject"}, {write, "ListBucket"}} {
		r.grant(t, test.granted)
		if want := "The function's execution role does not have permissions to call " + test.missing + " on " + target; message(name()) != want {
			t.Errorf("%s: got %v, want %s", test.granted, name(), want)
		}
	}
	r.grant(t, write+","+list)
	if err := name(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("caller"), InvocationType: "Event", Payload: []byte(`"no call"`)}); err != nil {
		t.Fatal(err)
	}
	until(t, "the failure", func() bool {
		out, err := r.s3.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("failures"), Prefix: aws.String("aws/lambda/async/caller/")})
		return err == nil && len(out.Contents) == 1
	})
}

// Without the right to write its log a function has none, as on AWS, and the
// user is told why.
func TestLogIsRestricted(t *testing.T) {
	t.Parallel()
	program := zipOf(t, "caller")
	notices := make(chan string, 100)
	c, err := localaws.Open(t.Context(), localaws.Options{Dir: t.TempDir(), Account: account, Log: zerolog.Nop(), Notice: func(text string) { notices <- text }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeCloud(t, c) })
	r := &restricted{endpoint: c.Endpoint(), iam: iam.NewFromConfig(config(c.Endpoint())), lambda: lambda.NewFromConfig(config(c.Endpoint())), s3: s3Client(c.Endpoint())}
	r.make(t, program)
	journal := cloudwatchlogs.NewFromConfig(config(r.endpoint))
	group := "/aws/lambda/caller"
	lines := func() int {
		out, err := journal.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
		if err != nil {
			return -1
		}
		return len(out.Events)
	}
	check := func(what string, want func(n int) bool) {
		t.Helper()
		if got := r.call(t, "GetCallerIdentity", "", "", ""); got.Gave != sessionARN {
			t.Errorf("%s: got %+v", what, got)
		}
		if n := lines(); !want(n) {
			t.Errorf("%s: the log has %d lines (-1: there is none)", what, n)
		}
	}
	check("no right", func(n int) bool { return n == -1 })
	want := "function caller has no log: User: " + sessionARN + " is not authorized to perform: logs:CreateLogGroup on resource: " + arnOf("logs", "log-group:/aws/lambda/caller:log-stream:")
	if got := <-notices; !strings.HasPrefix(got, want) && !strings.Contains(got, "node is not installed") {
		t.Errorf("got the notice %q, want %q", got, want)
	}
	r.grant(t, `{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"`+arnOf("logs", "log-group:/aws/lambda/caller:*")+`"}`)
	check("no right to make the group", func(n int) bool { return n == -1 })
	if _, err := journal.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group}); err != nil {
		t.Fatal(err)
	}
	check("the group is there", func(n int) bool { return n >= 3 })
	if _, err := journal.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &group}); err != nil {
		t.Fatal(err)
	}
	r.grant(t, `{"Effect":"Allow","Action":"logs:*","Resource":"*"}`)
	check("all rights", func(n int) bool { return n >= 3 })
}

// What Lambda, the Scheduler and EventBridge send with a role, the role has to
// allow.
func TestSendingIsRestricted(t *testing.T) {
	t.Parallel()
	r := restrict(t)
	api, results := r.queue(t, "results")
	_, letters := r.queue(t, "letters")
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["scheduler.amazonaws.com","events.amazonaws.com"]},"Action":"sts:AssumeRole"}]}`
	for _, name := range []string{"clock", "rule"} {
		if _, err := r.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}); err != nil {
			t.Fatal(err)
		}
	}
	put := func(role, statement string) {
		t.Helper()
		if _, err := r.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &role, PolicyName: aws.String("p"), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":` + statement + `}`)}); err != nil {
			t.Fatal(err)
		}
	}
	destination := &lambda.PutFunctionEventInvokeConfigInput{FunctionName: aws.String("caller"), DestinationConfig: &lambdatypes.DestinationConfig{
		OnSuccess: &lambdatypes.OnSuccess{Destination: aws.String(arnOf("sqs", "results"))},
	}}
	_, err := r.lambda.PutFunctionEventInvokeConfig(t.Context(), destination)
	if want := "The function's execution role does not have permissions to call SendMessage on " + arnOf("sqs", "results"); message(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = r.lambda.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: aws.String("caller"), DeadLetterConfig: &lambdatypes.DeadLetterConfig{TargetArn: aws.String(arnOf("sqs", "letters"))}})
	if want := "The provided execution role does not have permissions to call SendMessage on SQS"; message(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	r.grant(t, `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"`+arnOf("sqs", "results")+`"}`)
	if _, err := r.lambda.PutFunctionEventInvokeConfig(t.Context(), destination); err != nil {
		t.Fatal(err)
	}
	if _, err := r.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("caller"), InvocationType: "Event", Payload: []byte(`{"Call":"GetCallerIdentity"}`)}); err != nil {
		t.Fatal(err)
	}
	if got := api.letter(t, results); !strings.Contains(got, sessionARN) {
		t.Errorf("got %s", got)
	}

	// The Scheduler may send the dead letter, but not call the function.
	put("clock", `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"`+arnOf("sqs", "letters")+`"}`)
	api.endpoint = r.endpoint
	r.schedule(t, "tick")
	letter := api.message(t, letters)
	if want := "User: arn:aws:sts::" + account + ":assumed-role/clock/tick is not authorized to perform: lambda:InvokeFunction on resource: " + arnOf("lambda", "function:caller"); !strings.Contains(letter, want) {
		t.Errorf("got %s, want %s", letter, want)
	}

	// A rule whose target has a role: the queue's policy would not let it in.
	api.json(t, "events", "AWSEvents.PutRule", map[string]any{"Name": "r", "EventPattern": `{"source":["x"]}`})
	send := func() {
		api.json(t, "events", "AWSEvents.PutEvents", map[string]any{"Entries": []any{map[string]any{"Source": "x", "DetailType": "d", "Detail": `{}`}}})
	}
	queuePolicy := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}}`
	api.json(t, "sqs", "AmazonSQS.SetQueueAttributes", map[string]any{"QueueUrl": letters, "Attributes": map[string]string{"Policy": queuePolicy}})
	api.json(t, "events", "AWSEvents.PutTargets", map[string]any{"Rule": "r", "Targets": []any{map[string]any{
		"Id": "q", "Arn": arnOf("sqs", "results"), "RoleArn": "arn:aws:iam::" + account + ":role/rule", "DeadLetterConfig": map[string]any{"Arn": arnOf("sqs", "letters")},
	}}})
	send()
	if letter := api.message(t, letters); !strings.Contains(letter, "NO_PERMISSIONS") || !strings.Contains(letter, "sqs:SendMessage") {
		t.Errorf("got %s", letter)
	}
	put("rule", `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}`)
	send()
	if got := api.letter(t, results); !strings.Contains(got, `"source":"x"`) {
		t.Errorf("got %s", got)
	}
}

// schedule makes a schedule that calls the function at once, as the role
// "clock", with the dead-letter queue "letters".
func (r *restricted) schedule(t *testing.T, name string) {
	t.Helper()
	r.rest(t, "scheduler", "/schedules/"+name, map[string]any{
		"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": map[string]any{"Mode": "OFF"}, "ClientToken": "x",
		"Target": map[string]any{
			"Arn": arnOf("lambda", "function:caller"), "RoleArn": "arn:aws:iam::" + account + ":role/clock",
			"DeadLetterConfig": map[string]any{"Arn": arnOf("sqs", "letters")}, "RetryPolicy": map[string]any{"MaximumRetryAttempts": 0},
		},
	})
}

// message waits for a message in a queue and returns its attributes as text.
func (r *rehearsal) message(t *testing.T, queue string) string {
	t.Helper()
	list, _ := r.json(t, "sqs", "AmazonSQS.ReceiveMessage", map[string]any{"QueueUrl": queue, "WaitTimeSeconds": 20, "MessageAttributeNames": []string{"All"}})["Messages"].([]any)
	if len(list) != 1 {
		t.Fatalf("%s has no message", queue)
	}
	attributes, _ := list[0].(map[string]any)["MessageAttributes"].(map[string]any)
	var texts []string
	for _, value := range attributes {
		text, _ := value.(map[string]any)["StringValue"].(string)
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return strings.Join(texts, "\n")
}

// Streams say what the role needs all at once.
func TestStreamMappingIsRestricted(t *testing.T) {
	t.Parallel()
	r := restrict(t)
	api := &rehearsal{endpoint: r.endpoint}
	api.post(t, "kinesis", []byte(`{"StreamName":"orders","ShardCount":1}`), "X-Amz-Target", "Kinesis_20131202.CreateStream", "Content-Type", "application/x-amz-json-1.1")
	source := arnOf("kinesis", "stream/orders")
	create := func() (*lambda.CreateEventSourceMappingOutput, error) {
		return r.lambda.CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{FunctionName: aws.String("caller"), EventSourceArn: &source, StartingPosition: "TRIM_HORIZON"})
	}
	r.grant(t, `{"Effect":"Allow","Action":["kinesis:GetRecords","kinesis:DescribeStream","kinesis:ListShards"],"Resource":"`+source+`"}`)
	_, err := create()
	if want := "Cannot access stream " + source + ". Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM."; message(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	r.grant(t, `{"Effect":"Allow","Action":["kinesis:Get*","kinesis:DescribeStream","kinesis:ListShards"],"Resource":"`+source+`"}`)
	mapping, err := create()
	if err != nil {
		t.Fatal(err)
	}
	put := func() {
		api.json(t, "kinesis", "Kinesis_20131202.PutRecord", map[string]any{"StreamName": "orders", "PartitionKey": "k", "Data": "e30="})
	}
	result := func() string {
		out, err := r.lambda.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: mapping.UUID})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(out.LastProcessingResult)
	}
	put()
	until(t, "the first record", func() bool { return result() == "OK" })
	r.grant(t, `{"Effect":"Allow","Action":"kinesis:DescribeStream","Resource":"`+source+`"}`)
	put() // ends the poll under way
	until(t, "the denial", func() bool {
		return strings.HasPrefix(result(), "PROBLEM: User: arn:aws:sts::"+account+":assumed-role/worker/awslambda is not authorized to perform: kinesis:GetRecords on resource: "+source)
	})
}
