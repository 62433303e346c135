// SPDX-License-Identifier: MIT

package ses

import (
	"strconv"
	"time"
)

const timeFormat = "2006-01-02T15:04:05.000Z"

type metadataOutput struct {
	Name             string
	CreatedTimestamp string
}

func (set *ruleSet) metadata() metadataOutput {
	return metadataOutput{set.Name, set.Created.Format(timeFormat)}
}

type ruleSetOutput struct {
	Metadata *metadataOutput `xml:",omitempty"`
	Rules    *rulesOutput    `xml:",omitempty"`
}

type rulesOutput struct {
	Member []*rule `xml:"member"`
}

func (set *ruleSet) output() ruleSetOutput {
	metadata := set.metadata()
	return ruleSetOutput{&metadata, &rulesOutput{set.Rules}}
}

// edit changes what an account has in a region.
func (s *Service) edit(c call, change func(*place) error) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := change(s.at(c.scope)); err != nil {
		return nil, err
	}
	s.changed()
	return empty{}, nil
}

func (s *Service) createRuleSet(c call) (any, error) {
	return s.edit(c, func(p *place) error { return p.make(c.Get("RuleSetName"), s.env.Now()) })
}

func (s *Service) deleteRuleSet(c call) (any, error) {
	return s.edit(c, func(p *place) error { return p.drop(c.Get("RuleSetName")) })
}

func (s *Service) describeRuleSet(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set, err := s.at(c.scope).find(c.Get("RuleSetName"))
	if err != nil {
		return nil, err
	}
	return set.output(), nil
}

func (s *Service) listRuleSets(c call) (any, error) {
	type output struct {
		RuleSets struct {
			Member []metadataOutput `xml:"member"`
		}
		NextToken string `xml:",omitempty"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sets, next, err := page(s.at(c.scope).RuleSets, c.Get("NextToken"), 100)
	out := output{NextToken: next}
	for _, set := range sets {
		out.RuleSets.Member = append(out.RuleSets.Member, set.metadata())
	}
	return out, err
}

// describeActive returns nothing where no rule set is active.
func (s *Service) describeActive(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.at(c.scope)
	set, err := p.find(p.Active)
	if err != nil {
		return ruleSetOutput{}, nil
	}
	return set.output(), nil
}

// setActive makes a rule set the active one; without a name, none is.
func (s *Service) setActive(c call) (any, error) {
	name := c.Get("RuleSetName")
	return s.edit(c, func(p *place) error {
		if name != "" {
			if _, err := p.find(name); err != nil {
				return err
			}
		}
		p.Active = name
		return nil
	})
}

// page returns the part of a list that a token asks for, and the next token.
func page[T any](list []T, token string, size int) ([]T, string, error) {
	start := 0
	if token != "" {
		n, err := strconv.Atoi(token)
		if err != nil || n < 0 || n > len(list) {
			return nil, "", invalid("Invalid NextToken: %s", token)
		}
		start = n
	}
	end := min(start+size, len(list))
	if end == len(list) {
		return list[start:], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}

func stamp(t time.Time) string { return t.UTC().Format(timeFormat) }
