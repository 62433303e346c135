// SPDX-License-Identifier: MIT

package cfn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// fault is a value of the wrong shape, found by its path in the tree.
type fault struct {
	path    []string
	message string
	hint    string
}

type faults []fault

func (f *faults) add(path []string, hint, format string, args ...any) {
	*f = append(*f, fault{slices.Clone(path), fmt.Sprintf(format, args...), hint})
}

// err returns the faults as a *diag.Fault without positions, or nil.
func (f faults) err() error {
	var l diag.List
	for _, x := range f {
		l.Add(diag.Problem{Path: strings.Join(x.path, "."), Code: diag.TemplateForm, Message: x.message, Hint: x.hint})
	}
	return l.Err()
}

// FromValue makes a template of a tree of JSON values, which it copies. The
// error is a *diag.Fault with every unknown key and wrong shape, each with its
// path and without a position. It checks shapes only; see [Document.Check].
func FromValue(v map[string]any) (*Template, error) {
	tree, err := normalizeMap(v, 0)
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	t, f := build(tree.(map[string]any))
	if err := f.err(); err != nil {
		return nil, err
	}
	return t, nil
}

// ResourceFromValue makes the resource id of a tree of JSON values, of which it
// keeps parts. The error is as that of [FromValue].
func ResourceFromValue(id string, v any) (*Resource, error) {
	tree, err := normalForm(v)
	if err != nil {
		return nil, fmt.Errorf("resource %q: %w", id, err)
	}
	var f faults
	r := buildResource([]string{"Resources", id}, tree, &f)
	if err := f.err(); err != nil {
		return nil, err
	}
	return r, nil
}

// OutputFromValue makes the output name of a tree of JSON values, of which it
// keeps parts. The error is as that of [FromValue].
func OutputFromValue(name string, v any) (*Output, error) {
	tree, err := normalForm(v)
	if err != nil {
		return nil, fmt.Errorf("output %q: %w", name, err)
	}
	var f faults
	o := buildOutput([]string{"Outputs", name}, tree, &f)
	if err := f.err(); err != nil {
		return nil, err
	}
	return o, nil
}

// shape reads the members of one object and remembers which keys it knows.
type shape struct {
	path   []string
	m      map[string]any
	known  []string
	faults *faults
}

func newShape(path []string, v any, f *faults) *shape {
	m, ok := v.(map[string]any)
	if !ok {
		f.add(path, "", "%s where an object is needed", describe(v))
	}
	return &shape{path: path, m: m, faults: f}
}

func (s *shape) get(key string) (any, bool) {
	s.known = append(s.known, key)
	v, ok := s.m[key]
	return v, ok
}

func (s *shape) at(key string) []string { return append(slices.Clip(s.path), key) }

func (s *shape) text(key string) string {
	v, ok := s.get(key)
	if !ok {
		return ""
	}
	text, ok := v.(string)
	if !ok {
		s.faults.add(s.at(key), "", "%s where text is needed", describe(v))
	}
	return text
}

func (s *shape) object(key string) map[string]any {
	v, ok := s.get(key)
	if !ok {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		s.faults.add(s.at(key), "", "%s where an object is needed", describe(v))
	}
	return m
}

// names reads text or a list of texts.
func (s *shape) names(key string) []string {
	v, ok := s.get(key)
	if !ok {
		return nil
	}
	if text, ok := v.(string); ok {
		return []string{text}
	}
	items, ok := v.([]any)
	if !ok {
		s.faults.add(s.at(key), "", "%s where a logical id or a list of them is needed", describe(v))
	}
	var names []string
	for i, item := range items {
		text, ok := item.(string)
		if !ok {
			s.faults.add(append(s.at(key), fmt.Sprint(i)), "", "%s where a logical id is needed", describe(item))
		}
		names = append(names, text)
	}
	return names
}

// done reports the keys that nothing has read.
func (s *shape) done() {
	for _, key := range sortedKeys(s.m) {
		if slices.Contains(s.known, key) {
			continue
		}
		if strings.HasPrefix(key, "Fn::") {
			s.faults.add(s.at(key), "write its result out", "%s is not supported here", key)
			continue
		}
		s.faults.add(s.at(key), didYouMean(key, s.known), "unknown key %q", key)
	}
}

// describe names the JSON type of v with its article.
func describe(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "text"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

func didYouMean(name string, candidates []string) string {
	if near := diag.Nearest(name, candidates); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return ""
}
