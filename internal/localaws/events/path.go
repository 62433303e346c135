// SPDX-License-Identifier: MIT

package events

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// path is a JSON path of the kind that EventBridge takes: $ and then members and
// indexes.
type path []step

type step struct {
	name  string
	index int // -1: the step is a name; -2: all elements
}

var (
	pathName  = regexp.MustCompile(`^\.([A-Za-z0-9_-]+)`)
	pathIndex = regexp.MustCompile(`^\[([0-9]{1,6}|\*)\]`)
	pathQuote = regexp.MustCompile(`^\[(?:'([^']*)'|"([^"]*)")\]`)
)

func parsePath(text string) (path, error) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return nil, errors.New("a path begins with $")
	}
	var p path
	for rest != "" {
		switch {
		case pathName.MatchString(rest):
			m := pathName.FindStringSubmatch(rest)
			p, rest = append(p, step{m[1], -1}), rest[len(m[0]):]
		case pathIndex.MatchString(rest):
			m := pathIndex.FindStringSubmatch(rest)
			n, err := strconv.Atoi(m[1])
			if err != nil {
				n = -2
			}
			p, rest = append(p, step{"", n}), rest[len(m[0]):]
		case pathQuote.MatchString(rest):
			m := pathQuote.FindStringSubmatch(rest)
			p, rest = append(p, step{m[1] + m[2], -1}), rest[len(m[0]):]
		default:
			return nil, errors.New("it goes on with " + strconv.Quote(rest))
		}
	}
	return p, nil
}

// find returns what the path leads to, if it leads to something.
func (p path) find(v any) (any, bool) {
	for i, s := range p {
		switch x := v.(type) {
		case map[string]any:
			member, ok := x[s.name]
			if s.index != -1 || !ok {
				return nil, false
			}
			v = member
		case []any:
			if s.index == -2 {
				return p[i+1:].findAll(x), true
			}
			if s.index < 0 || s.index >= len(x) {
				return nil, false
			}
			v = x[s.index]
		default:
			return nil, false
		}
	}
	return v, true
}

func (p path) findAll(list []any) any {
	out := []any{}
	for _, item := range list {
		if v, ok := p.find(item); ok {
			out = append(out, v)
		}
	}
	return out
}
