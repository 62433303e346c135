// SPDX-License-Identifier: MIT

package sns_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

func TestTopics(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "news", "DisplayName", "News")
	if topic != here.Regional("sns", "news") || w.topic(t, "news") != topic {
		t.Errorf("got %s", topic)
	}
	w.refused(t, "InvalidParameter", "different attributes", "CreateTopic", append([]string{"Name", "news"}, asEntries([]string{"DisplayName", "Other"})...)...)
	w.subscribe(t, topic, "sqs", queueARN("q"))
	got := toMap(w.ok(t, "GetTopicAttributes", "TopicArn", topic).TopicAttributes)
	if got["DisplayName"] != "News" || got["Owner"] != account || got["SubscriptionsConfirmed"] != "1" || !strings.Contains(got["Policy"], "__default_policy_ID") || got["FifoTopic"] != "" {
		t.Errorf("got %v", got)
	}
	w.ok(t, "TagResource", "ResourceArn", topic, "Tags.member.1.Key", "a", "Tags.member.1.Value", "1", "Tags.member.2.Key", "b", "Tags.member.2.Value", "2")
	w.ok(t, "UntagResource", "ResourceArn", topic, "TagKeys.member.1", "a")
	if got := w.ok(t, "ListTagsForResource", "ResourceArn", topic).TagKeys; !slices.Equal(got, []string{"b"}) {
		t.Errorf("tags %v", got)
	}
	for range 2 {
		w.ok(t, "DeleteTopic", "TopicArn", topic)
	}
	w.refused(t, "NotFound", "", "GetTopicAttributes", "TopicArn", topic)
	if got := w.ok(t, "ListSubscriptions").All; len(got) != 0 {
		t.Errorf("subscriptions are left: %v", got)
	}
}

func TestTopicsRefused(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for _, test := range []struct {
		name       string
		attributes []string
		want       string
	}{
		{"", nil, "Topic Name"}, {"a b", nil, "Topic Name"}, {"a.fifo", nil, "Topic Name"}, {strings.Repeat("a", 257), nil, "Topic Name"},
		{"a", []string{"FifoTopic", "true"}, "must end with .fifo"},
		{"a", []string{"ContentBasedDeduplication", "true"}, "FIFO topics only"},
		{"a", []string{"Policy", "{"}, "Policy Error"},
		{"a", []string{"DeliveryPolicy", "{}"}, "does not model the topic attribute DeliveryPolicy"},
		{"a", []string{"SignatureVersion", "3"}, "SignatureVersion"},
		{"a", []string{"DisplayName", strings.Repeat("x", 101)}, "DisplayName"},
	} {
		w.refused(t, "InvalidParameter", test.want, "CreateTopic", append([]string{"Name", test.name}, asEntries(test.attributes)...)...)
	}
	w.refused(t, "InvalidAction", "ConfirmSubscription", "ConfirmSubscription", "TopicArn", "x")
	w.refused(t, "InvalidParameter", "does not model the parameter DataProtectionPolicy of CreateTopic", "CreateTopic", "Name", "a", "DataProtectionPolicy", "{}")
}

func TestListPages(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for i := range 101 {
		w.topic(t, fmt.Sprintf("t%03d", i))
	}
	first := w.ok(t, "ListTopics")
	rest := w.ok(t, "ListTopics", "NextToken", first.NextToken)
	if len(first.Topics) != 100 || len(rest.Topics) != 1 || rest.NextToken != "" || rest.Topics[0] != here.Regional("sns", "t100") {
		t.Errorf("got %d and %v", len(first.Topics), rest)
	}
	w.refused(t, "InvalidParameter", "NextToken", "ListTopics", "NextToken", "x")
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	topic := w.topic(t, "news")
	sub := w.subscribe(t, topic, "sqs", queueARN("q"), "RawMessageDelivery", "true")
	if !strings.HasPrefix(sub, topic+":") || w.subscribe(t, topic, "sqs", queueARN("q")) != sub {
		t.Errorf("got %s", sub)
	}
	w.refused(t, "InvalidParameter", "different attributes", "Subscribe", append([]string{"TopicArn", topic, "Protocol", "sqs", "Endpoint", queueARN("q")}, asEntries([]string{"RawMessageDelivery", "false"})...)...)
	w.ok(t, "SetSubscriptionAttributes", "SubscriptionArn", sub, "AttributeName", "FilterPolicy", "AttributeValue", `{"k":["v"]}`)
	if err := w.store.Flush(); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir) // what was said survives
	got := toMap(w.ok(t, "GetSubscriptionAttributes", "SubscriptionArn", sub).Attributes)
	want := map[string]string{"SubscriptionArn": sub, "TopicArn": topic, "Owner": account, "Protocol": "sqs", "Endpoint": queueARN("q"), "ConfirmationWasAuthenticated": "true",
		"PendingConfirmation": "false", "RawMessageDelivery": "true", "FilterPolicy": `{"k":["v"]}`, "FilterPolicyScope": "MessageAttributes", "SubscriptionPrincipal": "arn:aws:iam::000000000000:user/local"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	w.ok(t, "Publish", "TopicArn", topic, "Message", "x")
	if n := len(w.queues.take()); n != 0 {
		t.Error("the filter policy is forgotten")
	}
	w.ok(t, "SetSubscriptionAttributes", "SubscriptionArn", sub, "AttributeName", "FilterPolicy", "AttributeValue", "")
	w.ok(t, "Publish", "TopicArn", topic, "Message", "x")
	if n := len(w.queues.take()); n != 1 {
		t.Error("the filter policy is still there")
	}
	if got := w.ok(t, "ListSubscriptionsByTopic", "TopicArn", topic).Subscriptions; !slices.Equal(got, []string{sub}) {
		t.Errorf("got %v", got)
	}
	for range 2 {
		w.ok(t, "Unsubscribe", "SubscriptionArn", sub)
	}
	w.refused(t, "NotFound", "", "GetSubscriptionAttributes", "SubscriptionArn", sub)
	w.refused(t, "InvalidParameter", "ARN", "GetSubscriptionAttributes", "SubscriptionArn", "PendingConfirmation")
}

func TestSubscribeRefuses(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "news")
	fifo := w.topic(t, "news.fifo", "FifoTopic", "true")
	for _, test := range []struct {
		topic, protocol, endpoint string
		attributes                []string
		want                      string
	}{
		{topic, "email", "a@b.c", nil, "does not model subscriptions with the protocol email"},
		{topic, "https", "https://127.0.0.1", nil, "does not model subscriptions with the protocol https"},
		{topic, "pigeon", "coop", nil, "does not support this protocol string: pigeon"},
		{topic, "lambda", queueARN("q"), nil, "Lambda endpoint ARN"},
		{topic, "sqs", functionARN("f"), nil, "SQS endpoint ARN"},
		{topic, "sqs", queueARN("q.fifo"), nil, "standard SNS topics"},
		{fifo, "lambda", functionARN("f"), nil, "FIFO topics deliver to Amazon SQS only"},
		{topic, "lambda", functionARN("f"), []string{"RawMessageDelivery", "true"}, "does not support raw message delivery"},
		{topic, "sqs", queueARN("q"), []string{"RawMessageDelivery", "yes"}, "Must be true or false"},
		{topic, "sqs", queueARN("q"), []string{"FilterPolicy", `{"a":[]}`}, "Empty arrays"},
		{topic, "sqs", queueARN("q"), []string{"FilterPolicy", `{"a":{"b":["c"]}}`}, "where only a list of values can match"},
		{topic, "sqs", queueARN("q"), []string{"FilterPolicyScope", "Body"}, "FilterPolicyScope"},
		{topic, "sqs", queueARN("q"), []string{"RedrivePolicy", `{"deadLetterTargetArn":"x"}`}, "invalid arn"},
		{fifo, "sqs", queueARN("q.fifo"), []string{"RedrivePolicy", `{"deadLetterTargetArn":"` + queueARN("dead") + `"}`}, "must be a FIFO queue"},
		{topic, "sqs", queueARN("q"), []string{"DeliveryPolicy", "{}"}, "does not model the subscription attribute DeliveryPolicy"},
	} {
		w.refused(t, "InvalidParameter", test.want, "Subscribe", append([]string{"TopicArn", test.topic, "Protocol", test.protocol, "Endpoint", test.endpoint}, asEntries(test.attributes)...)...)
	}
}

func TestOtherAccounts(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "news")
	publish := []string{"TopicArn", topic, "Message", "x"}
	if out := w.as(t, "111111111111", "Publish", publish...); out.Code != "AuthorizationError" {
		t.Errorf("got %+v", out)
	}
	w.ok(t, "SetTopicAttributes", "TopicArn", topic, "AttributeName", "Policy", "AttributeValue",
		`{"Statement":{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sns:Publish","Resource":"*"}}`)
	if out := w.as(t, "111111111111", "Publish", publish...); out.MessageID == "" {
		t.Errorf("got %+v", out)
	}
}

type object = map[string]any

func request(properties, old object) resource.Request {
	return resource.Request{Scope: here, Properties: properties, OldProperties: old, Tags: map[string]string{"k": "v"},
		DefaultName: func(most int) string { return "stack-Topic-ABC"[:min(most, 15)] }}
}

func TestTopicType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topics := w.ResourceTypes()["AWS::SNS::Topic"]
	inline := func(names ...string) []any {
		var list []any
		for _, name := range names {
			list = append(list, object{"Protocol": "sqs", "Endpoint": queueARN(name)})
		}
		return list
	}
	old := object{"DisplayName": "News", "Subscription": inline("a", "b")}
	if faults := topics.Check(old); faults != nil {
		t.Error(faults)
	}
	made, err := topics.Create(t.Context(), request(old, nil))
	arn := here.Regional("sns", "stack-Topic-ABC")
	if diff := cmp.Diff(resource.Instance{PhysicalID: arn, Attributes: object{"TopicArn": arn, "TopicName": "stack-Topic-ABC"}}, made); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if _, err := topics.Create(t.Context(), request(old, nil)); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("got %v", err)
	}
	foreign := w.subscribe(t, arn, "sqs", queueARN("foreign"))
	w.ok(t, "SetTopicAttributes", "TopicArn", arn, "AttributeName", "Policy", "AttributeValue", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}`)
	if _, err := topics.Update(t.Context(), made, request(object{"Subscription": inline("b", "c")}, old)); err != nil {
		t.Fatal(err)
	}
	w.ok(t, "Publish", "TopicArn", arn, "Message", "x")
	var targets []string
	for _, m := range w.queues.take() {
		targets = append(targets, m.Target)
	}
	slices.Sort(targets)
	if want := []string{queueARN("b"), queueARN("c"), queueARN("foreign")}; !slices.Equal(targets, want) {
		t.Errorf("delivered to %v, foreign is %s", targets, foreign)
	}
	if got := toMap(w.ok(t, "GetTopicAttributes", "TopicArn", arn).TopicAttributes); got["DisplayName"] != "" || strings.Contains(got["Policy"], "default_policy") {
		t.Errorf("got %v", got)
	}
	if !topics.Replaces(old, object{"TopicName": "x"}) || !topics.Replaces(old, object{"FifoTopic": "true"}) || topics.Replaces(old, object{}) {
		t.Error("replaces the wrong things")
	}
	for range 2 {
		if err := topics.Delete(t.Context(), made, request(nil, nil)); err != nil {
			t.Error(err)
		}
	}
	if _, err := topics.Create(t.Context(), request(object{"Subscription": []any{object{"Protocol": "email", "Endpoint": "a@b.c"}}}, nil)); err == nil || !strings.Contains(err.Error(), "(Service: Sns, Status Code: 400") {
		t.Errorf("got %v", err)
	}
	if got := w.ok(t, "ListTopics").Topics; len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
	fifo, err := topics.Create(t.Context(), request(object{"FifoTopic": true, "ContentBasedDeduplication": "true"}, nil))
	if err != nil || fifo.Attributes["TopicName"] != "stack-Topic-ABC.fifo" {
		t.Error(fifo, err)
	}
}

func TestSubscriptionType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := w.topic(t, "news")
	types := w.ResourceTypes()["AWS::SNS::Subscription"]
	properties := object{"TopicArn": topic, "Protocol": "sqs", "Endpoint": queueARN("q"), "RawMessageDelivery": "true", "Region": "us-east-1",
		"FilterPolicy": object{"k": []any{"v"}}, "RedrivePolicy": object{"deadLetterTargetArn": queueARN("dead")}}
	if faults := types.Check(properties); faults != nil {
		t.Error(faults)
	}
	made, err := types.Create(t.Context(), request(properties, nil))
	if err != nil {
		t.Fatal(err)
	}
	got := toMap(w.ok(t, "GetSubscriptionAttributes", "SubscriptionArn", made.PhysicalID).Attributes)
	if got["FilterPolicy"] != `{"k":["v"]}` || got["RawMessageDelivery"] != "true" {
		t.Errorf("got %v", got)
	}
	if _, err := types.Update(t.Context(), made, request(object{"TopicArn": topic, "Protocol": "sqs", "Endpoint": queueARN("q")}, properties)); err != nil {
		t.Fatal(err)
	}
	if got := toMap(w.ok(t, "GetSubscriptionAttributes", "SubscriptionArn", made.PhysicalID).Attributes); got["FilterPolicy"] != "" || got["RawMessageDelivery"] != "false" {
		t.Errorf("got %v", got)
	}
	if !types.Replaces(properties, object{}) || types.Replaces(object{"FilterPolicy": 1}, object{}) {
		t.Error("replaces the wrong things")
	}
	for range 2 {
		if err := types.Delete(t.Context(), made, request(nil, nil)); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []object{{"TopicArn": topic + "2", "Protocol": "sqs", "Endpoint": queueARN("q")}, {"TopicArn": topic, "Protocol": "sqs", "Endpoint": queueARN("q"), "Region": "eu-west-1"}} {
		if _, err := types.Create(t.Context(), request(bad, nil)); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

func TestTopicPolicyType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	a, b := w.topic(t, "a"), w.topic(t, "b")
	types := w.ResourceTypes()["AWS::SNS::TopicPolicy"]
	document := object{"Statement": []any{object{"Effect": "Allow", "Principal": "*", "Action": "sns:*", "Resource": "*"}}}
	has := func(topic string) bool {
		return !strings.Contains(toMap(w.ok(t, "GetTopicAttributes", "TopicArn", topic).TopicAttributes)["Policy"], "default_policy")
	}
	old := object{"Topics": []any{a}, "PolicyDocument": document}
	made, err := types.Create(t.Context(), request(old, nil))
	if err != nil || !has(a) || has(b) {
		t.Fatal(made, err)
	}
	next := object{"Topics": []any{b}, "PolicyDocument": document}
	if _, err := types.Update(t.Context(), made, request(next, old)); err != nil || has(a) || !has(b) {
		t.Errorf("after the update: %v, %v %v", err, has(a), has(b))
	}
	if err := types.Delete(t.Context(), made, request(next, nil)); err != nil || has(b) {
		t.Errorf("after the deletion: %v, %v", err, has(b))
	}
	if _, err := types.Create(t.Context(), request(object{"Topics": []any{a}, "PolicyDocument": object{}}, nil)); err == nil || has(a) {
		t.Errorf("got %v", err)
	}
}
