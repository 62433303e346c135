// SPDX-License-Identifier: MIT

package lambda

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// failsOn fails for batches with a text.
func failsOn(text string) func(events.KafkaEvent) sandbox.Outcome {
	return func(e events.KafkaEvent) sandbox.Outcome {
		if strings.Contains(valuesOf(e), text) {
			return sandbox.Outcome{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"no"}`)}
		}
		return sandbox.Outcome{}
	}
}

// namesFailed names the first record with a text as failed.
func namesFailed(text string) func(events.KafkaEvent) sandbox.Outcome {
	return func(e events.KafkaEvent) sandbox.Outcome {
		for partition, records := range e.Records {
			for _, r := range records {
				if strings.Contains(valuesOf(events.KafkaEvent{Records: map[string][]events.KafkaRecord{"": {r}}}), text) {
					return sandbox.Outcome{Payload: []byte(fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":{"partition":%q,"offset":%d}}]}`, partition, r.Offset))}
				}
			}
		}
		return sandbox.Outcome{Payload: []byte(`{"batchItemFailures":[]}`)}
	}
}

// What is in the topic before and after the mapping is made, and the batches that
// the function gets of it.
func TestTopicMapping(t *testing.T) {
	t.Parallel()
	own, report := &pollers{MinimumPollers: 1}, []string{"ReportBatchItemFailures"}
	settings := func(v streamInput) mappingInput {
		return mappingInput{streamInput: v, topicInput: topicInput{ProvisionedPollerConfig: own}}
	}
	reporting := settings(streamInput{MaximumRetryAttempts: new(1)})
	reporting.FunctionResponseTypes = report
	for _, test := range []struct {
		name          string
		start         string
		in            mappingInput
		answer        func(events.KafkaEvent) sandbox.Outcome
		before, after []string
		want          []string
	}{
		{"from the oldest", stream.TrimHorizon, mappingInput{}, nil, []string{"a", "b"}, nil, []string{"a,b"}},
		{"from now on", stream.Latest, mappingInput{}, nil, []string{"a", "b"}, []string{"c"}, []string{"c"}},
		{"batch size", stream.TrimHorizon, mappingInput{BatchSize: new(2)}, nil, []string{"a", "b", "c"}, nil, []string{"a,b", "c"}},
		{"no retries", stream.TrimHorizon, settings(streamInput{MaximumRetryAttempts: new(0)}), failsOn("bad"), []string{"a", "bad"}, []string{"c"}, []string{"a,bad", "c"}},
		{"a failure keeps the rest back", stream.TrimHorizon, settings(streamInput{MaximumRetryAttempts: new(1)}), failsOn("bad"), []string{"a", "bad"}, []string{"c"}, []string{"a,bad", "a,bad", "c"}},
		{"split", stream.TrimHorizon, settings(streamInput{MaximumRetryAttempts: new(0), BisectBatchOnFunctionError: new(true)}), failsOn("bad"),
			[]string{"a", "bad", "c"}, nil, []string{"a,bad,c", "a", "bad,c", "bad", "c"}},
		{"reported", stream.TrimHorizon, reporting, namesFailed("bad"), []string{"a", "bad", "c"}, []string{"d"}, []string{"a,bad,c", "bad,c", "d"}},
		{"answers mean nothing by default", stream.TrimHorizon, mappingInput{}, namesFailed("bad"), []string{"a", "bad"}, nil, []string{"a,bad"}},
		{"filter", stream.TrimHorizon, mappingInput{FilterCriteria: &filterCriteria{[]filter{{`{"value":{"kind":["x"]}}`}, {`{"value":["plain"]}`}}}}, nil,
			[]string{`{"kind":"x"}`, `{"kind":"y"}`, "plain", "other", "\xff"}, nil, []string{`{"kind":"x"},plain`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := brookWith(t, test.answer)
			b.put(t, test.before...)
			time.Sleep(2 * time.Millisecond) // times are those of a millisecond
			in := topicMapping(test.in)
			in.StartingPosition = test.start
			b.mapped(t, in)
			if len(test.after) > 0 && test.start == stream.TrimHorizon {
				b.await(t, test.want[0])
			}
			b.put(t, test.after...)
			b.await(t, test.want...)
		})
	}
}

// The event decodes into the type of aws-lambda-go without a loss, and back.
func TestKafkaEvent(t *testing.T) {
	t.Parallel()
	b := brookWith(t, nil)
	at := time.UnixMilli(1_700_000_000_123)
	b.produce(t, &kgo.Record{Topic: "t", Partition: 1, Key: []byte("k"), Value: []byte("v"), Timestamp: at, Headers: []kgo.RecordHeader{{Key: "h", Value: []byte{0, 127, 128, 255}}}})
	b.mapped(t, topicMapping(mappingInput{}))
	own := topicMapping(mappingInput{})
	own.EventSourceArn, own.SelfManagedEventSource = "", &selfManaged{map[string][]string{serversName: {b.broker.Address()}}}
	b.await(t, "v")
	b.mapped(t, own)
	b.await(t, "v", "v")
	want := events.KafkaRecord{
		Topic: "t", Partition: 1, Timestamp: events.MilliSecondsEpochTime{Time: at}, TimestampType: "CREATE_TIME", Key: "aw==", Value: "dg==",
		Headers: []map[string]events.JSONNumberBytes{{"h": {0, 127, 128, 255}}},
	}
	for i, source := range []events.KafkaEvent{
		{EventSource: "aws:kafka", EventSourceARN: clusterARN, BootstrapServers: b.broker.Address()}, {EventSource: "SelfManagedKafka", BootstrapServers: b.broker.Address()},
	} {
		var e events.KafkaEvent
		d := json.NewDecoder(strings.NewReader(b.payloads[i]))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		sent, got := map[string]any{"eventSourceArn": ""}, map[string]any{} // the type writes what MSK alone has
		if err := json.Unmarshal([]byte(b.payloads[i]), &sent); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sent, got); diff != "" {
			t.Errorf("lost on the way: %s", diff)
		}
		source.Records = map[string][]events.KafkaRecord{"t-1": {want}}
		if diff := cmp.Diff(source, e); diff != "" {
			t.Error(diff)
		}
	}
}

// A mapping that is changed, and one that is opened again, go on where the group
// has come to; a group of the caller's own is used.
func TestTopicMappingGoesOn(t *testing.T) {
	t.Parallel()
	b := brookWith(t, nil)
	in := topicMapping(mappingInput{topicInput: topicInput{AmazonManagedKafkaEventSourceConfig: &groupConfig{"billing"}}})
	m := b.mapped(t, in)
	b.put(t, "a")
	b.await(t, "a")
	if _, err := b.changeMapping(here, m.ID, mappingInput{Enabled: new(false)}, func(*mapping) {}); err != nil {
		t.Fatal(err)
	}
	b.put(t, "b")
	if _, err := b.changeMapping(here, m.ID, mappingInput{Enabled: new(true), BatchSize: new(1)}, func(*mapping) {}); err != nil {
		t.Fatal(err)
	}
	b.await(t, "a", "b")
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.all.store.Flush(); err != nil {
		t.Fatal(err)
	}
	b.put(t, "c")
	again := openBrook(t, &brook{broker: b.broker, all: b.all})
	again.await(t, "c")
	if err := again.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// What is given up is told to the destination, after ten retries if nothing limits
// them.
func TestTopicMappingFailure(t *testing.T) {
	t.Parallel()
	b := brookWith(t, failsOn("bad"))
	dead := (&source{Service: b.Service, all: b.all}).queue(t, nil)
	in := topicMapping(mappingInput{topicInput: topicInput{ProvisionedPollerConfig: &pollers{MinimumPollers: 1}}, streamInput: streamInput{
		MaximumRetryAttempts: new(0), DestinationConfig: &destinations{OnFailure: destination{dead}}}})
	b.mapped(t, in)
	b.put(t, "bad", "worse")
	b.await(t, "bad,worse")
	b.put(t, "good")
	b.await(t, "bad,worse", "good")
	letters, err := b.all.queues.Receive(t.Context(), dead, 1, topicPatience)
	if err != nil || len(letters) != 1 {
		t.Fatal(letters, err)
	}
	var failure struct {
		RequestContext map[string]any
		KafkaBatchInfo struct {
			BatchSize, PayloadSize           int
			EventSourceArn, BootstrapServers string
			RecordsInfo                      map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(letters[0].Body), &failure); err != nil {
		t.Fatal(err)
	}
	info := failure.KafkaBatchInfo
	if failure.RequestContext["condition"] != "RetryAttemptsExhausted" || info.BatchSize != 2 || info.PayloadSize != len(b.payloads[0]) || info.EventSourceArn != clusterARN ||
		info.BootstrapServers != b.broker.Address() || info.RecordsInfo["t-0"]["firstRecordOffset"] != "0" || info.RecordsInfo["t-0"]["lastRecordOffset"] != "1" {
		t.Errorf("got %s", letters[0].Body)
	}
	m := mapping{Topic: &topicSettings{}, Stream: &streamSettings{Retries: unlimited, OnFailure: dead}}
	if got := m.retries(); got != 10 {
		t.Errorf("%d retries without a limit", got)
	}
}

func TestTopicMappingRefuses(t *testing.T) {
	t.Parallel()
	b := brookWith(t, nil)
	b.mapped(t, topicMapping(mappingInput{Enabled: new(false)}))
	brokers := func(servers ...string) func(*newMapping) {
		return func(in *newMapping) {
			in.EventSourceArn, in.SelfManagedEventSource = "", &selfManaged{map[string][]string{serversName: servers}}
		}
	}
	access := func(list ...sourceAccess) func(*newMapping) {
		return func(in *newMapping) { brokers("127.0.0.1:9092")(in); in.SourceAccessConfigurations = list }
	}
	for name, test := range map[string]struct {
		edit func(*newMapping)
		want string
	}{
		"twice":            {func(*newMapping) {}, "already exists"},
		"no topic":         {func(in *newMapping) { in.Topics = nil }, "exactly one topic"},
		"topics":           {func(in *newMapping) { in.Topics = []string{"a", "b"} }, "exactly one topic"},
		"topic of a queue": {func(in *newMapping) { in.EventSourceArn = here.Regional("kinesis", "stream/none") }, "Stream not found"},
		"no position":      {func(in *newMapping) { in.StartingPosition = "" }, "startingPosition"},
		"unknown cluster":  {func(in *newMapping) { in.EventSourceArn = clusterARN + "2" }, "Cluster not found"},
		"another account": {func(in *newMapping) {
			in.EventSourceArn = strings.Replace(clusterARN, ":000000000000:", ":111111111111:", 1)
		}, "other accounts"},
		"no cluster":         {func(in *newMapping) { in.EventSourceArn = strings.Replace(clusterARN, "cluster/", "topic/", 1) }, "Unrecognized event source"},
		"both":               {func(in *newMapping) { brokers("127.0.0.1:1")(in); in.EventSourceArn = clusterARN }, "cannot both"},
		"no servers":         {brokers(), "at least one server"},
		"server elsewhere":   {brokers("127.0.0.1:9092", "kafka.example.com:9092"), "does not model the Kafka broker kafka.example.com:9092: it never leaves this machine"},
		"group of the other": {func(in *newMapping) { in.SelfManagedKafkaEventSourceConfig = &groupConfig{"g"} }, "another kind"},
		"group":              {func(in *newMapping) { in.AmazonManagedKafkaEventSourceConfig = &groupConfig{"a b"} }, "consumerGroupId"},
		"secret of MSK":      {func(in *newMapping) { in.SourceAccessConfigurations = []sourceAccess{{"SASL_SCRAM_512_AUTH", "arn"}} }, "does not model secrets, and so no source access configuration SASL_SCRAM_512_AUTH: the clusters of a rehearsal take IAM"},
		"network of MSK": {func(in *newMapping) {
			in.SourceAccessConfigurations = []sourceAccess{{"VPC_SUBNET", "subnet:subnet-1"}}
		}, "not valid for this event source"},
		"secret":              {access(sourceAccess{"BASIC_AUTH", "arn"}), "by way of a VPC"},
		"unknown access":      {access(sourceAccess{"PASSWORD", "x"}), "enum value set"},
		"half a network":      {access(sourceAccess{"VPC_SUBNET", "subnet:subnet-1"}), "specified together"},
		"subnet":              {access(sourceAccess{"VPC_SUBNET", "subnet-1"}, sourceAccess{"VPC_SECURITY_GROUP", "security_group:sg-1"}), "uRI"},
		"pollers":             {func(in *newMapping) { in.ProvisionedPollerConfig = &pollers{MinimumPollers: 3, MaximumPollers: 2} }, "less than or equal to MaximumPollers"},
		"too many pollers":    {func(in *newMapping) { in.ProvisionedPollerConfig = &pollers{MinimumPollers: 201} }, "minimumPollers"},
		"retries without":     {func(in *newMapping) { in.MaximumRetryAttempts = new(1) }, "provisioned mode only"},
		"report without":      {func(in *newMapping) { in.FunctionResponseTypes = []string{"ReportBatchItemFailures"} }, "provisioned mode only"},
		"parallel":            {func(in *newMapping) { in.ParallelizationFactor = new(2) }, "Kinesis and DynamoDB"},
		"concurrency":         {func(in *newMapping) { in.ScalingConfig = &scalingConfig{new(2)} }, "SQS event sources only"},
		"filter of something": {func(in *newMapping) { in.FilterCriteria = &filterCriteria{[]filter{{`{"key":["x"]}`}}} }, "only support filtering on the value key"},
		"Kafka destination":   {func(in *newMapping) { in.DestinationConfig = &destinations{OnFailure: destination{"kafka://dead"}} }, "does not model the destination"},
	} {
		in := topicMapping(mappingInput{})
		test.edit(&in)
		if _, err := b.addMapping(here, in, nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

// What a role may not do is said in the words of AWS: of the network and of MSK when
// the mapping is made, of Kafka in its last result.
func TestTopicMappingRights(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ denied, want string }{
		{"kafka:GetBootstrapBrokers", "perform the 'kafka:GetBootstrapBrokers' action"},
		{"kafka:DescribeCluster", ""}, // the second version is enough
		{"ec2:CreateNetworkInterface", "does not have permissions to call CreateNetworkInterface on EC2"},
		{"kafka-cluster:Connect", "PROBLEM: SASL authentication failed."},
		{"kafka-cluster:ReadData", "PROBLEM: Cluster failed to authorize Lambda."},
		{"kafka-cluster:AlterGroup", "PROBLEM: Cluster failed to authorize Lambda."},
	} {
		t.Run(test.denied, func(t *testing.T) {
			t.Parallel()
			b := openBrook(t, &brook{iam: true, all: &fakes{denied: func(action, resource string) bool {
				if action == "kafka-cluster:ReadData" && resource != "arn:aws:kafka:us-east-1:000000000000:topic/main/1a2b-1/t" {
					t.Errorf("%s on %s", action, resource)
				}
				return action == test.denied
			}}})
			t.Cleanup(func() { _ = b.Close(t.Context()) })
			add(t, b.Service, "worker", nil)
			b.put(t, "a")
			m, err := b.addMapping(here, topicMapping(mappingInput{}), nil)
			switch {
			case test.want == "":
				b.await(t, "a")
			case strings.HasPrefix(test.want, "PROBLEM"):
				if err != nil {
					t.Fatal(err)
				}
				b.told(t, m.ID, test.want)
			case err == nil || !strings.Contains(err.Error(), test.want):
				t.Errorf("got %v", err)
			}
		})
	}
}

// Who has no secret does not get into a cluster that wants one.
func TestTopicMappingSecret(t *testing.T) {
	t.Parallel()
	b := openBrook(t, &brook{secret: true})
	t.Cleanup(func() { _ = b.Close(t.Context()) })
	add(t, b.Service, "worker", nil)
	b.told(t, b.mapped(t, topicMapping(mappingInput{})).ID, "PROBLEM: SASL authentication failed. the cluster lets in who has a secret")
}

// A broker that does not answer, and a topic that is not there, are told of.
func TestTopicMappingTrouble(t *testing.T) {
	t.Parallel()
	b := brookWith(t, nil)
	in := topicMapping(mappingInput{})
	in.EventSourceArn, in.SelfManagedEventSource = "", &selfManaged{map[string][]string{serversName: {"127.0.0.1:1"}}}
	b.told(t, b.mapped(t, in).ID, "PROBLEM: Connection error. Please check your event source connection configuration.")
	in = topicMapping(mappingInput{})
	in.Topics = []string{"none"}
	b.told(t, b.mapped(t, in).ID, "PROBLEM: the topic does not exist")
	b.all.mu.Lock()
	defer b.all.mu.Unlock()
	if n := len(b.all.notices); n != 2 || !strings.HasPrefix(b.all.notices[0], "function worker gets no records of topic t: Connection error.") {
		t.Errorf("notices %q", b.all.notices)
	}
}

func TestTopicMappingShown(t *testing.T) {
	t.Parallel()
	b := brookWith(t, nil)
	in := topicMapping(mappingInput{Enabled: new(false), topicInput: topicInput{
		SelfManagedKafkaEventSourceConfig: &groupConfig{"g"}, ProvisionedPollerConfig: &pollers{MinimumPollers: 2},
		SourceAccessConfigurations: []sourceAccess{{"VPC_SUBNET", "subnet:subnet-1"}, {"VPC_SECURITY_GROUP", "security_group:sg-1"}}}})
	in.EventSourceArn, in.SelfManagedEventSource = "", &selfManaged{map[string][]string{serversName: {"localhost:9092"}}}
	m := b.mapped(t, in)
	text, err := json.Marshal(m.output(""))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"Topics":["t"]`, `"SelfManagedEventSource":{"Endpoints":{"KAFKA_BOOTSTRAP_SERVERS":["localhost:9092"]}}`, `"SelfManagedKafkaEventSourceConfig":{"ConsumerGroupId":"g"}`,
		`"ProvisionedPollerConfig":{"MinimumPollers":2,"MaximumPollers":200}`, `"BatchSize":100`, `"Type":"VPC_SUBNET"`, `"StartingPosition":"TRIM_HORIZON"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("got %s, want %s", text, want)
		}
	}
	for _, no := range []string{"EventSourceArn", "Parallel", "Tumbling", "AmazonManaged"} {
		if strings.Contains(strings.ReplaceAll(string(text), "EventSourceMappingArn", ""), no) {
			t.Errorf("got %s with %s", text, no)
		}
	}
	if _, err := b.changeMapping(here, m.ID, mappingInput{topicInput: topicInput{SelfManagedKafkaEventSourceConfig: &groupConfig{"h"}}}, func(*mapping) {}); err == nil || !strings.Contains(err.Error(), "cannot be updated") {
		t.Errorf("the group was changed: %v", err)
	}
	if of := b.mapped(t, topicMapping(mappingInput{Enabled: new(false)})); of.output("").AmazonManagedKafkaEventSourceConfig.ConsumerGroupId != of.ID || !slices.Equal(of.output("").Topics, []string{"t"}) {
		t.Errorf("shown as %+v", of.output(""))
	}
}
