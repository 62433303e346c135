// SPDX-License-Identifier: MIT

package localaws_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// chained is a function behind a queue that a topic fills.
const chained = `{"Resources":{
"Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]},
  "ManagedPolicyArns":["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]}},
"Recorder":{"Type":"AWS::Lambda::Function","Properties":{"Runtime":"provided.al2023","Handler":"recorder","Role":{"Fn::GetAtt":["Role","Arn"]},
  "Timeout":60,"Code":{"S3Bucket":"code","S3Key":"recorder.zip"},"Environment":{"Variables":{"RECORD":"@record@"}},"RecursiveLoop":"Terminate"}},
"Dead":{"Type":"AWS::SQS::Queue"},
"Jobs":{"Type":"AWS::SQS::Queue","Properties":{"VisibilityTimeout":600,"RedrivePolicy":{"deadLetterTargetArn":{"Fn::GetAtt":["Dead","Arn"]},"maxReceiveCount":1}}},
"Mapping":{"Type":"AWS::Lambda::EventSourceMapping","Properties":{"EventSourceArn":{"Fn::GetAtt":["Jobs","Arn"]},"FunctionName":{"Ref":"Recorder"},"BatchSize":1}},
"JobsPolicy":{"Type":"AWS::SQS::QueuePolicy","Properties":{"Queues":[{"Ref":"Jobs"}],"PolicyDocument":{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}]}}},
"Topic":{"Type":"AWS::SNS::Topic"},
"Subscription":{"Type":"AWS::SNS::Subscription","DependsOn":"JobsPolicy","Properties":{"TopicArn":{"Ref":"Topic"},"Protocol":"sqs",
  "Endpoint":{"Fn::GetAtt":["Jobs","Arn"]},"RawMessageDelivery":true}}},
"Outputs":{"Jobs":{"Value":{"Ref":"Jobs"}},"Dead":{"Value":{"Ref":"Dead"}},"Topic":{"Value":{"Ref":"Topic"}}}}`

// The trace header of a request to a queue or a topic goes with the message, so
// that a function is not invoked by its own doing for ever: the message that
// would be its seventeenth event is a dead letter.
func TestLoopThroughQueue(t *testing.T) {
	t.Parallel()
	r := rehearse(t, chained)
	send := func(body, trace string) {
		t.Helper()
		in, err := json.Marshal(map[string]string{"QueueUrl": r.outputs["Jobs"], "MessageBody": body})
		if err != nil {
			t.Fatal(err)
		}
		r.post(t, "sqs", in, "X-Amz-Target", "AmazonSQS.SendMessage", "Content-Type", "application/x-amz-json-1.0", "X-Amzn-Trace-Id", trace)
	}
	var event events.SQSEvent
	const root = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"
	send("first", root)
	r.event(t, &event, "first")
	if got := event.Records[0].Attributes["AWSTraceHeader"]; got != root {
		t.Errorf("trace header of the message: %q", got)
	}
	// What the function would send next carries the lineage that it was given.
	lineage := r.lineage(t)
	spent := strings.Replace(lineage, ":1", ":16", 1)
	if !strings.HasPrefix(lineage, "Lineage=") || spent == lineage {
		t.Fatalf("lineage %q", lineage)
	}
	r.visibleAgain(t, "Jobs")
	send("one too many", root+";"+spent)
	if got := r.letter(t, r.outputs["Dead"]); got != "one too many" {
		t.Errorf("dead letter %q", got)
	}
	body := "Action=Publish&Version=2010-03-31&Message=also+too+many&TopicArn=" + r.outputs["Topic"]
	r.post(t, "sns", []byte(body), "Content-Type", "application/x-www-form-urlencoded", "X-Amzn-Trace-Id", root+";"+spent)
	if got := r.letter(t, r.outputs["Dead"]); got != "also too many" {
		t.Errorf("dead letter %q", got)
	}
	for _, line := range r.events(t) {
		if strings.Contains(line, "too many") {
			t.Errorf("the function ran for %s", line)
		}
	}
}

// lineage returns the field of the trace header that the function had with its
// first event.
func (r *rehearsal) lineage(t *testing.T) string {
	t.Helper()
	for _, trace := range linesOf(t, r.record+".trace") {
		for field := range strings.SplitSeq(trace, ";") {
			if strings.HasPrefix(field, "Lineage=") {
				return field
			}
		}
	}
	return ""
}
