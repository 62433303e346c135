// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"maps"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

type tagInput struct{ Tags map[string]string }

// maxTags is how many tags a function may have (Lambda Developer Guide).
const maxTags = 50

// editTags changes a copy of a function's tags and keeps it.
func (s *Service) editTags(c call, edit func(tags map[string]string)) error {
	resource := c.path("Resource")
	a, ok := arn.Parse(resource)
	if !ok {
		return invalidMember(resource, "resource", "Member must be the ARN of a function")
	}
	if !strings.HasPrefix(a.Resource, "function:") {
		return unmodelled("tags of " + resource)
	}
	r, err := parseReference(resource, "")
	if err != nil {
		return err
	}
	if r.qualifier != "" {
		return invalidValue("Tags on function aliases and versions are not supported. Please specify a function ARN.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, r)
	if err != nil {
		return err
	}
	tags := maps.Clone(f.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	edit(tags)
	if len(tags) > maxTags {
		return invalidValue("Number of tags exceeds resource tag limit.")
	}
	f.Tags = tags
	s.changed()
	return nil
}

func (s *Service) tagResource(_ context.Context, c call, in tagInput) (any, error) {
	return nil, s.editTags(c, func(tags map[string]string) { maps.Copy(tags, in.Tags) })
}

func (s *Service) untagResource(_ context.Context, c call, _ none) (any, error) {
	return nil, s.editTags(c, func(tags map[string]string) {
		for _, key := range c.query["tagKeys"] {
			delete(tags, key)
		}
	})
}

func (s *Service) listTags(_ context.Context, c call, _ none) (any, error) {
	out := tagInput{Tags: map[string]string{}}
	err := s.editTags(c, func(tags map[string]string) { maps.Copy(out.Tags, tags) })
	return out, err
}

// retag replaces the tags of a function.
func (s *Service) retag(c call, tags map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return err
	}
	f.Tags = tags
	s.changed()
	return nil
}
