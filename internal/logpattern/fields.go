// SPDX-License-Identifier: MIT

package logpattern

import (
	"regexp"
	"strings"
)

// fieldsPattern is a pattern [ ] for log events of words between spaces.
type fieldsPattern struct {
	before, after []condition // of the fields on both sides of the ellipsis; nil: any value
	open          bool        // there is an ellipsis
}

// fieldLeaf is a condition on the text of one field.
type fieldLeaf struct{ comparison comparison }

func (l fieldLeaf) holds(in any) bool {
	text, ok := in.(string)
	return ok && l.comparison.accepts(text)
}

func (p fieldsPattern) Match(message string) bool {
	words := splitFields(message)
	named := len(p.before) + len(p.after)
	if len(words) < named || len(words) > named && !p.open {
		return false
	}
	for i, c := range p.before {
		if c != nil && !c.holds(words[i]) {
			return false
		}
	}
	for i, c := range p.after {
		if c != nil && !c.holds(words[len(words)-len(p.after)+i]) {
			return false
		}
	}
	return true
}

// splitFields returns the fields of a log event. What stands in brackets or
// double quotes is one field.
func splitFields(message string) []string {
	var out []string
	rest := strings.TrimLeft(message, " \t\r\n")
	for rest != "" {
		closing := ""
		switch rest[0] {
		case '[':
			closing = "]"
		case '"':
			closing = `"`
		}
		if inner, after, closed := strings.Cut(rest[1:], closing); closing != "" && closed {
			out, rest = append(out, inner), after
		} else {
			end := strings.IndexAny(rest, " \t\r\n")
			if end < 0 {
				end = len(rest)
			}
			out, rest = append(out, rest[:end]), rest[end:]
		}
		rest = strings.TrimLeft(rest, " \t\r\n")
	}
	return out
}

var fieldName = regexp.MustCompile(`^[A-Za-z0-9_.$-]+`)

// parseFieldsPattern reads names with conditions between commas; one of them may
// be an ellipsis.
func parseFieldsPattern(text string) (Pattern, error) {
	p := &parser{rest: text[1:]}
	var out fieldsPattern
	for {
		if p.take("...") || p.take("…") {
			if out.open {
				return nil, advised("keep one of them: it stands for any number of fields", "there is more than one ellipsis")
			}
			out.open = true
		} else {
			c, err := p.field()
			if err != nil {
				return nil, err
			}
			if out.open {
				out.after = append(out.after, c)
			} else {
				out.before = append(out.before, c)
			}
		}
		switch {
		case p.take(","):
			continue
		case !p.take("]"):
			return nil, advised("close it with ], and put a comma between fields", "a bracket is not closed at %s", place(p.rest))
		}
		if p.space(); p.rest != "" {
			return nil, advised("leave it out", "%q follows the closing bracket", p.rest)
		}
		return out, nil
	}
}

// field reads a field: a name, a condition on that name, or nothing.
func (p *parser) field() (condition, error) {
	p.space()
	if strings.HasPrefix(p.rest, ",") || strings.HasPrefix(p.rest, "]") {
		return nil, nil
	}
	before, own := p.rest, ""
	p.leaf = func() (condition, error) {
		p.space()
		name := fieldName.FindString(p.rest)
		switch {
		case name == "":
			return nil, advised("write a name for each field, such as [ip, user, code = 5*]", "there is no field name at %s", place(p.rest))
		case own != "" && own != name:
			return nil, advised("a condition of another field stands in its own place between the commas", "the condition of field %s is about %s", own, name)
		}
		own, p.rest = name, p.rest[len(name):]
		c, err := p.comparison(",]")
		return fieldLeaf{c}, err
	}
	if name := fieldName.FindString(p.rest); name != "" {
		p.rest = p.rest[len(name):]
		if p.space(); p.rest == "" || strings.HasPrefix(p.rest, ",") || strings.HasPrefix(p.rest, "]") {
			return nil, nil
		}
		p.rest = before
	}
	return p.or()
}
