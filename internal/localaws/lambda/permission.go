// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// policyDocument is the resource policy of a function, a version or an alias.
type policyDocument struct {
	RevisionID string
	Statements []statement
}

// statement is one statement of a resource policy, in the form that GetPolicy
// shows it.
type statement struct {
	Sid       string
	Effect    string
	Principal any // "*" or {"Service": ...} or {"AWS": ...}
	Action    string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

// permissionInput is what a caller says of a permission. It serves
// AddPermission and AWS::Lambda::Permission alike.
type permissionInput struct {
	StatementID           string
	Action                string
	Principal             string
	SourceArn             string
	SourceAccount         string
	EventSourceToken      string
	PrincipalOrgID        string
	FunctionUrlAuthType   string
	InvokedViaFunctionUrl bool
	RevisionID            string
}

var (
	statementID   = lazy.MustCompile(`^[a-zA-Z0-9-_]{1,100}$`)
	actionPattern = regexp.MustCompile(`^(lambda:[*]|lambda:[a-zA-Z]+|[*])$`)
	servicePlace  = lazy.MustCompile(`^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$`)
	twelveDigits  = lazy.MustCompile(`^\d{12}$`)
)

// maxPolicy is the size of a resource policy, in bytes (Lambda quotas).
const maxPolicy = 20 << 10

func (in permissionInput) check() error {
	switch {
	case !statementID.MatchString(in.StatementID):
		return invalidMember(in.StatementID, "statementId", "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)")
	case !actionPattern.MatchString(in.Action):
		return invalidMember(in.Action, "action", "Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])")
	case in.Principal == "":
		return invalidMember("", "principal", "Member must not be null")
	case in.SourceAccount != "" && !twelveDigits.MatchString(in.SourceAccount):
		return invalidMember(in.SourceAccount, "sourceAccount", `Member must satisfy regular expression pattern: \d{12}`)
	case in.FunctionUrlAuthType != "" && in.FunctionUrlAuthType != "NONE" && in.FunctionUrlAuthType != "AWS_IAM":
		return invalidMember(in.FunctionUrlAuthType, "functionUrlAuthType", "Member must satisfy enum value set: [NONE, AWS_IAM]")
	case in.FunctionUrlAuthType != "" && in.Action != "lambda:InvokeFunctionUrl":
		return invalidValue("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action")
	}
	if in.SourceArn != "" {
		if _, ok := arn.Parse(in.SourceArn); !ok {
			return invalidMember(in.SourceArn, "sourceArn", "Member must satisfy regular expression pattern: arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)")
		}
	}
	_, err := in.principal(arn.Scope{Partition: "aws"})
	return err
}

// principal returns the principal as the policy shows it.
func (in permissionInput) principal(scope arn.Scope) (any, error) {
	switch p := in.Principal; {
	case p == "*":
		return "*", nil
	case servicePlace.MatchString(p):
		return map[string]string{"Service": p}, nil
	case twelveDigits.MatchString(p):
		return map[string]string{"AWS": "arn:" + scope.Partition + ":iam::" + p + ":root"}, nil
	case strings.HasPrefix(p, "arn:") && strings.Contains(p, ":iam::"), strings.HasPrefix(p, "arn:") && strings.Contains(p, ":sts::"):
		return map[string]string{"AWS": p}, nil
	}
	return nil, invalidValue("The provided principal was invalid. Please check the principal and try again.")
}

func (in permissionInput) conditions() map[string]map[string]string {
	c := map[string]map[string]string{}
	add := func(operator, key, value string) {
		if value == "" {
			return
		}
		if c[operator] == nil {
			c[operator] = map[string]string{}
		}
		c[operator][key] = value
	}
	add("ArnLike", "AWS:SourceArn", in.SourceArn)
	add("StringEquals", "AWS:SourceAccount", in.SourceAccount)
	add("StringEquals", "aws:PrincipalOrgID", in.PrincipalOrgID)
	add("StringEquals", "lambda:EventSourceToken", in.EventSourceToken)
	add("StringEquals", "lambda:FunctionUrlAuthType", in.FunctionUrlAuthType)
	if in.InvokedViaFunctionUrl {
		add("Bool", "lambda:InvokedViaFunctionUrl", "true")
	}
	return c
}

type addPermissionOutput struct{ Statement string }

func (s *Service) addPermission(_ context.Context, c call, in permissionInput) (any, error) {
	st, err := s.permit(c, in)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(st)
	return addPermissionOutput{string(text)}, err
}

// permit adds a statement to the resource policy of what c names.
func (s *Service) permit(c call, in permissionInput) (statement, error) {
	if err := in.check(); err != nil {
		return statement{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.find(c.scope, c.function)
	if err != nil {
		return statement{}, err
	}
	old := f.Policies[plain(c.function.qualifier)]
	if old == nil {
		old = &policyDocument{}
	}
	if in.RevisionID != "" && in.RevisionID != old.RevisionID {
		return statement{}, errRevision()
	}
	if slices.ContainsFunc(old.Statements, func(st statement) bool { return st.Sid == in.StatementID }) {
		return statement{}, conflict("The statement id (%s) provided already exists. "+
			"Please provide a new statement id, or remove the existing statement.", in.StatementID)
	}
	principal, err := in.principal(c.scope)
	if err != nil {
		return statement{}, err
	}
	st := statement{
		Sid: in.StatementID, Effect: "Allow", Principal: principal, Action: in.Action,
		Resource: f.arn(plain(c.function.qualifier)), Condition: in.conditions(),
	}
	next := &policyDocument{RevisionID: wire.RequestID(), Statements: append(slices.Clone(old.Statements), st)}
	if size := len(next.text()); size > maxPolicy {
		return statement{}, wire.Errorf(http.StatusBadRequest, "PolicyLengthExceededException",
			"The final policy size (%d) is bigger than the limit (%d).", size, maxPolicy)
	}
	if f.Policies == nil {
		f.Policies = map[string]*policyDocument{}
	}
	f.Policies[plain(c.function.qualifier)] = next
	s.changed()
	return st, nil
}

// text returns the policy as JSON.
func (d *policyDocument) text() string {
	text, err := json.Marshal(struct {
		Version   string
		ID        string `json:"Id"`
		Statement []statement
	}{"2012-10-17", "default", d.Statements})
	if err != nil {
		return "" // never: plain values
	}
	return string(text)
}

func (s *Service) removePermission(_ context.Context, c call, _ none) (any, error) {
	return nil, s.revoke(c, c.path("StatementId"), c.query.Get("RevisionId"))
}

// revoke removes a statement.
func (s *Service) revoke(c call, id, revision string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return err
	}
	qualifier := plain(c.function.qualifier)
	d := f.Policies[qualifier]
	if d == nil || !slices.ContainsFunc(d.Statements, func(st statement) bool { return st.Sid == id }) {
		return notFound("Statement %s is not found in resource policy.", id)
	}
	if revision != "" && revision != d.RevisionID {
		return errRevision()
	}
	rest := slices.DeleteFunc(slices.Clone(d.Statements), func(st statement) bool { return st.Sid == id })
	if len(rest) == 0 {
		delete(f.Policies, qualifier)
	} else {
		f.Policies[qualifier] = &policyDocument{RevisionID: wire.RequestID(), Statements: rest}
	}
	s.changed()
	return nil
}

type policyOutput struct {
	Policy     string
	RevisionID string `json:"RevisionId"`
}

func (s *Service) getPolicy(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.find(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	d := f.Policies[plain(c.function.qualifier)]
	if d == nil {
		return nil, notFound("The resource you requested does not exist.")
	}
	return policyOutput{d.text(), d.RevisionID}, nil
}

// public reports whether everybody may call the function through its URL: since
// October 2025 that takes lambda:InvokeFunctionUrl and lambda:InvokeFunction
// ("Control access to Lambda function URLs", Lambda Developer Guide). s.mu is
// held.
func (f *function) public(qualifier string) bool {
	d := f.Policies[qualifier]
	if d == nil {
		return false
	}
	document, err := policy.Parse([]byte(d.text()))
	if err != nil {
		return false
	}
	for _, action := range []string{"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"} {
		if !document.Allows(policy.Request{
			PrincipalType: "AWS", Principal: "*", Action: action, Resource: f.arn(qualifier),
			Context: map[string]string{"lambda:functionurlauthtype": "NONE", "lambda:invokedviafunctionurl": "true"},
		}) {
			return false
		}
	}
	return true
}
