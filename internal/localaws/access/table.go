// SPDX-License-Identifier: MIT

package access

import (
	"context"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Table says what the operations of a service need whose requests name them: of
// the JSON protocols, of the query protocol and of Smithy's RPC.
type Table struct {
	Prefix string                           // of the service's actions, such as sqs
	Rules  map[string]Rule                  // by operation
	Decode func(body []byte) map[string]any // of a body that is no JSON; nil: all are
	Shown  func(action string) string       // how the service's errors spell an action; nil: as it is
}

// Needs returns the permissions that a request needs. For an operation that is
// not in the table that is the action of its name.
func (t Table) Needs(r *http.Request, scope arn.Scope) []Need {
	in := &Input{Operation: Operation(r), Scope: scope, prefix: t.Prefix, request: r, form: r.Form, decode: t.Decode}
	rule, ok := t.Rules[in.Operation]
	if !ok {
		return assume(t.Prefix, in.Operation)
	}
	needs := rule(in)
	for i := range needs {
		if t.Shown != nil {
			needs[i].Shown = t.Shown(needs[i].Action)
		}
	}
	return needs
}

// Operation returns the operation that a request names, "" if it names none:
// behind the dot in X-Amz-Target, in the path of Smithy RPC, or as Action.
func Operation(r *http.Request) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:]
	}
	if _, name, ok := strings.Cut(r.URL.Path, "/operation/"); ok && strings.HasPrefix(r.URL.Path, "/service/") {
		return name
	}
	form, err := wire.LargeQueryForm(r, maxBody)
	if err != nil {
		return ""
	}
	return form.Get("Action")
}

// assume returns what an operation needs that no table knows. Most actions are
// named like their operation, so that a role without the right is found; which
// resource it is about is not known.
func assume(prefix, operation string) []Need {
	return []Need{{Action: prefix + ":" + operation, Resource: "*", Assumed: true}}
}

// Assume returns what a request of a service without a table needs. It reports
// false if the request does not name its operation. signing is the service's
// name in signatures.
func Assume(r *http.Request, signing string) ([]Need, bool) {
	operation := Operation(r)
	return assume(prefixOf(signing), operation), operation != ""
}

// prefixOf returns the prefix of a service's actions, which seldom differs from
// its name in signatures.
func prefixOf(signing string) string {
	switch signing {
	case "monitoring":
		return "cloudwatch"
	case "email":
		return "ses"
	}
	return signing
}

// Routes say what the operations of a REST API need. It may be used
// concurrently.
type Routes struct{ mux *http.ServeMux }

// NewRoutes makes Routes of rules by the pattern of their method and path, as
// http.ServeMux has them.
func NewRoutes(rules map[string]Rule) Routes {
	mux := http.NewServeMux()
	for pattern, rule := range rules {
		mux.Handle(pattern, rule)
	}
	return Routes{mux}
}

type askKey struct{}

// question is what a rule is asked by way of the mux, which fills in the values
// of the path.
type question struct {
	scope arn.Scope
	needs []Need
}

// ServeHTTP answers the question in the request's context.
func (rule Rule) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	q, _ := r.Context().Value(askKey{}).(*question)
	if q != nil {
		q.needs = rule(&Input{Scope: q.scope, request: r, form: r.URL.Query()})
	}
}

// Needs returns the permissions that a request needs. It reports false if there
// is no rule for it.
func (t Routes) Needs(r *http.Request, scope arn.Scope) ([]Need, bool) {
	handler, _ := t.mux.Handler(r)
	if _, ok := handler.(Rule); !ok {
		return nil, false
	}
	q := &question{scope: scope}
	asked := r.WithContext(context.WithValue(r.Context(), askKey{}, q))
	t.mux.ServeHTTP(nil, asked)
	r.Body = asked.Body // it was read and put back
	return q.needs, true
}
