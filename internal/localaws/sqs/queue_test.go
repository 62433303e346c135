// SPDX-License-Identifier: MIT

package sqs_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func TestQueueAttributes(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.queue(t, "dead.fifo", object{"FifoQueue": "true", "RedriveAllowPolicy": `{"redrivePermission":"byQueue","sourceQueueArns":["` + arnOf("q.fifo") + `"]}`})
	url := w.queue(t, "q.fifo", object{"FifoQueue": "true", "RedrivePolicy": `{"deadLetterTargetArn":"` + arnOf("dead.fifo") + `","maxReceiveCount":3}`})
	w.ok(t, "SetQueueAttributes", object{"QueueUrl": url, "Attributes": object{"VisibilityTimeout": "7", "KmsMasterKeyId": "alias/k",
		"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}})
	got := w.ok(t, "GetQueueAttributes", object{"QueueUrl": url, "AttributeNames": []string{"All"}})["Attributes"].(object)
	if got["CreatedTimestamp"] == "" || got["LastModifiedTimestamp"] == "" {
		t.Errorf("got %v", got)
	}
	delete(got, "CreatedTimestamp")
	delete(got, "LastModifiedTimestamp")
	want := object{
		"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesDelayed": "0", "ApproximateNumberOfMessagesNotVisible": "0",
		"ContentBasedDeduplication": "false", "DeduplicationScope": "messageGroup", "DelaySeconds": "0", "FifoQueue": "true",
		"FifoThroughputLimit": "perMessageGroupId", "KmsDataKeyReusePeriodSeconds": "300", "KmsMasterKeyId": "alias/k",
		"MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600", "QueueArn": arnOf("q.fifo"), "ReceiveMessageWaitTimeSeconds": "0",
		"RedrivePolicy":        `{"deadLetterTargetArn":"` + arnOf("dead.fifo") + `","maxReceiveCount":3}`,
		"SqsManagedSseEnabled": "false", "VisibilityTimeout": "7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = w.ok(t, "GetQueueAttributes", object{"QueueUrl": url, "AttributeNames": []string{"QueueArn", "VisibilityTimeout"}})
	if diff := cmp.Diff(object{"Attributes": object{"QueueArn": arnOf("q.fifo"), "VisibilityTimeout": "7"}}, got); diff != "" {
		t.Error(diff)
	}
	w.ok(t, "SetQueueAttributes", object{"QueueUrl": url, "Attributes": object{"RedrivePolicy": ""}})
	if got := w.ok(t, "GetQueueAttributes", object{"QueueUrl": url, "AttributeNames": []string{"RedrivePolicy"}}); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.queue(t, "standard", nil)
	w.queue(t, "closed", object{"RedriveAllowPolicy": `{"redrivePermission":"denyAll"}`})
	redrive := func(target, count string) object {
		return object{"RedrivePolicy": `{"deadLetterTargetArn":"` + target + `","maxReceiveCount":` + count + `}`}
	}
	for _, test := range []struct {
		name       string
		attributes object
		code, text string
	}{
		{"", nil, "MissingParameter", "QueueName"},
		{"a b", nil, "InvalidParameterValue", "alphanumeric"},
		{"a.fifo", nil, "InvalidParameterValue", "alphanumeric"},
		{"a", object{"FifoQueue": "true"}, "InvalidParameterValue", ".fifo suffix"},
		{"a", object{"FifoQueue": "false"}, "InvalidAttributeName", "FifoQueue"},
		{strings.Repeat("a", 81), nil, "InvalidParameterValue", "80"},
		{"a", object{"VisibilityTimeout": "43201"}, "InvalidAttributeValue", "VisibilityTimeout"},
		{"a", object{"DelaySeconds": "x"}, "InvalidAttributeValue", "DelaySeconds"},
		{"a", object{"MaximumMessageSize": "2000000"}, "InvalidAttributeValue", "MaximumMessageSize"},
		{"a", object{"SqsManagedSseEnabled": "yes"}, "InvalidAttributeValue", "SqsManagedSseEnabled"},
		{"a", object{"Colour": "red"}, "InvalidAttributeName", "Unknown Attribute Colour."},
		{"a", object{"Policy": "{"}, "InvalidAttributeValue", "Policy"},
		{"a", object{"ContentBasedDeduplication": "true"}, "InvalidAttributeName", "only when FifoQueue"},
		{"a.fifo", object{"FifoQueue": "true", "DeduplicationScope": "all"}, "InvalidAttributeValue", "DeduplicationScope"},
		{"a.fifo", object{"FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId"}, "InvalidAttributeValue", "only when DeduplicationScope"},
		{"a", redrive(arnOf("missing"), "1"), "InvalidAttributeValue", "Dead letter target does not exist"},
		{"a", redrive("nonsense", "1"), "InvalidAttributeValue", "Dead letter target does not exist"},
		{"a", redrive(arnOf("standard"), "0"), "InvalidAttributeValue", "from 1 to 1000"},
		{"a", redrive(arnOf("closed"), "1"), "InvalidAttributeValue", "RedriveAllowPolicy"},
		{"a", object{"RedrivePolicy": "{}"}, "InvalidAttributeValue", "deadLetterTargetArn"},
		{"a", object{"RedrivePolicy": "["}, "InvalidAttributeValue", "not a valid JSON map"},
		{"a.fifo", object{"FifoQueue": "true", "RedrivePolicy": `{"deadLetterTargetArn":"` + arnOf("standard") + `","maxReceiveCount":1}`}, "InvalidAttributeValue", "same type"},
		{"a", object{"RedriveAllowPolicy": `{"redrivePermission":"byQueue"}`}, "InvalidAttributeValue", "RedriveAllowPolicy"},
		{"standard", object{"DelaySeconds": "3"}, "QueueNameExists", "different value for attribute DelaySeconds"},
	} {
		w.refused(t, "CreateQueue", object{"QueueName": test.name, "Attributes": test.attributes}, test.code, test.text)
	}
	w.queue(t, "standard", object{"DelaySeconds": "0"}) // the same is no error
}

func TestListAndTags(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	var urls []any
	for _, name := range []string{"a1", "a2", "a3", "b1"} {
		urls = append(urls, w.queue(t, name, nil))
	}
	if got := w.ok(t, "ListQueues", object{"QueueNamePrefix": "a"})["QueueUrls"]; !cmp.Equal(got, urls[:3]) {
		t.Errorf("got %v", got)
	}
	page := w.ok(t, "ListQueues", object{"MaxResults": 3})
	rest := w.ok(t, "ListQueues", object{"MaxResults": 3, "NextToken": page["NextToken"]})
	if !cmp.Equal(page["QueueUrls"], urls[:3]) || !cmp.Equal(rest["QueueUrls"], urls[3:]) || rest["NextToken"] != nil {
		t.Errorf("got %v and %v", page, rest)
	}
	w.refused(t, "ListQueues", object{"NextToken": "x"}, "InvalidParameterValue", "token")
	url := urls[0]
	w.ok(t, "TagQueue", object{"QueueUrl": url, "Tags": object{"a": "1", "b": "2"}})
	w.ok(t, "UntagQueue", object{"QueueUrl": url, "TagKeys": []string{"a"}})
	if got := w.ok(t, "ListQueueTags", object{"QueueUrl": url})["Tags"]; !cmp.Equal(got, object{"b": "2"}) {
		t.Errorf("got %v", got)
	}
	if got := w.ok(t, "GetQueueUrl", object{"QueueName": "b1"})["QueueUrl"]; got != urls[3] {
		t.Errorf("got %v", got)
	}
	w.refused(t, "GetQueueUrl", object{"QueueName": "c1"}, "QueueDoesNotExist", "")
}

func TestPurge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		url := w.queue(t, "q", nil)
		w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "x"})
		w.ok(t, "PurgeQueue", object{"QueueUrl": url})
		if n := w.count(t, url); n != "0 0 0" {
			t.Errorf("count %s", n)
		}
		w.refused(t, "PurgeQueue", object{"QueueUrl": url}, "PurgeQueueInProgress", "60 seconds")
		time.Sleep(time.Minute)
		w.ok(t, "PurgeQueue", object{"QueueUrl": url})
	})
}

func TestOtherAccounts(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := w.queue(t, "q", nil)
	send := object{"QueueUrl": url, "MessageBody": "x"}
	if _, failure := w.as(t, "111111111111", "SendMessage", send); !strings.HasPrefix(failure, "AccessDenied: ") {
		t.Errorf("got %q", failure)
	}
	w.ok(t, "SetQueueAttributes", object{"QueueUrl": url, "Attributes": object{
		"Policy": `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sqs:SendMessage","Resource":"*"}]}`}})
	if _, failure := w.as(t, "111111111111", "SendMessage", send); failure != "" {
		t.Errorf("got %q", failure)
	}
}

// Clients of the retired protocol get an answer that they understand, and those
// of the present one the old code beside the new.
func TestProtocols(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action=ListQueues&Version=2012-11-05"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region})
	if rec.Code != 400 || !strings.Contains(rec.Body.String(), "<Code>InvalidAction</Code>") {
		t.Errorf("got %d %s", rec.Code, rec.Body)
	}
	for target, want := range map[string][2]string{
		"AmazonSQS.GetQueueUrl":          {"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue;Sender"},
		"AmazonSQS.StartMessageMoveTask": {"UnknownOperationException", "UnknownOperationException;Sender"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"QueueName":"x"}`))
		r.Header.Set("X-Amz-Target", target)
		rec := httptest.NewRecorder()
		w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region})
		if got := [2]string{rec.Header().Get("X-Amzn-Errortype"), rec.Header().Get("X-Amzn-Query-Error")}; got != want {
			t.Errorf("%s: got %v", target, got)
		}
	}
}

// The command line program of AWS understands what we answer.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.serve(t)
	var made struct {
		QueueURL string `json:"QueueUrl"`
	}
	w.aws(t, &made, "sqs", "create-queue", "--queue-name", "jobs", "--attributes", "VisibilityTimeout=600", "--tags", "team=a")
	w.aws(t, nil, "sqs", "send-message", "--queue-url", made.QueueURL, "--message-body", "hello",
		"--message-attributes", `{"k":{"DataType":"String","StringValue":"v"}}`)
	w.aws(t, nil, "sqs", "send-message-batch", "--queue-url", made.QueueURL, "--entries", "Id=a,MessageBody=one", "Id=b,MessageBody=two")
	var got struct {
		Messages []struct {
			Body, ReceiptHandle string
			Attributes          map[string]string
			MessageAttributes   map[string]struct{ StringValue string }
		}
	}
	w.aws(t, &got, "sqs", "receive-message", "--queue-url", made.QueueURL, "--attribute-names", "All", "--message-attribute-names", "All",
		"--max-number-of-messages", "10", "--wait-time-seconds", "1")
	if len(got.Messages) != 3 || got.Messages[0].Body != "hello" || got.Messages[0].MessageAttributes["k"].StringValue != "v" || got.Messages[0].Attributes["SenderId"] == "" {
		t.Fatalf("got %+v", got)
	}
	w.aws(t, nil, "sqs", "change-message-visibility", "--queue-url", made.QueueURL, "--receipt-handle", got.Messages[0].ReceiptHandle, "--visibility-timeout", "60")
	w.aws(t, nil, "sqs", "delete-message", "--queue-url", made.QueueURL, "--receipt-handle", got.Messages[0].ReceiptHandle)
	var attributes struct{ Attributes map[string]string }
	w.aws(t, &attributes, "sqs", "get-queue-attributes", "--queue-url", made.QueueURL, "--attribute-names", "All")
	if attributes.Attributes["VisibilityTimeout"] != "600" || attributes.Attributes["QueueArn"] != arnOf("jobs") {
		t.Errorf("got %+v", attributes)
	}
	w.aws(t, nil, "sqs", "purge-queue", "--queue-url", made.QueueURL)
	w.aws(t, nil, "sqs", "delete-queue", "--queue-url", made.QueueURL)
}
