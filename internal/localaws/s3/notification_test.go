// SPDX-License-Identifier: MIT

package s3_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// inbox takes notifications.
type inbox struct {
	mu      sync.Mutex
	got     []delivery.Message
	refused string // an ARN that lets nobody in
}

func (b *inbox) Deliver(_ context.Context, m delivery.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, m)
	return nil
}

func (b *inbox) Admits(m delivery.Message) error {
	if m.Target == b.refused || m.Principal != "s3.amazonaws.com" || m.Account != account || !strings.HasPrefix(m.Source, "arn:aws:s3:::") {
		return errors.New("no permission")
	}
	return nil
}

// take returns what was delivered since the last time.
func (b *inbox) take() []delivery.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	got := b.got
	b.got = nil
	return got
}

// names returns the events of notifications and their keys.
func (b *inbox) names(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, m := range b.take() {
		var e events.S3Event
		if err := json.Unmarshal(m.Body, &e); err != nil || len(e.Records) != 1 {
			t.Fatalf("got %s, %v", m.Body, err)
		}
		out = append(out, e.Records[0].EventName+" "+e.Records[0].S3.Object.URLDecodedKey)
	}
	return out
}

func (c *cloud) inbox() *inbox {
	b := &inbox{}
	for _, service := range []string{"lambda", "sqs", "sns", "events"} {
		c.table.Add(service, b)
	}
	return b
}

const (
	functionARN = "arn:aws:lambda:us-east-1:" + account + ":function:f"
	queueARN    = "arn:aws:sqs:us-east-1:" + account + ":q"
	topicARN    = "arn:aws:sns:us-east-1:" + account + ":t"
)

func notify(t *testing.T, client *sdk.Client, bucket string, n types.NotificationConfiguration) {
	t.Helper()
	if _, err := client.PutBucketNotificationConfiguration(t.Context(), &sdk.PutBucketNotificationConfigurationInput{Bucket: &bucket, NotificationConfiguration: &n}); err != nil {
		t.Fatal(err)
	}
}

func toFunction(id string, rules []types.FilterRule, events ...types.Event) types.LambdaFunctionConfiguration {
	out := types.LambdaFunctionConfiguration{LambdaFunctionArn: aws.String(functionARN), Events: events}
	if id != "" {
		out.Id = &id
	}
	if rules != nil {
		out.Filter = &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: rules}}
	}
	return out
}

// The event decodes into the type of aws-lambda-go without a loss.
func TestNotificationEvent(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	box, client := c.inbox(), c.bucket(t, "docs")
	notify(t, client, "docs", types.NotificationConfiguration{LambdaFunctionConfigurations: []types.LambdaFunctionConfiguration{toFunction("mine", nil, "s3:ObjectCreated:*")}})
	put(t, client, "docs", "a b/ü+c.txt", "hello")
	got := box.take()
	if len(got) != 1 || got[0].Target != functionARN || got[0].Source != "arn:aws:s3:::docs" {
		t.Fatalf("got %+v", got)
	}
	var e events.S3Event
	d := json.NewDecoder(strings.NewReader(string(got[0].Body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		t.Fatal(err)
	}
	r := e.Records[0]
	want := events.S3EventRecord{
		EventVersion: "2.1", EventSource: "aws:s3", AWSRegion: "us-east-1", EventName: "ObjectCreated:Put",
		PrincipalID: events.S3UserIdentity{PrincipalID: "AWS:" + account}, RequestParameters: events.S3RequestParameters{SourceIPAddress: "127.0.0.1"},
		S3: events.S3Entity{SchemaVersion: "1.0", ConfigurationID: "mine",
			Bucket: events.S3Bucket{Name: "docs", OwnerIdentity: events.S3UserIdentity{PrincipalID: "A" + account}, Arn: "arn:aws:s3:::docs"},
			Object: events.S3Object{Key: "a+b/%C3%BC%2Bc.txt", URLDecodedKey: "a b/ü+c.txt", Size: 5, ETag: "5d41402abc4b2a76b9719d911017c592"},
		},
	}
	if diff := cmp.Diff(want, r, cmpopts.IgnoreFields(events.S3EventRecord{}, "EventTime", "ResponseElements"), cmpopts.IgnoreFields(events.S3Object{}, "Sequencer")); diff != "" {
		t.Error(diff)
	}
	if time.Since(r.EventTime) > time.Minute || len(r.S3.Object.Sequencer) != 16 || len(r.ResponseElements["x-amz-request-id"]) != 16 || r.ResponseElements["x-amz-id-2"] == "" {
		t.Errorf("got %+v", r)
	}
}

func TestNotificationKinds(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	box, client := c.inbox(), c.bucket(t, "docs")
	notify(t, client, "docs", types.NotificationConfiguration{LambdaFunctionConfigurations: []types.LambdaFunctionConfiguration{
		toFunction("", nil, "s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*")}})
	docs, key := aws.String("docs"), aws.String("k")
	expect := func(what string, want ...string) {
		t.Helper()
		if got := box.names(t); !slices.Equal(got, want) {
			t.Errorf("%s: got %q", what, got)
		}
	}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	put(t, client, "docs", "k", "1")
	expect("put", "ObjectCreated:Put k")
	must(client.CopyObject(t.Context(), &sdk.CopyObjectInput{Bucket: docs, Key: aws.String("copy"), CopySource: aws.String("docs/k")}))
	expect("copy", "ObjectCreated:Copy copy")
	upload, err := client.CreateMultipartUpload(t.Context(), &sdk.CreateMultipartUploadInput{Bucket: docs, Key: key})
	must(nil, err)
	part, err := client.UploadPart(t.Context(), &sdk.UploadPartInput{Bucket: docs, Key: key, UploadId: upload.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("x")})
	must(nil, err)
	expect("parts")
	must(client.CompleteMultipartUpload(t.Context(), &sdk.CompleteMultipartUploadInput{Bucket: docs, Key: key, UploadId: upload.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}}}}))
	expect("complete", "ObjectCreated:CompleteMultipartUpload k")
	must(client.PutObjectTagging(t.Context(), &sdk.PutObjectTaggingInput{Bucket: docs, Key: key, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}}))
	must(client.DeleteObjectTagging(t.Context(), &sdk.DeleteObjectTaggingInput{Bucket: docs, Key: key}))
	expect("tags", "ObjectTagging:Put k", "ObjectTagging:Delete k")
	must(client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: docs, Key: key}))
	must(client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: docs, Key: key})) // is gone: nothing happens
	expect("delete", "ObjectRemoved:Delete k")
	must(client.DeleteObjects(t.Context(), &sdk.DeleteObjectsInput{Bucket: docs, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("copy")}, {Key: aws.String("none")}}}}))
	expect("delete many", "ObjectRemoved:Delete copy")
	must(client.PutBucketVersioning(t.Context(), &sdk.PutBucketVersioningInput{Bucket: docs, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}}))
	put(t, client, "docs", "k", "2")
	must(client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: docs, Key: key}))
	var e events.S3Event
	got := box.take()
	if err := json.Unmarshal(got[1].Body, &e); err != nil {
		t.Fatal(err)
	}
	if r := e.Records[0]; r.EventName != "ObjectRemoved:DeleteMarkerCreated" || r.S3.Object.VersionID == "" {
		t.Errorf("got %+v", r)
	}
	must(client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: docs, Key: key, VersionId: &e.Records[0].S3.Object.VersionID}))
	expect("delete a version", "ObjectRemoved:Delete k")
}

func TestNotificationFilters(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	box, client := c.inbox(), c.bucket(t, "docs")
	rules := func(prefix, suffix string) []types.FilterRule {
		return []types.FilterRule{{Name: "Prefix", Value: &prefix}, {Name: types.FilterRuleNameSuffix, Value: &suffix}}
	}
	notify(t, client, "docs", types.NotificationConfiguration{
		LambdaFunctionConfigurations: []types.LambdaFunctionConfiguration{
			toFunction("images", rules("in/", ".png"), "s3:ObjectCreated:Put"), toFunction("texts", rules("in/", ".txt"), "s3:ObjectCreated:*"),
		},
		QueueConfigurations: []types.QueueConfiguration{{QueueArn: aws.String(queueARN), Events: []types.Event{"s3:ObjectRemoved:*"}}},
		TopicConfigurations: []types.TopicConfiguration{{TopicArn: aws.String(topicARN), Events: []types.Event{"s3:ObjectCreated:Put"},
			Filter: &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: rules("out/", "")}}}},
		EventBridgeConfiguration: &types.EventBridgeConfiguration{},
	})
	tests := box.take()
	slices.SortFunc(tests, func(a, b delivery.Message) int { return strings.Compare(a.Target, b.Target) })
	if len(tests) != 2 || tests[0].Target != topicARN || tests[0].Subject != "Amazon S3 Notification" || tests[1].Target != queueARN {
		t.Fatalf("got %+v", tests)
	}
	var test events.S3TestEvent
	if err := json.Unmarshal(tests[0].Body, &test); err != nil || test.Event != "s3:TestEvent" || test.Bucket != "docs" || test.RequestID == "" {
		t.Errorf("got %+v, %v", test, err)
	}
	for key, want := range map[string][]string{
		"in/a.png": {"events", "lambda"}, "in/a.txt": {"events", "lambda"}, "in/a.gif": {"events"}, "a.png": {"events"}, "out/x": {"events", "sns"},
	} {
		put(t, client, "docs", key, "x")
		var got []string
		for _, m := range box.take() {
			got = append(got, strings.Split(m.Target, ":")[2])
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: told %v", key, got)
		}
	}
	if _, err := client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: aws.String("docs"), Key: aws.String("a.png")}); err != nil {
		t.Fatal(err)
	}
	if got := box.take(); len(got) != 2 {
		t.Errorf("told %v", got)
	}
	out, err := client.GetBucketNotificationConfiguration(t.Context(), &sdk.GetBucketNotificationConfigurationInput{Bucket: aws.String("docs")})
	if err != nil || len(out.LambdaFunctionConfigurations) != 2 || *out.LambdaFunctionConfigurations[0].Id != "images" || len(out.QueueConfigurations) != 1 ||
		*out.QueueConfigurations[0].Id == "" || len(out.TopicConfigurations) != 1 || out.EventBridgeConfiguration == nil {
		t.Errorf("got %+v, %v", out, err)
	}
	notify(t, client, "docs", types.NotificationConfiguration{})
	put(t, client, "docs", "in/a.png", "x")
	if got := box.take(); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}

func TestBridgeEvents(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	box, client := c.inbox(), c.bucket(t, "docs")
	notify(t, client, "docs", types.NotificationConfiguration{EventBridgeConfiguration: &types.EventBridgeConfiguration{}})
	put(t, client, "docs", "a b", "hello")
	if _, err := client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: aws.String("docs"), Key: aws.String("a b")}); err != nil {
		t.Fatal(err)
	}
	got := box.take()
	if len(got) != 2 {
		t.Fatalf("got %+v", got)
	}
	type object = map[string]any
	for i, want := range []struct {
		kind   string
		detail object
	}{
		{"Object Created", object{"version": "0", "bucket": object{"name": "docs"}, "object": object{"key": "a b", "size": 5.0, "etag": "5d41402abc4b2a76b9719d911017c592"},
			"requester": account, "source-ip-address": "127.0.0.1", "reason": "PutObject"}},
		{"Object Deleted", object{"version": "0", "bucket": object{"name": "docs"}, "object": object{"key": "a b"},
			"requester": account, "source-ip-address": "127.0.0.1", "reason": "DeleteObject", "deletion-type": "Permanently Deleted"}},
	} {
		m := got[i]
		if m.Target != "arn:aws:events:us-east-1:"+account+":event-bus/default" || m.EventSource != "aws.s3" || m.DetailType != want.kind || !slices.Equal(m.Resources, []string{"arn:aws:s3:::docs"}) {
			t.Errorf("got %+v", m)
		}
		var detail object
		if err := json.Unmarshal(m.Body, &detail); err != nil {
			t.Fatal(err)
		}
		if detail["request-id"] == "" || detail["object"].(object)["sequencer"] == "" {
			t.Errorf("got %v", detail)
		}
		delete(detail, "request-id")
		delete(detail["object"].(object), "sequencer")
		if diff := cmp.Diff(want.detail, detail); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNotificationsRefused(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	box := c.inbox()
	c.bucket(t, "docs")
	box.refused = "arn:aws:lambda:us-east-1:" + account + ":function:closed"
	to := func(arn, rest string) string {
		return "<CloudFunctionConfiguration><CloudFunction>" + arn + "</CloudFunction>" + rest + "</CloudFunctionConfiguration>"
	}
	created := "<Event>s3:ObjectCreated:*</Event>"
	rule := func(name, value string) string {
		return "<FilterRule><Name>" + name + "</Name><Value>" + value + "</Value></FilterRule>"
	}
	filter := func(rules ...string) string {
		return "<Filter><S3Key>" + strings.Join(rules, "") + "</S3Key></Filter>"
	}
	for _, test := range []struct{ body, want string }{
		{"<Other/>", "MalformedXML"},
		{to("f", created), "could not be parsed"},
		{to(queueARN, created), "could not be parsed"},
		{to(functionARN, ""), "MalformedXML"},
		{to(functionARN, "<Event>s3:Teleported</Event>"), "NotImplemented"},
		{to(functionARN, "<Event>created</Event>"), "not supported for notifications"},
		{to(functionARN, created+filter(rule("infix", "x"))), "either prefix or suffix"},
		{to(functionARN, created+filter(rule("prefix", "x"), rule("Prefix", "y"))), "more than one prefix"},
		{to(functionARN, created) + to(functionARN+"2", "<Event>s3:ObjectCreated:Put</Event>"), "Configurations overlap"},
		{to(functionARN, created+filter(rule("prefix", "a"))) + to(functionARN+"2", created+filter(rule("prefix", "ab"))), "Configurations overlap"},
		{to(box.refused, created), "Unable to validate the following destination configurations"},
		{"<QueueConfiguration><Queue>" + queueARN + ".fifo</Queue>" + created + "</QueueConfiguration>", "FIFO"},
	} {
		response, answer := c.do(t, account, "PUT", "/docs?notification", nil, strings.NewReader("<NotificationConfiguration>"+test.body+"</NotificationConfiguration>"))
		if response.StatusCode < 400 || !strings.Contains(answer, test.want) {
			t.Errorf("%s: got %d %s, want %s", test.body, response.StatusCode, answer, test.want)
		}
	}
	body := "<NotificationConfiguration>" + to(box.refused, created) + "</NotificationConfiguration>"
	if response, answer := c.do(t, account, "PUT", "/docs?notification", map[string]string{"X-Amz-Skip-Destination-Validation": "true"}, strings.NewReader(body)); response.StatusCode != 200 {
		t.Errorf("without validation: %s", answer)
	}
}
