// SPDX-License-Identifier: MIT

package sns_test

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/sns"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "000000000000"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// inbox takes what is delivered to a service.
type inbox struct {
	got  []delivery.Message
	fail error // of everything but dead letters
}

func (b *inbox) Deliver(_ context.Context, m delivery.Message) error {
	if b.fail != nil && !strings.Contains(m.Target, "dead") {
		return b.fail
	}
	b.got = append(b.got, m)
	return nil
}

func (b *inbox) Admits(delivery.Message) error { return nil }

// take returns what has been delivered and empties the box.
func (b *inbox) take() []delivery.Message {
	got := b.got
	b.got = nil
	return got
}

// world is SNS with two receivers.
type world struct {
	*sns.Service
	store             *store.Store
	queues, functions inbox
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st}
	table := &delivery.Table{}
	table.Add("sqs", &w.queues)
	table.Add("lambda", &w.functions)
	w.Service, err = sns.New(service.Env{
		Default: here, Store: st, Doors: &door.Set{}, Now: time.Now, Endpoint: func() string { return "http://127.0.0.1:4566" }, Log: zerolog.Nop(),
	}, table)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// answer is what the tests read of the answers.
type answer struct {
	Code            string   `xml:"Error>Code"`
	Message         string   `xml:"Error>Message"`
	TopicArn        string   `xml:"CreateTopicResult>TopicArn"`
	SubscriptionArn string   `xml:"SubscribeResult>SubscriptionArn"`
	MessageID       string   `xml:"PublishResult>MessageId"`
	SequenceNumber  string   `xml:"PublishResult>SequenceNumber"`
	Topics          []string `xml:"ListTopicsResult>Topics>member>TopicArn"`
	NextToken       string   `xml:"ListTopicsResult>NextToken"`
	Subscriptions   []string `xml:"ListSubscriptionsByTopicResult>Subscriptions>member>SubscriptionArn"`
	All             []string `xml:"ListSubscriptionsResult>Subscriptions>member>SubscriptionArn"`
	TopicAttributes []entry  `xml:"GetTopicAttributesResult>Attributes>entry"`
	Attributes      []entry  `xml:"GetSubscriptionAttributesResult>Attributes>entry"`
	TagKeys         []string `xml:"ListTagsForResourceResult>Tags>member>Key"`
	Successful      []string `xml:"PublishBatchResult>Successful>member>Id"`
	Failed          []string `xml:"PublishBatchResult>Failed>member>Code"`
}

type entry struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

func toMap(entries []entry) map[string]string {
	out := map[string]string{}
	for _, e := range entries {
		out[e.Key] = e.Value
	}
	return out
}

// as calls the API on behalf of an account; parameters are names and values in
// turn.
func (w *world) as(t testing.TB, account, action string, parameters ...string) answer {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2010-03-31"}}
	for i := 0; i < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.ServeAPI(rec, r, wire.Identity{Account: account, Region: here.Region, Service: "sns"})
	var out answer
	if err := xml.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v\n%s", action, err, rec.Body)
	}
	return out
}

func (w *world) ok(t testing.TB, action string, parameters ...string) answer {
	t.Helper()
	out := w.as(t, account, action, parameters...)
	if out.Code != "" {
		t.Fatalf("%s %q: %s: %s", action, parameters, out.Code, out.Message)
	}
	return out
}

func (w *world) refused(t testing.TB, code, text, action string, parameters ...string) {
	t.Helper()
	if out := w.as(t, account, action, parameters...); out.Code != code || !strings.Contains(out.Message, text) {
		t.Errorf("%s %.200q: got %s: %s, want %s: ...%s...", action, parameters, out.Code, out.Message, code, text)
	}
}

func (w *world) topic(t testing.TB, name string, attributes ...string) string {
	t.Helper()
	return w.ok(t, "CreateTopic", append([]string{"Name", name}, asEntries(attributes)...)...).TopicArn
}

// asEntries numbers names and values.
func asEntries(attributes []string) []string {
	var out []string
	for i := 0; i < len(attributes); i += 2 {
		at := "Attributes.entry." + string(rune('1'+i/2))
		out = append(out, at+".key", attributes[i], at+".value", attributes[i+1])
	}
	return out
}

func (w *world) subscribe(t testing.TB, topic, protocol, endpoint string, attributes ...string) string {
	t.Helper()
	return w.ok(t, "Subscribe", append([]string{"TopicArn", topic, "Protocol", protocol, "Endpoint", endpoint, "ReturnSubscriptionArn", "true"}, asEntries(attributes)...)...).SubscriptionArn
}

// attribute returns the parameters of a message attribute.
func attribute(n, name, kind, value string) []string {
	at := "MessageAttributes.entry." + n + "."
	field := "StringValue"
	if kind == "Binary" {
		field = "BinaryValue"
	}
	return []string{at + "Name", name, at + "Value.DataType", kind, at + "Value." + field, value}
}

func queueARN(name string) string    { return here.Regional("sqs", name) }
func functionARN(name string) string { return here.Regional("lambda", "function:"+name) }
