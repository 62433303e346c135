// SPDX-License-Identifier: MIT

package ses

import (
	"context"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// described makes the rule that the parameters of a request describe.
func (s *Service) described(c call) (*rule, error) {
	description := c.object("Rule")
	if faults := ruleShape()("#", description); len(faults) > 0 {
		return nil, refused("ValidationError", "%d validation error detected: %s", len(faults), strings.Join(faults, "; "))
	}
	return newRule(description)
}

func (s *Service) createRule(c call) (any, error) {
	r, err := s.described(c)
	if err != nil {
		return nil, err
	}
	return empty{}, s.addRule(c.scope, c.Get("RuleSetName"), r, c.Get("After"))
}

func (s *Service) updateRule(c call) (any, error) {
	r, err := s.described(c)
	if err != nil {
		return nil, err
	}
	return empty{}, s.putRule(c.scope, c.Get("RuleSetName"), r)
}

// addRule adds a rule to a rule set once everything its actions need is there.
func (s *Service) addRule(scope arn.Scope, set string, r *rule, after string) error {
	return s.editSet(scope, set, r, func(set *ruleSet) error { return set.insert(r, after) })
}

// putRule puts a rule in the place of the one of its name.
func (s *Service) putRule(scope arn.Scope, set string, r *rule) error {
	return s.editSet(scope, set, r, func(set *ruleSet) error { return set.replace(r) })
}

// editSet tries a change, then the actions of its rule without the lock, and
// then makes the change.
func (s *Service) editSet(scope arn.Scope, name string, r *rule, change func(*ruleSet) error) error {
	attempt := func(keep bool) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		set, err := s.at(scope).find(name)
		if err != nil {
			return err
		}
		tried := *set
		if err := change(&tried); err != nil || !keep {
			return err
		}
		set.Rules = tried.Rules
		s.changed()
		return nil
	}
	if err := attempt(false); err != nil {
		return err
	}
	if err := s.probe(scope, name, r); err != nil {
		return err
	}
	return attempt(true)
}

// setupKey ends the key of the object by which SES makes sure that it may write
// into a bucket.
const setupKey = "AMAZON_SES_SETUP_NOTIFICATION"

// probe makes sure that everything the actions of a rule name exists and lets
// SES in. As on AWS this leaves an object in the bucket of an S3 action.
func (s *Service) probe(scope arn.Scope, set string, r *rule) error {
	ctx := s.stopped
	for _, a := range r.Actions {
		if topic := a.topic(); topic != "" {
			if err := s.deps.Table.Admits(s.message(scope, set, r, topic, nil)); err != nil {
				return refused("InvalidSnsTopic", "Could not publish to SNS topic: %s: %v", topic, err)
			}
		}
		if f := a.LambdaAction; f != nil {
			at, _ := arn.Parse(f.FunctionARN)
			err := s.deps.Table.Admits(s.message(scope, set, r, f.FunctionARN, nil))
			if err != nil || at.Service != "lambda" || at.Region != scope.Region {
				return refused("InvalidLambdaFunction", "Could not invoke Lambda function: %s", f.FunctionARN)
			}
		}
		if b := a.S3Action; b != nil {
			text := []byte("Amazon SES has verified that it may write into this bucket.\n")
			if err := s.store(ctx, scope, set, r, b, b.key(setupKey), text); err != nil {
				return refused("InvalidS3Configuration", "Could not write to bucket: %s: %v", b.BucketName, err)
			}
		}
	}
	return nil
}

// message returns what a rule sends to a function or a topic.
func (s *Service) message(scope arn.Scope, set string, r *rule, target string, body []byte) delivery.Message {
	return delivery.Message{
		Principal: principal, Source: ruleARN(scope, set, r.Name), Account: scope.Account, Target: target, Body: body,
		Subject: "Amazon SES Email Receipt Notification",
	}
}

// store writes an object into the bucket of an S3 action, with the action's role
// if it has one.
func (s *Service) store(ctx context.Context, scope arn.Scope, set string, r *rule, a *s3Action, key string, body []byte) error {
	m := s.message(scope, set, r, scope.Bucket(a.BucketName), body)
	m.Key = key
	if a.IAMRoleARN != "" {
		if err := s.deps.Assumable(scope, a.IAMRoleARN, principal, m.Source); err != nil {
			return err
		}
		m.Principal, m.Role, m.Session = "", a.IAMRoleARN, "ses"
	}
	return s.deps.Table.Send(ctx, m)
}

// key returns the key of an object: the prefix is a folder.
func (a *s3Action) key(name string) string {
	if a.ObjectKeyPrefix == "" || strings.HasSuffix(a.ObjectKeyPrefix, "/") {
		return a.ObjectKeyPrefix + name
	}
	return a.ObjectKeyPrefix + "/" + name
}

// inSet gives a rule set of an account to f.
func (s *Service) inSet(c call, f func(*ruleSet) error) (any, error) {
	return s.edit(c, func(p *place) error {
		set, err := p.find(c.Get("RuleSetName"))
		if err != nil {
			return err
		}
		return f(set)
	})
}

func (s *Service) deleteRule(c call) (any, error) {
	return s.inSet(c, func(set *ruleSet) error {
		set.remove(c.Get("RuleName"))
		return nil
	})
}

func (s *Service) describeRule(c call) (any, error) {
	var out struct{ Rule *rule }
	_, err := s.inSet(c, func(set *ruleSet) error {
		n, err := set.index(c.Get("RuleName"))
		if err == nil {
			out.Rule = set.Rules[n]
		}
		return err
	})
	return out, err
}

func (s *Service) setPosition(c call) (any, error) {
	return s.inSet(c, func(set *ruleSet) error { return set.move(c.Get("RuleName"), c.Get("After")) })
}
