// SPDX-License-Identifier: MIT

package sqs_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// attributesMD5 is what moto computes for the attributes below.
const attributesMD5 = "409489b7d1b7324330cf9434d71b0ce4"

func TestSendAndReceive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		url := w.queue(t, "q", nil)
		sent := w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "hello",
			"MessageAttributes": object{
				"city": object{"DataType": "String", "StringValue": "Zürich"}, "n": object{"DataType": "Number.int", "StringValue": "42"},
				"blob": object{"DataType": "Binary", "BinaryValue": "AAE="},
			},
			"MessageSystemAttributes": object{"AWSTraceHeader": object{"DataType": "String", "StringValue": "Root=1"}},
		})
		if sent["MD5OfMessageBody"] != "5d41402abc4b2a76b9719d911017c592" || sent["MD5OfMessageAttributes"] != attributesMD5 || sent["MessageId"] == "" {
			t.Errorf("sent %v", sent)
		}
		time.Sleep(3 * time.Second)
		list := w.messages(t, url, nil)
		if len(list) != 1 {
			t.Fatalf("got %d messages", len(list))
		}
		got := list[0]
		if got["MD5OfMessageAttributes"] != attributesMD5 || got["MessageId"] != sent["MessageId"] || got["Body"] != "hello" {
			t.Errorf("got %v", got)
		}
		want := object{"SenderId": "AIDALOCALLOCALLOCALLO", "SentTimestamp": "946684800000", "ApproximateReceiveCount": "1",
			"ApproximateFirstReceiveTimestamp": "946684803000", "AWSTraceHeader": "Root=1"}
		if diff := cmp.Diff(want, got["Attributes"]); diff != "" {
			t.Error(diff)
		}
		wantAttributes := object{"city": object{"DataType": "String", "StringValue": "Zürich"},
			"n": object{"DataType": "Number.int", "StringValue": "42"}, "blob": object{"DataType": "Binary", "BinaryValue": "AAE="}}
		if diff := cmp.Diff(wantAttributes, got["MessageAttributes"]); diff != "" {
			t.Error(diff)
		}
		if n := w.count(t, url); n != "0 1 0" {
			t.Errorf("count %s", n)
		}
		w.ok(t, "DeleteMessage", object{"QueueUrl": url, "ReceiptHandle": got["ReceiptHandle"]})
		w.ok(t, "DeleteMessage", object{"QueueUrl": url, "ReceiptHandle": got["ReceiptHandle"]}) // once more is no error
		if n := w.count(t, url); n != "0 0 0" {
			t.Errorf("count %s", n)
		}
	})
}

func TestAttributesAskedFor(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := w.queue(t, "q", object{"VisibilityTimeout": "0"})
	w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "x", "MessageAttributes": object{
		"a.one": object{"DataType": "String", "StringValue": "1"}, "a.two": object{"DataType": "String", "StringValue": "2"}, "b": object{"DataType": "String", "StringValue": "3"}}})
	for _, test := range []struct {
		names []string
		want  int
	}{{nil, 0}, {[]string{"b"}, 1}, {[]string{"a.*"}, 2}, {[]string{".*"}, 3}, {[]string{"All"}, 3}, {[]string{"c"}, 0}} {
		got := w.messages(t, url, object{"MessageAttributeNames": test.names, "MessageSystemAttributeNames": []string{"SenderId"}, "AttributeNames": []string{"SentTimestamp"}})[0]
		attributes, _ := got["MessageAttributes"].(object)
		_, digested := got["MD5OfMessageAttributes"]
		if len(attributes) != test.want || digested != (test.want > 0) || len(got["Attributes"].(object)) != 2 {
			t.Errorf("%v: got %v", test.names, got)
		}
	}
}

func TestVisibility(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		url := w.queue(t, "q", object{"VisibilityTimeout": "10"})
		w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "x"})
		first := w.messages(t, url, nil)[0]
		time.Sleep(9 * time.Second)
		if got := w.messages(t, url, nil); got != nil {
			t.Errorf("visible too early: %v", got)
		}
		time.Sleep(time.Second)
		second := w.messages(t, url, object{"VisibilityTimeout": 100})[0]
		if second["Attributes"].(object)["ApproximateReceiveCount"] != "2" {
			t.Errorf("got %v", second)
		}
		// The handle of the first receipt has lost its force, without an error.
		w.ok(t, "DeleteMessage", object{"QueueUrl": url, "ReceiptHandle": first["ReceiptHandle"]})
		w.refused(t, "ChangeMessageVisibility", object{"QueueUrl": url, "ReceiptHandle": first["ReceiptHandle"], "VisibilityTimeout": 0}, "MessageNotInflight", "")
		w.ok(t, "ChangeMessageVisibility", object{"QueueUrl": url, "ReceiptHandle": second["ReceiptHandle"], "VisibilityTimeout": 0})
		third := w.messages(t, url, nil)[0]
		w.refused(t, "ChangeMessageVisibility", object{"QueueUrl": url, "ReceiptHandle": third["ReceiptHandle"], "VisibilityTimeout": 43200}, "InvalidParameterValue", "beyond the limit")
		w.ok(t, "DeleteMessage", object{"QueueUrl": url, "ReceiptHandle": third["ReceiptHandle"]})
		w.refused(t, "ChangeMessageVisibility", object{"QueueUrl": url, "ReceiptHandle": third["ReceiptHandle"], "VisibilityTimeout": 1}, "InvalidParameterValue", "does not exist")
	})
}

func TestDelayAndRetention(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		url := w.queue(t, "q", object{"DelaySeconds": "5", "MessageRetentionPeriod": "60"})
		w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "a"})
		w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "b", "DelaySeconds": 0})
		if n := w.count(t, url); n != "1 0 1" {
			t.Errorf("count %s", n)
		}
		if got := bodies(w.messages(t, url, object{"VisibilityTimeout": 0})); got != "b" {
			t.Errorf("got %s", got)
		}
		time.Sleep(5 * time.Second)
		if got := bodies(w.messages(t, url, object{"VisibilityTimeout": 0})); got != "ab" {
			t.Errorf("got %s", got)
		}
		time.Sleep(56 * time.Second)
		if n := w.count(t, url); n != "0 0 0" {
			t.Errorf("count %s", n)
		}
	})
}

func TestLongPolling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		url := w.queue(t, "q", object{"ReceiveMessageWaitTimeSeconds": "20"})
		began := time.Now()
		if got := w.messages(t, url, nil); got != nil || time.Since(began) != 20*time.Second {
			t.Errorf("got %v after %v", got, time.Since(began))
		}
		time.AfterFunc(7*time.Second, func() { w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "x"}) })
		began = time.Now()
		if got := w.messages(t, url, nil); len(got) != 1 || time.Since(began) != 7*time.Second {
			t.Errorf("got %v after %v", got, time.Since(began))
		}
		// A message that becomes visible ends the wait, too.
		w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "y", "DelaySeconds": 3})
		began = time.Now()
		if got := w.messages(t, url, object{"WaitTimeSeconds": 4}); bodies(got) != "y" || time.Since(began) != 3*time.Second {
			t.Errorf("got %v after %v", got, time.Since(began))
		}
		// It is hidden as the queue says when it is taken, not when the wait began.
		quick := w.queue(t, "quick", object{"VisibilityTimeout": "600"})
		time.AfterFunc(time.Second, func() {
			w.ok(t, "SetQueueAttributes", object{"QueueUrl": quick, "Attributes": object{"VisibilityTimeout": "2"}})
			w.ok(t, "SendMessage", object{"QueueUrl": quick, "MessageBody": "z"})
		})
		began = time.Now()
		for range 2 {
			if got := w.messages(t, quick, object{"WaitTimeSeconds": 10}); bodies(got) != "z" {
				t.Errorf("got %v after %v", got, time.Since(began))
			}
		}
		if time.Since(began) != 3*time.Second {
			t.Errorf("visible again after %v", time.Since(began))
		}
		began = time.Now()
		if got := w.messages(t, url, object{"WaitTimeSeconds": 0}); got != nil || time.Since(began) != 0 {
			t.Errorf("got %v after %v", got, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		if got, err := w.Receive(ctx, arnOf("q"), 10, time.Minute); len(got) != 0 || err != nil || time.Since(began) != time.Second {
			t.Errorf("cancelled: got %v, %v after %v", got, err, time.Since(began))
		}
		time.AfterFunc(time.Second, func() { _ = w.Close(context.Background()) })
		began = time.Now()
		if got := w.messages(t, url, nil); got != nil || time.Since(began) != time.Second {
			t.Errorf("closed: got %v after %v", got, time.Since(began))
		}
	})
}

func TestWaitEndsWithTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		url := w.queue(t, "q", nil)
		time.AfterFunc(time.Second, func() { w.ok(t, "DeleteQueue", object{"QueueUrl": url}) })
		w.refused(t, "ReceiveMessage", object{"QueueUrl": url, "WaitTimeSeconds": 20}, "QueueDoesNotExist", "")
	})
}

func TestDeadLetterQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		dead := w.queue(t, "dead", nil)
		url := w.queue(t, "q", object{"VisibilityTimeout": "1", "RedrivePolicy": `{"deadLetterTargetArn":"` + arnOf("dead") + `","maxReceiveCount":"2"}`})
		id := w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "x"})["MessageId"]
		for range 2 {
			if got := w.messages(t, url, nil); len(got) != 1 {
				t.Fatalf("got %v", got)
			}
			time.Sleep(time.Second)
		}
		if got := w.messages(t, url, nil); got != nil {
			t.Errorf("received a third time: %v", got)
		}
		got := w.messages(t, dead, nil)
		if len(got) != 1 || got[0]["MessageId"] != id {
			t.Fatalf("got %v", got)
		}
		attributes := got[0]["Attributes"].(object)
		if attributes["DeadLetterQueueSourceArn"] != arnOf("q") || attributes["ApproximateReceiveCount"] != "3" || attributes["SentTimestamp"] != "946684800000" {
			t.Errorf("got %v", attributes)
		}
		if got := w.ok(t, "ListDeadLetterSourceQueues", object{"QueueUrl": dead})["queueUrls"]; !cmp.Equal(got, []any{url}) {
			t.Errorf("sources %v", got)
		}
	})
}

func TestSendRefuses(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := w.queue(t, "q", object{"MaximumMessageSize": "1024"})
	attribute := func(name, kind, value string) object {
		return object{"QueueUrl": url, "MessageBody": "x", "MessageAttributes": object{name: object{"DataType": kind, "StringValue": value}}}
	}
	many := object{}
	for i := range 11 {
		many[string(rune('a'+i))] = object{"DataType": "String", "StringValue": "x"}
	}
	for _, test := range []struct {
		in         object
		code, text string
	}{
		{object{"QueueUrl": url, "MessageBody": ""}, "MissingParameter", "MessageBody"},
		{object{"MessageBody": "x"}, "MissingParameter", "QueueUrl"},
		{object{"QueueUrl": "http://sqs/nowhere", "MessageBody": "x"}, "InvalidAddress", "nowhere"},
		{object{"QueueUrl": url + "2", "MessageBody": "x"}, "QueueDoesNotExist", ""},
		{object{"QueueUrl": url, "MessageBody": "\x01"}, "InvalidMessageContents", "body"},
		{object{"QueueUrl": url, "MessageBody": "\uFFFE"}, "InvalidMessageContents", "body"},
		{object{"QueueUrl": url, "MessageBody": strings.Repeat("x", 1025)}, "InvalidParameterValue", "shorter than 1024"},
		{object{"QueueUrl": url, "MessageBody": "x", "DelaySeconds": 901}, "InvalidParameterValue", "DelaySeconds"},
		{object{"QueueUrl": url, "MessageBody": "x", "MessageDeduplicationId": "1"}, "InvalidParameterValue", "queue type"},
		{object{"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "ä"}, "InvalidParameterValue", "MessageGroupId"},
		{object{"QueueUrl": url, "MessageBody": "x", "Priority": 1}, "InvalidParameterValue", "does not model parameter \"Priority\" of SendMessage"},
		{object{"QueueUrl": url, "MessageBody": "x", "MessageAttributes": many}, "InvalidParameterValue", "exceeds the allowed maximum"},
		{attribute("a", "Text", "x"), "InvalidParameterValue", "attribute type"},
		{attribute("a", "String", ""), "InvalidParameterValue", "non-empty"},
		{attribute("a", "Binary", "x"), "InvalidParameterValue", "non-empty"},
		{attribute("a", "Number", "x"), "InvalidParameterValue", "to a number"},
		{attribute("aws.a", "String", "x"), "InvalidParameterValue", "name 'aws.a'"},
		{attribute("a b", "String", "x"), "InvalidParameterValue", "name 'a b'"},
		{attribute("a", "String", "\x00"), "InvalidMessageContents", "'a'"},
		{object{"QueueUrl": url, "MessageBody": "x", "MessageSystemAttributes": object{"Other": object{"DataType": "String", "StringValue": "x"}}}, "InvalidParameterValue", "Other"},
	} {
		w.refused(t, "SendMessage", test.in, test.code, test.text)
	}
	// The size counts the attributes.
	big := attribute("name", "String", strings.Repeat("x", 1024-len("x")-len("name")-len("String")))
	w.ok(t, "SendMessage", big)
	big["MessageBody"] = "xx"
	w.refused(t, "SendMessage", big, "InvalidParameterValue", "shorter than 1024")
}

func TestBatches(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := w.queue(t, "q", nil)
	out := w.ok(t, "SendMessageBatch", object{"QueueUrl": url, "Entries": []object{{"Id": "one", "MessageBody": "a"}, {"Id": "two", "MessageBody": ""}, {"Id": "three", "MessageBody": "c"}}})
	if len(out["Successful"].([]any)) != 2 || len(out["Failed"].([]any)) != 1 {
		t.Errorf("got %v", out)
	}
	failed := out["Failed"].([]any)[0].(object)
	if failed["Id"] != "two" || failed["Code"] != "MissingParameter" || failed["SenderFault"] != true {
		t.Errorf("got %v", failed)
	}
	var entries, changes []object
	for _, m := range w.messages(t, url, nil) {
		entries = append(entries, object{"Id": m["Body"], "ReceiptHandle": m["ReceiptHandle"]})
		changes = append(changes, object{"Id": m["Body"], "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 60})
	}
	if out := w.ok(t, "ChangeMessageVisibilityBatch", object{"QueueUrl": url, "Entries": changes}); len(out["Successful"].([]any)) != 2 {
		t.Errorf("got %v", out)
	}
	entries = append(entries, object{"Id": "bad", "ReceiptHandle": "nonsense"})
	out = w.ok(t, "DeleteMessageBatch", object{"QueueUrl": url, "Entries": entries})
	if len(out["Successful"].([]any)) != 2 || out["Failed"].([]any)[0].(object)["Code"] != "ReceiptHandleIsInvalid" {
		t.Errorf("got %v", out)
	}
	entry := func(id string) object { return object{"Id": id, "MessageBody": strings.Repeat("x", 200<<10)} }
	for _, test := range []struct {
		entries []object
		code    string
	}{
		{nil, "EmptyBatchRequest"},
		{[]object{entry("a"), entry("a")}, "BatchEntryIdsNotDistinct"},
		{[]object{entry("a b")}, "InvalidBatchEntryId"},
		{[]object{entry("1"), entry("2"), entry("3"), entry("4"), entry("5"), entry("6")}, "BatchRequestTooLong"},
		{make([]object, 11), "TooManyEntriesInBatchRequest"},
	} {
		w.refused(t, "SendMessageBatch", object{"QueueUrl": url, "Entries": test.entries}, test.code, "")
	}
}

func TestStateSurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	url := first.queue(t, "q.fifo", object{"FifoQueue": "true", "ContentBasedDeduplication": "true"})
	for _, body := range []string{"a", "b"} {
		first.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": body, "MessageGroupId": body})
	}
	received := first.messages(t, url, object{"MaxNumberOfMessages": 1})
	if err := first.store.Flush(); err != nil {
		t.Fatal(err)
	}
	second := open(t, dir)
	if n := second.count(t, url); n != "1 1 0" {
		t.Errorf("count %s", n)
	}
	second.ok(t, "DeleteMessage", object{"QueueUrl": url, "ReceiptHandle": received[0]["ReceiptHandle"]})
	second.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "b", "MessageGroupId": "b"}) // known still
	if got := bodies(second.messages(t, url, nil)); got != "b" {
		t.Errorf("got %s", got)
	}
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := w.queue(t, "q", object{"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},
		"Action":"sqs:SendMessage","Resource":"` + arnOf("q") + `","Condition":{"ArnEquals":{"aws:SourceArn":"` + here.Regional("sns", "topic") + `"}}}]}`})
	m := delivery.Message{Principal: "sns.amazonaws.com", Source: here.Regional("sns", "topic"), Account: account, Target: arnOf("q"), Body: []byte("news"),
		Deduplication: "x", Group: "g", TraceHeader: "Root=1", Attributes: map[string]delivery.Attribute{"k": {DataType: "String", StringValue: "v"}}}
	if err := w.Deliver(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := w.messages(t, url, nil)
	if len(got) != 1 || got[0]["Body"] != "news" || got[0]["Attributes"].(object)["AWSTraceHeader"] != "Root=1" || got[0]["MessageAttributes"] == nil {
		t.Errorf("got %v", got)
	}
	for _, edit := range []func(*delivery.Message){
		func(m *delivery.Message) { m.Source = here.Regional("sns", "other") },
		func(m *delivery.Message) { m.Principal = "events.amazonaws.com" },
		func(m *delivery.Message) { m.Target = arnOf("missing") },
		func(m *delivery.Message) { m.Target = here.Regional("sns", "q") },
	} {
		refused := m
		edit(&refused)
		if err := w.Deliver(t.Context(), refused); err == nil {
			t.Errorf("accepted %+v", refused)
		}
		if err := w.Admits(refused); err == nil {
			t.Errorf("admitted %+v", refused)
		}
	}
	m.Principal, m.Source = "", "" // with a role
	if err := w.Deliver(t.Context(), m); err != nil {
		t.Error(err)
	}
}
