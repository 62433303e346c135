// SPDX-License-Identifier: MIT

package events

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/cron"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/eventpattern"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

var ruleName = lazy.MustCompile(`^[.\-_A-Za-z0-9]{1,64}$`)

// maxPattern is the greatest length of a pattern, in bytes (EventBridge quotas).
const maxPattern = 4096

func invalidPattern(err error) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
}

// parse prepares the pattern and the schedule for use.
func (r *rule) parse() error {
	r.pattern, r.expression = nil, nil
	if r.Pattern != "" {
		if len(r.Pattern) > maxPattern {
			return invalid("1 validation error detected: Value at 'eventPattern' failed to satisfy constraint: Member must have length less than or equal to %d", maxPattern)
		}
		pattern, err := eventpattern.Parse([]byte(r.Pattern))
		if err != nil {
			return invalidPattern(err)
		}
		r.pattern = pattern
	}
	if r.Schedule != "" {
		expression, err := cron.Parse(r.Schedule, cron.Rules)
		if err != nil {
			return invalid("Parameter ScheduleExpression is not valid.")
		}
		r.expression = expression
	}
	switch {
	case r.pattern == nil && r.expression == nil:
		return invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
	case r.expression != nil && r.Bus != defaultBus:
		return invalid("ScheduleExpression is supported only on the default event bus.")
	}
	return nil
}

type ruleInput struct {
	Name               string
	EventBusName       string
	EventPattern       string
	ScheduleExpression string
	State              string
	Description        string
	RoleArn            string
	Tags               []tag
}

type ruleOutput struct{ RuleArn string }

func (s *Service) putRule(scope arn.Scope, in ruleInput) (ruleOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.storeRule(scope, in)
	if err != nil {
		return ruleOutput{}, err
	}
	return ruleOutput{r.arn()}, nil
}

// storeRule makes a rule or replaces what an existing one says; targets and tags
// stay. s.mu is held.
func (s *Service) storeRule(scope arn.Scope, in ruleInput) (*rule, error) {
	if !ruleName.MatchString(in.Name) {
		return nil, invalid("1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+", in.Name)
	}
	if !slices.Contains([]string{"", "ENABLED", "DISABLED"}, in.State) {
		return nil, invalid("1 validation error detected: Value '%s' at 'state' failed to satisfy constraint: Member must satisfy enum value set: [ENABLED, DISABLED]", in.State)
	}
	bus, err := s.bus(scope, in.EventBusName)
	if err != nil {
		return nil, err
	}
	r := &rule{
		Scope: scope, Bus: bus, Name: in.Name, Pattern: in.EventPattern, Schedule: in.ScheduleExpression, Disabled: in.State == "DISABLED",
		Description: in.Description, Role: in.RoleArn, Tags: tagMap(in.Tags), Since: s.env.Now().UTC(),
	}
	if err := r.parse(); err != nil {
		return nil, err
	}
	if old := s.rules[r.arn()]; old != nil {
		r.Targets, r.Tags = old.Targets, old.Tags
		if old.Schedule == r.Schedule {
			r.Since = old.Since
		}
	}
	s.replace(r)
	return r, nil
}

// replace stores a rule and follows its schedule; s.mu is held.
func (s *Service) replace(r *rule) {
	s.rules[r.arn()] = r
	s.changed()
	s.plan(r)
}

// rule returns a rule; s.mu is held.
func (s *Service) rule(scope arn.Scope, name, busName string) (*rule, error) {
	bus, err := s.bus(scope, busName)
	if err != nil {
		return nil, err
	}
	r := s.rules[(&rule{Scope: scope, Bus: bus, Name: name}).arn()]
	if r == nil {
		return nil, notFound("Rule %s does not exist on EventBus %s.", name, bus)
	}
	return r, nil
}

type ruleReference struct{ Name, EventBusName string }

// deleteRule removes a rule without targets; one that is gone is no error.
func (s *Service) deleteRule(scope arn.Scope, in struct {
	ruleReference
	Force bool // concerns rules that AWS services manage, of which there are none
}) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.rule(scope, in.Name, in.EventBusName)
	if err != nil {
		return none{}, nil
	}
	if len(r.Targets) > 0 {
		return none{}, invalid("Rule can't be deleted since it has targets.")
	}
	s.dropRule(r)
	return none{}, nil
}

func (s *Service) dropRule(r *rule) {
	delete(s.rules, r.arn())
	s.agenda.Remove(r.arn())
	s.changed()
}

type shownRule struct {
	Name, Arn          string
	EventPattern       string `json:",omitempty"`
	ScheduleExpression string `json:",omitempty"`
	State              string
	Description        string `json:",omitempty"`
	RoleArn            string `json:",omitempty"`
	EventBusName       string
	CreatedBy          string `json:",omitempty"`
}

func (r *rule) shown() shownRule {
	out := shownRule{
		Name: r.Name, Arn: r.arn(), EventPattern: r.Pattern, ScheduleExpression: r.Schedule, State: "ENABLED", Description: r.Description,
		RoleArn: r.Role, EventBusName: r.Bus,
	}
	if r.Disabled {
		out.State = "DISABLED"
	}
	return out
}

func (s *Service) describeRule(scope arn.Scope, in ruleReference) (shownRule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.rule(scope, in.Name, in.EventBusName)
	if err != nil {
		return shownRule{}, err
	}
	out := r.shown()
	out.CreatedBy = scope.Account
	return out, nil
}

type rulesOutput struct {
	Rules     []shownRule
	NextToken string `json:",omitempty"`
}

// rulesOf returns the rules of a bus by name; s.mu is held.
func (s *Service) rulesOf(scope arn.Scope, bus string) []*rule {
	var list []*rule
	for _, arn := range slices.Sorted(maps.Keys(s.rules)) {
		if r := s.rules[arn]; r.Bus == bus && r.Scope.Account == scope.Account && r.Scope.Region == scope.Region {
			list = append(list, r)
		}
	}
	return list
}

func (s *Service) listRules(scope arn.Scope, in struct {
	pageInput
	NamePrefix, EventBusName string
}) (rulesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	bus, err := s.bus(scope, in.EventBusName)
	if err != nil {
		return rulesOutput{}, err
	}
	list := []shownRule{}
	for _, r := range s.rulesOf(scope, bus) {
		if strings.HasPrefix(r.Name, in.NamePrefix) {
			list = append(list, r.shown())
		}
	}
	list, next, err := page(list, in.pageInput)
	return rulesOutput{list, next}, err
}

func (s *Service) enableRule(scope arn.Scope, in ruleReference) (none, error) {
	return none{}, s.turn(scope, in, false)
}

func (s *Service) disableRule(scope arn.Scope, in ruleReference) (none, error) {
	return none{}, s.turn(scope, in, true)
}

func (s *Service) turn(scope arn.Scope, in ruleReference, off bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.rule(scope, in.Name, in.EventBusName)
	if err != nil {
		return err
	}
	next := *r
	next.Disabled = off
	s.replace(&next)
	return nil
}
