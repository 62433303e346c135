// SPDX-License-Identifier: MIT

package iot

import (
	"cmp"
	"errors"

	"github.com/sparta-up/sparta/internal/iotsql"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// rulePayload is what a rule says, as the API has it.
type rulePayload struct {
	SQL              string   `json:"sql"`
	Description      string   `json:"description,omitempty"`
	Actions          []action `json:"actions"`
	RuleDisabled     bool     `json:"ruleDisabled"`
	AwsIotSQLVersion string   `json:"awsIotSqlVersion,omitempty"`
	ErrorAction      *action  `json:"errorAction,omitempty"`
}

var ruleName = lazy.MustCompile(`^[a-zA-Z0-9_]{1,128}$`)

// maxActions is how many actions a rule may have ("AWS IoT Core rules engine
// quotas").
const maxActions = 10

// newRule returns a rule, if it is one.
func newRule(scope arn.Scope, name string, p rulePayload) (*rule, error) {
	p.AwsIotSQLVersion = cmp.Or(p.AwsIotSQLVersion, string(iotsql.V2015))
	if p.Actions == nil {
		p.Actions = []action{}
	}
	r := &rule{Scope: scope, Name: name, Payload: p}
	switch {
	case !ruleName.MatchString(name):
		return nil, invalid("1 validation error detected: Value '%s' at 'ruleName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9_]+$", name)
	case len(p.Actions) > maxActions:
		return nil, invalid("A rule has at most %d actions.", maxActions)
	case len(p.Description) > 1024:
		return nil, invalid("The description has more than 1024 characters.")
	case !iotsql.Version(p.AwsIotSQLVersion).Valid():
		return nil, invalid("the embedded AWS does not model version %q of AWS IoT SQL", p.AwsIotSQLVersion)
	}
	for _, a := range r.actions() {
		if err := a.check(); err != nil {
			return nil, err
		}
	}
	return r, r.parse()
}

// actions returns the actions with the error action.
func (r *rule) actions() []action {
	all := append([]action{}, r.Payload.Actions...)
	if e := r.Payload.ErrorAction; e != nil {
		all = append(all, *e)
	}
	return all
}

// parse reads the statement and the templates of the actions.
func (r *rule) parse() error {
	statement, err := iotsql.Parse(r.Payload.SQL, iotsql.Version(r.Payload.AwsIotSQLVersion))
	if fault, ok := errors.AsType[*iotsql.SyntaxError](err); ok {
		return badSQL("The statement %s, at character %d.", fault.Why, fault.Offset+1)
	}
	if err != nil {
		return err
	}
	if err := evaluable(statement.Calls()); err != nil {
		return err
	}
	if at, unnamed := statement.Unnamed(); unnamed {
		return invalid("the embedded AWS does not model a selected value without a name: write AS behind the one at character %d", at+1)
	}
	r.statement, r.templates = statement, map[string]*iotsql.Template{}
	for _, a := range r.actions() {
		for _, f := range a.list() {
			if err := r.addTemplates(f.resource, f.key); err != nil {
				return err
			}
		}
	}
	return nil
}

// addTemplates reads templates of an action.
func (r *rule) addTemplates(texts ...string) error {
	for _, text := range texts {
		t, err := r.statement.Template(text)
		if err != nil {
			return badSQL("The template %s %v.", text, err)
		}
		if err := evaluable(t.Calls()); err != nil {
			return err
		}
		r.templates[text] = t
	}
	return nil
}

// evaluable refuses functions by name.
func evaluable(calls []iotsql.Call) error {
	for _, c := range calls {
		switch {
		case !c.Known():
			return badSQL("There is no function %s.", c.Name)
		case !c.Evaluated():
			return invalid("the embedded AWS does not model function %s of AWS IoT SQL with %d arguments", c.Name, c.Arguments)
		}
	}
	return nil
}
