// SPDX-License-Identifier: MIT

package scheduler

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// tag is a tag as the API has it.
type tag struct{ Key, Value string }

func tagMap(tags []tag) map[string]string {
	out := map[string]string{}
	for _, t := range tags {
		out[t.Key] = t.Value
	}
	return out
}

type groupArn struct{ ScheduleGroupArn string }

func (s *Service) createGroup(c wire.Call, in struct {
	ClientToken string // groups have nothing that a second call could say otherwise
	Tags        []tag
}) (any, error) {
	g, err := s.addGroup(c.Scope, c.PathValue("Name"), tagMap(in.Tags))
	if err != nil {
		return nil, err
	}
	return groupArn{g.arn()}, nil
}

func (s *Service) addGroup(scope arn.Scope, name string, tags map[string]string) (*group, error) {
	if !namePattern.MatchString(name) {
		return nil, invalid("1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.env.Now().UTC()
	g := &group{Scope: scope, Name: name, Tags: tags, Created: now, Modified: now}
	if name == defaultGroup || s.groups[g.arn()] != nil {
		return nil, conflict("Schedule group %s already exists.", name)
	}
	s.groups[g.arn()] = g
	s.changed()
	return g, nil
}

// checkGroup returns an error unless there is a group of that name; s.mu is
// held.
func (s *Service) checkGroup(scope arn.Scope, name string) error {
	if name != defaultGroup && s.groups[(&group{Scope: scope, Name: name}).arn()] == nil {
		return notFound("Schedule group %s does not exist.", name)
	}
	return nil
}

type groupOutput struct {
	Arn, Name, State                   string
	CreationDate, LastModificationDate *instant `json:",omitempty"`
}

func (g *group) output() groupOutput {
	return groupOutput{g.arn(), g.Name, "ACTIVE", moment(g.Created), moment(g.Modified)}
}

func (s *Service) getGroup(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := c.PathValue("Name")
	if err := s.checkGroup(c.Scope, name); err != nil {
		return nil, err
	}
	g := &group{Scope: c.Scope, Name: name}
	if made := s.groups[g.arn()]; made != nil {
		g = made
	}
	return g.output(), nil
}

func (s *Service) deleteGroup(c wire.Call, _ wire.None) (any, error) {
	return wire.None{}, s.dropGroup(c.Scope, c.PathValue("Name"))
}

// dropGroup removes a group with its schedules.
func (s *Service) dropGroup(scope arn.Scope, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == defaultGroup {
		return invalid("The default schedule group cannot be deleted.")
	}
	if err := s.checkGroup(scope, name); err != nil {
		return err
	}
	for _, e := range s.schedules {
		if e.Scope == scope && e.Group == name {
			s.drop(e)
		}
	}
	delete(s.groups, (&group{Scope: scope, Name: name}).arn())
	s.changed()
	return nil
}

type groupsOutput struct {
	ScheduleGroups []groupOutput
	NextToken      string `json:",omitempty"`
}

func (s *Service) listGroups(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []*group{{Scope: c.Scope, Name: defaultGroup}}
	for _, g := range s.groups {
		if g.Scope == c.Scope {
			all = append(all, g)
		}
	}
	slices.SortFunc(all, func(a, b *group) int { return strings.Compare(a.Name, b.Name) })
	list := []groupOutput{}
	for _, g := range all {
		if strings.HasPrefix(g.Name, c.Query.Get("NamePrefix")) {
			list = append(list, g.output())
		}
	}
	list, next, err := wire.Page(protocol(), paging(), list, c.Query)
	return groupsOutput{list, next}, err
}

// editTags changes the tags of a group; schedules have none.
func (s *Service) editTags(c wire.Call, edit func(map[string]string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[c.PathValue("ResourceArn")]
	if g == nil || g.Scope.Account != c.Scope.Account {
		return notFound("%s does not exist or has no tags.", c.PathValue("ResourceArn"))
	}
	tags := maps.Clone(g.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	if edit(tags); len(tags) > 50 {
		return invalid("A resource can have at most 50 tags.")
	}
	g.Tags = tags
	s.changed()
	return nil
}

type tagsInput struct{ Tags []tag }

func (s *Service) tagResource(c wire.Call, in tagsInput) (any, error) {
	return wire.None{}, s.editTags(c, func(tags map[string]string) { maps.Copy(tags, tagMap(in.Tags)) })
}

func (s *Service) untagResource(c wire.Call, _ wire.None) (any, error) {
	return wire.None{}, s.editTags(c, func(tags map[string]string) {
		maps.DeleteFunc(tags, func(key, _ string) bool { return slices.Contains(c.Query["TagKeys"], key) })
	})
}

func (s *Service) listTags(c wire.Call, _ wire.None) (any, error) {
	out := tagsInput{[]tag{}}
	err := s.editTags(c, func(tags map[string]string) {
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			out.Tags = append(out.Tags, tag{key, tags[key]})
		}
	})
	return out, err
}
