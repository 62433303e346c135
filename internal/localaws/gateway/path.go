// SPDX-License-Identifier: MIT

package gateway

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Template is the path of a route or resource, such as /pets/{id} or
// /{proxy+}.
type Template struct {
	text     string
	segments []segment
}

// segment is one part of a path between slashes.
type segment struct {
	kind kind
	text string // literal text, or the name of the parameter
}

type kind int

// The kinds of segments, the more specific first.
const (
	literal kind = iota
	parameter
	greedy
)

// parameterName is that of a path parameter.
var parameterName = regexp.MustCompile(`^[a-zA-Z0-9._:-]+$`)

// ParseTemplate reads a path that begins with a slash. A greedy parameter must
// be last, and no name may come twice.
func ParseTemplate(text string) (Template, error) {
	rest, ok := strings.CutPrefix(text, "/")
	if !ok {
		return Template{}, fmt.Errorf("path %q: it does not begin with /", text)
	}
	t := Template{text: text}
	if rest == "" {
		return t, nil
	}
	names := map[string]bool{}
	for part := range strings.SplitSeq(rest, "/") {
		s, err := parseSegment(part)
		if err != nil {
			return Template{}, fmt.Errorf("path %q: %w", text, err)
		}
		if n := len(t.segments); n > 0 && t.segments[n-1].kind == greedy {
			return Template{}, fmt.Errorf("path %q: a greedy parameter must be last", text)
		}
		if s.kind != literal && names[s.text] {
			return Template{}, fmt.Errorf("path %q: the parameter %s comes twice", text, s.text)
		}
		names[s.text] = names[s.text] || s.kind != literal
		t.segments = append(t.segments, s)
	}
	return t, nil
}

func parseSegment(part string) (segment, error) {
	inner, opened := strings.CutPrefix(part, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !opened || !closed {
		if strings.ContainsAny(part, "{}") {
			return segment{}, fmt.Errorf("%q is neither text nor one parameter in braces", part)
		}
		return segment{literal, part}, nil
	}
	name, all := strings.CutSuffix(inner, "+")
	if !parameterName.MatchString(name) {
		return segment{}, fmt.Errorf("%q is no name of a parameter", name)
	}
	if all {
		return segment{greedy, name}, nil
	}
	return segment{parameter, name}, nil
}

// String returns the path as it was written.
func (t Template) String() string { return t.text }

// Pattern returns the path without the names of its parameters: two templates
// with one pattern match the same paths.
func (t Template) Pattern() string {
	var out strings.Builder
	for _, s := range t.segments {
		out.WriteString(map[kind]string{literal: "/" + s.text, parameter: "/{}", greedy: "/{+}"}[s.kind])
	}
	return out.String()
}

// Names returns the names of the parameters in their order.
func (t Template) Names() []string {
	var names []string
	for _, s := range t.segments {
		if s.kind != literal {
			names = append(names, s.text)
		}
	}
	return names
}

// Segments splits the path of a request, percent-encoded, as Match wants it.
func Segments(path string) []string {
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// Match reports whether the segments of a path fit, and returns the decoded
// parameters, nil if there are none. A parameter takes one segment that is not
// empty, a greedy one all that are left, at least one.
func (t Template) Match(segments []string) (map[string]string, bool) {
	var found map[string]string
	take := func(name, value string) {
		if found == nil {
			found = map[string]string{}
		}
		found[name] = decoded(value)
	}
	for i, s := range t.segments {
		if i >= len(segments) {
			return nil, false
		}
		switch {
		case s.kind == greedy:
			rest := strings.Join(segments[i:], "/")
			if rest == "" {
				return nil, false
			}
			take(s.text, rest)
			return found, true
		case s.kind == parameter:
			if segments[i] == "" {
				return nil, false
			}
			take(s.text, segments[i])
		case s.text != decoded(segments[i]):
			return nil, false
		}
	}
	return found, len(segments) == len(t.segments)
}

func decoded(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// Compare orders templates by how specific they are, the most specific first:
// segment by segment, text before a parameter before a greedy one.
func (t Template) Compare(other Template) int {
	for i := range min(len(t.segments), len(other.segments)) {
		if d := cmp.Compare(t.segments[i].kind, other.segments[i].kind); d != 0 {
			return d
		}
	}
	return cmp.Compare(len(other.segments), len(t.segments))
}
