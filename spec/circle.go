// SPDX-License-Identifier: MIT

package spec

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// graph is which resources each resource of the stack needs, with what makes it.
type graph struct {
	needs map[string][]string // may name one more than once
	maker map[string]*node
	hints map[[2]string]string // what to do about a need, for those that nobody wrote
}

// edge notes that a resource needs another.
func (g *graph) edge(from, to string) {
	if to != "" {
		g.needs[from] = append(g.needs[from], to)
	}
}

// edges notes what a resource needs by the calls in a tree.
func (g *graph) edges(from string, n *node) {
	if n == nil || n.faulty {
		return
	}
	if s, inner, ok := intrinsicOf(n); ok {
		for _, name := range named(s, inner) {
			g.edge(from, name)
		}
	}
	for _, part := range n.children() {
		g.edges(from, part)
	}
}

// named are the resources that a call refers to.
func named(s shape, inner *node) []string {
	switch {
	case s.name == "Ref" && inner.kind == text:
		return []string{inner.written}
	case s.name == "Fn::GetAtt" && inner.kind == list && len(inner.items) > 0:
		return []string{inner.items[0].written}
	case s.name == "Fn::Sub":
		names := substituted(inner)
		for i, name := range names {
			names[i], _, _ = strings.Cut(name, ".")
		}
		return names
	}
	return nil
}

// graph notes what the resources of the stack need, but for the notifications
// of buckets.
func (d *decoder) graph(s *Service) *graph {
	g := &graph{needs: map[string][]string{}, maker: map[string]*node{}, hints: map[[2]string]string{}}
	defaults := d.root.field("defaults").field("environment")
	for _, f := range s.Functions {
		n := d.root.field("functions").field(f.Name)
		g.lambda(n, FunctionID(f.Name), RoleID(f.Name))
		g.named(f)
		g.edges(FunctionID(f.Name), defaults)
		if f.URL != nil {
			for _, id := range []string{URLID(f.Name), URLPermissionID(f.Name), URLInvokePermissionID(f.Name)} {
				g.edge(id, FunctionID(f.Name))
			}
		}
		g.outcomes(n, f)
	}
	for _, f := range s.Functions {
		for i, e := range f.Events {
			g.event(f, e, d.find(eventPath(f.Name, i)))
		}
	}
	g.api(s, d.root.field("api"))
	for _, r := range s.CustomResources {
		n := d.root.field("customResources").field(r.Name)
		g.maker[r.Name] = n
		g.lambda(n, ProviderFunctionID(r.Name), ProviderRoleID(r.Name))
		g.edge(r.Name, ProviderFunctionID(r.Name))
		g.edges(r.Name, n.field("properties"))
	}
	for _, n := range d.root.field("resources").fieldsOf() {
		g.maker[n.key] = n
		g.edges(n.key, n)
		if depends := n.field("DependsOn"); usable(depends) {
			for _, item := range append(slices.Clone(depends.items), depends) {
				g.edge(n.key, item.written)
			}
		}
	}
	return g
}

// circles reports resources that need each other: CloudFormation can make none
// of them first.
func (d *decoder) circles(s *Service, g *graph) {
	for _, made := range s.generated() {
		if g.maker[made.id] == nil {
			g.maker[made.id] = d.find(made.path)
		}
	}
	for _, circle := range g.circles() {
		n := g.maker[circle[0]]
		message := "circular dependency: " + strings.Join(append(circle, circle[0]), " -> ")
		d.problems.Add(d.problem(n.keyAt, n.place(), diag.CircularDependency, message, g.hint(circle)))
	}
}

// lambda notes what a function and its role need, but for the log group: that
// needs nothing, so that no circle goes through it.
func (g *graph) lambda(n *node, function, role string) {
	g.edges(function, n.field("environment"))
	g.edges(function, n.field("role"))
	for _, key := range []string{"layers", "vpc", "kmsKey", "fileSystem"} {
		g.edges(function, n.field(key))
	}
	if n.field("role") == nil {
		g.edge(function, role)
		g.edges(role, n.field("permissions"))
	}
}

// hint says what to do about a circle.
func (g *graph) hint(circle []string) string {
	for i, from := range circle {
		if hint := g.hints[[2]string{from, circle[(i+1)%len(circle)]}]; hint != "" {
			return hint
		}
	}
	return "take one of the references away, or write the name that it stands for"
}

// caller is a source that makes a resource of the stack refer to the function.
type caller interface {
	// calling returns the resource, and what to do if the function needs it.
	calling() (id, hint string)
}

// named notes what a function and its role need by logical ids that stand
// alone.
func (g *graph) named(f Function) {
	for _, layer := range f.Layers {
		g.edge(FunctionID(f.Name), layer.ID)
	}
	g.edge(FunctionID(f.Name), f.KMSKey.ID)
	if f.FileSystem != nil {
		g.edge(FunctionID(f.Name), f.FileSystem.AccessPoint.ID)
	}
	if f.Role != nil {
		return
	}
	for _, p := range f.Permissions {
		for _, on := range p.On {
			for _, id := range mentioned(on) {
				g.edge(RoleID(f.Name), id)
			}
		}
	}
}

// mentioned are the resources that the calls in a value refer to.
func mentioned(v any) []string {
	var all []string
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			all = append(all, mentioned(item)...)
		}
	case map[string]any:
		if id := resourceNamed(v); id != "" {
			return []string{id}
		}
		format, variables := v["Fn::Sub"], map[string]any(nil)
		if list, ok := format.([]any); ok && len(list) == 2 {
			format = list[0]
			variables, _ = list[1].(map[string]any)
		}
		if written, ok := format.(string); ok {
			for _, name := range substituted(&node{kind: text, written: written}) {
				if id, _, _ := strings.Cut(name, "."); variables[name] == nil {
					all = append(all, id)
				}
			}
		}
		for _, part := range v {
			all = append(all, mentioned(part)...)
		}
	}
	return all
}

// event notes what the resources of an event source need.
func (g *graph) event(f Function, e Event, n *node) {
	s := e.source()
	if s == nil || e.S3 != nil {
		return
	}
	parts, role := []Source{s.from()}, []Source(nil)
	if s.pulled() {
		role = parts
		g.edges(RoleID(f.Name), n)
	}
	if l, ok := s.(linked); ok {
		more, roles := l.links()
		parts, role = append(parts, more...), append(role, roles...)
	}
	for _, id := range s.ids(f.Name) {
		g.edge(id, FunctionID(f.Name))
		g.edges(id, n)
		for _, part := range parts {
			g.edge(id, part.ID)
		}
	}
	if c, ok := s.(caller); ok {
		id, hint := c.calling()
		g.edge(id, FunctionID(f.Name))
		g.hints[[2]string{id, FunctionID(f.Name)}] = hint
	}
	for _, part := range role {
		g.edge(RoleID(f.Name), part.ID)
	}
}

// outcomes notes what a function needs for its asynchronous events. The role
// names functions of the service as text, so that two may tell each other.
func (g *graph) outcomes(n *node, f Function) {
	where := n.field("destinations")
	g.edge(EventConfigID(f.Name), FunctionID(f.Name))
	g.edges(EventConfigID(f.Name), where)
	g.edges(FunctionID(f.Name), n.field("deadLetter"))
	role := func(s *Source) {
		if s != nil && s.Function == "" {
			g.edge(RoleID(f.Name), s.ID)
		}
	}
	if s := f.DeadLetter; s != nil {
		g.edge(FunctionID(f.Name), s.ID)
		role(s)
	}
	if f.Destinations == nil {
		return
	}
	for _, s := range []*Source{f.Destinations.OnSuccess, f.Destinations.OnFailure} {
		if s != nil {
			g.edge(EventConfigID(f.Name), s.ID)
			role(s)
		}
	}
}

// notified notes what the notifications of a bucket need.
func (g *graph) notified(d *decoder, b NotifiedBucket, apart bool) {
	id := b.Bucket.ID
	if apart {
		id = BucketNotificationsID(b.Bucket)
		g.edge(id, b.Bucket.ID)
		g.edge(id, ProviderFunctionID(BucketNotifications))
		g.edge(id, BucketNotificationsPolicyID(b.Bucket))
		g.edge(BucketNotificationsPolicyID(b.Bucket), b.Bucket.ID)
	}
	for _, r := range b.Rules {
		permission := BucketPermissionID(r.Function, b.Bucket)
		g.edge(id, permission)
		g.edge(id, FunctionID(r.Function))
		g.edge(permission, FunctionID(r.Function))
		if apart {
			g.edge(permission, b.Bucket.ID)
		} else {
			g.edges(permission, d.property(b.Bucket.ID, "BucketName"))
		}
	}
}

// reaches reports whether a resource needs another, directly or through others.
func (g *graph) reaches(from, to string) bool {
	seen := map[string]bool{}
	var visit func(id string) bool
	visit = func(id string) bool {
		if seen[id] {
			return false
		}
		seen[id] = true
		for _, need := range g.needs[id] {
			if need == to || visit(need) {
				return true
			}
		}
		return false
	}
	return visit(from)
}

// circles finds a circle for each reference that closes one, from the first
// resource by name on. Only resources that something makes count.
func (g *graph) circles() [][]string {
	const (
		open = 1
		done = 2
	)
	state := map[string]int{}
	var found [][]string
	var path []string
	var visit func(id string)
	visit = func(id string) {
		state[id] = open
		path = append(path, id)
		for _, need := range slices.Compact(slices.Sorted(slices.Values(g.needs[id]))) {
			switch {
			case g.maker[need] == nil:
			case state[need] == open:
				found = append(found, slices.Clone(path[slices.Index(path, need):]))
			case state[need] == 0:
				visit(need)
			}
		}
		path = path[:len(path)-1]
		state[id] = done
	}
	for _, id := range slices.Sorted(maps.Keys(g.maker)) {
		if state[id] == 0 {
			visit(id)
		}
	}
	return found
}
