// SPDX-License-Identifier: MIT

package sns

import (
	"maps"
	"net/http"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type topicOutput struct{ TopicArn string }

func (s *Service) createTopic(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	attributes := c.entries("Attributes")
	if attributes["FifoTopic"] == "false" {
		delete(attributes, "FifoTopic")
	}
	t, err := s.makeTopic(c.scope(s.env.Default.Partition), c.Get("Name"), attributes, c.tags())
	if err != nil {
		return nil, err
	}
	return topicOutput{t.arn()}, nil
}

// deleteTopic removes a topic; one that is gone is no error.
func (s *Service) deleteTopic(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.at(c, c.Get("TopicArn"), "SNS:DeleteTopic")
	if e, ok := err.(*wire.Error); ok && e.Code == "NotFound" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.dropTopic(t.arn())
	return nil, nil
}

func (s *Service) listTopics(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var arns []string
	for _, t := range s.topics {
		if t.Scope.Account == c.account && t.Scope.Region == c.region {
			arns = append(arns, t.arn())
		}
	}
	slices.Sort(arns)
	arns, next, err := page(arns, c.Get("NextToken"))
	var out struct {
		Topics struct {
			Member []topicOutput `xml:"member"`
		}
		NextToken string `xml:",omitempty"`
	}
	for _, topicARN := range arns {
		out.Topics.Member = append(out.Topics.Member, topicOutput{topicARN})
	}
	out.NextToken = next
	return out, err
}

type attributesOutput struct{ Attributes pairs }

func (s *Service) getTopicAttributes(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.at(c, c.Get("TopicArn"), "SNS:GetTopicAttributes")
	if err != nil {
		return nil, err
	}
	return attributesOutput{t.shown(len(s.of(t.arn())))}, nil
}

func (s *Service) setTopicAttributes(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.at(c, c.Get("TopicArn"), "SNS:SetTopicAttributes")
	if err != nil {
		return nil, err
	}
	name, value := c.Get("AttributeName"), c.Get("AttributeValue")
	if name == "FifoTopic" {
		return nil, invalid("AttributeName")
	}
	if err := checkTopicAttribute(name, value, t.fifo()); err != nil {
		return nil, err
	}
	t.Attributes = maps.Clone(t.Attributes)
	if t.Attributes == nil {
		t.Attributes = map[string]string{}
	}
	t.Attributes[name] = value
	s.changed()
	return nil, nil
}

func (s *Service) tagResource(c call) (any, error) {
	return struct{}{}, s.editTags(c, func(tags map[string]string) { maps.Copy(tags, c.tags()) })
}

func (s *Service) untagResource(c call) (any, error) {
	return struct{}{}, s.editTags(c, func(tags map[string]string) {
		maps.DeleteFunc(tags, func(key, _ string) bool { return slices.Contains(c.list("TagKeys"), key) })
	})
}

// maxTags is how many tags a topic may have.
const maxTags = 50

func (s *Service) editTags(c call, edit func(map[string]string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[c.Get("ResourceArn")]
	if t == nil || t.Scope.Account != c.account {
		return wire.Errorf(http.StatusNotFound, "ResourceNotFound", "Resource does not exist")
	}
	tags := maps.Clone(t.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	if edit(tags); len(tags) > maxTags {
		return wire.Errorf(http.StatusBadRequest, "TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded")
	}
	t.Tags = tags
	s.changed()
	return nil
}

func (s *Service) listTags(c call) (any, error) {
	type tag struct{ Key, Value string }
	var out struct {
		Tags struct {
			Member []tag `xml:"member"`
		}
	}
	err := s.editTags(c, func(tags map[string]string) {
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			out.Tags.Member = append(out.Tags.Member, tag{key, tags[key]})
		}
	})
	return out, err
}
