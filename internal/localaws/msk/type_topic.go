// SPDX-License-Identifier: MIT

package msk

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/kafka"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// topicType is AWS::MSK::Topic.
type topicType struct{ service *Service }

func (t topicType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"ClusterArn": shape.String, "Configs": shape.Unmodelled, "PartitionCount": shape.Integer(1, math.MaxInt32),
		"ReplicationFactor": shape.Integer(1, math.MaxInt16), "TopicName": shape.String,
	}, "ClusterArn", "PartitionCount", "ReplicationFactor", "TopicName"), properties)
}

func (t topicType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ClusterArn", "ReplicationFactor", "TopicName")
}

type topicProperties struct {
	ClusterArn, TopicName             string
	PartitionCount, ReplicationFactor int
}

func (t topicType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	var in topicProperties
	if err := resource.Decode(r.Properties, &in); err != nil {
		return resource.Instance{}, wire.FromService(serviceName, badRequest("%v", err))
	}
	topicARN, err := t.service.addTopic(ctx, in)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return resource.Instance{PhysicalID: topicARN, Attributes: map[string]any{"TopicArn": topicARN}}, nil
}

// running returns a cluster and its broker.
func (s *Service) running(clusterARN string) (*cluster, *kafka.Broker, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(clusterARN)
	if err != nil {
		return nil, nil, err
	}
	return c, c.broker, nil
}

// addTopic makes a topic and returns its ARN.
func (s *Service) addTopic(ctx context.Context, in topicProperties) (string, error) {
	c, broker, err := s.running(in.ClusterArn)
	if err != nil {
		return "", err
	}
	if c.Provisioned != nil && in.ReplicationFactor > c.Provisioned.NumberOfBrokerNodes {
		return "", badRequest("Replication factor: %d larger than available brokers: %d.", in.ReplicationFactor, c.Provisioned.NumberOfBrokerNodes)
	}
	err = broker.CreateTopic(ctx, kafka.Topic{Name: in.TopicName, Partitions: in.PartitionCount})
	switch {
	case errors.Is(err, kafka.ErrTopicExists):
		return "", wire.Errorf(409, "TopicExistsException", "Topic '%s' already exists.", in.TopicName)
	case err != nil:
		return "", badRequest("%v", err)
	}
	return c.topicARN(in.TopicName), nil
}

// Update adds partitions.
func (t topicType) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	var in topicProperties
	if err := resource.Decode(r.Properties, &in); err != nil {
		return old, wire.FromService(serviceName, badRequest("%v", err))
	}
	_, broker, err := t.service.running(in.ClusterArn)
	if err == nil && resource.Changed(r.OldProperties, r.Properties, "PartitionCount") {
		if err = broker.AddPartitions(ctx, kafka.Topic{Name: in.TopicName, Partitions: in.PartitionCount}); err != nil {
			err = badRequest("%v", err)
		}
	}
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	return old, nil
}

// Delete deletes the topic with its records. One that is gone is no error, nor is
// a cluster that is.
func (t topicType) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	_, broker, err := t.service.running(shape.Member(r.Properties, "ClusterArn"))
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "NotFoundException" {
		return nil
	}
	if err != nil {
		return wire.FromService(serviceName, err)
	}
	name := old.PhysicalID[strings.LastIndexByte(old.PhysicalID, '/')+1:]
	if err := broker.DeleteTopic(ctx, name); err != nil && !errors.Is(err, kafka.ErrUnknownTopic) {
		return wire.FromService(serviceName, badRequest("%v", err))
	}
	return nil
}
