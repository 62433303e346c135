// SPDX-License-Identifier: MIT

package kinesis

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// maxTags is how many tags a resource may have, beside those of AWS itself ("Tag
// your Amazon Kinesis Data Streams resources").
const maxTags = 50

func checkTags(tags map[string]string) error {
	own := 0
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if !strings.HasPrefix(key, "aws:") {
			own++
		}
		if n := utf8.RuneCountInString(key); n < 1 || n > 128 {
			return invalidMember(key, "tags", "Map keys must satisfy constraint: [Member must have length between 1 and 128]")
		}
		if utf8.RuneCountInString(tags[key]) > 256 {
			return invalidMember(tags[key], "tags", "Map value must satisfy constraint: [Member must have length less than or equal to 256]")
		}
	}
	if own > maxTags {
		return invalidArgument("Failed to add tags: a resource can have %d tags at most.", maxTags)
	}
	return nil
}

// tag adds tags to those of a resource.
func (s *Service) tag(tags *map[string]string, more map[string]string) error {
	next := maps.Clone(*tags)
	if next == nil {
		next = map[string]string{}
	}
	maps.Copy(next, more)
	if err := checkTags(next); err != nil {
		return err
	}
	*tags = next
	s.changed()
	return nil
}

func (s *Service) untag(tags *map[string]string, keys []string) {
	next := maps.Clone(*tags)
	maps.DeleteFunc(next, func(key, _ string) bool { return slices.Contains(keys, key) })
	*tags = next
	s.changed()
}

func (s *Service) addTags(scope arn.Scope, in struct {
	target
	Tags map[string]string
}) (none, error) {
	d, err := s.at(scope, in.target)
	if err != nil {
		return none{}, err
	}
	return none{}, s.tag(&d.Tags, in.Tags)
}

func (s *Service) removeTags(scope arn.Scope, in struct {
	target
	TagKeys []string
}) (none, error) {
	d, err := s.at(scope, in.target)
	if err != nil {
		return none{}, err
	}
	s.untag(&d.Tags, in.TagKeys)
	return none{}, nil
}

type tagOutput struct{ Key, Value string }

type tagsOutput struct {
	Tags        []tagOutput
	HasMoreTags bool
}

func (s *Service) listTags(scope arn.Scope, in struct {
	target
	ExclusiveStartTagKey string
	Limit                *int
}) (tagsOutput, error) {
	out := tagsOutput{Tags: []tagOutput{}}
	d, err := s.at(scope, in.target)
	if err != nil {
		return out, err
	}
	most, err := limit(in.Limit, "limit", maxTags, maxTags)
	if err != nil {
		return out, err
	}
	for _, key := range slices.Sorted(maps.Keys(d.Tags)) {
		switch {
		case key <= in.ExclusiveStartTagKey:
		case len(out.Tags) == most:
			out.HasMoreTags = true
		default:
			out.Tags = append(out.Tags, tagOutput{key, d.Tags[key]})
		}
	}
	return out, nil
}

// tagsOf returns the tags of a stream or consumer.
func (s *Service) tagsOf(scope arn.Scope, resourceARN string) (*map[string]string, error) {
	if strings.Contains(resourceARN, "/consumer/") {
		_, c, err := s.consumerAt(scope, resourceARN)
		if err != nil {
			return nil, err
		}
		return &c.Tags, nil
	}
	d, err := s.at(scope, target{StreamARN: resourceARN})
	if err != nil {
		return nil, err
	}
	return &d.Tags, nil
}

func (s *Service) tagResource(scope arn.Scope, in struct {
	ResourceARN string
	Tags        map[string]string
}) (none, error) {
	tags, err := s.tagsOf(scope, in.ResourceARN)
	if err != nil {
		return none{}, err
	}
	return none{}, s.tag(tags, in.Tags)
}

func (s *Service) untagResource(scope arn.Scope, in struct {
	ResourceARN string
	TagKeys     []string
}) (none, error) {
	tags, err := s.tagsOf(scope, in.ResourceARN)
	if err != nil {
		return none{}, err
	}
	s.untag(tags, in.TagKeys)
	return none{}, nil
}

type resourceTagsOutput struct{ Tags []tagOutput }

func (s *Service) listResourceTags(scope arn.Scope, in struct{ ResourceARN string }) (resourceTagsOutput, error) {
	out := resourceTagsOutput{[]tagOutput{}}
	tags, err := s.tagsOf(scope, in.ResourceARN)
	if err != nil {
		return out, err
	}
	for _, key := range slices.Sorted(maps.Keys(*tags)) {
		out.Tags = append(out.Tags, tagOutput{key, (*tags)[key]})
	}
	return out, nil
}
