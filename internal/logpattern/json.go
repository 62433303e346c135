// SPDX-License-Identifier: MIT

package logpattern

import (
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// jsonPattern is a pattern { } for log events that are JSON.
type jsonPattern struct{ condition condition }

func (p jsonPattern) Match(message string) bool {
	d := json.NewDecoder(strings.NewReader(message))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		return false
	}
	if _, err := d.Token(); err != io.EOF { // something else follows
		return false
	}
	return p.condition.holds(value)
}

func parseJSONPattern(text string) (Pattern, error) {
	p := &parser{rest: text[1:]}
	p.leaf = p.jsonLeaf
	c, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.take("}") {
		return nil, advised("close it with }, and put && or || between conditions", "a brace is not closed at %s", place(p.rest))
	}
	if p.space(); p.rest != "" {
		return nil, advised("put it into the braces, behind && or ||", "%q follows the closing brace", p.rest)
	}
	return jsonPattern{c}, nil
}

// step is one step of a selector: a member's name or an item's number, or any
// of them.
type step struct {
	name  string
	index int // -1: a name
	any   bool
}

// jsonLeaf is one condition on the values at a path.
type jsonLeaf struct {
	path       []step
	word       string // NOT EXISTS, IS NULL, IS TRUE, IS FALSE; "": a comparison
	comparison comparison
}

// jsonLeaf reads a selector with what is asked of it.
func (p *parser) jsonLeaf() (condition, error) {
	path, err := p.selector()
	if err != nil {
		return nil, err
	}
	leaf := jsonLeaf{path: path}
	for _, words := range [][]string{{"NOT", "EXISTS"}, {"IS", "NULL"}, {"IS", "TRUE"}, {"IS", "FALSE"}} {
		before := p.rest
		if p.take(words[0]) && p.take(words[1]) {
			leaf.word = strings.Join(words, " ")
			return leaf, nil
		}
		p.rest = before
	}
	leaf.comparison, err = p.comparison("}")
	return leaf, err
}

var (
	memberName = regexp.MustCompile(`^[A-Za-z0-9_-]+`)
	itemNumber = regexp.MustCompile(`^[0-9]{1,9}`)
)

// selector reads a path such as $.a.b[0], $.a[*].b or $.["a.b"].
func (p *parser) selector() ([]step, error) {
	if !p.take("$") {
		return nil, advised("write $.level for the member level", "there is no property selector at %s", place(p.rest))
	}
	var path []step
	for {
		dotted := strings.HasPrefix(p.rest, ".")
		p.rest = strings.TrimPrefix(p.rest, ".")
		var s step
		var err error
		switch {
		case strings.HasPrefix(p.rest, "["):
			p.rest = p.rest[1:]
			s, err = p.bracket()
		case !dotted && len(path) == 0:
			return nil, advised("write $.level for the member level", "the property selector has no property at %s", place(p.rest))
		case !dotted:
			return path, nil
		default:
			s, err = p.name()
		}
		if err != nil {
			return nil, err
		}
		path = append(path, s)
	}
}

func (p *parser) name() (step, error) {
	if rest, ok := strings.CutPrefix(p.rest, "*"); ok {
		p.rest = rest
		return step{index: -1, any: true}, nil
	}
	name := memberName.FindString(p.rest)
	if name == "" {
		return step{}, advised("put a name with other characters than letters, digits, - and _ in brackets: $.[\"a.b\"]", "there is no property name at %s", place(p.rest))
	}
	p.rest = p.rest[len(name):]
	return step{name: name, index: -1}, nil
}

// bracket reads what stands between brackets: a number, a star or a quoted name.
func (p *parser) bracket() (step, error) {
	s := step{index: -1}
	switch quote := p.rest + " "; {
	case quote[0] == '*':
		s.any, p.rest = true, p.rest[1:]
	case quote[0] == '"' || quote[0] == '\'':
		name, rest, closed := strings.Cut(p.rest[1:], quote[:1])
		if !closed || name == "" {
			return s, advised("write $.[\"a.b\"]", "a property name in brackets is empty or not closed")
		}
		s.name, p.rest = name, rest
	default:
		digits := itemNumber.FindString(p.rest)
		if digits == "" {
			return s, advised("write $.items[0], or $.items[*] for any of them", "there is no number at %s", place(p.rest))
		}
		s.index, _ = strconv.Atoi(digits) // at most nine digits
		p.rest = p.rest[len(digits):]
	}
	rest, closed := strings.CutPrefix(p.rest, "]")
	if !closed {
		return s, advised("close it with ]", "a bracket is not closed at %s", place(p.rest))
	}
	p.rest = rest
	return s, nil
}

// at returns the values that a path leads to.
func at(value any, path []step) []any {
	if len(path) == 0 {
		return []any{value}
	}
	var below []any
	switch v := value.(type) {
	case map[string]any:
		if member, ok := v[path[0].name]; ok && path[0].index < 0 && !path[0].any {
			below = append(below, member)
		}
		if path[0].any {
			for _, member := range v {
				below = append(below, member)
			}
		}
	case []any:
		if n := path[0].index; n >= 0 && n < len(v) {
			below = append(below, v[n])
		}
		if path[0].any {
			below = v
		}
	}
	var out []any
	for _, b := range below {
		out = append(out, at(b, path[1:])...)
	}
	return out
}

// holds asks the values of the path, of which one suffices. Comparisons concern
// strings and numbers only: of others neither = nor != holds.
func (l jsonLeaf) holds(in any) bool {
	values := at(in, l.path)
	if l.word == "NOT EXISTS" {
		return len(values) == 0
	}
	for _, value := range values {
		switch v := value.(type) {
		case nil:
			if l.word == "IS NULL" {
				return true
			}
		case bool:
			if l.word == "IS TRUE" && v || l.word == "IS FALSE" && !v {
				return true
			}
		case string:
			if l.word == "" && l.comparison.accepts(v) {
				return true
			}
		case json.Number:
			if l.word == "" && l.comparison.accepts(v.String()) {
				return true
			}
		}
	}
	return false
}
