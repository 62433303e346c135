// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// decoder makes a Service of a document and collects problems. A method that
// takes a node also takes nil, for a value that is not in the file, and a
// faulty one; both make the zero value or the default.
type decoder struct {
	*document
	problems diag.List
	dir      string    // absolute directory of the file
	now      time.Time // when the file is read

	validator *validator

	environmentName  string   // the environment that the file is read for
	environmentNames []string // those that there are, sorted
	rest             bool     // the API is a REST API

	located []located // what has to be in the stack's region
}

// fault reports an error in a value and marks it, so that it is said once.
func (d *decoder) fault(n *node, code diag.Code, message, hint string) {
	n.faulty = true
	d.say(n, code, message, hint)
}

// say reports an error in a value of which more may be said.
func (d *decoder) say(n *node, code diag.Code, message, hint string) {
	d.problems.Add(d.problem(n.at, n.place(), code, message, hint))
}

// keyFault is fault with only the key underlined.
func (d *decoder) keyFault(n *node, code diag.Code, message, hint string) {
	n.faulty = true
	d.problems.Add(d.problem(n.keyAt, n.place(), code, message, hint))
}

// warn reports what is no error.
func (d *decoder) warn(n *node, code diag.Code, message, hint string) {
	p := d.problem(n.at, n.place(), code, message, hint)
	p.Severity = diag.Warning
	d.problems.Add(p)
}

// usable reports whether a node is there and not faulty.
func usable(n *node) bool { return n != nil && !n.faulty && n.kind != null }

// literal is the text of a value that Sparta uses itself.
func (d *decoder) literal(n *node) string {
	if !usable(n) || n.kind != text {
		return ""
	}
	return n.written
}

// texts are the items of a list of text that are well formed.
func (d *decoder) texts(n *node) []string {
	if !usable(n) {
		return nil
	}
	if n.kind == text {
		return []string{d.literal(n)}
	}
	var all []string
	for _, item := range n.items {
		if usable(item) {
			all = append(all, item.written)
		}
	}
	return all
}

// or returns value, or fallback if value is zero.
func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// service decodes the whole document.
func (d *decoder) service(path string) *Service {
	if d.root.kind != object {
		if !d.root.faulty {
			d.fault(d.root, diag.WrongKind, "expected a map of serviceName, functions and so on, found "+d.root.kind.String(), "begin with serviceName: my-service")
		}
		return nil
	}
	d.structure()
	s := &Service{File: path, Dir: d.dir, Environment: d.environmentName, Environments: d.environmentNames, positions: d.document}
	s.Name = d.serviceName(d.root.field("serviceName"))
	s.Accounts = d.accounts(d.root.field(accountsKey))
	s.Description = d.literal(d.root.field("description"))
	s.API = d.api(d.root.field("api"), s)
	d.functions(s)
	d.routes(s)
	d.site(s)
	d.decorators(s)
	d.customResources(s)
	d.resources(s)
	d.rolloutAlarms(s)
	d.outputs(s)
	d.relays(s)
	d.regions()
	s.located = d.located
	needs := d.graph(s)
	d.notifications(s, needs)
	d.nothing(s)
	d.takenTwice(s)
	d.identities(s)
	d.logRules(s)
	d.loops(s)
	d.references(s)
	d.capacity(s)
	d.circles(s, needs)
	return s
}

// serviceName decodes the name; that it is a stack name the schema checks.
func (d *decoder) serviceName(n *node) string {
	if !usable(n) {
		return ""
	}
	return n.written
}

// nothing refuses a service without a resource.
func (d *decoder) nothing(s *Service) {
	for _, key := range []string{"functions", "site", "customResources", "resources", "decorators"} {
		if n := d.root.field(key); n != nil && (n.faulty || len(n.children()) > 0) {
			return
		}
	}
	if slices.ContainsFunc(d.root.fields, func(f *node) bool { return f.faulty && f.key != "serviceName" }) {
		return // a key that was meant to be one of these
	}
	d.problems.Add(d.problem(d.root.keyAt, "", diag.NothingToDeploy, "has nothing to deploy", "add functions: {hello: {handler: ./handlers.Hello}}"))
}

// seconds turns a whole number of seconds into a duration.
func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
