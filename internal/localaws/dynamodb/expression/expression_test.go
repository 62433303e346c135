// SPDX-License-Identifier: MIT

package expression_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// item reads an item.
func item(t testing.TB, text string) attribute.Item {
	t.Helper()
	var i attribute.Item
	if err := json.Unmarshal([]byte(text), &i); err != nil {
		t.Fatal(err)
	}
	return i
}

func text(i attribute.Item) string {
	data, _ := i.MarshalJSON()
	return string(data)
}

// scope has the names and values that all tests refer to.
func scope(t testing.TB) *expression.Scope {
	t.Helper()
	s, err := expression.NewScope(map[string]string{"#s": "status", "#dot": "a.b", "#x": "no"}, item(t, `{":s":{"S":"text"},":t":{"S":"te"},":e":{"S":""},":n":{"N":"5"},":m":{"N":"10"},
		":b":{"B":"AAE="},":true":{"BOOL":true},":null":{"NULL":true},":l":{"L":[{"N":"9"}]},":el":{"L":[]},":map":{"M":{"k":{"S":"v"}}},":ss":{"SS":["x","y"]},":ns":{"NS":["1","2"]},
		":S":{"S":"S"},":NULL":{"S":"NULL"},":Q":{"S":"Q"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const thing = `{"s":{"S":"text"},"n":{"N":"5.0"},"z":{"N":"0"},"b":{"B":"AAEC"},"flag":{"BOOL":true},"nothing":{"NULL":true},"l":{"L":[{"N":"1"},{"S":"text"},{"M":{"k":{"S":"deep"}}}]},
	"m":{"M":{"k":{"S":"v"},"l":{"L":[{"N":"5"}]}}},"ss":{"SS":["x","y","text"]},"ns":{"NS":["5","6"]},"bs":{"BS":["AAE="]},"status":{"S":"open"},"a.b":{"N":"1"},"blank":{"S":""}}`

func TestConditions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"s = :s": true, "s=:t": false, ":s = s": true, "n = :n": true, "n <> :n": false, "s <> :n": true, "absent = :s": false, "absent <> :s": true, "n < :m": true, "n <= :n": true, "n > :n": false,
		"n >= :n": true, "s < :n": false, "s >= :n": false, "absent < :n": false, "s > :t": true, "b > :b": true, "m.k = :s": false, "m.l[0] = :n": true, "l[2].k <> :s": true, "l[7] = :n": false,
		"s.k = :s": false, "s[0] = :s": false, "#s = :s": false, "#dot = :n": false, "attribute_exists(#dot)": true, "n = m.l[0]": true, "flag = :true": true, "nothing = :null": true, "m = :map": false,
		"n BETWEEN :n AND :m": true, "z between :n and :m": false, "s BETWEEN :n AND :m": false, "absent BETWEEN :n AND :m": false, "NOT absent BETWEEN :n AND :m": true,
		"s IN (:t, :s)": true, "n in (:s)": false, "absent IN (:s)": false, "s IN (n, s2, l[1])": true,
		"attribute_exists(s)": true, "attribute_exists(m.k)": true, "attribute_exists(l[3])": false, "attribute_not_exists(absent)": true, "attribute_not_exists(nothing)": false,
		"attribute_type(s, :S)": true, "attribute_type(nothing, :NULL)": true, "attribute_type(absent, :S)": false, "begins_with(s, :t)": true, "begins_with(s, :e)": true, "begins_with(b, :b)": true,
		"begins_with(n, :t)": false, "begins_with(absent, :t)": false, "contains(s, :t)": true, "contains(ss, :s)": true, "contains(ss, :t)": false, "contains(ns, :n)": true, "contains(ns, :s)": false,
		"contains(l, :s)": true, "contains(l, :n)": false, "contains(b, :b)": true, "contains(bs, :b)": true, "contains(absent, :s)": false, "contains(m, :s)": false,
		"size(s) < :n": true, "size(b) < :n": true, "size(l) < :n": true, "size(m) < :n": true, "size(ss) < :n": true, "size(n) < :n": false, "size(absent) < :n": false, "size(blank) < :n": true,
		"s = :s AND n = :n": true, "s = :s AND n = :m": false, "s = :t OR n = :n": true, "NOT s = :s": false, "NOT NOT s = :s": true, "not (s = :s and n = :m)": true,
		"s = :s OR s = :t AND n = :m": true, "(s = :s OR s = :t) AND n = :m": false, "NOT s = :t AND n = :n": true, "(s) = (:s)": true, "(n) between (:n) and (:m)": true, "(attribute_exists(s))": true,
		"m.#x.k = :s": false, "  s  =\t:s\r\n": true,
	} {
		c, err := scope(t).Condition("FilterExpression", text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := c.Holds(item(t, thing)); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
	var none *expression.Condition
	if !none.Holds(nil) {
		t.Error("no condition must hold")
	}
}

func TestConditionsRefused(t *testing.T) {
	t.Parallel()
	syntax := func(token, near string) string { return `Syntax error; token: "` + token + `", near: "` + near + `"` }
	for text, want := range map[string]string{
		"": "The expression can not be empty;", "  ": "The expression can not be empty;",
		"s":                                  syntax("<EOF>", "s"),
		"s =":                                syntax("<EOF>", "="),
		"= :s":                               syntax("=", "= :s"),
		"s == :s":                            syntax("=", "== :s"),
		"s = :s AND":                         syntax("<EOF>", "AND"),
		"s = :s n = :n":                      syntax("n", ":s n ="),
		"hits : incr":                        syntax(":", "hits : incr"),
		"(s = :s":                            syntax("<EOF>", ":s"),
		"s = :s)":                            syntax(")", ":s)"),
		"s IN :s":                            syntax(":s", "IN :s"),
		"s BETWEEN :s":                       syntax("<EOF>", ":s"),
		"s BETWEEN :s OR s":                  syntax("OR", ":s OR s"),
		"s-t = :s":                           syntax("-", "s-t"),
		"l[x] = :s":                          syntax("x", "[x]"),
		"l[-1] = :s":                         syntax("-", "[-1"),
		"a..b = :s":                          syntax(".", "..b"),
		"é = :s":                             syntax("é", "é ="),
		"s = 5":                              syntax("5", "= 5"),
		"s = 'x'":                            syntax("'", "= 'x"),
		"s = (s = :s)":                       syntax("(", "= (s"),
		"f()":                                syntax(")", "()"),
		"AND = :s":                           syntax("AND", "AND ="),
		"((s = :s))":                         "The expression has redundant parentheses;",
		"((s)) = :s":                         "The expression has redundant parentheses;",
		"foo(s)":                             "Invalid function name; function: foo",
		"size(s)":                            "The function is not allowed to be used this way in an expression; function: size",
		"s = begins_with(s, :s)":             "The function is not allowed to be used this way in an expression; function: begins_with",
		"status = :s":                        "Attribute name is a reserved keyword; reserved keyword: status",
		"m.Name = :s":                        "Attribute name is a reserved keyword; reserved keyword: Name",
		"#y = :s":                            "An expression attribute name used in the document path is not defined; attribute name: #y",
		"s = :y":                             "An expression attribute value used in expression is not defined; attribute value: :y",
		"begins_with(s)":                     "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1",
		"s = s":                              "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [s]",
		"contains(l[0].k, l[0].k)":           "operator: contains, first operand: [l, [0], k]",
		"attribute_exists(:s)":               "Operator or function requires a document path; operator or function: attribute_exists",
		"begins_with(s, :n)":                 "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
		"size(:n) = :n":                      "operator or function: size, operand type: N",
		"s < :true":                          "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
		"s BETWEEN :l AND :l":                "operator or function: BETWEEN, operand type: L",
		"n BETWEEN :m AND :n":                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:10}, upper bound operand: AttributeValue: {N:5}",
		"n BETWEEN :n AND :s":                "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {S:text}",
		"attribute_type(s, :Q)":              "Invalid attribute type name found; type: Q, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
		"attribute_type(s, :n)":              "operator or function: attribute_type, operand type: N",
		"s = :s" + strings.Repeat(" ", 4100): "Expression size has exceeded the maximum allowed size; expression size: 4106",
	} {
		_, err := scope(t).Condition("FilterExpression", text)
		e, ok := errors.AsType[*wire.Error](err)
		if !ok || e.Code != "ValidationException" || !strings.HasPrefix(e.Message, "Invalid FilterExpression: ") || !strings.HasSuffix(e.Message, want) {
			t.Errorf("%.60s: got %v, want %s", text, err, want)
		}
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		names  map[string]string
		values attribute.Item
		want   string
	}{
		{map[string]string{}, nil, "ExpressionAttributeNames must not be empty"}, {nil, attribute.Item{}, "ExpressionAttributeValues must not be empty"},
		{map[string]string{"x": "y"}, nil, `ExpressionAttributeNames contains invalid key: Syntax error; key: "x"`}, {map[string]string{"#": "y"}, nil, `key: "#"`},
		{nil, attribute.Item{":a-b": attribute.Null{}}, `ExpressionAttributeValues contains invalid key: Syntax error; key: ":a-b"`},
	} {
		if _, err := expression.NewScope(test.names, test.values); err == nil || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	s, err := expression.NewScope(map[string]string{"#a": "a", "#b": "b", "#c": "c"}, attribute.Item{":v": attribute.Null{}, ":w": attribute.Null{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Condition("ConditionExpression", "#a = :v"); err != nil {
		t.Fatal(err)
	}
	if err := s.Unused(); err == nil || !strings.HasSuffix(err.Error(), "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b, #c}") {
		t.Errorf("got %v", err)
	}
	if _, err := s.Projection("#b, #c"); err != nil {
		t.Fatal(err)
	}
	if err := s.Unused(); err == nil || !strings.HasSuffix(err.Error(), "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}") {
		t.Errorf("got %v", err)
	}
}

func TestProjection(t *testing.T) {
	t.Parallel()
	for chosen, want := range map[string]string{
		"s": `{"s":{"S":"text"}}`, "absent": `{}`, "s, n": `{"n":{"N":"5"},"s":{"S":"text"}}`, "m.k": `{"m":{"M":{"k":{"S":"v"}}}}`, "#s": `{"status":{"S":"open"}}`, "#dot": `{"a.b":{"N":"1"}}`,
		"l[1]": `{"l":{"L":[{"S":"text"}]}}`, "l[2].k, l[0]": `{"l":{"L":[{"N":"1"},{"M":{"k":{"S":"deep"}}}]}}`, "m.l[0], m.k": `{"m":{"M":{"k":{"S":"v"},"l":{"L":[{"N":"5"}]}}}}`,
		"l[9], m.absent": `{}`,
	} {
		p, err := scope(t).Projection(chosen)
		if err != nil {
			t.Errorf("%s: %v", chosen, err)
			continue
		}
		if diff := cmp.Diff(want, text(p.Of(item(t, thing)))); diff != "" {
			t.Errorf("%s: %s", chosen, diff)
		}
	}
	for text, want := range map[string]string{
		"m, m.k":                       "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, k]",
		"m[0], m.k":                    "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, [0]], path two: [m, k]",
		"s, s":                         "path one: [s], path two: [s]",
		"s, in":                        "Attribute name is a reserved keyword; reserved keyword: in",
		"s,":                           `Syntax error; token: "<EOF>", near: ","`,
		"!!!":                          `Syntax error; token: "!", near: "!!"`,
		"s t":                          `Syntax error; token: "t", near: "s t"`,
		":s":                           `Syntax error; token: ":s", near: ":s"`,
		strings.Repeat("a.", 32) + "a": "The document path has too many nesting elements; nesting elements: 33",
	} {
		if _, err := scope(t).Projection(text); err == nil || !strings.Contains(err.Error(), "Invalid ProjectionExpression: ") || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestKeyConditions(t *testing.T) {
	t.Parallel()
	type conditions = map[string]expression.KeyCondition
	five, ten, word := attribute.Value(attribute.Int(5)), attribute.Value(attribute.Int(10)), attribute.Value(attribute.String("text"))
	for text, want := range map[string]conditions{
		"pk = :s":                              {"pk": {"=", []attribute.Value{word}}},
		":s = pk":                              {"pk": {"=", []attribute.Value{word}}},
		"(pk = :s) AND (sk BETWEEN :n AND :m)": {"pk": {"=", []attribute.Value{word}}, "sk": {"BETWEEN", []attribute.Value{five, ten}}},
		"begins_with(sk, :s) and pk = :s":      {"pk": {"=", []attribute.Value{word}}, "sk": {"begins_with", []attribute.Value{word}}},
		"#s = :s and :n < sk":                  {"status": {"=", []attribute.Value{word}}, "sk": {">", []attribute.Value{five}}},
		"pk = :s and :n >= sk":                 {"pk": {"=", []attribute.Value{word}}, "sk": {"<=", []attribute.Value{five}}},
	} {
		got, err := scope(t).KeyConditions(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b attribute.Value) bool { return attribute.Equal(a, b) })); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"pk = :s OR sk = :n": "Invalid operator used in KeyConditionExpression: OR", "NOT pk = :s": "KeyConditionExpression: NOT", "pk <> :s": "KeyConditionExpression: <>",
		"pk IN (:s)": "KeyConditionExpression: IN", "contains(pk, :s)": "KeyConditionExpression: contains", "pk = sk": "Multiple attribute names used in one condition",
		"begins_with(:s, pk)": "begins_with operator must have the key attribute as its first operand", ":n BETWEEN sk AND :m": "BETWEEN operator must have the key attribute as its first operand",
		"size(pk) = :n": "KeyConditionExpressions cannot contain nested operations", ":s = :t": "No key attribute specified", "pk.a = :s": "KeyConditionExpressions cannot have conditions on nested attributes",
		"pk = :s AND pk = :t": "KeyConditionExpressions must only contain one condition per key", "": "Invalid KeyConditionExpression: The expression can not be empty;",
	} {
		if _, err := scope(t).KeyConditions(text); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
