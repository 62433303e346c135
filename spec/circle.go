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
	needs map[string]map[string]bool
	maker map[string]*node
}

// edge notes that a resource needs another.
func (g *graph) edge(from, to string) {
	if g.needs[from] == nil {
		g.needs[from] = map[string]bool{}
	}
	g.needs[from][to] = true
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

// circles reports resources that need each other: CloudFormation can make none
// of them first.
func (d *decoder) circles(s *Service) {
	g := &graph{needs: map[string]map[string]bool{}, maker: map[string]*node{}}
	for _, made := range s.generated() {
		g.maker[made.id] = d.find(made.path)
	}
	defaults := d.root.field("defaults").field("environment")
	for _, f := range s.Functions {
		n := d.root.field("functions").field(f.Name)
		g.lambda(n, FunctionID(f.Name), RoleID(f.Name), LogGroupID(f.Name))
		g.named(f)
		g.edges(FunctionID(f.Name), defaults)
		for _, id := range []string{URLID(f.Name), URLPermissionID(f.Name), URLInvokePermissionID(f.Name)} {
			g.edge(id, FunctionID(f.Name))
		}
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
		g.lambda(n, ProviderFunctionID(r.Name), ProviderRoleID(r.Name), ProviderLogGroupID(r.Name))
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
	for _, circle := range g.circles() {
		n := g.maker[circle[0]]
		message := "circular dependency: " + strings.Join(append(circle, circle[0]), " -> ")
		d.problems.Add(d.problem(n.keyAt, n.place(), diag.CircularDependency, message,
			"take one of the references away, or write the name that it stands for"))
	}
}

// lambda notes what a function and its role need.
func (g *graph) lambda(n *node, function, role, logs string) {
	g.edges(function, n.field("environment"))
	g.edges(function, n.field("role"))
	for _, key := range []string{"layers", "vpc", "kmsKey", "fileSystem"} {
		g.edges(function, n.field(key))
	}
	g.edge(function, logs)
	if n.field("role") == nil {
		g.edge(function, role)
		g.edges(role, n.field("permissions"))
		g.edge(role, logs)
	}
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
			g.edge(RoleID(f.Name), resourceNamed(on))
		}
	}
}

// event notes what the resources of an event source need.
func (g *graph) event(f Function, e Event, n *node) {
	s := e.source()
	if s == nil {
		return
	}
	for _, id := range s.ids(f.Name) {
		g.edge(id, FunctionID(f.Name))
		g.edge(id, s.from().ID)
		g.edges(id, n)
	}
	if s.pulled() && f.Role == nil {
		g.edge(RoleID(f.Name), s.from().ID)
		g.edges(RoleID(f.Name), n)
	}
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
		for _, need := range slices.Sorted(maps.Keys(g.needs[id])) {
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
