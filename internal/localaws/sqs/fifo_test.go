// SPDX-License-Identifier: MIT

package sqs_test

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestFIFO(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		url := w.queue(t, "q.fifo", object{"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "10"})
		var last string
		for _, m := range []struct{ body, group string }{{"a", "1"}, {"b", "1"}, {"c", "2"}, {"d", "1"}} {
			sent := w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": m.body, "MessageGroupId": m.group})
			if n := sent["SequenceNumber"].(string); len(n) != 20 || n <= last {
				t.Errorf("sequence %s after %s", n, last)
			}
			last = sent["SequenceNumber"].(string)
		}
		first := w.messages(t, url, object{"MaxNumberOfMessages": 2})
		if bodies(first) != "ab" || first[0]["Attributes"].(object)["MessageGroupId"] != "1" || len(first[0]["Attributes"].(object)["MessageDeduplicationId"].(string)) != 64 {
			t.Errorf("got %v", first)
		}
		if got := bodies(w.messages(t, url, nil)); got != "c" { // group 1 waits for a and b
			t.Errorf("got %s", got)
		}
		w.ok(t, "DeleteMessage", object{"QueueUrl": url, "ReceiptHandle": first[0]["ReceiptHandle"]})
		if got := bodies(w.messages(t, url, nil)); got != "" {
			t.Errorf("got %s before b is done", got)
		}
		w.ok(t, "DeleteMessage", object{"QueueUrl": url, "ReceiptHandle": first[1]["ReceiptHandle"]})
		if got := bodies(w.messages(t, url, nil)); got != "d" {
			t.Errorf("got %s", got)
		}
		time.Sleep(10 * time.Second)
		again := w.messages(t, url, nil)
		if bodies(again) != "cd" {
			t.Errorf("got %v", again)
		}
		time.Sleep(10 * time.Second)
		w.refused(t, "DeleteMessage", object{"QueueUrl": url, "ReceiptHandle": again[0]["ReceiptHandle"]}, "InvalidParameterValue", "expired")
	})
}

func TestDeduplication(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		url := w.queue(t, "q.fifo", object{"FifoQueue": "true"})
		send := func(body, group, id string) object {
			return w.ok(t, "SendMessage", object{"QueueUrl": url, "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": id})
		}
		first := send("a", "1", "x")
		if second := send("b", "2", "x"); second["MessageId"] != first["MessageId"] || second["SequenceNumber"] != first["SequenceNumber"] {
			t.Errorf("sent twice: %v and %v", first, second)
		}
		w.ok(t, "SetQueueAttributes", object{"QueueUrl": url, "Attributes": object{"DeduplicationScope": "messageGroup"}})
		send("c", "2", "x")
		time.Sleep(5 * time.Minute)
		send("d", "2", "x")
		if got := bodies(w.messages(t, url, nil)); got != "acd" {
			t.Errorf("got %s", got)
		}
		w.refused(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "1"}, "InvalidParameterValue", "ContentBasedDeduplication")
		w.refused(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "x", "MessageDeduplicationId": "1"}, "MissingParameter", "MessageGroupId")
		w.refused(t, "SendMessage", object{"QueueUrl": url, "MessageBody": "x", "MessageDeduplicationId": "1", "MessageGroupId": "1", "DelaySeconds": 1}, "InvalidParameterValue", "queue type")
	})
}
