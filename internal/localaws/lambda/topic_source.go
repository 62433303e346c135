// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/kafka"
)

// Clusters are the clusters of MSK whose topics event source mappings read;
// *msk.Service is one. Methods may be called concurrently, and call nothing of
// Lambda.
type Clusters interface {
	// Cluster describes a cluster. It returns an error if that does not exist.
	Cluster(clusterARN string) (kafka.Cluster, error)
}

// cluster returns the cluster of MSK that a source is.
func (s *Service) cluster(scope arn.Scope, source string) (*kafka.Cluster, error) {
	a, _ := arn.Parse(source)
	switch {
	case a.Account != scope.Account:
		return nil, unmodelled("event source mappings of MSK clusters of other accounts")
	case !strings.HasPrefix(a.Resource, "cluster/"):
		return nil, invalidValue("Unrecognized event source, must be kinesis, dynamodb stream or sqs. Unsupported source arn %s", source)
	}
	c, err := s.deps.Clusters.Cluster(source)
	if err != nil {
		return nil, invalidValue("Cluster not found: %s. The embedded AWS has the clusters that stacks made in it, as AWS::MSK::Cluster or AWS::MSK::ServerlessCluster.", source)
	}
	return &c, nil
}

// partOf returns the ARN of a topic or group of a cluster.
func partOf(cluster, kind, name string) string {
	return strings.Replace(cluster, ":cluster/", ":"+kind+"/", 1) + "/" + name
}

// checkTopicRights returns the error of a mapping whose function's role may not
// reach the brokers ("Configuring Lambda permissions for event source mappings",
// Lambda Developer Guide): MSK is asked for them, and they are in a VPC.
func (s *Service) checkTopicRights(v *settings, m *mapping, src eventSource) error {
	may := func(action, on string) bool {
		return s.authorize(context.Background(), v.Role, pollerSession, action, on) == nil
	}
	if src.cluster != nil {
		described := may("kafka:DescribeClusterV2", m.Source) || !src.cluster.Serverless && may("kafka:DescribeCluster", m.Source)
		for action, allowed := range map[string]bool{"kafka:DescribeClusterV2": described, "kafka:GetBootstrapBrokers": may("kafka:GetBootstrapBrokers", m.Source)} {
			if !allowed {
				return invalidValue("Cannot access cluster %s. Please ensure the role can perform the '%s' action on your cluster in IAM.", m.Source, action)
			}
		}
	}
	if src.cluster == nil && len(m.Topic.Access) == 0 {
		return nil // reached over the internet
	}
	card := m.Scope.Regional("ec2", "network-interface/*")
	for _, need := range []struct{ action, on string }{
		{"CreateNetworkInterface", card}, {"DescribeNetworkInterfaces", "*"}, {"DescribeVpcs", "*"}, {"DeleteNetworkInterface", card}, {"DescribeSubnets", "*"}, {"DescribeSecurityGroups", "*"},
	} {
		if !may("ec2:"+need.action, need.on) {
			return invalidValue("The provided execution role does not have permissions to call %s on EC2", need.action)
		}
	}
	return nil
}

// What LastProcessingResult says of clusters that IAM guards ("Troubleshooting
// Kafka event source mapping errors", Lambda Developer Guide).
const (
	unauthenticated = "SASL authentication failed."
	unauthorized    = "Cluster failed to authorize Lambda."
)

// mayJoin returns an error unless the role of a mapping's function may read a topic
// of a cluster that IAM guards, as a member of a group.
func (s *Service) mayJoin(ctx context.Context, m *mapping) error {
	role := s.roleOf(m.Scope, m.Function)
	topic, group := partOf(m.Source, "topic", m.Topic.Name), partOf(m.Source, "group", m.Topic.Group)
	for _, need := range []struct {
		action, on, failure string
	}{
		{"Connect", m.Source, unauthenticated}, {"DescribeClusterDynamicConfiguration", m.Source, unauthorized}, {"DescribeTopic", topic, unauthorized},
		{"ReadData", topic, unauthorized}, {"DescribeGroup", group, unauthorized}, {"AlterGroup", group, unauthorized},
	} {
		if err := s.authorize(ctx, role, pollerSession, "kafka-cluster:"+need.action, need.on); err != nil {
			return fmt.Errorf("%s %w", need.failure, err)
		}
	}
	return nil
}
