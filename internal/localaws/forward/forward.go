// SPDX-License-Identifier: MIT

// Package forward says what CloudFormation needs of its caller, or of the stack's
// service role, to look after a resource: the rights to the calls that the
// handlers of the resource's type make ("Forward access sessions", IAM User
// Guide). Which calls these are is AWS's own account of them.
package forward

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

//go:embed providers.txt
var providerTable string

//go:embed resources.txt
var resourceTable string

// Handler is what CloudFormation does with a resource.
type Handler string

// The handlers. Create and Update read the resource afterwards.
const (
	Create Handler = "create"
	Update Handler = "update"
	Delete Handler = "delete"

	read    Handler = "read"
	tagging Handler = "tagging"
)

// provider is a resource type.
type provider struct {
	handlers  map[Handler][]string // actions
	resources map[string]string    // by action, rest among them
	when      map[string]string    // property without which an action is not needed
}

// rest stands for the actions of a type without a resource of their own.
const rest = "rest"

// Table knows the resource types. It does not change.
type Table struct {
	providers map[string]*provider
	never     map[string]bool // what is not an action
}

// Load reads the table. Its parts are compiled in; a fault in them is a bug.
func Load() *Table {
	t := &Table{providers: map[string]*provider{}, never: map[string]bool{}}
	for columns := range rows(providerTable) {
		t.provider(columns[0]).handlers[Handler(columns[1])] = strings.Fields(columns[2])
	}
	for columns := range rows(resourceTable) {
		t.learn(columns[0], columns[1], strings.Fields(columns[2]))
	}
	return t
}

// rows are the lines of three columns that are no comments.
func rows(table string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		for line := range strings.Lines(table) {
			line = strings.TrimSpace(line)
			columns := strings.Split(line, " | ")
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if len(columns) != 3 {
				panic("forward: a line has not three columns: " + line)
			}
			if !yield(columns) {
				return
			}
		}
	}
}

func (t *Table) provider(name string) *provider {
	if t.providers[name] == nil {
		t.providers[name] = &provider{handlers: map[Handler][]string{}, resources: map[string]string{}, when: map[string]string{}}
	}
	return t.providers[name]
}

// learn takes a line about resources.
func (t *Table) learn(name, on string, actions []string) {
	property, conditional := strings.CutPrefix(on, "if ")
	for _, action := range actions {
		switch {
		case name == "*":
			t.never[action] = true
		case conditional:
			t.provider(name).when[action] = property
		case t.provider(name).resources[action] == "":
			t.provider(name).resources[action] = on
		}
	}
}

// Needs returns what a handler needs for a resource whose physical id, "" before
// it is made, is given. It returns an error for a type that is not known.
func (t *Table) Needs(h Handler, r resource.Request, physicalID string) ([]access.Need, error) {
	p := t.providers[r.Type]
	if p == nil || p.resources[rest] == "" {
		return nil, fmt.Errorf("the embedded AWS does not know which permissions CloudFormation needs for %s: "+
			"with the credentials of a role it can't be deployed", r.Type)
	}
	actions := slices.Clone(p.handlers[h])
	if h != Delete {
		actions = append(actions, p.handlers[read]...)
	}
	if h != Delete && tagged(r) {
		actions = append(actions, p.handlers[tagging]...)
	}
	slices.Sort(actions)
	var needs []access.Need
	at := newPlace(r, physicalID)
	for _, action := range slices.Compact(actions) {
		if t.never[action] || p.when[action] != "" && !at.has(p.when[action]) {
			continue
		}
		on := p.resources[action]
		if on == "" {
			on = p.resources[rest]
		}
		needs = append(needs, at.needs(action, on)...)
	}
	return needs, nil
}

// tagged reports whether a resource has tags of the user's or of the stack's.
func tagged(r resource.Request) bool {
	for _, property := range []string{"Tags", "HostedZoneTags", "UserPoolTags"} {
		if r.Properties[property] != nil {
			return true
		}
	}
	for key := range r.Tags {
		if !strings.HasPrefix(key, "aws:") {
			return true
		}
	}
	return false
}
