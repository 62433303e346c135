// SPDX-License-Identifier: MIT

package flow_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// told lists who is told what of a bucket: the last part of each ARN with the
// prefix of the keys, and "bridge" for EventBridge.
func (r *recording) told(bucket string) []string {
	r.world.t.Helper()
	out, err := r.clients().S3.GetBucketNotificationConfiguration(r.world.t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: &bucket})
	if err != nil {
		r.world.t.Fatal(err)
	}
	var all []string
	add := func(arn *string, filter *s3types.NotificationConfigurationFilter) {
		name := (*arn)[strings.LastIndexByte(*arn, ':')+1:]
		if filter != nil && filter.Key != nil {
			for _, rule := range filter.Key.FilterRules {
				name += " " + *rule.Value
			}
		}
		all = append(all, name)
	}
	for _, l := range out.LambdaFunctionConfigurations {
		add(l.LambdaFunctionArn, l.Filter)
	}
	for _, l := range out.TopicConfigurations {
		add(l.TopicArn, l.Filter)
	}
	if out.EventBridgeConfiguration != nil {
		all = append(all, "bridge")
	}
	slices.Sort(all)
	return all
}

func (r *recording) wantTold(bucket string, want ...string) {
	r.world.t.Helper()
	if got := r.told(bucket); !slices.Equal(got, want) {
		r.world.t.Errorf("bucket %s tells %q, want %q", bucket, got, want)
	}
}

// claim makes a bucket that others use already: a topic and EventBridge are told
// of its objects.
func (r *recording) claim(bucket string) {
	r.world.t.Helper()
	ctx := r.world.t.Context()
	if _, err := r.clients().S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		r.world.t.Fatal(err)
	}
	topics := sns.NewFromConfig(r.config())
	topic, err := topics.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("theirs")})
	if err != nil {
		r.world.t.Fatal(err)
	}
	_, err = topics.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{
		TopicArn: topic.TopicArn, AttributeName: aws.String("Policy"),
		AttributeValue: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sns:Publish","Resource":"` + *topic.TopicArn + `"}]}`),
	})
	if err != nil {
		r.world.t.Fatal(err)
	}
	_, err = r.clients().S3.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: &bucket, NotificationConfiguration: &s3types.NotificationConfiguration{
			EventBridgeConfiguration: &s3types.EventBridgeConfiguration{},
			TopicConfigurations: []s3types.TopicConfiguration{{
				Id: aws.String("theirs"), TopicArn: topic.TopicArn, Events: []s3types.Event{"s3:ObjectCreated:*"},
				Filter: &s3types.NotificationConfigurationFilter{Key: &s3types.S3KeyFilter{
					FilterRules: []s3types.FilterRule{{Name: "prefix", Value: aws.String("theirs/")}},
				}},
			}},
		},
	})
	if err != nil {
		r.world.t.Fatal(err)
	}
}

// failing is a resource that can't be made, after another one: the policy of a
// queue that does not exist.
func failing(after string) string {
	return "  Bad: {Type: AWS::SQS::QueuePolicy, DependsOn: [" + after + "], Properties: {Queues: [\"http://127.0.0.1/none\"], PolicyDocument: {Version: \"2012-10-17\", Statement: []}}}\n"
}

const existingYAML = `functions:
  one:
    handler: ./handlers.Object
    events:
      - s3: {bucket: "arn:aws:s3:::live", prefix: one/}
      - s3: {bucket: "arn:aws:s3:::live", prefix: more/}
      - s3: {bucket: "arn:aws:s3:::other", prefix: one/}
  two:
    handler: ./handlers.Object
    events:
      - s3: {bucket: "arn:aws:s3:::live", prefix: two/}
`

// TestSourceExistingBucket: functions are told of buckets that exist already,
// which keep what they have, whatever comes and goes.
func TestSourceExistingBucket(t *testing.T) {
	t.Parallel()
	r := newRecording(t, existingYAML)
	r.claim("live")
	r.claim("other")
	r.mustUp(stage.Created)
	r.wantTold("live", "Orders-one more/", "Orders-one one/", "Orders-two two/", "bridge", "theirs theirs/")
	r.wantTold("other", "Orders-one one/", "bridge", "theirs theirs/")
	r.put("live", "more/a")
	r.put("live", "two/b")
	r.put("other", "one/c")
	var e events.S3Event
	r.await("one", "more/a", &e)
	r.await("two", "two/b", &e)
	r.await("one", "one/c", &e)
	if e.Records[0].S3.Bucket.Name != "other" {
		t.Errorf("got %+v", e)
	}

	// An update that fails leaves the live rules.
	r.edit("sparta.yaml", "prefix: more/", "prefix: less/")
	r.edit("sparta.yaml", "", "resources:\n"+failing("BucketNotificationsLive8d3b124c"))
	if _, err := r.up(); err == nil {
		t.Fatal("a policy for no queue was made")
	}
	r.wantTold("live", "Orders-one more/", "Orders-one one/", "Orders-two two/", "bridge", "theirs theirs/")

	// Rules and a whole bucket go; the provider may still write to the latter.
	r.edit("sparta.yaml", "resources:\n"+failing("BucketNotificationsLive8d3b124c"), "")
	r.edit("sparta.yaml", "      - s3: {bucket: \"arn:aws:s3:::other\", prefix: one/}\n", "")
	r.edit("sparta.yaml", "      - s3: {bucket: \"arn:aws:s3:::live\", prefix: two/}\n", "      []\n")
	r.mustUp(stage.Updated)
	r.wantTold("live", "Orders-one less/", "Orders-one one/", "bridge", "theirs theirs/")
	r.wantTold("other", "bridge", "theirs theirs/")
	r.takeDown()
	r.wantTold("live", "bridge", "theirs theirs/")
}

const ownYAML = `functions:
  index:
    handler: ./handlers.Object
    environment: {NAME: plain}
    events: [{s3: {bucket: Uploads, prefix: in/}}]
resources:
  Uploads: {Type: AWS::S3::Bucket, DeletionPolicy: Delete, UpdateReplacePolicy: Delete, Properties: {BucketName: uploads-of-another-test}}
`

// TestSourceBucketApart: a function that needs the bucket which calls it, now
// and not, with the rule in the bucket's own notifications or apart from them.
func TestSourceBucketApart(t *testing.T) {
	t.Parallel()
	r := newRecording(t, ownYAML)
	const bucket = "uploads-of-another-test"
	r.mustUp(stage.Created)
	r.wantTold(bucket, "Orders-index in/")

	r.edit("sparta.yaml", "NAME: plain", "NAME: !Ref Uploads")
	r.edit("sparta.yaml", "    events: [", "    permissions: [write: Uploads]\n    events: [")
	r.mustUp(stage.Updated)
	r.wantTold(bucket, "Orders-index in/")
	r.put(bucket, "in/apart")
	var e events.S3Event
	r.await("index", "in/apart", &e)

	// An update that fails leaves the live rule.
	r.edit("sparta.yaml", "prefix: in/", "prefix: out/")
	r.edit("sparta.yaml", "", failing("BucketNotificationsUploads"))
	if _, err := r.up(); err == nil {
		t.Fatal("a policy for no queue was made")
	}
	r.wantTold(bucket, "Orders-index in/")

	r.edit("sparta.yaml", failing("BucketNotificationsUploads"), "")
	r.edit("sparta.yaml", "NAME: !Ref Uploads", "NAME: plain")
	r.edit("sparta.yaml", "    permissions: [write: Uploads]\n", "")
	r.mustUp(stage.Updated)
	r.wantTold(bucket, "Orders-index out/")
	r.put(bucket, "out/own")
	r.await("index", "out/own", &e)
}

// TestSourceBucketElsewhere: a bucket of another region is told at its line, with
// both regions and what to do, and the account stays as it was.
func TestSourceBucketElsewhere(t *testing.T) {
	t.Parallel()
	r := newRecording(t, "functions:\n  one:\n    handler: ./handlers.Object\n    events:\n      - s3: {prefix: in/, bucket: \"arn:aws:s3:::irish\"}\n")
	irish := r.config()
	irish.Region = "eu-west-1"
	client := s3.NewFromConfig(irish, func(o *s3.Options) { o.UsePathStyle = true })
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("irish"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.up()
	found, ok := errors.AsType[*diag.Fault](err)
	if !ok || len(found.Problems) != 1 {
		t.Fatalf("got %v", err)
	}
	p := found.Problems[0]
	for _, want := range []string{p.Source[p.Position.Column-1:], p.Message, p.Hint} {
		if !strings.Contains(want, "irish") && !strings.Contains(want, "--region") {
			t.Errorf("got %v, at %q, hint %q", p, p.Source, p.Hint)
		}
	}
	if stacks, err := r.clients().CloudFormation.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); err != nil || len(stacks.Stacks) > 0 {
		t.Errorf("left %v, %v", stacks, err)
	}
}

// TestSourceBucketOfAnotherAccount: S3 tells nobody who may not see a bucket whose
// it is, so that the stack's custom resource finds out. Its failure is told at
// the line of the event, and says what may be behind it.
func TestSourceBucketOfAnotherAccount(t *testing.T) {
	t.Parallel()
	r := newRecording(t, "functions:\n  one:\n    handler: ./handlers.Object\n    events:\n      - s3: {prefix: in/, bucket: \"arn:aws:s3:::theirs\"}\n")
	config := r.config()
	theirs := awsclient.Local(*config.BaseEndpoint, "222222222222", config.Region)
	client := s3.NewFromConfig(theirs, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("theirs")}); err != nil {
		t.Fatal(err)
	}
	_, err := r.up()
	found, ok := errors.AsType[*diag.Fault](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	p := found.Problems[0]
	if p.Position.Line == 0 || !strings.Contains(p.Source, "arn:aws:s3:::theirs") || !strings.Contains(p.Message, "it is not of account 000000000000") || !strings.Contains(p.Hint, "of the account that you deploy to") {
		t.Errorf("got %v at %q, hint %q", p, p.Source, p.Hint)
	}
}
