// SPDX-License-Identifier: MIT

package iot

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/iotsql"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// find returns a rule; s.mu is held.
func (s *Service) find(scope arn.Scope, name string) (*rule, error) {
	r := s.rules[(&rule{Scope: scope, Name: name}).arn()]
	if r == nil {
		return nil, noRule(name)
	}
	return r, nil
}

func (s *Service) createRule(c wire.Call, in rulePayload) (any, error) {
	r, err := newRule(c.Scope, c.PathValue("ruleName"), in)
	if err != nil {
		return nil, err
	}
	tags, err := url.ParseQuery(c.Header.Get("X-Amz-Tagging"))
	if err != nil {
		return nil, invalid("The tags are not valid: %v", err)
	}
	r.Tags = map[string]string{}
	for key := range tags {
		r.Tags[key] = tags.Get(key)
	}
	return wire.None{}, s.add(r)
}

// add stores a new rule.
func (s *Service) add(r *rule) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rules[r.arn()] != nil {
		return wire.Errorf(http.StatusConflict, "ResourceAlreadyExistsException", "Rule %s already exists", r.Name)
	}
	r.Created = s.env.Now().UTC()
	s.rules[r.arn()] = r
	s.changed()
	return nil
}

func (s *Service) replaceRule(c wire.Call, in rulePayload) (any, error) {
	r, err := newRule(c.Scope, c.PathValue("ruleName"), in)
	if err != nil {
		return nil, err
	}
	return wire.None{}, s.replace(r)
}

// replace puts a rule in the place of the one with its name, whose tags it keeps
// unless it has some.
func (s *Service) replace(r *rule) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.find(r.Scope, r.Name)
	if err != nil {
		return err
	}
	r.Created = old.Created
	if r.Tags == nil {
		r.Tags = old.Tags
	}
	s.rules[r.arn()] = r
	s.changed()
	return nil
}

func (s *Service) deleteRule(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(c.Scope, c.PathValue("ruleName"))
	if err != nil {
		return nil, err
	}
	delete(s.rules, r.arn())
	s.changed()
	return wire.None{}, nil
}

func (s *Service) enableRule(c wire.Call, _ wire.None) (any, error) {
	return wire.None{}, s.setDisabled(c, false)
}
func (s *Service) disableRule(c wire.Call, _ wire.None) (any, error) {
	return wire.None{}, s.setDisabled(c, true)
}

func (s *Service) setDisabled(c wire.Call, disabled bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(c.Scope, c.PathValue("ruleName"))
	if err != nil {
		return err
	}
	next := *r
	next.Payload.RuleDisabled = disabled
	s.rules[r.arn()] = &next
	s.changed()
	return nil
}

// seconds is a time as the API has it.
func (r *rule) seconds() float64 { return float64(r.Created.UnixMilli()) / 1000 }

type shownRule struct {
	RuleName  string  `json:"ruleName"`
	CreatedAt float64 `json:"createdAt"`
	rulePayload
}

func (s *Service) getRule(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(c.Scope, c.PathValue("ruleName"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"ruleArn": r.arn(), "rule": shownRule{r.Name, r.seconds(), r.Payload}}, nil
}

type listedRule struct {
	RuleArn      string  `json:"ruleArn"`
	RuleName     string  `json:"ruleName"`
	TopicPattern string  `json:"topicPattern,omitempty"`
	CreatedAt    float64 `json:"createdAt"`
	RuleDisabled bool    `json:"ruleDisabled"`
}

// listRules lists the rules by name: all of them, or those that get the messages
// of a topic.
func (s *Service) listRules(c wire.Call, _ wire.None) (any, error) {
	topic, disabled := c.Query.Get("topic"), c.Query.Get("ruleDisabled")
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []listedRule{}
	for _, key := range slices.Sorted(maps.Keys(s.rules)) {
		r := s.rules[key]
		filter, _ := r.statement.Filter()
		switch {
		case r.Scope != c.Scope:
		case topic != "" && filter != topic && !iotsql.Matches(filter, topic):
		case disabled != "" && disabled != strconv.FormatBool(r.Payload.RuleDisabled):
		default:
			list = append(list, listedRule{r.arn(), r.Name, filter, r.seconds(), r.Payload.RuleDisabled})
		}
	}
	list, next, err := wire.Page(protocol(), paging(), list, c.Query)
	out := map[string]any{"rules": list}
	if next != "" {
		out["nextToken"] = next
	}
	return out, err
}

// tag is a tag as the API has it.
type tag struct{ Key, Value string }

// editTags changes the tags of a rule; nothing else has any.
func (s *Service) editTags(c wire.Call, resource string, edit func(map[string]string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.rules[resource]
	if old == nil || old.Scope.Account != c.Scope.Account {
		return wire.Errorf(http.StatusNotFound, "ResourceNotFoundException", "the embedded AWS has no topic rule %s, and does not model tags of anything else", resource)
	}
	next := *old
	next.Tags = maps.Clone(old.Tags)
	if next.Tags == nil {
		next.Tags = map[string]string{}
	}
	if edit(next.Tags); len(next.Tags) > 50 {
		return invalid("A resource can have at most 50 tags.")
	}
	s.rules[resource] = &next
	s.changed()
	return nil
}

func (s *Service) tagResource(c wire.Call, in struct {
	ResourceArn string `json:"resourceArn"`
	Tags        []tag  `json:"tags"`
}) (any, error) {
	return wire.None{}, s.editTags(c, in.ResourceArn, func(tags map[string]string) {
		for _, t := range in.Tags {
			tags[t.Key] = t.Value
		}
	})
}

func (s *Service) untagResource(c wire.Call, in struct {
	ResourceArn string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}) (any, error) {
	return wire.None{}, s.editTags(c, in.ResourceArn, func(tags map[string]string) {
		maps.DeleteFunc(tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	})
}

func (s *Service) listTags(c wire.Call, _ wire.None) (any, error) {
	list := []tag{}
	err := s.editTags(c, c.Query.Get("resourceArn"), func(tags map[string]string) {
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			list = append(list, tag{key, tags[key]})
		}
	})
	return map[string]any{"tags": list}, err
}
