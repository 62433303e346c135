// SPDX-License-Identifier: MIT

package msk

import (
	"errors"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/kafka"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// topicOutput describes a topic.
type topicOutput struct {
	TopicArn          string `json:"topicArn"`
	TopicName         string `json:"topicName"`
	ReplicationFactor int    `json:"replicationFactor,omitempty"`
	PartitionCount    int    `json:"partitionCount,omitempty"`
	Status            string `json:"status,omitempty"`
}

// broker returns the cluster that a path names, and its broker.
func (s *Service) broker(c wire.Call) (*cluster, *kafka.Broker, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.named(c)
	if err != nil {
		return nil, nil, err
	}
	return found, found.broker, nil
}

func (s *Service) createTopic(c wire.Call, in struct{ topicProperties }) (any, error) {
	if _, _, err := s.broker(c); err != nil {
		return nil, err
	}
	in.ClusterArn = c.PathValue("ClusterArn")
	topicARN, err := s.addTopic(c.Context(), in.topicProperties)
	if err != nil {
		return nil, err
	}
	return topicOutput{TopicArn: topicARN, TopicName: in.TopicName, Status: "CREATING"}, nil
}

type topicsOutput struct {
	Topics    []topicOutput `json:"topics"`
	NextToken string        `json:"nextToken,omitempty"`
}

func (s *Service) listTopics(c wire.Call, _ wire.None) (any, error) {
	found, broker, err := s.broker(c)
	if err != nil {
		return nil, err
	}
	topics, err := broker.Topics(c.Context())
	if err != nil {
		return nil, err
	}
	list := []topicOutput{}
	for _, t := range topics {
		if strings.Contains(t.Name, c.Query.Get("topicNameFilter")) {
			list = append(list, topicOutput{TopicArn: found.topicARN(t.Name), TopicName: t.Name, ReplicationFactor: 1, PartitionCount: t.Partitions})
		}
	}
	list, next, err := wire.Page(protocol(), paging(), list, c.Query)
	return topicsOutput{list, next}, err
}

func (s *Service) describeTopic(c wire.Call, _ wire.None) (any, error) {
	found, broker, err := s.broker(c)
	if err != nil {
		return nil, err
	}
	topics, err := broker.Topics(c.Context())
	if err != nil {
		return nil, err
	}
	for _, t := range topics {
		if t.Name == c.PathValue("TopicName") {
			return topicOutput{found.topicARN(t.Name), t.Name, 1, t.Partitions, "ACTIVE"}, nil
		}
	}
	return nil, notFound("The specified topic does not exist.")
}

func (s *Service) deleteTopic(c wire.Call, _ wire.None) (any, error) {
	found, broker, err := s.broker(c)
	if err != nil {
		return nil, err
	}
	name := c.PathValue("TopicName")
	if err := broker.DeleteTopic(c.Context(), name); errors.Is(err, kafka.ErrUnknownTopic) {
		return nil, notFound("The specified topic does not exist.")
	} else if err != nil {
		return nil, badRequest("%v", err)
	}
	return topicOutput{TopicArn: found.topicARN(name), TopicName: name, Status: "DELETING"}, nil
}
