// SPDX-License-Identifier: MIT

package eventpattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// operator returns the reader of a comparison, or nil ("Comparison operators for
// use in event patterns", EventBridge User Guide).
func operator(name string) func(argument any) (matcher, error) {
	switch name {
	case "prefix":
		return affix(strings.HasPrefix)
	case "suffix":
		return affix(strings.HasSuffix)
	case "equals-ignore-case":
		return texts(equalFold)
	case "wildcard":
		return texts(wildcard)
	case "cidr":
		return texts(inNetwork)
	case "anything-but":
		return anythingBut
	case "numeric":
		return numeric
	case "exists":
		return exists
	}
	return nil
}

// textTest makes a test of texts from what the pattern says.
type textTest func(argument string) (func(value string) bool, error)

// texts makes an operator whose argument is a text.
func texts(test textTest) func(any) (matcher, error) {
	return func(argument any) (matcher, error) {
		text, ok := argument.(string)
		if !ok {
			return matcher{}, errors.New("the value of a text match must be a string")
		}
		holds, err := test(text)
		if err != nil {
			return matcher{}, err
		}
		return onText(holds), nil
	}
}

func onText(holds func(string) bool) matcher {
	return matcher{matches: func(value any) bool {
		text, ok := value.(string)
		return ok && holds(text)
	}}
}

func equalFold(want string) (func(string) bool, error) {
	return func(value string) bool { return strings.EqualFold(want, value) }, nil
}

// affix makes prefix and suffix: a text, or {"equals-ignore-case": text}.
func affix(has func(text, part string) bool) func(any) (matcher, error) {
	return func(argument any) (matcher, error) {
		part, fold := argument, false
		if members, ok := argument.(map[string]any); ok {
			part, fold = members["equals-ignore-case"], true
			if len(members) != 1 {
				return matcher{}, errors.New("prefix and suffix take a string or equals-ignore-case")
			}
		}
		text, ok := part.(string)
		if !ok {
			return matcher{}, errors.New("prefix/suffix match pattern must be a string")
		}
		if fold {
			text = strings.ToLower(text)
			return onText(func(value string) bool { return has(strings.ToLower(value), text) }), nil
		}
		return onText(func(value string) bool { return has(value, text) }), nil
	}
}

// exists tells whether a field is there at all.
func exists(argument any) (matcher, error) {
	there, ok := argument.(bool)
	if !ok {
		return matcher{}, errors.New("exists match pattern must be either true or false.")
	}
	return matcher{absent: !there, present: there}, nil
}

// anythingBut matches every value that none of its arguments matches: texts and
// numbers, or one comparison of texts with one or more arguments.
func anythingBut(argument any) (matcher, error) {
	items := []any{argument}
	parse := parseScalar
	if members, ok := argument.(map[string]any); ok {
		if len(members) != 1 {
			return matcher{}, errors.New("Only one key allowed in match expression")
		}
		for name, of := range members {
			if !slices.Contains([]string{"prefix", "suffix", "equals-ignore-case", "wildcard"}, name) {
				return matcher{}, fmt.Errorf("Unsupported anything-but pattern: %s", name)
			}
			parse, items = operator(name), []any{of}
		}
	}
	if list, ok := items[0].([]any); ok {
		items = list
	}
	if len(items) == 0 {
		return matcher{}, errors.New("Empty arrays are not allowed")
	}
	var out []matcher
	for _, item := range items {
		switch item.(type) {
		case string, json.Number, map[string]any:
		default:
			return matcher{}, errors.New("Inside anything but list, either all values are number or string, mixed type is not supported")
		}
		m, err := parse(item)
		if err != nil {
			return matcher{}, err
		}
		if m.matches == nil {
			return matcher{}, errors.New("anything-but takes strings, numbers or a comparison of strings")
		}
		out = append(out, m)
	}
	return matcher{matches: func(value any) bool {
		return !slices.ContainsFunc(out, func(m matcher) bool { return m.matches(value) })
	}}, nil
}

// limit is the range of numbers in patterns (event-ruler, "Numeric matching").
const limit = 5e9

// number reads a number of a pattern.
func number(n json.Number) (float64, error) {
	f, err := n.Float64()
	if err != nil || f < -limit || f > limit {
		return 0, fmt.Errorf("Value must be between %.0f and %.0f, inclusive", -limit, limit)
	}
	return f, nil
}

// numberIs reports whether a value is a number that fulfils holds.
func numberIs(value any, holds func(float64) bool) bool {
	n, ok := value.(json.Number)
	if !ok {
		return false
	}
	f, err := n.Float64()
	return err == nil && holds(f)
}

// numeric reads ["=", 3] or a range such as [">", 0, "<=", 5].
func numeric(argument any) (matcher, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != 2 && len(list) != 4 {
		return matcher{}, errors.New("Value of numeric must be an array of one or two comparisons")
	}
	var tests []func(float64) bool
	var bounds []float64
	for i := 0; i < len(list); i += 2 {
		sign, isText := list[i].(string)
		n, isNumber := list[i+1].(json.Number)
		if !isText || !isNumber {
			return matcher{}, errors.New("Invalid member in numeric match: operators and numbers must alternate")
		}
		bound, err := number(n)
		if err != nil {
			return matcher{}, err
		}
		test := compare(sign, bound)
		isLower, isUpper := strings.HasPrefix(sign, ">"), strings.HasPrefix(sign, "<")
		if test == nil || len(list) == 4 && (i == 0 && !isLower || i == 2 && !isUpper) {
			return matcher{}, fmt.Errorf("Bad numeric range operator: %s", sign)
		}
		tests, bounds = append(tests, test), append(bounds, bound)
	}
	if len(bounds) == 2 && bounds[0] >= bounds[1] {
		return matcher{}, errors.New("Bottom must be less than top")
	}
	return matcher{matches: func(value any) bool {
		return numberIs(value, func(x float64) bool {
			return !slices.ContainsFunc(tests, func(test func(float64) bool) bool { return !test(x) })
		})
	}}, nil
}

func compare(sign string, bound float64) func(float64) bool {
	switch sign {
	case "=":
		return func(x float64) bool { return x == bound }
	case "<":
		return func(x float64) bool { return x < bound }
	case "<=":
		return func(x float64) bool { return x <= bound }
	case ">":
		return func(x float64) bool { return x > bound }
	case ">=":
		return func(x float64) bool { return x >= bound }
	}
	return nil
}

// wildcard reads a text in which * stands for any run of characters, \* for a
// star and \\ for a backslash.
func wildcard(pattern string) (func(string) bool, error) {
	parts, part := []string{}, strings.Builder{}
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\':
			if i++; i == len(pattern) || pattern[i] != '*' && pattern[i] != '\\' {
				return nil, errors.New("Invalid escape character in wildcard pattern")
			}
			part.WriteByte(pattern[i])
		case pattern[i] == '*' && i > 0 && len(parts) > 0 && part.Len() == 0:
			return nil, fmt.Errorf("Consecutive wildcard characters at pos %d", i-1)
		case pattern[i] == '*':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(pattern[i])
		}
	}
	parts = append(parts, part.String())
	return func(text string) bool { return matchParts(parts, text) }, nil
}

// matchParts reports whether text is parts with anything between them.
func matchParts(parts []string, text string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return text == first
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	rest := text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return true
}
