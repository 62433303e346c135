// SPDX-License-Identifier: MIT

package expression_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUpdates(t *testing.T) {
	t.Parallel()
	const old = `{"pk":{"S":"k"},"s":{"S":"a"},"n":{"N":"5"},"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]},"m":{"M":{"k":{"S":"v"},"n":{"N":"1"}}},"ss":{"SS":["w","x"]}}`
	for update, want := range map[string]string{ // what differs from the old item: new parts, or - for what is gone
		"SET s = :s":                                     `s={"S":"text"}`,
		"set s = n, n = s":                               `s={"N":"5"} n={"S":"a"}`,
		"SET n = n + :n":                                 `n={"N":"10"}`,
		"SET n = :m - n":                                 `n={"N":"5"}`,
		"SET n = (n + :n)":                               `n={"N":"10"}`,
		"SET x = if_not_exists(x, :n)":                   `x={"N":"5"}`,
		"SET n = if_not_exists(n, :m)":                   `n={"N":"5"}`,
		"SET x = if_not_exists(x, :n) + :m":              `x={"N":"15"}`,
		"SET l = list_append(l, :l)":                     `l={"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"9"}]}`,
		"SET l = list_append(:l, l)":                     `l={"L":[{"N":"9"},{"N":"0"},{"N":"1"},{"N":"2"}]}`,
		"SET x = list_append(if_not_exists(x, :el), :l)": `x={"L":[{"N":"9"}]}`,
		"SET l[1] = :s":                                  `l={"L":[{"N":"0"},{"S":"text"},{"N":"2"}]}`,
		"SET l[9] = :s, l[7] = :n":                       `l={"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"5"},{"S":"text"}]}`,
		"SET m.k = :s, m.fresh = :n":                     `m={"M":{"k":{"S":"text"},"n":{"N":"1"},"fresh":{"N":"5"}}}`,
		"SET m.n = m.n + n":                              `m={"M":{"k":{"S":"v"},"n":{"N":"6"}}}`,
		"SET #dot = :n":                                  `a.b={"N":"5"}`,
		"REMOVE s, absent":                               `s=-`,
		"REMOVE l[0], l[2]":                              `l={"L":[{"N":"1"}]}`,
		"REMOVE l[0] SET l[1] = :s":                      `l={"L":[{"S":"text"},{"N":"2"}]}`,
		"REMOVE l[9]":                                    ``,
		"REMOVE m.k":                                     `m={"M":{"n":{"N":"1"}}}`,
		"REMOVE m.k, m.n":                                `m={"M":{}}`,
		"ADD n :n, x :m":                                 `n={"N":"10"} x={"N":"10"}`,
		"ADD m.n :n":                                     `m={"M":{"k":{"S":"v"},"n":{"N":"6"}}}`,
		"ADD ss :ss":                                     `ss={"SS":["w","x","y"]}`,
		"ADD y :ns":                                      `y={"NS":["1","2"]}`,
		"DELETE ss :ss":                                  `ss={"SS":["w"]}`,
		"DELETE absent :ss":                              ``,
		"SET s = :s REMOVE n ADD x :n DELETE ss :ss":     `s={"S":"text"} n=- x={"N":"5"} ss={"SS":["w"]}`,
	} {
		u, err := scope(t).Update(update)
		if err != nil {
			t.Errorf("%s: %v", update, err)
			continue
		}
		before := item(t, old)
		after, err := u.Apply(before)
		if err != nil {
			t.Errorf("%s: %v", update, err)
			continue
		}
		expected := item(t, old)
		for part := range strings.FieldsSeq(want) {
			name, value, _ := strings.Cut(part, "=")
			delete(expected, name)
			if value != "-" {
				expected[name] = item(t, `{"x":`+value+`}`)["x"]
			}
		}
		if diff := cmp.Diff(text(expected), text(after)); diff != "" {
			t.Errorf("%s: %s", update, diff)
		}
		if text(before) != text(item(t, old)) {
			t.Errorf("%s has changed the old item", update)
		}
	}
}

func TestTouched(t *testing.T) {
	t.Parallel()
	u, err := scope(t).Update("SET m.k = :s, l[1] = :n REMOVE gone ADD n :n")
	if err != nil {
		t.Fatal(err)
	}
	old := item(t, `{"m":{"M":{"k":{"S":"v"},"x":{"S":"y"}}},"l":{"L":[{"N":"0"}]},"gone":{"S":"g"},"other":{"S":"o"}}`)
	after, err := u.Apply(old)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"gone":{"S":"g"},"m":{"M":{"k":{"S":"v"}}}}`, text(u.Touched(old))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`{"l":{"L":[{"N":"5"}]},"m":{"M":{"k":{"S":"text"}}},"n":{"N":"5"}}`, text(u.Touched(after))); diff != "" {
		t.Error(diff)
	}
}

func TestUpdatesRefused(t *testing.T) {
	t.Parallel()
	const invalid = "Invalid UpdateExpression: "
	for update, want := range map[string]string{
		"": invalid + "The expression can not be empty;", "INVALID SYNTAX HERE": invalid + `Syntax error; token: "INVALID", near: "INVALID SYNTAX"`, "ADD hits : incr": invalid + `Syntax error; token: ":", near: "hits : incr"`,
		"SET s :s": invalid + `Syntax error; token: ":s", near: "s :s"`, "SET s = :s,": invalid + `Syntax error; token: "<EOF>", near: ","`, "SET": invalid + `Syntax error; token: "<EOF>", near: "SET"`,
		"SET s = :s, updated = 5": invalid + `Syntax error; token: "5", near: "= 5"`, "ADD n n": invalid + `Syntax error; token: "n", near: "n n"`, "SET n = n + n + n": invalid + `Syntax error; token: "+", near: "n + n"`,
		"SET s = :s SET n = :n": invalid + `The "SET" section can only be used once in an update expression;`, "SET name = :s": invalid + "Attribute name is a reserved keyword; reserved keyword: name",
		"SET s = size(s)": invalid + "Invalid function name; function: size", "SET s = :y": invalid + "An expression attribute value used in expression is not defined; attribute value: :y",
		"SET #y = :s": invalid + "An expression attribute name used in the document path is not defined; attribute name: #y", "SET s = :s, s.k = :s": invalid + "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [s], path two: [s, k]",
		"ADD n :s": invalid + "Incorrect operand type for operator or function; operator: ADD, operand type: STRING", "DELETE n :n": invalid + "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER",
		"ADD l :l": invalid + "Incorrect operand type for operator or function; operator: ADD, operand type: LIST", "SET n = n + :s": invalid + "Incorrect operand type for operator or function; operator or function: +, operand type: S",
		"SET l = list_append(l, :s)": invalid + "operator or function: list_append, operand type: S", "SET l = list_append(l)": invalid + "number of operands: 1", "SET x = if_not_exists(:s, :s)": invalid + "Operator or function requires a document path; operator or function: if_not_exists",
		"SET n = absent": "The provided expression refers to an attribute that does not exist in the item", "SET n = s + :n": "An operand in the update expression has an incorrect data type", "SET l = list_append(s, :l)": "An operand in the update expression has an incorrect data type",
		"ADD s :n": "An operand in the update expression has an incorrect data type", "DELETE ss :ns": "An operand in the update expression has an incorrect data type", "SET absent.k = :s": "The document path provided in the update expression is invalid for update",
		"SET s.k = :s": "The document path provided in the update expression is invalid for update", "SET s[0] = :s": "invalid for update", "SET l.k = :s": "invalid for update", "REMOVE absent[0]": "invalid for update", "SET l[5].k = :s": "invalid for update",
	} {
		u, err := scope(t).Update(update)
		if err == nil {
			_, err = u.Apply(item(t, `{"s":{"S":"a"},"n":{"N":"5"},"l":{"L":[]},"ss":{"SS":["a"]}}`))
		}
		parts := strings.SplitN(want, invalid, 2)
		if err == nil || !strings.HasSuffix(err.Error(), parts[len(parts)-1]) || strings.Contains(err.Error(), invalid) != (len(parts) == 2) {
			t.Errorf("%s: got %v, want %s", update, err, want)
		}
	}
}
