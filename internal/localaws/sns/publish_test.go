// SPDX-License-Identifier: MIT

package sns_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The event decodes into the type of aws-lambda-go without a loss, and back.
func TestFunctionEvent(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "news")
	sub := w.subscribe(t, topic, "lambda", functionARN("f"))
	parameters := append([]string{"TopicArn", topic, "Message", "<hello>", "Subject", "Greeting"}, attribute("1", "city", "String", "Zürich")...)
	parameters = append(parameters, attribute("2", "blob", "Binary", "AAE=")...)
	id := w.ok(t, "Publish", parameters...).MessageID
	got := w.functions.take()
	if len(got) != 1 {
		t.Fatalf("got %d events", len(got))
	}
	var e events.SNSEvent
	d := json.NewDecoder(strings.NewReader(string(got[0].Body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var before, after any
	if err := json.Unmarshal(got[0].Body, &before); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &after); err != nil {
		t.Fatal(err)
	}
	timestamps := cmp.FilterPath(func(p cmp.Path) bool { return strings.Contains(p.GoString(), `"Timestamp"`) }, cmp.Comparer(func(a, b any) bool {
		at, err1 := time.Parse(time.RFC3339Nano, a.(string))
		bt, err2 := time.Parse(time.RFC3339Nano, b.(string))
		return err1 == nil && err2 == nil && at.Equal(bt)
	}))
	if diff := cmp.Diff(before, after, timestamps); diff != "" {
		t.Errorf("lost on the way: %s", diff)
	}
	r := e.Records[0]
	if r.EventSource != "aws:sns" || r.EventVersion != "1.0" || r.EventSubscriptionArn != sub || r.SNS.MessageID != id || r.SNS.Message != "<hello>" ||
		r.SNS.Subject != "Greeting" || r.SNS.TopicArn != topic || r.SNS.Type != "Notification" || time.Since(r.SNS.Timestamp) > time.Minute {
		t.Errorf("got %+v", r)
	}
	wantAttributes := map[string]any{"city": map[string]any{"Type": "String", "Value": "Zürich"}, "blob": map[string]any{"Type": "Binary", "Value": "AAE="}}
	if diff := cmp.Diff(wantAttributes, r.SNS.MessageAttributes); diff != "" {
		t.Error(diff)
	}
	if got[0].Principal != "sns.amazonaws.com" || got[0].Source != topic || got[0].Account != account || got[0].Target != functionARN("f") {
		t.Errorf("sent %+v", got[0])
	}
	w.ok(t, "Publish", "TopicArn", topic, "Message", "plain")
	if body := string(w.functions.take()[0].Body); !strings.Contains(body, `"Subject":null`) || !strings.Contains(body, `"MessageAttributes":{}`) {
		t.Errorf("got %s", body)
	}
}

func TestQueueEnvelope(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "news")
	w.subscribe(t, topic, "sqs", queueARN("a"))
	w.subscribe(t, topic, "sqs", queueARN("raw"), "RawMessageDelivery", "true")
	id := w.ok(t, "Publish", append([]string{"TopicArn", topic, "Message", "a & b"}, attribute("1", "n", "Number", "3")...)...).MessageID
	got := w.queues.take()
	slices.SortFunc(got, func(a, b delivery.Message) int { return strings.Compare(a.Target, b.Target) })
	if len(got) != 2 || string(got[1].Body) != "a & b" || !cmp.Equal(got[1].Attributes, map[string]delivery.Attribute{"n": {DataType: "Number", StringValue: "3"}}) {
		t.Fatalf("got %+v", got)
	}
	var envelope map[string]any
	if err := json.Unmarshal(got[0].Body, &envelope); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Timestamp", "Signature", "SigningCertURL", "UnsubscribeURL"} {
		if envelope[name] == "" || envelope[name] == nil {
			t.Errorf("%s is missing", name)
		}
		delete(envelope, name)
	}
	want := map[string]any{"Type": "Notification", "MessageId": id, "TopicArn": topic, "Message": "a & b", "SignatureVersion": "1",
		"MessageAttributes": map[string]any{"n": map[string]any{"Type": "Number", "Value": "3"}}}
	if diff := cmp.Diff(want, envelope); diff != "" || got[0].Attributes != nil {
		t.Error(diff, got[0].Attributes)
	}
}

func TestMessageStructure(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "news")
	w.subscribe(t, topic, "sqs", queueARN("a"), "RawMessageDelivery", "true")
	w.subscribe(t, topic, "lambda", functionARN("f"))
	w.ok(t, "Publish", "TopicArn", topic, "MessageStructure", "json", "Message", `{"default":"for all","sqs":"for queues","x":3}`)
	if got := string(w.queues.take()[0].Body); got != "for queues" {
		t.Errorf("queue got %s", got)
	}
	if got := string(w.functions.take()[0].Body); !strings.Contains(got, `"Message":"for all"`) {
		t.Errorf("function got %s", got)
	}
}

func TestFilterPolicies(t *testing.T) {
	t.Parallel()
	store := attribute("1", "store", "String", "example_corp")
	price := attribute("2", "price_usd", "Number", "210.75")
	sports := attribute("3", "interests", "String.Array", `["soccer","rugby"]`)
	all := slices.Concat(store, price, sports)
	for _, test := range []struct {
		policy, scope, message string
		attributes             []string
		want                   bool
	}{
		{`{"store":["example_corp"]}`, "", "x", all, true},
		{`{"store":[{"anything-but":"example_corp"}]}`, "", "x", all, false},
		{`{"store":["example_corp"],"event":["order"]}`, "", "x", all, false},
		{`{"interests":["rugby","football"]}`, "", "x", all, true},
		{`{"price_usd":[{"numeric":[">=",100]}]}`, "MessageAttributes", "x", all, true},
		{`{"price_usd":["210.75"]}`, "", "x", all, false},
		{`{"gone":[{"exists":false}]}`, "", "x", nil, true},
		{`{"$or":[{"store":["other"]},{"price_usd":[{"numeric":["<",300]}]}]}`, "", "x", all, true},
		{`{"store":[{"prefix":"exa"}]}`, "", "x", nil, false},
		{`{}`, "", "x", nil, true},
		{`{"a":{"b":["c"]}}`, "MessageBody", `{"a":{"b":"c"}}`, nil, true},
		{`{"a":{"b":["c"]}}`, "MessageBody", `{"a":{"b":"d"}}`, nil, false},
		{`{"a":{"b":["c"]}}`, "MessageBody", `text`, nil, false},
	} {
		w := open(t, t.TempDir())
		topic := w.topic(t, "news")
		attributes := []string{"FilterPolicy", test.policy}
		if test.scope != "" {
			attributes = append(attributes, "FilterPolicyScope", test.scope)
		}
		w.subscribe(t, topic, "sqs", queueARN("q"), attributes...)
		w.ok(t, "Publish", append([]string{"TopicArn", topic, "Message", test.message}, test.attributes...)...)
		if got := len(w.queues.take()) == 1; got != test.want {
			t.Errorf("%s %s: delivered %v", test.policy, test.message, got)
		}
	}
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "news")
	w.functions.fail = wire.Errorf(403, "AccessDeniedException", "no permission")
	w.subscribe(t, topic, "lambda", functionARN("f"), "RedrivePolicy", `{"deadLetterTargetArn":"`+queueARN("dead")+`"}`)
	w.subscribe(t, topic, "lambda", functionARN("g")) // without one: dropped
	w.ok(t, "Publish", "TopicArn", topic, "Message", "hello")
	got := w.queues.take()
	if len(got) != 1 || got[0].Target != queueARN("dead") || got[0].Source != topic || got[0].Principal != "sns.amazonaws.com" {
		t.Fatalf("got %+v", got)
	}
	if got[0].Attributes["ErrorCode"].StringValue != "AccessDeniedException" || !strings.Contains(string(got[0].Body), `"Message":"hello"`) || strings.Contains(string(got[0].Body), "Records") {
		t.Errorf("got %+v %s", got[0].Attributes, got[0].Body)
	}
}

func TestFIFOTopic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		topic := w.topic(t, "news.fifo", "FifoTopic", "true", "ContentBasedDeduplication", "true")
		w.subscribe(t, topic, "sqs", queueARN("q.fifo"), "RawMessageDelivery", "true")
		w.subscribe(t, topic, "sqs", queueARN("standard"))
		var last string
		for _, text := range []string{"a", "b", "a"} {
			out := w.ok(t, "Publish", "TopicArn", topic, "Message", text, "MessageGroupId", "g")
			if len(out.SequenceNumber) != 20 || text == "b" && out.SequenceNumber <= last {
				t.Errorf("sequence %s after %s", out.SequenceNumber, last)
			}
			last = out.SequenceNumber
		}
		var bodies []string
		for _, m := range w.queues.take() {
			if m.Group != "g" || len(m.Deduplication) != 64 {
				t.Errorf("got %+v", m)
			}
			if m.Target == queueARN("q.fifo") {
				bodies = append(bodies, string(m.Body))
			} else if !strings.Contains(string(m.Body), `"SequenceNumber"`) || strings.Contains(string(m.Body), "Signature") {
				t.Errorf("envelope %s", m.Body)
			}
		}
		if !slices.Equal(bodies, []string{"a", "b"}) {
			t.Errorf("got %v", bodies)
		}
		time.Sleep(5 * time.Minute)
		w.ok(t, "Publish", "TopicArn", topic, "Message", "a", "MessageGroupId", "g")
		if n := len(w.queues.take()); n != 2 {
			t.Errorf("after five minutes %d", n)
		}
		w.refused(t, "InvalidParameter", "MessageGroupId", "Publish", "TopicArn", topic, "Message", "a")
		w.ok(t, "SetTopicAttributes", "TopicArn", topic, "AttributeName", "ContentBasedDeduplication", "AttributeValue", "false")
		w.refused(t, "InvalidParameter", "ContentBasedDeduplication", "Publish", "TopicArn", topic, "Message", "a", "MessageGroupId", "g")
	})
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "news")
	w.subscribe(t, topic, "sqs", queueARN("q"))
	for _, test := range []struct {
		code, text string
		parameters []string
	}{
		{"NotFound", "Topic does not exist", []string{"TopicArn", topic + "2", "Message", "x"}},
		{"InvalidParameter", "TopicArn", []string{"TopicArn", "news", "Message", "x"}},
		{"InvalidParameter", "PhoneNumber", []string{"PhoneNumber", "+1", "Message", "x"}},
		{"InvalidParameter", "Empty message", []string{"TopicArn", topic, "Message", ""}},
		{"InvalidParameter", "too long", []string{"TopicArn", topic, "Message", strings.Repeat("x", 256<<10+1)}},
		{"InvalidParameter", "Subject", []string{"TopicArn", topic, "Message", "x", "Subject", strings.Repeat("x", 101)}},
		{"InvalidParameter", "Subject", []string{"TopicArn", topic, "Message", "x", "Subject", "a\nb"}},
		{"InvalidParameter", "MessageStructure", []string{"TopicArn", topic, "Message", "x", "MessageStructure", "xml"}},
		{"InvalidParameter", "failed to parse", []string{"TopicArn", topic, "Message", "x", "MessageStructure", "json"}},
		{"InvalidParameter", "No default entry", []string{"TopicArn", topic, "Message", "{}", "MessageStructure", "json"}},
		{"InvalidParameter", "MessageDeduplicationId", []string{"TopicArn", topic, "Message", "x", "MessageDeduplicationId", "1"}},
		{"ParameterValueInvalid", "attribute type", append([]string{"TopicArn", topic, "Message", "x"}, attribute("1", "a", "Text", "x")...)},
		{"ParameterValueInvalid", "number", append([]string{"TopicArn", topic, "Message", "x"}, attribute("1", "a", "Number", "x")...)},
		{"ParameterValueInvalid", "JSON array", append([]string{"TopicArn", topic, "Message", "x"}, attribute("1", "a", "String.Array", "x")...)},
		{"ParameterValueInvalid", "non-empty", append([]string{"TopicArn", topic, "Message", "x"}, attribute("1", "a", "Binary", "")...)},
		{"ParameterValueInvalid", "name 'a b'", append([]string{"TopicArn", topic, "Message", "x"}, attribute("1", "a b", "String", "x")...)},
		{"InvalidParameter", "not base64", append([]string{"TopicArn", topic, "Message", "x"}, attribute("1", "a", "Binary", "?")...)},
	} {
		w.refused(t, test.code, test.text, "Publish", test.parameters...)
	}
	if got := w.queues.take(); len(got) != 0 {
		t.Errorf("delivered %v", got)
	}
}

func TestPublishBatch(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "news")
	w.subscribe(t, topic, "sqs", queueARN("q"), "RawMessageDelivery", "true")
	entries := func(ids ...string) []string {
		out := []string{"TopicArn", topic}
		for i, id := range ids {
			at := fmt.Sprintf("PublishBatchRequestEntries.member.%d.", i+1)
			out = append(out, at+"Id", id, at+"Message", strings.TrimPrefix(id, "empty"))
		}
		return out
	}
	parameters := append(entries("one", "empty", "three"), "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name", "k",
		"PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.DataType", "String", "PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue", "v")
	out := w.ok(t, "PublishBatch", parameters...)
	if !slices.Equal(out.Successful, []string{"one", "three"}) || !slices.Equal(out.Failed, []string{"InvalidParameter"}) {
		t.Errorf("got %+v", out)
	}
	if got := w.queues.take(); len(got) != 2 || got[0].Attributes["k"].StringValue != "v" || string(got[1].Body) != "three" {
		t.Errorf("got %+v", got)
	}
	w.refused(t, "EmptyBatchRequest", "", "PublishBatch", entries()...)
	w.refused(t, "BatchEntryIdsNotDistinct", "", "PublishBatch", entries("a", "a")...)
	w.refused(t, "InvalidBatchEntryId", "", "PublishBatch", entries("a b")...)
	w.refused(t, "TooManyEntriesInBatchRequest", "", "PublishBatch", entries("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11")...)
	w.refused(t, "NotFound", "", "PublishBatch", "TopicArn", topic+"2")
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "alarms")
	w.subscribe(t, topic, "sqs", queueARN("q"))
	m := delivery.Message{Principal: "s3.amazonaws.com", Source: here.Bucket("b"), Account: account, Target: topic, Body: []byte("event"), Subject: "Amazon S3 Notification"}
	if err := w.Deliver(t.Context(), m); err == nil || !strings.Contains(err.Error(), "AuthorizationError") {
		t.Errorf("without a policy: %v", err)
	}
	w.ok(t, "SetTopicAttributes", "TopicArn", topic, "AttributeName", "Policy", "AttributeValue",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sns:Publish","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"`+account+`"}}}}`)
	if err := w.Deliver(t.Context(), m); err != nil {
		t.Error(err)
	}
	if got := w.queues.take(); len(got) != 1 || !strings.Contains(string(got[0].Body), `"Subject":"Amazon S3 Notification"`) {
		t.Errorf("got %+v", got)
	}
	m.Target += "2"
	if err := w.Deliver(t.Context(), m); err == nil {
		t.Error("a topic that does not exist")
	}
}
