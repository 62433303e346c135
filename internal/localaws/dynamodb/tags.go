// SPDX-License-Identifier: MIT

package dynamodb

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxTags is how many tags a table may have.
const maxTags = 50

// tag adds tags.
func (d *definition) tag(tags []tag) error {
	d.Tags = maps.Clone(d.Tags)
	for _, t := range tags {
		switch {
		case t.Key == "" || len(t.Key) > 128:
			return invalidParameter("The tag key %q must have 1 to 128 characters", t.Key)
		case len(t.Value) > 256:
			return invalidParameter("The value of tag %q is longer than 256 characters", t.Key)
		}
		if d.Tags == nil {
			d.Tags = map[string]string{}
		}
		d.Tags[t.Key] = t.Value
	}
	if len(d.Tags) > maxTags {
		return invalid("One or more parameter values were invalid: Too many tags: a table can have %d", maxTags)
	}
	return nil
}

// tagged returns the table that an ARN names; s.mu is held.
func (s *Service) tagged(c call, resourceARN string) (*table, error) {
	a, ok := arn.Parse(resourceARN)
	name, isTable := strings.CutPrefix(a.Resource, "table/")
	if !ok || !isTable || a.Service != "dynamodb" {
		return nil, invalid("Invalid TableArn: Invalid ResourceArn provided as input %s", resourceARN)
	}
	if a.Account != c.scope.Account {
		return nil, wire.Errorf(400, "AccessDeniedException", "User: %s is not authorized to access this resource: %s", c.scope.Global("iam", "root"), resourceARN)
	}
	t := s.tables[tableKey{a.Account, a.Region, name}]
	if t == nil {
		return nil, notFound("Requested resource not found: ResourcArn: %s not found", resourceARN)
	}
	return t, nil
}

func (s *Service) tagResource(c call, in struct {
	ResourceArn string
	Tags        []tag
}) (none, error) {
	if len(in.Tags) == 0 {
		return none{}, invalid("Atleast one Tag needs to be provided as Input.")
	}
	return none{}, s.editTags(c, in.ResourceArn, func(d *definition) error { return d.tag(in.Tags) })
}

func (s *Service) untagResource(c call, in struct {
	ResourceArn string
	TagKeys     []string
}) (none, error) {
	if len(in.TagKeys) == 0 {
		return none{}, invalid("Atleast one Tag Key needs to be provided as Input.")
	}
	return none{}, s.editTags(c, in.ResourceArn, func(d *definition) error {
		d.Tags = maps.Clone(d.Tags)
		maps.DeleteFunc(d.Tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
		return nil
	})
}

func (s *Service) editTags(c call, resourceARN string, edit func(*definition) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.tagged(c, resourceARN)
	if err != nil {
		return err
	}
	d := *t.definition
	if err := edit(&d); err != nil {
		return err
	}
	return s.commit(record{Table: &d})
}

type tagsOutput struct{ Tags []tag }

func (s *Service) listTags(c call, in struct{ ResourceArn, NextToken string }) (tagsOutput, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, err := s.tagged(c, in.ResourceArn)
	if err != nil {
		return tagsOutput{}, err
	}
	if in.NextToken != "" { // all tags are in the first answer
		return tagsOutput{}, invalid("Invalid NextToken: %s", in.NextToken)
	}
	out := tagsOutput{[]tag{}}
	for _, key := range slices.Sorted(maps.Keys(t.Tags)) {
		out.Tags = append(out.Tags, tag{key, t.Tags[key]})
	}
	return out, nil
}
