// SPDX-License-Identifier: MIT

package localaws_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// loopTemplate has a function that subscribes to its own log group.
const loopTemplate = `{"Resources":{
	"Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]},
		"Policies":[{"PolicyName":"log","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":{"Fn::GetAtt":["Group","Arn"]}}]}}]}},
	"Group":{"Type":"AWS::Logs::LogGroup","Properties":{"LogGroupName":"/aws/lambda/loop"}},
	"F":{"Type":"AWS::Lambda::Function","DependsOn":"Group","Properties":{"FunctionName":"loop","Runtime":"provided.al2023","Handler":"recorder","Role":{"Fn::GetAtt":["Role","Arn"]},"Timeout":20,
		"Environment":{"Variables":{"RECORD":"@record@"}},"Code":{"S3Bucket":"code","S3Key":"recorder.zip"}}},
	"Allow":{"Type":"AWS::Lambda::Permission","Properties":{"FunctionName":{"Ref":"F"},"Action":"lambda:InvokeFunction","Principal":"logs.amazonaws.com","SourceArn":{"Fn::GetAtt":["Group","Arn"]}}},
	"Filter":{"Type":"AWS::Logs::SubscriptionFilter","DependsOn":"Allow","Properties":{"LogGroupName":{"Ref":"Group"},"FilterPattern":"","DestinationArn":{"Fn::GetAtt":["F","Arn"]}}}}}`

// The log events of a function's invocation reach the function itself, but those
// that this makes it log do not: it is not invoked for ever.
func TestLogSubscription(t *testing.T) {
	t.Parallel()
	r := rehearse(t, loopTemplate)
	client := lambda.NewFromConfig(config(r.endpoint))
	for n := 1; n <= 3; n++ {
		if _, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("loop"), Payload: []byte(`{"first":true}`)}); err != nil {
			t.Fatal(err)
		}
		reports := 0
		r.await(t, "the report of the invocation", func() bool {
			reports = strings.Count(r.forwarded(t), "REPORT RequestId: ")
			return reports >= n
		})
		if reports > n { // those that the log events before led to
			t.Fatalf("%d reports of %d invocations:\n%s", reports, n, r.forwarded(t))
		}
	}
}

// forwarded returns the log events that reached the functions.
func (r *rehearsal) forwarded(t *testing.T) string {
	var text strings.Builder
	for _, line := range r.events(t) {
		var event events.CloudwatchLogsEvent
		if json.Unmarshal([]byte(line), &event) != nil || event.AWSLogs.Data == "" {
			continue
		}
		data, err := event.AWSLogs.Parse()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range data.LogEvents {
			text.WriteString(e.Message)
		}
	}
	return text.String()
}

func TestCommandLineLogsToFunction(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	function, _ := c.withFunction(t)
	c.must(t, "", "logs", "create-log-group", "--log-group-name", "app")
	c.must(t, "", "logs", "create-log-stream", "--log-group-name", "app", "--log-stream-name", "s")
	put := []string{"logs", "put-subscription-filter", "--log-group-name", "app", "--filter-name", "errors", "--filter-pattern", `{ $.level = "ERROR" }`, "--destination-arn", function}
	c.mustNot(t, "Could not execute the lambda function", put...)
	c.must(t, "Sid", "lambda", "add-permission", "--function-name", "recorder", "--statement-id", "s", "--action", "lambda:InvokeFunction",
		"--principal", "logs.amazonaws.com", "--source-arn", "arn:aws:logs:us-east-1:"+account+":log-group:app:*")
	c.must(t, "", put...)
	c.must(t, `"filterPattern": "{ $.level = \"ERROR\" }"`, "logs", "describe-subscription-filters", "--log-group-name", "app")
	c.write(t, "events.json", `[{"timestamp":`+strconv.FormatInt(time.Now().UnixMilli(), 10)+`,"message":"{\"level\":\"ERROR\"}"}]`)
	c.must(t, "", "logs", "put-log-events", "--log-group-name", "app", "--log-stream-name", "s", "--log-events", "file://events.json")
	c.recorded(t, `{"awslogs":{"data":"`)
	c.must(t, "", "logs", "delete-subscription-filter", "--log-group-name", "app", "--filter-name", "errors")
}
