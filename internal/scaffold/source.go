// SPDX-License-Identifier: MIT

package scaffold

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/sparta-up/sparta/internal/gobuild"
)

// source is what seems to call a function, by the type of its event.
type source struct {
	kind     string   // key of an item of events; "": a source that can't be made here
	values   []string // what stands behind the key in each item, as YAML
	remark   string   // what was assumed, or what is missing
	id       string   // logical id of a resource of its own, "" for none
	resource string   // what stands behind the id, as YAML
	rest     bool     // it is a route of a REST API
}

// Resources of the kind that sources have. Their data goes with them: they are
// of a service that is only beginning.
const (
	gone   = "DeletionPolicy: Delete, UpdateReplacePolicy: Delete"
	queue  = "{Type: AWS::SQS::Queue, " + gone + ", Properties: {MessageRetentionPeriod: 1209600}}"
	bucket = "{Type: AWS::S3::Bucket, " + gone + "}"
	topic  = "{Type: AWS::SNS::Topic}"
	stream = "{Type: AWS::Kinesis::Stream, " + gone + ", Properties: {ShardCount: 1, RetentionPeriodHours: 24}}"
	group  = "{Type: AWS::Logs::LogGroup, " + gone + ", Properties: {RetentionInDays: 14}}"
	table  = `
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}`
)

// sourceOf returns what calls a handler that becomes the function: the zero
// source where nothing tells.
func sourceOf(c gobuild.Candidate, function string) source {
	event, aws := strings.CutPrefix(c.Event, eventsPackage+".")
	if !aws || c.Form != gobuild.FormEvent {
		return source{}
	}
	partial := ""
	if strings.Contains(c.Signature, event+"Response") {
		partial = ", partialFailures: true"
	}
	own := func(kind, key, what, resource, options string) source {
		id := pascal(function) + what
		value := id
		if options != "" {
			value = "{" + key + ": " + id + options + "}"
		}
		return source{kind: kind, values: []string{value}, id: id, resource: resource, remark: "assumed: one of its own, under resources"}
	}
	switch event {
	case "SQSEvent":
		return own("sqs", "queue", "Queue", queue, partial)
	case "S3Event":
		return own("s3", "bucket", "Bucket", bucket, "")
	case "SNSEvent":
		return own("sns", "topic", "Topic", topic, "")
	case "KinesisEvent":
		return own("kinesis", "stream", "Stream", stream, partial)
	case "DynamoDBEvent":
		return own("dynamodb", "table", "Table", table, partial)
	case "CloudwatchLogsEvent":
		return own("logs", "group", "Logs", group, "")
	case "CloudWatchEvent", "EventBridgeEvent":
		return source{kind: "schedule", values: []string{"rate(1 hour)"}, remark: "assumed: a schedule; events of a bus take eventBridge: {pattern: ...}"}
	case "SimpleEmailEvent":
		return source{kind: "ses", values: []string{function + "@example.com"}, remark: "put your address; the stack makes its receipt rules the account's active ones"}
	case "APIGatewayProxyRequest":
		return source{kind: "http", values: []string{"ANY /", "ANY /{proxy+}"}, rest: true, remark: "assumed: all routes of a REST API"}
	}
	if service := ruleService(event); service != "" {
		return source{kind: "eventBridge", values: []string{"{pattern: {source: [" + service + "]}}"}, remark: "assumed: all events of the service"}
	}
	return source{remark: missing(event)}
}

// ruleService is the service whose events, which EventBridge sends, have a type
// of their own.
func ruleService(event string) string {
	switch event {
	case "AutoScalingEvent":
		return "aws.autoscaling"
	case "CodeBuildEvent":
		return "aws.codebuild"
	case "CodeDeployEvent":
		return "aws.codedeploy"
	case "CodePipelineCloudWatchEvent":
		return "aws.codepipeline"
	case "ECRImageActionEvent", "ECRScanEvent":
		return "aws.ecr"
	case "ECSContainerInstanceEvent":
		return "aws.ecs"
	}
	return ""
}

// missing says what a source takes that can't be made up, "" where sparta.yaml
// has no source for the event.
func missing(event string) string {
	const start = "nothing calls it yet: "
	switch {
	case event == "ALBTargetGroupRequest":
		return start + "events take alb, with the listener of a load balancer"
	case event == "KinesisTimeWindowEvent":
		return start + "events take kinesis with a tumblingWindow"
	case event == "DynamoDBTimeWindowEvent":
		return start + "events take dynamodb with a tumblingWindow"
	case event == "KafkaEvent":
		return start + "events take msk or kafka, with a cluster"
	case strings.HasPrefix(event, "CognitoEventUserPools"):
		return start + "events take cognito, with a user pool and a trigger"
	case event == "APIGatewayV2CustomAuthorizerV2Request", event == "APIGatewayCustomAuthorizerRequestTypeRequest":
		return start + "name it in api.authorizers"
	}
	return ""
}

// separateRoutes gives each function a route of its own where several would
// take all of them.
func separateRoutes(functions []Function) {
	var rest []*Function
	for i := range functions {
		if functions[i].source.rest {
			rest = append(rest, &functions[i])
		}
	}
	for _, f := range rest {
		if len(rest) > 1 {
			f.source.values = []string{"ANY /" + f.Name}
			f.source.remark = "assumed: a route of a REST API"
		}
	}
}

// assumed is the note about functions whose sources were made up, "" if there
// are none.
func assumed(functions []Function) string {
	var names []string
	for _, f := range functions {
		if f.Source != "" {
			names = append(names, f.Name)
		}
	}
	const few = 3
	switch n := len(names); {
	case n == 0:
		return ""
	case n > few:
		names = append(names[:few], fmt.Sprintf("%d more", n-few))
	}
	return "assumed what calls " + strings.Join(names, ", ") + " from the events that they take: see sparta.yaml"
}

// pascal makes with-space WithSpace, as logical ids have it.
func pascal(name string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '_' }) {
		first := []rune(word)
		first[0] = unicode.ToUpper(first[0])
		b.WriteString(string(first))
	}
	return b.String()
}
