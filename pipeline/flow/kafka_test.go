// SPDX-License-Identifier: MIT

package flow_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kafka"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/sparta-up/sparta/pipeline/stage"
)

const clusterYAML = `functions:
  signed:
    handler: ./handlers.Topic
    events: [msk: {cluster: Cluster, topic: orders, auth: iam, consumerGroup: billing}]
  picky:
    handler: ./handlers.Topic
    events:
      - msk:
          cluster: Cluster
          topic: orders
          auth: iam
          filters: [{value: {kind: [wanted]}}]
          pollers: {min: 1}
          retries: 1
          onFailure: Dead
  dead: {handler: ./handlers.Any, events: [sqs: Dead]}
resources:
  Cluster:
    Type: AWS::MSK::ServerlessCluster
    Properties:
      ClusterName: main
      VpcConfigs: [{SubnetIds: [subnet-0a1b2c3d, subnet-1a1b2c3d]}]
      ClientAuthentication: {Sasl: {Iam: {Enabled: true}}}
  Orders:
    Type: AWS::MSK::Topic
    Properties: {ClusterArn: !Ref Cluster, TopicName: orders, PartitionCount: 1, ReplicationFactor: 3}
  Dead: {Type: AWS::SQS::Queue, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
`

// bootstrap returns the address of the only cluster's broker.
func (r *recording) bootstrap() string {
	r.world.t.Helper()
	client := kafka.NewFromConfig(r.config())
	list, err := client.ListClustersV2(r.world.t.Context(), &kafka.ListClustersV2Input{})
	if err != nil || len(list.ClusterInfoList) != 1 {
		r.world.t.Fatal(list, err)
	}
	out, err := client.GetBootstrapBrokers(r.world.t.Context(), &kafka.GetBootstrapBrokersInput{ClusterArn: list.ClusterInfoList[0].ClusterArn})
	if err != nil {
		r.world.t.Fatal(err)
	}
	return *out.BootstrapBrokerStringSaslIam
}

// mappings returns the event source mappings of a function.
func (r *recording) mappings(function string) []types.EventSourceMappingConfiguration {
	r.world.t.Helper()
	out, err := lambda.NewFromConfig(r.config()).ListEventSourceMappings(r.world.t.Context(), &lambda.ListEventSourceMappingsInput{FunctionName: aws.String("Orders-" + function)})
	if err != nil {
		r.world.t.Fatal(err)
	}
	return out.EventSourceMappings
}

// produce adds records, key:value, to a topic. Key and value are in base64 in
// events, so that a value which the functions have to fail for is a header's name,
// too.
func produce(t *testing.T, broker, topic string, list ...string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.DefaultProduceTopic(topic), kgo.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, text := range list {
		key, value, _ := strings.Cut(text, ":")
		record := &kgo.Record{Key: []byte(key), Value: []byte(value)}
		if key == "please fail" {
			record.Headers = []kgo.RecordHeader{{Key: key}}
		}
		if err := client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// coded is a text as events of Kafka have it.
func coded(text string) string {
	return fmt.Sprintf("%q", base64.StdEncoding.EncodeToString([]byte(text)))
}

// TestSourceCluster: the topic of an MSK cluster of the stack, which IAM guards; a
// filter, a batch that fails, a mapping that changes, and the way down.
func TestSourceCluster(t *testing.T) {
	t.Parallel()
	r := newRecording(t, clusterYAML)
	r.mustUp(stage.Created)
	broker := r.bootstrap()
	produce(t, broker, "orders", `one:{"kind":"wanted"}`, `two:{"kind":"other"}`)
	var e events.KafkaEvent
	r.await("signed", coded("two"), &e)
	mapping := r.mappings("signed")[0]
	if e.EventSource != "aws:kafka" || e.EventSourceARN != *mapping.EventSourceArn || e.BootstrapServers != broker || len(e.Records["orders-0"]) == 0 {
		t.Errorf("got %+v", e)
	}
	if *mapping.AmazonManagedKafkaEventSourceConfig.ConsumerGroupId != "billing" || mapping.Topics[0] != "orders" {
		t.Errorf("mapping %+v", mapping)
	}
	r.await("picky", coded("one"), &e)
	if got := e.Records["orders-0"]; len(got) != 1 {
		t.Errorf("the filter lets pass %+v", got)
	}

	produce(t, broker, "orders", `please fail:{"kind":"wanted"}`)
	var dead map[string]any
	r.await("dead", "KafkaBatchInfo", &dead)

	r.edit("sparta.yaml", "          retries: 1\n", "          retries: 2\n          batchSize: 5\n")
	r.mustUp(stage.Updated)
	if got := r.mappings("picky")[0]; *got.BatchSize != 5 || *got.MaximumRetryAttempts != 2 {
		t.Errorf("mapping %+v", got)
	}
	produce(t, broker, "orders", `after:{"kind":"wanted"}`)
	r.await("picky", coded("after"), &e)
	if got := e.Records["orders-0"]; got[0].Offset != 3 {
		t.Errorf("read on at %+v", got)
	}

	r.edit("sparta.yaml", "    events: [msk: {cluster: Cluster, topic: orders, auth: iam, consumerGroup: billing}]\n", "")
	r.mustUp(stage.Updated)
	if got := r.mappings("signed"); len(got) != 0 {
		t.Errorf("signed still has %v", got)
	}
	if _, err := r.down(); err != nil {
		t.Fatal(err)
	}
}

const brokerYAML = `functions:
  own:
    handler: ./handlers.Topic
    events:
      - kafka:
          servers: [%q]
          topic: orders
          vpc: {subnetIds: [subnet-0a1b2c3d], securityGroupIds: [sg-0a1b2c3d]}
          consumerGroup: mine
`

// TestSourceKafka: a broker that the user runs on this machine. What was read
// stands in the group: the service that is brought up again goes on there.
func TestSourceKafka(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	broker := cluster.ListenAddrs()[0]
	produce(t, broker, "orders", "one:1")
	r := newRecording(t, fmt.Sprintf(brokerYAML, broker))
	r.mustUp(stage.Created)
	var e events.KafkaEvent
	r.await("own", coded("one"), &e)
	if e.EventSource != "SelfManagedKafka" || e.BootstrapServers != broker {
		t.Errorf("got %+v", e)
	}
	if _, err := r.down(); err != nil {
		t.Fatal(err)
	}
	produce(t, broker, "orders", "two:2")
	r.mustUp(stage.Created)
	r.await("own", coded("two"), &e)
	for _, records := range e.Records {
		for _, record := range records {
			if record.Key == strings.Trim(coded("one"), `"`) {
				t.Error("what the group has settled comes again")
			}
		}
	}
}

// TestSourceKafkaElsewhere: what cannot be rehearsed is refused with a way out.
func TestSourceKafkaElsewhere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ source, want string }{
		"cluster": {`{msk: {cluster: "arn:aws:kafka:us-east-1:000000000000:cluster/main/1-2", topic: orders}}`, "AWS::MSK::Cluster"},
		"broker": {`{kafka: {servers: ["kafka.example.com:9092"], topic: orders, vpc: {subnetIds: [subnet-1a], securityGroupIds: [sg-1a]}}}`,
			"does not model the Kafka broker kafka.example.com:9092: it never leaves this machine"},
		"secret": {`{kafka: {servers: ["127.0.0.1:9092"], topic: orders, auth: {scram512: "arn:aws:secretsmanager:us-east-1:000000000000:secret:s"}}}`, "does not model secrets"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRecording(t, "functions: {work: {handler: ./handlers.Any, events: ["+test.source+"]}}\n")
			_, err := r.up()
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "functions.work") {
				t.Errorf("got %v", err)
			}
		})
	}
}
