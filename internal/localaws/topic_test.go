// SPDX-License-Identifier: MIT

package localaws_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kafka"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// topics is a stack whose function reads a topic of a cluster of MSK.
const topics = `{
"Resources": {
  "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaMSKExecutionRole"]}},
  "Recorder": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Handler": "recorder", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
    "Timeout": 60, "Code": {"S3Bucket": "code", "S3Key": "recorder.zip"}, "Environment": {"Variables": {"RECORD": "@record@"}}}},
  "Cluster": {"Type": "AWS::MSK::Cluster", "Properties": {"ClusterName": "main", "KafkaVersion": "3.9.x", "NumberOfBrokerNodes": 2,
    "BrokerNodeGroupInfo": {"ClientSubnets": ["subnet-1", "subnet-2"], "InstanceType": "kafka.m7g.large"},
    "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "PLAINTEXT"}}}},
  "Topic": {"Type": "AWS::MSK::Topic", "Properties": {"ClusterArn": {"Ref": "Cluster"}, "TopicName": "orders", "PartitionCount": 1, "ReplicationFactor": 2}},
  "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": {"Fn::GetAtt": ["Cluster", "Arn"]}, "FunctionName": {"Ref": "Recorder"},
    "StartingPosition": "TRIM_HORIZON", "Topics": ["orders"], "BatchSize": "10", "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "billing"},
    "ProvisionedPollerConfig": {"MinimumPollers": 1, "MaximumPollers": 2}, "MaximumRetryAttempts": 3}}
},
"Outputs": {"Cluster": {"Value": {"Ref": "Cluster"}}, "Mapping": {"Value": {"Ref": "Mapping"}}, "Topic": {"Value": {"Fn::GetAtt": ["Topic", "TopicArn"]}}}
}`

// bootstrap returns the address of a cluster's broker.
func (r *rehearsal) bootstrap(t *testing.T) string {
	t.Helper()
	out, err := kafka.NewFromConfig(config(r.endpoint)).GetBootstrapBrokers(t.Context(), &kafka.GetBootstrapBrokersInput{ClusterArn: aws.String(r.outputs["Cluster"])})
	if err != nil {
		t.Fatal(err)
	}
	return *out.BootstrapBrokerString
}

// produceTo adds a record to topic orders of a broker.
func produceTo(t *testing.T, broker, key, value string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.DefaultProduceTopic("orders"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	record := &kgo.Record{Key: []byte(key), Value: []byte(value), Headers: []kgo.RecordHeader{{Key: "name-" + key, Value: []byte(value)}}}
	if err := client.ProduceSync(t.Context(), record).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// settled waits until group billing has noted an offset of topic orders.
func (r *rehearsal) settled(t *testing.T, broker string, offset int64) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	partitions := kmsg.NewOffsetFetchRequestTopic()
	partitions.Topic, partitions.Partitions = "orders", []int32{0}
	group := kmsg.NewOffsetFetchRequestGroup()
	group.Group = "billing"
	ask := kmsg.NewPtrOffsetFetchRequest()
	ask.Group, ask.Topics, ask.Groups = "billing", append(ask.Topics, partitions), append(ask.Groups, group)
	r.await(t, fmt.Sprintf("offset %d", offset), func() bool {
		out, err := ask.RequestWith(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range out.Groups {
			for _, topic := range g.Topics {
				for _, p := range topic.Partitions {
					if p.Offset == offset {
						return true
					}
				}
			}
		}
		return false
	})
}

// What a client puts into a topic of a stack reaches the function, and after the
// process was killed reading goes on where the group had come to, on the same port.
func TestTopicSurvivesKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	endpoint, process, _ := startOwner(t, dir)
	r := rehearseIn(t, endpoint, topics)
	broker := r.bootstrap(t)
	produceTo(t, broker, "one", "1")
	var e events.KafkaEvent
	r.event(t, &e, `"eventSourceArn":"`+r.outputs["Cluster"]+`"`, `"name-one":[49]`)
	if got := e.Records["orders-0"]; len(got) != 1 || got[0].Offset != 0 || e.BootstrapServers != broker {
		t.Errorf("got %+v", e)
	}
	r.settled(t, broker, 1)
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // "signal: killed"

	c := openCloud(t, dir)
	r.endpoint = c.Endpoint()
	if again := r.bootstrap(t); again != broker {
		t.Errorf("the broker was at %s and is at %s", broker, again)
	}
	produceTo(t, broker, "two", "2")
	r.event(t, &e, `"name-two":[50]`)
	if got := e.Records["orders-0"]; len(got) != 1 || got[0].Offset != 1 {
		t.Errorf("got %+v", e)
	}
	r.settled(t, broker, 2)
	closeCloud(t, c)
	r.endpoint = openCloud(t, dir).Endpoint()
	produceTo(t, r.bootstrap(t), "three", "3")
	r.event(t, &e, `"name-three":[51]`)
	for _, name := range []string{"one", "two", "three"} {
		if n := strings.Count(strings.Join(r.events(t), "\n"), `"name-`+name+`"`); n != 1 {
			t.Errorf("%s came %d times", name, n)
		}
	}
	out, err := lambda.NewFromConfig(config(r.endpoint)).GetEventSourceMapping(context.Background(), &lambda.GetEventSourceMappingInput{UUID: aws.String(r.outputs["Mapping"])})
	if err != nil || *out.AmazonManagedKafkaEventSourceConfig.ConsumerGroupId != "billing" || *out.ProvisionedPollerConfig.MaximumPollers != 2 || *out.MaximumRetryAttempts != 3 ||
		*out.BatchSize != 10 || out.Topics[0] != "orders" || *out.LastProcessingResult != "OK" {
		t.Errorf("mapping %+v, %v", out, err)
	}
}

func TestCommandLineKafkaToFunction(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.withFunction(t)
	c.write(t, "stack.json", `{"Resources": {"Cluster": {"Type": "AWS::MSK::ServerlessCluster", "Properties": {"ClusterName": "main", "Tags": {"team": "a"},
		"ClientAuthentication": {"Sasl": {"Iam": {"Enabled": true}}}, "VpcConfigs": [{"SubnetIds": ["subnet-1"]}]}}}}`)
	c.must(t, "StackId", "cloudformation", "create-stack", "--stack-name", "s", "--template-body", "file://stack.json")
	c.must(t, "", "cloudformation", "wait", "stack-create-complete", "--stack-name", "s")
	cluster := strings.TrimSpace(c.must(t, ":cluster/main/", "kafka", "list-clusters-v2", "--cluster-type-filter", "SERVERLESS", "--query", "ClusterInfoList[0].ClusterArn", "--output", "text"))
	c.must(t, `"ClusterInfoList": []`, "kafka", "list-clusters")
	c.must(t, `"ClusterType": "SERVERLESS"`, "kafka", "describe-cluster-v2", "--cluster-arn", cluster)
	c.mustNot(t, "cannot be performed on serverless clusters", "kafka", "describe-cluster", "--cluster-arn", cluster)
	c.must(t, `"team": "a"`, "kafka", "list-tags-for-resource", "--resource-arn", cluster)
	broker := field(t, c.must(t, "127.0.0.1:", "kafka", "get-bootstrap-brokers", "--cluster-arn", cluster), "BootstrapBrokerStringSaslIam")
	c.must(t, "topic/main/", "kafka", "create-topic", "--cluster-arn", cluster, "--topic-name", "orders", "--partition-count", "1", "--replication-factor", "3")
	c.must(t, `"PartitionCount": 1`, "kafka", "describe-topic", "--cluster-arn", cluster, "--topic-name", "orders")
	c.must(t, `"TopicName": "orders"`, "kafka", "list-topics", "--cluster-arn", cluster)
	c.mustNot(t, "does not model POST /v1/clusters of MSK", "kafka", "create-cluster", "--cluster-name", "x", "--kafka-version", "3.9.x", "--number-of-broker-nodes", "2",
		"--broker-node-group-info", "ClientSubnets=subnet-1,subnet-2,InstanceType=kafka.m7g.large")

	create := []string{"lambda", "create-event-source-mapping", "--function-name", "recorder", "--event-source-arn", cluster, "--topics", "orders", "--starting-position", "TRIM_HORIZON"}
	c.mustNot(t, "Cannot access cluster "+cluster, create...)
	c.must(t, "", "iam", "attach-role-policy", "--role-name", "worker", "--policy-arn", "arn:aws:iam::aws:policy/service-role/AWSLambdaMSKExecutionRole")
	mapping := field(t, c.must(t, `"ConsumerGroupId"`, create...), "UUID")
	r := &rehearsal{}
	r.await(t, "the result", func() bool {
		return strings.Contains(c.must(t, "", "lambda", "get-event-source-mapping", "--uuid", mapping), "PROBLEM: SASL authentication failed.")
	})
	c.must(t, "", "iam", "put-role-policy", "--role-name", "worker", "--policy-name", "kafka", "--policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kafka-cluster:*","Resource":"*"}]}`)
	produceTo(t, broker, "first", "1")
	c.recorded(t, `"name-first"`)
	c.must(t, mapping, "lambda", "list-event-source-mappings", "--event-source-arn", cluster)
	c.must(t, `"State": "Updating"`, "lambda", "update-event-source-mapping", "--uuid", mapping, "--no-enabled", "--provisioned-poller-config", "MinimumPollers=1", "--maximum-retry-attempts", "2")
	c.must(t, `"MaximumRetryAttempts": 2`, "lambda", "get-event-source-mapping", "--uuid", mapping)
	c.must(t, `"State": "Deleting"`, "lambda", "delete-event-source-mapping", "--uuid", mapping)

	own := field(t, c.must(t, `"KAFKA_BOOTSTRAP_SERVERS"`, "lambda", "create-event-source-mapping", "--function-name", "recorder", "--topics", "orders", "--starting-position", "LATEST",
		"--self-managed-event-source", `{"Endpoints":{"KAFKA_BOOTSTRAP_SERVERS":["`+broker+`"]}}`, "--self-managed-kafka-event-source-config", "ConsumerGroupId=mine",
		"--source-access-configurations", "Type=VPC_SUBNET,URI=subnet:subnet-1", "Type=VPC_SECURITY_GROUP,URI=security_group:sg-1"), "UUID")
	produceTo(t, broker, "second", "2")
	c.recorded(t, `"SelfManagedKafka"`)
	c.must(t, `"State": "Deleting"`, "lambda", "delete-event-source-mapping", "--uuid", own)
	c.mustNot(t, "never leaves this machine", "lambda", "create-event-source-mapping", "--function-name", "recorder", "--topics", "orders", "--starting-position", "LATEST",
		"--self-managed-event-source", `{"Endpoints":{"KAFKA_BOOTSTRAP_SERVERS":["kafka.example.com:9092"]}}`)
	c.must(t, "DELETING", "kafka", "delete-topic", "--cluster-arn", cluster, "--topic-name", "orders")
	c.must(t, "", "cloudformation", "delete-stack", "--stack-name", "s")
	c.must(t, "", "cloudformation", "wait", "stack-delete-complete", "--stack-name", "s")
	c.mustNot(t, "NotFoundException", "kafka", "describe-cluster-v2", "--cluster-arn", cluster)
}
