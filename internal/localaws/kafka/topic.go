// SPDX-License-Identifier: MIT

package kafka

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// Topic is a topic of a broker.
type Topic struct {
	Name       string
	Partitions int
}

// The errors of Kafka for which callers may test with errors.Is.
var (
	ErrTopicExists  error = kerr.TopicAlreadyExists
	ErrUnknownTopic error = kerr.UnknownTopicOrPartition
)

// ask has a broker answer a request of its administration.
func (b *Broker) ask(ctx context.Context, request kmsg.Request) (kmsg.Response, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.address), kgo.DisableClientMetrics())
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return client.Request(ctx, request)
}

// said returns the error that a response has for a topic; message explains it and
// may be nil.
func said(code int16, message *string) error {
	err := kerr.ErrorForCode(code)
	if err != nil && message != nil {
		return fmt.Errorf("%s: %w", *message, err)
	}
	return err
}

// topicPattern is what Kafka takes as the name of a topic.
var topicPattern = lazy.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// CreateTopic makes a topic with Kafka's default settings.
func (b *Broker) CreateTopic(ctx context.Context, t Topic) error {
	switch {
	case !topicPattern.MatchString(t.Name) || t.Name == "." || t.Name == "..":
		return fmt.Errorf("create topic %q: %w", t.Name, kerr.InvalidTopicException)
	case t.Partitions < 1:
		return fmt.Errorf("create topic %s: %w", t.Name, kerr.InvalidPartitions)
	}
	wanted := kmsg.NewCreateTopicsRequestTopic()
	wanted.Topic, wanted.NumPartitions, wanted.ReplicationFactor = t.Name, int32(t.Partitions), 1
	request := kmsg.NewPtrCreateTopicsRequest()
	request.Topics = append(request.Topics, wanted)
	answer, err := b.ask(ctx, request)
	if err != nil {
		return err
	}
	for _, made := range answer.(*kmsg.CreateTopicsResponse).Topics {
		if err := said(made.ErrorCode, made.ErrorMessage); err != nil {
			return fmt.Errorf("create topic %s: %w", t.Name, err)
		}
	}
	return nil
}

// AddPartitions brings a topic to more partitions.
func (b *Broker) AddPartitions(ctx context.Context, t Topic) error {
	wanted := kmsg.NewCreatePartitionsRequestTopic()
	wanted.Topic, wanted.Count = t.Name, int32(t.Partitions)
	request := kmsg.NewPtrCreatePartitionsRequest()
	request.Topics = append(request.Topics, wanted)
	answer, err := b.ask(ctx, request)
	if err != nil {
		return err
	}
	for _, made := range answer.(*kmsg.CreatePartitionsResponse).Topics {
		if err := said(made.ErrorCode, made.ErrorMessage); err != nil {
			return fmt.Errorf("add partitions to topic %s: %w", t.Name, err)
		}
	}
	return nil
}

// DeleteTopic deletes a topic with its records.
func (b *Broker) DeleteTopic(ctx context.Context, name string) error {
	wanted := kmsg.NewDeleteTopicsRequestTopic()
	wanted.Topic = &name
	request := kmsg.NewPtrDeleteTopicsRequest()
	request.Topics, request.TopicNames = append(request.Topics, wanted), append(request.TopicNames, name)
	answer, err := b.ask(ctx, request)
	if err != nil {
		return err
	}
	for _, gone := range answer.(*kmsg.DeleteTopicsResponse).Topics {
		if err := said(gone.ErrorCode, gone.ErrorMessage); err != nil {
			return fmt.Errorf("delete topic %s: %w", name, err)
		}
	}
	return nil
}

// Topics returns the topics in the order of their names, without those of Kafka
// itself.
func (b *Broker) Topics(ctx context.Context) ([]Topic, error) {
	request := kmsg.NewPtrMetadataRequest()
	request.Topics = nil // all
	answer, err := b.ask(ctx, request)
	if err != nil {
		return nil, err
	}
	var list []Topic
	for _, t := range answer.(*kmsg.MetadataResponse).Topics {
		if t.Topic != nil && !t.IsInternal && t.ErrorCode == 0 {
			list = append(list, Topic{*t.Topic, len(t.Partitions)})
		}
	}
	slices.SortFunc(list, func(a, b Topic) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}
