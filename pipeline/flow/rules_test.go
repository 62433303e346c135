// SPDX-License-Identifier: MIT

package flow_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline/stage"
)

const schedulesYAML = `functions:
  timer:
    handler: ./handlers.Timer
    events:
      - schedule: at(2099-01-01T00:00:00)
  input:
    handler: ./handlers.Any
    events:
      - schedule: {rate: at(2099-01-01T00:00:00), timezone: Europe/Berlin, input: {report: daily, queue: !Ref Lost}, group: Group, name: once, deadLetter: Lost}
resources:
  Lost: {Type: AWS::SQS::Queue, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
  Group: {Type: AWS::Scheduler::ScheduleGroup}
`

// TestSourceSchedule: a schedule in a second or two, in its time zone, with the
// scheduler's own event and with one of the user's.
func TestSourceSchedule(t *testing.T) {
	t.Parallel()
	r := record(t, schedulesYAML)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skipf("no time zones here: %v", err)
	}
	before, again := "at(2099-01-01T00:00:00)", "at(2099-01-01T00:00:00)"
	for range 5 { // until an update was quicker than its schedule
		soon := time.Now().Add(2 * time.Second).UTC()
		utc, local := soon.Format("at(2006-01-02T15:04:05)"), soon.In(berlin).Format("at(2006-01-02T15:04:05)")
		r.edit("sparta.yaml", "schedule: "+before, "schedule: "+utc)
		r.edit("sparta.yaml", "rate: "+again, "rate: "+local)
		before, again = utc, local
		r.mustUp(stage.Updated)
		if time.Now().Before(soon.Truncate(time.Second)) {
			break
		}
	}
	var e events.EventBridgeEvent
	r.await("timer", `"Scheduled Event"`, &e)
	if e.Source != "aws.scheduler" || len(e.Resources) != 1 || !strings.Contains(e.Resources[0], ":schedule/default/") {
		t.Errorf("got %+v", e)
	}
	var input map[string]string
	r.await("input", "daily", &input)
	if !strings.HasPrefix(input["queue"], "http") || len(input) != 2 {
		t.Errorf("got %v", input)
	}
}

const rulesYAML = `functions:
  large:
    handler: ./handlers.Timer
    events:
      - eventBridge: {bus: Orders, pattern: {source: [shop], detail: {total: [{numeric: [">", 100]}]}}}
  path:
    handler: ./handlers.Any
    events:
      - eventBridge: {bus: Orders, pattern: {source: [shop]}, inputPath: $.detail}
  made:
    handler: ./handlers.Any
    events:
      - eventBridge: {bus: Orders, pattern: {source: [shop]}, inputTransformer: {paths: {total: $.detail.total}, template: '{"made of": <total>}'}}
      - eventBridge: {bus: Orders, pattern: {source: [off]}, enabled: false}
  failing:
    handler: ./handlers.Any
    retries: 0
    events:
      - eventBridge: {pattern: {source: [shop]}, input: {instead: !Ref Lost}}
  lost: {handler: ./handlers.Job, events: [sqs: Lost]}
resources:
  Orders: {Type: AWS::Events::EventBus, Properties: {Name: orders}}
  Lost: {Type: AWS::SQS::Queue, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
`

// TestSourceRule: patterns on two buses, and the ways to send a part of the
// event or something else.
func TestSourceRule(t *testing.T) {
	t.Parallel()
	r := record(t, rulesYAML)
	put := func(bus, source, detail string) {
		t.Helper()
		out, err := eventbridge.NewFromConfig(r.config()).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{
			{EventBusName: &bus, Source: &source, DetailType: aws.String("Order"), Detail: &detail},
		}})
		if err != nil || out.FailedEntryCount != 0 {
			t.Fatal(out, err)
		}
	}
	put("orders", "off", `{"total":600}`)
	put("orders", "shop", `{"total":5}`)
	put("orders", "shop", `{"total":500}`)
	put("default", "shop", `{"total":700}`)
	var e events.EventBridgeEvent
	r.await("large", `"total":500`, &e)
	if e.Source != "shop" || e.DetailType != "Order" || string(e.Detail) != `{"total":500}` {
		t.Errorf("got %+v", e)
	}
	var detail map[string]any
	r.await("path", `"total":5}`, &detail)
	if len(detail) != 1 {
		t.Errorf("the function gets %v, not the detail alone", detail)
	}
	r.await("made", `"made of":500`, &detail)
	r.await("failing", `"instead":"http`, &detail)
	for _, f := range []string{"large", "path", "made"} {
		if r.noted(f, "700") != nil || r.noted(f, "600") != nil || f == "large" && r.noted(f, `"total":5}`) != nil {
			t.Errorf("%s gets what its rule does not let pass", f)
		}
	}
	r.edit("sparta.yaml", "      - eventBridge: {bus: Orders, pattern: {source: [shop]}, inputPath: $.detail}\n", "      []\n")
	r.mustUp(stage.Updated)
	put("orders", "shop", `{"total":800}`)
	r.await("large", `"total":800`, &e)
	if r.noted("path", "800") != nil {
		t.Error("a rule that was taken away is still there")
	}
}

const logsYAML = `functions:
  talk: {handler: ./handlers.Talk}
  watch:
    handler: ./handlers.Lines
    events:
      - logs: {group: talk, filter: loud}
`

// TestSourceLogs: what one function logs reaches another.
func TestSourceLogs(t *testing.T) {
	t.Parallel()
	r := record(t, logsYAML)
	for _, word := range []string{"quiet", "loud"} {
		if reply := r.invoke("talk", fmt.Sprintf("%q", word+" words")); reply.Error != "" {
			t.Fatal(reply)
		}
	}
	var e events.CloudwatchLogsEvent
	r.await("watch", "awslogs", &e)
	data, err := e.AWSLogs.Parse()
	if err != nil {
		t.Fatal(err)
	}
	if data.LogGroup != "/sparta/Orders/talk" || len(data.LogEvents) != 1 || !strings.Contains(data.LogEvents[0].Message, "loud words") {
		t.Errorf("got %+v", data)
	}
}

// TestSourcesNotModelled: what the embedded AWS does not have fails by name.
func TestSourcesNotModelled(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"AWS::Glue::Database": "[]\nresources: {Books: {Type: AWS::Glue::Database, Properties: {CatalogId: !Ref AWS::AccountId, DatabaseInput: {}}}}",
		"AWS::EC2::Subnet":    "[]\nresources: {Net: {Type: AWS::EC2::Subnet, DeletionPolicy: Delete, UpdateReplacePolicy: Delete, Properties: {VpcId: vpc-0a1b2c3d}}}",
	}
	for kind, events := range tests {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			_, err := newRecording(t, "functions:\n  any:\n    handler: ./handlers.Any\n    events: "+events+"\n").up()
			if err == nil || !strings.Contains(err.Error(), kind) {
				t.Errorf("got %v, want an error about %s", err, kind)
			}
		})
	}
}

const mailsYAML = `functions:
  mail:
    handler: ./handlers.Mail
    permissions: [{allow: "s3:ListBucket", on: !GetAtt Kept.Arn}]
    events:
      - ses: {recipients: info@example.com, storage: {bucket: Kept, prefix: in/}}
  other:
    handler: ./handlers.Mail
    events:
      - ses: other@example.com
resources:
  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: Delete, UpdateReplacePolicy: Delete, Properties: {BucketName: kept-of-a-test}}
`

// TestSourceMail: a mail that is sent reaches the functions of its recipients,
// and is kept before. Without the stack no rule set is active.
func TestSourceMail(t *testing.T) {
	t.Parallel()
	r := record(t, mailsYAML)
	api := ses.NewFromConfig(r.config())
	send := func(to ...string) {
		t.Helper()
		_, err := api.SendEmail(t.Context(), &ses.SendEmailInput{
			Source: aws.String("ada@example.org"), Destination: &sestypes.Destination{ToAddresses: to},
			Message: &sestypes.Message{Subject: &sestypes.Content{Data: aws.String("Hello")}, Body: &sestypes.Body{Text: &sestypes.Content{Data: aws.String("the body")}}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	send("info@example.com")
	send("other@example.com")
	var e events.SimpleEmailEvent
	r.await("other", "other@example.com", &e)
	r.await("mail", "info@example.com", &e)
	got := e.Records[0].SES
	if got.Mail.CommonHeaders.Subject != "Hello" || got.Mail.Source != "ada@example.org" || r.noted("mail", "other@example.com") != nil {
		t.Errorf("got %+v", got.Mail)
	}
	object, err := r.clients().S3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("kept-of-a-test"), Key: aws.String("in/" + got.Mail.MessageID)})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Body.Close()
	if body, err := io.ReadAll(object.Body); err != nil || !strings.Contains(string(body), "the body") {
		t.Errorf("kept: %s, %v", body, err)
	}
	r.edit("sparta.yaml", "      - ses: other@example.com\n", "      []\n")
	r.mustUp(stage.Updated)
	active := func() string {
		out, err := api.DescribeActiveReceiptRuleSet(t.Context(), &ses.DescribeActiveReceiptRuleSetInput{})
		if err != nil {
			t.Fatal(err)
		}
		if out.Metadata == nil {
			return ""
		}
		return fmt.Sprintf("%d rules", len(out.Rules))
	}
	if got := active(); got != "1 rules" {
		t.Errorf("active: %q", got)
	}
	if _, err := r.clients().S3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("kept-of-a-test"), Key: aws.String("in/" + got.Mail.MessageID)}); err != nil {
		t.Fatal(err)
	}
	r.takeDown()
	if got := active(); got != "" {
		t.Errorf("still active: %q", got)
	}
}

// TestSourceMailForeignRuleSet: another rule set that is active stays so until
// sparta.yaml says otherwise, and the error says where and how.
func TestSourceMailForeignRuleSet(t *testing.T) {
	t.Parallel()
	r := newRecording(t, "functions:\n  mail:\n    handler: ./handlers.Mail\n    events:\n      - ses: info@example.com\n")
	api := ses.NewFromConfig(r.config())
	theirs := aws.String("theirs")
	if _, err := api.CreateReceiptRuleSet(t.Context(), &ses.CreateReceiptRuleSetInput{RuleSetName: theirs}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.SetActiveReceiptRuleSet(t.Context(), &ses.SetActiveReceiptRuleSetInput{RuleSetName: theirs}); err != nil {
		t.Fatal(err)
	}
	active := func() string {
		out, err := api.DescribeActiveReceiptRuleSet(t.Context(), &ses.DescribeActiveReceiptRuleSetInput{})
		if err != nil || out.Metadata == nil {
			t.Fatal(out, err)
		}
		return *out.Metadata.Name
	}
	_, err := r.up()
	found, ok := errors.AsType[*diag.Fault](err)
	if !ok || active() != "theirs" {
		t.Fatalf("got %v, active %s", err, active())
	}
	if p := found.Problems[0]; !strings.Contains(p.Source, "ses: info@example.com") || !strings.Contains(p.Message, `"theirs" is active`) || !strings.Contains(p.Hint, "replaceActive: true") {
		t.Errorf("got %v at %q, hint %q", p, p.Source, p.Hint)
	}
	r.edit("sparta.yaml", "ses: info@example.com", "ses: {recipients: info@example.com, replaceActive: true}")
	r.mustUp(stage.Created)
	if got := active(); !strings.HasPrefix(got, "Orders-") {
		t.Errorf("active: %s", got)
	}
}
