// SPDX-License-Identifier: MIT

package stage

import (
	"strings"

	"github.com/sparta-up/sparta/spec"
)

// addClusterEvent has Lambda read a topic of an MSK cluster.
func (m *marshaller) addClusterEvent(s eventSource, e *spec.ClusterEvent, needs *rights) {
	properties := m.mapping(s, e.Reading, needs)
	properties["EventSourceArn"] = e.Cluster.ARN
	properties["Topics"] = []any{e.Topic}
	if e.ConsumerGroup != "" {
		properties["AmazonManagedKafkaEventSourceConfig"] = map[string]any{"ConsumerGroupId": e.ConsumerGroup}
	}
	setSince(properties, e.Since)
	setPollers(properties, e.Pollers)
	setAccess(properties, secretAccess(e.Secrets(), needs))
	m.add(e.MappingID(s.function.Name), "AWS::Lambda::EventSourceMapping", properties, s.origin)
	needs.allow(e.Cluster.ARN, "kafka:DescribeClusterV2")
	needs.allow("*", "kafka:GetBootstrapBrokers") // the Service Authorization Reference has no resource for it
	allowNetwork(needs)
	if e.Auth.IAM {
		allowKafka(e, needs)
	}
}

// allowKafka lets a role read a topic of a cluster as a member of a consumer
// group. Source: "Configuring cluster access and authentication methods",
// https://docs.aws.amazon.com/lambda/latest/dg/msk-cluster-auth.html
func allowKafka(e *spec.ClusterEvent, needs *rights) {
	group := e.ConsumerGroup
	if group == "" {
		group = "*" // Lambda names it
	}
	needs.allow(e.Cluster.ARN, "kafka-cluster:Connect", "kafka-cluster:DescribeClusterDynamicConfiguration")
	needs.allow(partOf(e.Cluster.ARN, "topic", e.Topic), "kafka-cluster:DescribeTopic", "kafka-cluster:ReadData")
	needs.allow(partOf(e.Cluster.ARN, "group", group), "kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup")
}

// partOf is the ARN of a topic or group of a cluster, which is that of the
// cluster with another kind and the name behind it.
func partOf(cluster any, kind, name string) any {
	if arn, ok := cluster.(string); ok {
		return strings.Replace(arn, ":cluster/", ":"+kind+"/", 1) + "/" + name
	}
	parts := map[string]any{"Fn::Split": []any{":cluster/", cluster}}
	return map[string]any{"Fn::Join": []any{"", []any{map[string]any{"Fn::Join": []any{":" + kind + "/", parts}}, "/" + name}}}
}

// addKafkaEvent has Lambda read a topic of another Kafka cluster.
func (m *marshaller) addKafkaEvent(s eventSource, e *spec.KafkaEvent, needs *rights) {
	properties := m.mapping(s, e.Reading, needs)
	properties["SelfManagedEventSource"] = map[string]any{"Endpoints": map[string]any{"KafkaBootstrapServers": e.Servers}}
	properties["Topics"] = []any{e.Topic}
	if e.ConsumerGroup != "" {
		properties["SelfManagedKafkaEventSourceConfig"] = map[string]any{"ConsumerGroupId": e.ConsumerGroup}
	}
	setSince(properties, e.Since)
	setPollers(properties, e.Pollers)
	access := secretAccess(e.Secrets(), needs)
	if e.VPC != nil {
		for _, id := range e.VPC.Subnets {
			access = append(access, map[string]any{"Type": "VPC_SUBNET", "URI": behind("subnet:", id)})
		}
		for _, id := range e.VPC.SecurityGroups {
			access = append(access, map[string]any{"Type": "VPC_SECURITY_GROUP", "URI": behind("security_group:", id)})
		}
		allowNetwork(needs)
	}
	setAccess(properties, access)
	m.add(e.MappingID(s.function.Name), "AWS::Lambda::EventSourceMapping", properties, s.origin)
}

// behind is a value with text in front of it.
func behind(text string, v any) any {
	if s, ok := v.(string); ok {
		return text + s
	}
	return map[string]any{"Fn::Join": []any{"", []any{text, v}}}
}

// secretAccess are the secrets of an event source mapping, which the role may
// read.
func secretAccess(secrets map[string]*spec.Source, needs *rights) []any {
	var access []any
	for _, kind := range sortedKeys(secrets) {
		access = append(access, map[string]any{"Type": kind, "URI": secrets[kind].ARN})
		needs.allow(secrets[kind].ARN, "secretsmanager:GetSecretValue")
	}
	return access
}

func setAccess(properties map[string]any, access []any) {
	if len(access) > 0 {
		properties["SourceAccessConfigurations"] = access
	}
}

func setPollers(properties map[string]any, p *spec.Pollers) {
	if p != nil {
		properties["ProvisionedPollerConfig"] = map[string]any{"MinimumPollers": p.Min, "MaximumPollers": p.Max}
	}
}

// allowNetwork lets Lambda make network interfaces in the cluster's VPC. What
// only describes takes no resources; the interfaces have no names beforehand.
// Source: managed policy AWSLambdaMSKExecutionRole.
func allowNetwork(needs *rights) {
	needs.allow("*", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
		"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs")
}
