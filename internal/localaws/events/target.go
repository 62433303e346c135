// SPDX-License-Identifier: MIT

package events

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// target is where a rule sends events, as the API has it.
type target struct {
	ID               string `json:"Id"`
	Arn              string
	RoleArn          string         `json:",omitempty"`
	Input            string         `json:",omitempty"` // JSON
	InputPath        string         `json:",omitempty"`
	InputTransformer *transformer   `json:",omitempty"`
	SqsParameters    *sqsParameters `json:",omitempty"`
	DeadLetterConfig *deadLetter    `json:",omitempty"`
	RetryPolicy      *retryPolicy   `json:",omitempty"`
}

type sqsParameters struct {
	MessageGroupID string `json:"MessageGroupId"`
}

type retryPolicy struct {
	MaximumRetryAttempts     *int `json:",omitempty"`
	MaximumEventAgeInSeconds *int `json:",omitempty"`
}

var targetID = lazy.MustCompile(`^[.\-_A-Za-z0-9]{1,64}$`)

// maxTargets is how many targets a rule may have (EventBridge quotas).
const maxTargets = 5

// check checks a target of a rule on a bus as the page PutTargets says.
func (t target) check(r *rule) error {
	a, ok := arn.Parse(t.Arn)
	switch {
	case !targetID.MatchString(t.ID):
		return invalid("1 validation error detected: Value '%s' at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+", t.ID)
	case !ok:
		return invalid("Parameter %s is not valid. Reason: Provided Arn is not in correct format.", t.Arn)
	case !slices.Contains([]string{"lambda", "sqs", "sns", "logs", "events"}, a.Service) || a.Service == "events" && !strings.HasPrefix(a.Resource, "event-bus/"):
		return invalid("the embedded AWS does not model the target %s: rules send to functions, queues, topics, log groups and event buses", t.Arn)
	case a.Region != r.Scope.Region:
		return invalid("the embedded AWS does not model targets in other regions: %s", t.Arn)
	case a.Service == "sqs" && strings.HasSuffix(a.Resource, ".fifo") && (t.SqsParameters == nil || t.SqsParameters.MessageGroupID == ""):
		return invalid("Parameter(s) SqsParameters must be specified for target: %s.", t.ID)
	case a.Service != "sqs" && t.SqsParameters != nil:
		return invalid("Parameter(s) SqsParameters not valid for target: %s.", t.ID)
	case t.Arn == (&bus{Scope: r.Scope, Name: r.Bus}).arn():
		return invalid("The event bus %s cannot be a target of its own rule.", r.Bus)
	}
	if p := t.RetryPolicy; p != nil {
		if n := p.MaximumRetryAttempts; n != nil && (*n < 0 || *n > 185) {
			return invalid("MaximumRetryAttempts of target %s must be between 0 and 185.", t.ID)
		}
		if n := p.MaximumEventAgeInSeconds; n != nil && (*n < 60 || *n > 86400) {
			return invalid("MaximumEventAgeInSeconds of target %s must be between 60 and 86400.", t.ID)
		}
	}
	if d := t.DeadLetterConfig; d != nil {
		if a, ok := arn.Parse(d.Arn); !ok || a.Service != "sqs" || strings.HasSuffix(a.Resource, ".fifo") {
			return invalid("Parameter DeadLetterConfig.Arn is not valid for target %s: it must be the ARN of a standard queue.", t.ID)
		}
	}
	return t.checkInput(a.Service)
}

func (t target) checkInput(service string) error {
	given := 0
	for _, is := range []bool{t.Input != "", t.InputPath != "", t.InputTransformer != nil} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return invalid("Only one of Input, InputPath, or InputTransformer must be provided for target %s.", t.ID)
	case given > 0 && service == "events":
		return invalid("the embedded AWS does not model Input, InputPath and InputTransformer of event bus targets (target %s)", t.ID)
	case t.Input != "" && !json.Valid([]byte(t.Input)):
		return invalid("JSON syntax error in input for target %s", t.ID)
	case t.InputPath != "":
		if _, err := parsePath(t.InputPath); err != nil {
			return invalid("Invalid JSONPath in InputPath for target %s: %v", t.ID, err)
		}
	case t.InputTransformer != nil:
		if err := t.InputTransformer.check(); err != nil {
			return invalid("Invalid InputTransformer for target %s : %v", t.ID, err)
		}
	}
	return nil
}

// withTargets returns a copy of a rule with targets, those of the same id
// replaced.
func (r *rule) withTargets(targets []target) (*rule, error) {
	next := *r
	next.Targets = slices.Clone(r.Targets)
	for _, t := range targets {
		if err := t.check(r); err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(next.Targets, func(other target) bool { return other.ID == t.ID }); i >= 0 {
			next.Targets[i] = t
		} else {
			next.Targets = append(next.Targets, t)
		}
	}
	if len(next.Targets) > maxTargets {
		return nil, wire.Errorf(http.StatusBadRequest, "LimitExceededException", "The requested resource exceeds the maximum number allowed.")
	}
	return &next, nil
}

type targetsOutput struct {
	FailedEntryCount int
	FailedEntries    []none
}

func (s *Service) putTargets(scope arn.Scope, in struct {
	Rule, EventBusName string
	Targets            []target
}) (targetsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := targetsOutput{FailedEntries: []none{}}
	r, err := s.rule(scope, in.Rule, in.EventBusName)
	if err != nil {
		return out, err
	}
	next, err := r.withTargets(in.Targets)
	if err != nil {
		return out, err
	}
	s.replace(next)
	return out, nil
}

func (s *Service) removeTargets(scope arn.Scope, in struct {
	Rule, EventBusName string
	IDs                []string `json:"Ids"`
	Force              bool     // concerns rules that AWS services manage, of which there are none
}) (targetsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := targetsOutput{FailedEntries: []none{}}
	r, err := s.rule(scope, in.Rule, in.EventBusName)
	if err != nil {
		return out, err
	}
	next := *r
	next.Targets = slices.DeleteFunc(slices.Clone(r.Targets), func(t target) bool { return slices.Contains(in.IDs, t.ID) })
	s.replace(&next)
	return out, nil
}

type listTargetsOutput struct {
	Targets   []target
	NextToken string `json:",omitempty"`
}

func (s *Service) listTargets(scope arn.Scope, in struct {
	pageInput
	Rule, EventBusName string
}) (listTargetsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.rule(scope, in.Rule, in.EventBusName)
	if err != nil {
		return listTargetsOutput{}, err
	}
	list, next, err := page(append([]target{}, r.Targets...), in.pageInput)
	return listTargetsOutput{list, next}, err
}

type ruleNamesOutput struct {
	RuleNames []string
	NextToken string `json:",omitempty"`
}

func (s *Service) listRuleNames(scope arn.Scope, in struct {
	pageInput
	TargetArn, EventBusName string
}) (ruleNamesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	bus, err := s.bus(scope, in.EventBusName)
	if err != nil {
		return ruleNamesOutput{}, err
	}
	names := []string{}
	for _, r := range s.rulesOf(scope, bus) {
		if slices.ContainsFunc(r.Targets, func(t target) bool { return t.Arn == in.TargetArn }) {
			names = append(names, r.Name)
		}
	}
	names, next, err := page(names, in.pageInput)
	return ruleNamesOutput{names, next}, err
}
