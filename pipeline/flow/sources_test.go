// SPDX-License-Identifier: MIT

package flow_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// recorders is a user module whose functions note the events that they get, as
// the types of aws-lambda-go hold them.
var recorders = map[string]string{
	"go.mod": "module example.com/recorders\n\ngo 1.26\n",
	"handlers/handlers.go": `package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

func note(event any) error {
	line, err := json.Marshal(map[string]any{"Function": lambdacontext.FunctionName, "Event": event})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(os.Getenv("RECORD"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(append(line, '\n')); err != nil {
		return err
	}
	if strings.Contains(string(line), "please fail") {
		return errors.New("told to fail")
	}
	return nil
}

func Object(_ context.Context, e events.S3Event) error        { return note(e) }
func Message(_ context.Context, e events.SNSEvent) error      { return note(e) }
func Job(_ context.Context, e events.SQSEvent) error          { return note(e) }
func Record(_ context.Context, e events.KinesisEvent) error   { return note(e) }
func Change(_ context.Context, e events.DynamoDBEvent) error  { return note(e) }
func Topic(_ context.Context, e events.KafkaEvent) error      { return note(e) }
func Any(_ context.Context, e json.RawMessage) error          { return note(e) }
func Timer(_ context.Context, e events.EventBridgeEvent) error { return note(e) }
func Button(_ context.Context, e events.IoTButtonEvent) error { return note(e) }
func Mail(_ context.Context, e events.SimpleEmailEvent) error { return note(e) }
func Lines(_ context.Context, e events.CloudwatchLogsEvent) error { return note(e) }

// Sum and Count hand on what they have seen in a window.
func Sum(_ context.Context, e events.KinesisTimeWindowEvent) (out events.KinesisTimeWindowEventResponse, err error) {
	out.State = map[string]string{"seen": e.State["seen"]}
	for _, r := range e.Records {
		out.State["seen"] += r.Kinesis.PartitionKey
	}
	return out, note(e)
}

func Count(_ context.Context, e events.DynamoDBTimeWindowEvent) (out events.DynamoDBTimeWindowEventResponse, err error) {
	out.State = map[string]string{"seen": e.State["seen"]}
	for _, r := range e.Records {
		out.State["seen"] += r.Change.Keys["id"].String()
	}
	return out, note(e)
}

// Talk logs what it is told.
func Talk(_ context.Context, words string) error {
	_, err := os.Stderr.WriteString(words + "\n")
	return err
}
`,
}

// recording is a service of recorders that is up.
type recording struct {
	*world
	module
	file string
}

// record brings up a service of recorders with the rest of its sparta.yaml.
func record(t *testing.T, yaml string) *recording {
	t.Helper()
	r := newRecording(t, yaml)
	r.mustUp(stage.Created)
	return r
}

// newRecording is record without the up.
func newRecording(t *testing.T, yaml string) *recording {
	t.Helper()
	m := module{t, t.TempDir()}
	for name, text := range recorders {
		m.write(name, text)
	}
	file := filepath.Join(t.TempDir(), "events")
	m.write("sparta.yaml", fmt.Sprintf("serviceName: Orders\ndefaults: {runtime: provided.al2023, environment: {RECORD: %q}}\n", file)+yaml)
	w := local(t, m.dir+"/sparta.yaml")
	w.Confirm = agree
	return &recording{w, m, file}
}

func (r *recording) config() aws.Config { return awsclient.Local(r.endpoint, account, region) }

// put stores an object.
func (r *recording) put(bucket, key string) {
	r.world.t.Helper()
	if _, err := r.clients().S3.PutObject(r.world.t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(key)}); err != nil {
		r.world.t.Fatal(err)
	}
}

// await waits for an event of a function with a text in it, and decodes it into a
// type that has to have all its fields.
func (r *recording) await(function, text string, event any) {
	r.world.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if data := r.noted(function, text); data != nil {
			decoder := json.NewDecoder(bytes.NewReader(data))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(event); err != nil {
				r.world.t.Fatalf("%v in %s", err, data)
			}
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	data, _ := os.ReadFile(r.file)
	r.world.t.Fatalf("%s got no event with %q; there were:\n%s", function, text, data)
}

// noted returns the event of a function with a text in it, nil for none.
func (r *recording) noted(function, text string) []byte {
	data, _ := os.ReadFile(r.file) // is not there before the first event
	for line := range bytes.Lines(data) {
		var one struct {
			Function string
			Event    json.RawMessage
		}
		if json.Unmarshal(line, &one) == nil && one.Function == "Orders-"+function && bytes.Contains(one.Event, []byte(text)) {
			return one.Event
		}
	}
	return nil
}

const bucketsYAML = `functions:
  pictures:
    handler: ./handlers.Object
    events:
      - s3: {bucket: Uploads, prefix: in/, suffix: .jpg}
      - s3: {bucket: Uploads, prefix: in/, suffix: .png}
  index:
    handler: ./handlers.Object
    events:
      - s3: {bucket: Uploads, prefix: out/, events: [ObjectCreated:Put, ObjectRemoved:*]}
      - s3: Plain
resources:
  Uploads: {Type: AWS::S3::Bucket, DeletionPolicy: Delete, UpdateReplacePolicy: Delete, Properties: {BucketName: uploads-of-a-test}}
  Plain: {Type: AWS::S3::Bucket, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
outputs: {Plain: !Ref Plain}
`

// TestSourceBucket: several functions and prefixes on one bucket, a bucket
// without a name, a rule that goes, and an update that fails.
func TestSourceBucket(t *testing.T) {
	t.Parallel()
	r := newRecording(t, bucketsYAML)
	outcome := r.mustUp(stage.Created)
	for _, key := range []string{"in/a b.jpg", "in/b.png", "in/c.txt", "out/d"} {
		r.put("uploads-of-a-test", key)
	}
	r.put(output(t, outcome, "Plain"), "e")
	var e events.S3Event
	r.await("pictures", `in/a+b.jpg`, &e)
	if got := e.Records[0]; got.S3.Object.URLDecodedKey != "in/a b.jpg" || got.S3.Bucket.Name != "uploads-of-a-test" || got.EventName != "ObjectCreated:Put" {
		t.Errorf("got %+v", got)
	}
	r.await("pictures", `in/b.png`, &e)
	r.await("index", `out/d`, &e)
	r.await("index", `"key":"e"`, &e)

	// An update that fails leaves the live rules.
	r.edit("sparta.yaml", "prefix: in/, suffix: .jpg", "prefix: other/, suffix: .jpg")
	r.edit("sparta.yaml", "outputs:", failing("Uploads")+"outputs:")
	if _, err := r.up(); err == nil {
		t.Fatal("the queue without a policy was made")
	}
	r.put("uploads-of-a-test", "in/after.jpg")
	r.await("pictures", `in/after.jpg`, &e)

	// A rule that is gone calls nobody, and the others stay.
	r.edit("sparta.yaml", failing("Uploads"), "")
	r.edit("sparta.yaml", "      - s3: {bucket: Uploads, prefix: other/, suffix: .jpg}\n", "")
	r.mustUp(stage.Updated)
	r.put("uploads-of-a-test", "in/late.jpg")
	r.put("uploads-of-a-test", "in/late.png")
	r.await("pictures", `in/late.png`, &e)
	if r.noted("pictures", "in/late.jpg") != nil || r.noted("pictures", "in/c.txt") != nil || r.noted("index", "in/") != nil {
		t.Error("a function is told of what it has no rule for")
	}
}

const topicsYAML = `functions:
  wanted:
    handler: ./handlers.Message
    events:
      - sns: {topic: Topic, filter: {kind: [wanted]}}
  large:
    handler: ./handlers.Message
    events:
      - sns: {topic: Topic, filter: {order: {size: [{numeric: [">", 5]}]}}, filterScope: body}
  queued:
    handler: ./handlers.Job
    events:
      - sns: {topic: Topic, raw: true, queue: Jobs}
resources:
  Topic: {Type: AWS::SNS::Topic}
  Jobs: {Type: AWS::SQS::Queue, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
outputs: {Topic: !Ref Topic}
`

// TestSourceTopic: filters by attribute and by body, and the way through a
// queue.
func TestSourceTopic(t *testing.T) {
	t.Parallel()
	r := newRecording(t, topicsYAML)
	topic := output(t, r.mustUp(stage.Created), "Topic")
	publish := func(message, kind string) {
		_, err := sns.NewFromConfig(r.config()).Publish(t.Context(), &sns.PublishInput{
			TopicArn: &topic, Message: &message,
			MessageAttributes: map[string]snstypes.MessageAttributeValue{"kind": {DataType: aws.String("String"), StringValue: &kind}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	publish(`{"order":{"size":3}}`, "wanted")
	publish(`{"order":{"size":7}}`, "other")
	var e events.SNSEvent
	r.await("wanted", `size\":3`, &e)
	if got := e.Records[0].SNS; got.TopicArn != topic || got.Message != `{"order":{"size":3}}` {
		t.Errorf("got %+v", got)
	}
	r.await("large", `size\":7`, &e)
	var job events.SQSEvent
	r.await("queued", `size\":3`, &job)
	r.await("queued", `size\":7`, &job)
	if !slices.ContainsFunc(job.Records, func(m events.SQSMessage) bool { return m.Body == `{"order":{"size":7}}` }) {
		t.Errorf("the queue gets %v", job.Records) // maybe both in one batch
	}
	if r.noted("wanted", `size\":7`) != nil || r.noted("large", `size\":3`) != nil {
		t.Error("a filter lets pass what it should not")
	}
	r.edit("sparta.yaml", "      - sns: {topic: Topic, filter: {kind: [wanted]}}\n", "      []\n")
	r.mustUp(stage.Updated)
	publish(`{"order":{"size":8}}`, "wanted")
	r.await("large", `size\":8`, &e)
	if r.noted("wanted", `size\":8`) != nil {
		t.Error("a subscription that was taken away is still there")
	}
}

// soleKey waits for an object in a bucket, which has to be the only one.
func (r *recording) soleKey(bucket string) (key string) {
	r.world.t.Helper()
	eventually(r.world.t, "an object in "+bucket, func() (bool, error) {
		out, err := r.clients().S3.ListObjectsV2(r.world.t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
		if err != nil || len(out.Contents) == 0 {
			return false, err
		}
		key = *out.Contents[0].Key
		return len(out.Contents) == 1, nil
	})
	return key
}

// object returns what is stored under a key.
func (r *recording) object(bucket, key string) string {
	r.world.t.Helper()
	out, err := r.clients().S3.GetObject(r.world.t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		r.world.t.Fatal(err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		r.world.t.Fatal(err)
	}
	return string(text)
}

const outcomesYAML = `functions:
  first: {handler: ./handlers.Any, destinations: {onSuccess: second, onFailure: Failed}, retries: 0, events: [sns: Topic]}
  second: {handler: ./handlers.Any}
  failed: {handler: ./handlers.Job, events: [sqs: Failed]}
  kept: {handler: ./handlers.Any, destinations: {onFailure: Failures}, retries: 0, events: [sns: Topic]}
  letters: {handler: ./handlers.Any, deadLetter: Dead, retries: 0, events: [sns: Topic]}
  dead: {handler: ./handlers.Job, events: [sqs: Dead]}
resources:
  Topic: {Type: AWS::SNS::Topic}
  Failed: {Type: AWS::SQS::Queue, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
  Dead: {Type: AWS::SQS::Queue, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
  Failures: {Type: AWS::S3::Bucket, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
outputs: {Topic: !Ref Topic, Failures: !Ref Failures}
`

// TestOutcomes: what becomes of asynchronous events that succeed and that fail.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	r := newRecording(t, outcomesYAML)
	outcome := r.mustUp(stage.Created)
	topic, failures := output(t, outcome, "Topic"), output(t, outcome, "Failures")
	if _, err := sns.NewFromConfig(r.config()).Publish(t.Context(), &sns.PublishInput{TopicArn: &topic, Message: aws.String("please fail")}); err != nil {
		t.Fatal(err)
	}
	var job events.SQSEvent
	r.await("failed", `RetriesExhausted`, &job)
	if got := job.Records[0].Body; !strings.Contains(got, "told to fail") || !strings.Contains(got, `"approximateInvokeCount":1`) {
		t.Errorf("the failure says %s", got)
	}
	key := r.soleKey(failures)
	if record := r.object(failures, key); !strings.HasPrefix(key, "aws/lambda/async/Orders-kept/") || !strings.Contains(record, `"condition":"RetriesExhausted"`) || !strings.Contains(record, "please fail") {
		t.Errorf("%s has %s", key, record)
	}
	r.await("dead", "please fail", &job)
	if got := job.Records[0].MessageAttributes["ErrorMessage"].StringValue; got == nil || *got != "told to fail" {
		t.Errorf("the dead letter has the attributes %v", job.Records[0].MessageAttributes)
	}
	if _, err := sns.NewFromConfig(r.config()).Publish(t.Context(), &sns.PublishInput{TopicArn: &topic, Message: aws.String("go on")}); err != nil {
		t.Fatal(err)
	}
	var any map[string]any
	r.await("second", `"condition":"Success"`, &any)
}
