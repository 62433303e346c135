// SPDX-License-Identifier: MIT

package sqs

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type attributesOutput struct {
	Attributes map[string]string `json:",omitempty"`
}

// readable are the attributes that GetQueueAttributes may be asked for.
func readable() []string {
	return []string{
		"All", "Policy", "VisibilityTimeout", "MaximumMessageSize", "MessageRetentionPeriod", "ApproximateNumberOfMessages",
		"ApproximateNumberOfMessagesNotVisible", "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn", "ApproximateNumberOfMessagesDelayed",
		"DelaySeconds", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "FifoQueue", "ContentBasedDeduplication", "KmsMasterKeyId",
		"KmsDataKeyReusePeriodSeconds", "DeduplicationScope", "FifoThroughputLimit", "RedriveAllowPolicy", "SqsManagedSseEnabled",
	}
}

func (s *Service) getAttributes(c call, in struct {
	queueInput
	AttributeNames []string
}) (attributesOutput, error) {
	for _, name := range in.AttributeNames {
		if !slices.Contains(readable(), name) {
			return attributesOutput{}, wire.Errorf(http.StatusBadRequest, "InvalidAttributeName", "Unknown Attribute %s.", name)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(c, in.QueueURL, "sqs:GetQueueAttributes")
	if err != nil {
		return attributesOutput{}, err
	}
	all := s.attributes(q)
	if !slices.Contains(in.AttributeNames, "All") {
		maps.DeleteFunc(all, func(name, _ string) bool { return !slices.Contains(in.AttributeNames, name) })
	}
	return attributesOutput{all}, nil
}

// attributes returns all attributes of a queue; s.mu is held.
func (s *Service) attributes(q *queue) map[string]string {
	now := s.env.Now()
	q.sweep(now)
	visible, hidden, delayed := 0, 0, 0
	for _, m := range q.Messages {
		switch {
		case m.inFlight(now):
			hidden++
		case m.delayed(now):
			delayed++
		default:
			visible++
		}
	}
	all := q.shown()
	all["QueueArn"] = q.arn()
	all["CreatedTimestamp"] = strconv.FormatInt(q.Created.Unix(), 10)
	all["LastModifiedTimestamp"] = strconv.FormatInt(q.Modified.Unix(), 10)
	all["ApproximateNumberOfMessages"] = strconv.Itoa(visible)
	all["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(hidden)
	all["ApproximateNumberOfMessagesDelayed"] = strconv.Itoa(delayed)
	return all
}

func (s *Service) setAttributes(c call, in struct {
	queueInput
	Attributes map[string]string
}) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(c, in.QueueURL, "sqs:SetQueueAttributes")
	if err != nil {
		return none{}, err
	}
	if _, given := in.Attributes["FifoQueue"]; given && !q.Settings.FIFO {
		return none{}, wire.Errorf(http.StatusBadRequest, "InvalidAttributeName", "Unknown Attribute FifoQueue.")
	}
	return none{}, s.reconfigure(q, in.Attributes)
}

// reconfigure changes the attributes of a queue; s.mu is held.
func (s *Service) reconfigure(q *queue, attributes map[string]string) error {
	if err := s.configure(&q.definition, attributes); err != nil {
		return err
	}
	q.Modified = s.env.Now().UTC()
	s.env.Store.Changed(document)
	return nil
}

type tagsInput struct {
	queueInput
	Tags map[string]string
}

func (s *Service) tagQueue(c call, in tagsInput) (none, error) {
	return none{}, s.editTags(c, in.QueueURL, "sqs:TagQueue", func(tags map[string]string) { maps.Copy(tags, in.Tags) })
}

func (s *Service) untagQueue(c call, in struct {
	queueInput
	TagKeys []string
}) (none, error) {
	return none{}, s.editTags(c, in.QueueURL, "sqs:UntagQueue", func(tags map[string]string) {
		maps.DeleteFunc(tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	})
}

// maxTags is how many tags a queue may have.
const maxTags = 50

func (s *Service) editTags(c call, url, action string, edit func(map[string]string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(c, url, action)
	if err != nil {
		return err
	}
	tags := maps.Clone(q.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	if edit(tags); len(tags) > maxTags {
		return invalidParameter("Too many tags added for queue %s.", q.Name)
	}
	q.Tags = tags
	s.env.Store.Changed(document)
	return nil
}

type tagsOutput struct {
	Tags map[string]string `json:",omitempty"`
}

func (s *Service) listTags(c call, in queueInput) (tagsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(c, in.QueueURL, "sqs:ListQueueTags")
	if err != nil {
		return tagsOutput{}, err
	}
	return tagsOutput{maps.Clone(q.Tags)}, nil
}
