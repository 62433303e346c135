// SPDX-License-Identifier: MIT

package expression_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Whatever a client writes as an expression is parsed or refused by a
// ValidationException, and what is parsed can be evaluated.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		"a = :s AND (b.c[1] < :n OR NOT attribute_exists(#x))", "begins_with(a, :s)", "((a = :s))", "a BETWEEN :n AND :m", "a IN (:s, :n)",
		"size(l) > :n", "SET a = :s, l[3] = list_append(l, :l) REMOVE m.k, l[0] ADD n :n DELETE ss :ss", "SET n = n + :n, b = if_not_exists(b, :s)",
		"a, b.c, l[1]", "pk = :s and sk > :n", "!!!", "SET a = ", "a.b.", "((((", "a[99999999999999999999]", "é", "NOT NOT a = :s", ":s = :s",
	} {
		f.Add(text)
	}
	values := map[string]attribute.Value{
		":s": attribute.String("s"), ":n": attribute.Int(1), ":m": attribute.Int(2), ":l": attribute.List{attribute.Null{}}, ":ss": attribute.StringSet{"a"},
	}
	item := attribute.Item{
		"a": attribute.String("s"), "n": attribute.Int(3), "l": attribute.List{attribute.Int(1), attribute.Int(2)},
		"m": attribute.Map{"k": attribute.Bool(true)}, "ss": attribute.StringSet{"a", "b"}, "b": attribute.Map{"c": attribute.List{attribute.Int(1)}},
	}
	before := string(must(item.MarshalJSON()))
	f.Fuzz(func(t *testing.T, text string) {
		scope, err := expression.NewScope(map[string]string{"#x": "status"}, values)
		if err != nil {
			t.Fatal(err)
		}
		check := func(err error) bool {
			e, ok := errors.AsType[*wire.Error](err)
			if err != nil && (!ok || e.Code != "ValidationException" || strings.TrimSpace(e.Message) == "") {
				t.Errorf("%q: %v", text, err)
			}
			return err == nil
		}
		if c, err := scope.Condition("ConditionExpression", text); check(err) {
			c.Holds(item)
			c.Holds(nil)
			c.Paths()
		}
		if p, err := scope.Projection(text); check(err) {
			p.Of(item)
		}
		if u, err := scope.Update(text); check(err) {
			for _, old := range []attribute.Item{item, nil} {
				if changed, err := u.Apply(old); check(err) {
					u.Touched(changed)
				}
			}
			u.Reads()
		}
		_, err = scope.KeyConditions(text)
		check(err)
		check(scope.Unused())
		if after := string(must(item.MarshalJSON())); after != before {
			t.Errorf("%q changed the item to %s", text, after)
		}
	})
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}
