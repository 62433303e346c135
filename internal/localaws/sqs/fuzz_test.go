// SPDX-License-Identifier: MIT

package sqs_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Whatever a client sends is answered, and never by a failure of ours.
func FuzzAPI(f *testing.F) {
	const url = "http://127.0.0.1:4566/000000000000/q"
	for action, body := range map[string]string{
		"CreateQueue":                  `{"QueueName":"r.fifo","Attributes":{"FifoQueue":"true","RedrivePolicy":"{\"deadLetterTargetArn\":\"x\",\"maxReceiveCount\":1}"}}`,
		"SendMessage":                  `{"QueueUrl":"` + url + `","MessageBody":"x","MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":"AA=="}}}`,
		"ReceiveMessage":               `{"QueueUrl":"` + url + `","MessageAttributeNames":["a.*"],"MaxNumberOfMessages":3}`,
		"DeleteMessage":                `{"QueueUrl":"` + url + `","ReceiptHandle":"AQEBcSAxIDI="}`,
		"ChangeMessageVisibilityBatch": `{"QueueUrl":"` + url + `","Entries":[{"Id":"a","ReceiptHandle":"AQEBcSAxIDI=","VisibilityTimeout":1}]}`,
		"ListQueues":                   `{"MaxResults":1,"NextToken":"1"}`,
		"SetQueueAttributes":           `{"QueueUrl":"q","Attributes":{"Policy":"{}"}}`,
	} {
		f.Add(action, body)
	}
	f.Fuzz(func(t *testing.T, action, body string) {
		if strings.Contains(body, "Wait") || strings.Contains(body, "wait") {
			t.Skip("waits for messages")
		}
		w := open(t, t.TempDir())
		w.queue(t, "q", nil)
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "AmazonSQS."+action)
		rec := httptest.NewRecorder()
		w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region})
		if rec.Code >= 500 {
			t.Errorf("%s %s: %d %s", action, body, rec.Code, rec.Body)
		}
	})
}
