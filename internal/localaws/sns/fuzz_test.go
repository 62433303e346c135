// SPDX-License-Identifier: MIT

package sns_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Whatever a client sends is answered, and never by a failure of ours.
func FuzzAPI(f *testing.F) {
	topic := here.Regional("sns", "t")
	for _, form := range []string{
		"Action=CreateTopic&Name=u&Attributes.entry.1.key=Policy&Attributes.entry.1.value={}&Tags.member.1.Key=a",
		"Action=Publish&TopicArn=" + topic + "&Message=x&MessageStructure=json&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String.Array&MessageAttributes.entry.1.Value.StringValue=[]",
		"Action=PublishBatch&TopicArn=" + topic + "&PublishBatchRequestEntries.member.1.Id=a&PublishBatchRequestEntries.member.1.Message=b",
		"Action=Subscribe&TopicArn=" + topic + "&Protocol=sqs&Endpoint=" + queueARN("q") + "&Attributes.entry.1.key=FilterPolicy&Attributes.entry.1.value={\"a\":[1]}",
		"Action=SetSubscriptionAttributes&SubscriptionArn=" + topic + ":x&AttributeName=RedrivePolicy&AttributeValue={}",
		"Action=ListTopics&NextToken=1",
	} {
		f.Add(form)
	}
	f.Fuzz(func(t *testing.T, form string) {
		w := open(t, t.TempDir())
		w.topic(t, "t")
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region})
		if rec.Code >= 500 {
			t.Errorf("%s: %d %s", form, rec.Code, rec.Body)
		}
	})
}
