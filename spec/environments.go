// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

const (
	environmentsKey = "environments"
	accountsKey     = "accounts"
	// maxOverlaid is how many values a file and its environments may make.
	maxOverlaid = 500_000
	// maxEnvironments is how many environments a file may have, as the schema says.
	maxEnvironments = 50
)

// environmentName is what the name of an environment may be. It can stand in
// the name of a stack.
var environmentName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)

// reader reads a converted file once for each of its environments.
type reader struct {
	*source
	root     *node // with everything that the file has
	options  Options
	path     string // of the file
	problems diag.List

	validator *validator // nil until it is needed
}

// read returns the service of the chosen environment and the problems of all.
func (r *reader) read() (*Service, diag.List) {
	if r.root.kind != object {
		d := r.decoder(r.root)
		d.problems = r.problems
		return d.service(r.path), d.problems
	}
	if p := r.crowd(r.root); p != nil {
		return nil, append(r.problems, *p)
	}
	overlays := r.overlays()
	chosen := r.options.environment()
	if r.options.Environment != "" && chosen != DefaultEnvironment && overlays[chosen] == nil {
		r.unknown(chosen, overlays)
	}
	if total := r.root.size() * (1 + len(overlays)); total > maxOverlaid {
		at := r.root.field(environmentsKey)
		r.problems.Add(r.problem(at.keyAt, at.place(), diag.TooManyAliases,
			fmt.Sprintf("the environments make more than %d values of this file", maxOverlaid), "write fewer of them"))
		return nil, r.problems
	}
	service, found := r.one(chosen, overlays[chosen], true)
	said := map[string]bool{}
	for _, p := range found {
		said[p.Position.String()+p.Message] = true
	}
	if _, written := overlays[DefaultEnvironment]; !written && chosen != DefaultEnvironment {
		for _, p := range r.beneath() {
			if !said[p.Position.String()+p.Message] {
				found.Add(p)
			}
		}
	}
	for _, name := range sortedNames(overlays) {
		if name == chosen || overlays[name].faulty {
			continue
		}
		_, more := r.one(name, overlays[name], false)
		for _, p := range more {
			if said[p.Position.String()+p.Message] {
				continue
			}
			if !strings.HasPrefix(p.Path, environmentsKey+"."+name) {
				p.Message += fmt.Sprintf(" (in environment %q)", name)
			}
			found.Add(p)
		}
	}
	found.Add(r.problems...)
	return service, found
}

// beneath returns the faults of values that stand in the file and that the
// chosen environment may replace. What is missing may stand in environments.
func (r *reader) beneath() diag.List {
	_, found := r.one(DefaultEnvironment, nil, false)
	return slices.DeleteFunc(found, func(p diag.Problem) bool {
		return slices.Contains([]diag.Code{diag.MissingKey, diag.NothingToDeploy, diag.UnknownResource, diag.UnknownFunction}, p.Code)
	})
}

// one reads the file as one environment has it. What lies outside of the file
// is looked up for the chosen environment only.
func (r *reader) one(environment string, overlay *node, chosen bool) (*Service, diag.List) {
	root := r.root
	if r.root.field(environmentsKey) != nil {
		root = r.root.shallow(nil)
		for _, f := range r.root.fields {
			if f.key != environmentsKey {
				root.fields = append(root.fields, f)
			}
		}
		root.reindex()
		if overlay == nil || overlay.kind != object {
			root = root.cloneInto(nil, "")
		} else {
			root = overlayOn(root, overlay, environment, nil, r.absentKey)
		}
	}
	d := r.decoder(root)
	d.environmentName, d.environmentNames = environment, r.names()
	v := &variables{decoder: d, options: r.options, chosen: chosen, files: map[string]content{}, outside: map[string]string{}}
	v.resolveAll()
	longAttributes(root)
	service := d.service(r.path)
	return service, v.conceal(d.problems)
}

func (r *reader) decoder(root *node) *decoder {
	if r.validator == nil {
		r.validator = newValidator(r.root)
	}
	return &decoder{document: &document{source: r.source, root: root}, dir: absolute(r.path), validator: r.validator, now: r.options.now()}
}

// overlays are the environments of the file by name, those without faults in
// their own shape.
func (r *reader) overlays() map[string]*node {
	n := r.root.field(environmentsKey)
	if n == nil || n.faulty || n.kind == null {
		return nil
	}
	if !mergeable(n) {
		r.wrong(n, n.at, diag.WrongKind, "expected a map of environments by name, found "+n.kind.String(), "write {prod: {defaults: {memory: 512}}}")
		return nil
	}
	if len(n.fields) > maxEnvironments {
		r.wrong(n, n.keyAt, diag.TooLong, fmt.Sprintf("has more than %d entries", maxEnvironments), "")
		return nil
	}
	overlays := make(map[string]*node, len(n.fields))
	for _, f := range n.fields {
		switch {
		case !environmentName.MatchString(f.key):
			r.wrong(f, f.keyAt, diag.BadName, "the name must be a letter, then letters, digits and hyphens, at most 64", "")
		case f.kind == null || f.faulty:
		case !mergeable(f):
			r.wrong(f, f.at, diag.WrongKind, "expected a map of what is different, found "+f.kind.String(), "write {defaults: {memory: 512}}")
		default:
			r.oneLevel(f)
		}
		overlays[f.key] = f
	}
	return overlays
}

// oneLevel refuses, in an overlay, the keys that are about environments.
func (r *reader) oneLevel(overlay *node) {
	for _, key := range []string{environmentsKey, accountsKey} {
		if f := overlay.field(key); f != nil {
			r.wrong(f, f.keyAt, diag.UnknownKey, "cannot stand in an environment", "write it at the top of the file")
		}
	}
	overlay.fields = slices.DeleteFunc(overlay.fields, func(f *node) bool {
		return f.key == environmentsKey || f.key == accountsKey
	})
	overlay.reindex()
}

func (r *reader) wrong(n *node, at mark, code diag.Code, message, hint string) {
	n.faulty = true
	r.problems.Add(r.problem(at, n.place(), code, message, hint))
}

// unknown reports an environment that is chosen and not in the file.
func (r *reader) unknown(name string, overlays map[string]*node) {
	at, place := mark{}, ""
	if n := r.root.field(environmentsKey); n != nil {
		at, place = n.keyAt, n.place()
	}
	names := sortedNames(overlays)
	hint := "add " + environmentsKey + ": {" + name + ": {}} to the file"
	if near := nearest(name, append(slices.Clone(names), DefaultEnvironment)); near != "" {
		hint = didYouMean(near)
	} else if len(names) > 0 {
		hint = "environments of this service: " + strings.Join(names, ", ")
	}
	r.problems.Add(r.problem(at, place, diag.UnknownEnvironment, "there is no environment "+strconv.Quote(shorten(name)), hint))
}

// names are the environments that there are, sorted.
func (r *reader) names() []string {
	names := []string{DefaultEnvironment}
	for _, f := range r.root.field(environmentsKey).fieldsOf() {
		names = append(names, f.key)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func sortedNames(overlays map[string]*node) []string {
	var names []string
	for name := range overlays {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
