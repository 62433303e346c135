// SPDX-License-Identifier: MIT

package apigateway

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// table is the resources of a deployment that have methods, the more specific
// path first. It never changes.
type table []entry

type entry struct {
	id      string
	path    gateway.Template
	methods map[string]*method // by HTTP method
}

func newTable(d definition) (table, error) {
	byResource := map[string]map[string]*method{}
	for key, m := range d.Methods {
		id, verb, _ := strings.Cut(key, " ")
		if byResource[id] == nil {
			byResource[id] = map[string]*method{}
		}
		byResource[id][verb] = m
	}
	t := make(table, 0, len(byResource))
	for id, methods := range byResource {
		n := d.Resources[id]
		if n == nil {
			continue
		}
		path, err := gateway.ParseTemplate(n.Path)
		if err != nil {
			return nil, err
		}
		t = append(t, entry{id, path, methods})
	}
	slices.SortFunc(t, func(a, b entry) int { return a.path.Compare(b.path) })
	return t, nil
}

// match returns the resource of a path, the method of it that answers, nil if
// none does, and the path parameters. A slash at the end makes no difference.
func (t table) match(verb string, segments []string) (entry, *method, map[string]string) {
	if n := len(segments); n > 0 && segments[n-1] == "" {
		segments = segments[:n-1]
	}
	for _, e := range t {
		parameters, ok := e.path.Match(segments)
		if !ok {
			continue
		}
		if m := e.methods[verb]; m != nil {
			return e, m, parameters
		}
		return e, e.methods["ANY"], parameters
	}
	return entry{}, nil, nil
}
