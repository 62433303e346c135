// SPDX-License-Identifier: MIT

package iotsql

import "math/big"

// operation is a binary operator; not is NOT.
type operation struct {
	operator    string // of levels
	left, right expression
}

type not struct{ of expression }

func (e not) value(s *scope) any {
	if b, ok := toBool(e.of.value(s)); ok {
		return !b
	}
	return undefined{}
}

// value follows the tables of "Operators".
func (e operation) value(s *scope) any {
	left, right := e.left.value(s), e.right.value(s)
	switch e.operator {
	case "AND", "OR":
		return logical(e.operator, left, right)
	case "=":
		return equal(left, right)
	case "<>":
		if same, ok := equal(left, right).(bool); ok {
			return !same
		}
		return undefined{}
	case "IN":
		return contained(left, right)
	case "+":
		if v, joined := join(left, right); joined {
			return v
		}
	}
	_, leftText := left.(string)
	_, rightText := right.(string)
	a, ok1 := toNumber(left)
	b, ok2 := toNumber(right)
	if !ok1 || !ok2 || e.operator == "+" && (leftText || rightText) {
		return undefined{}
	}
	switch e.operator {
	case "<":
		return a.compare(b) < 0
	case "<=":
		return a.compare(b) <= 0
	case ">":
		return a.compare(b) > 0
	case ">=":
		return a.compare(b) >= 0
	}
	return s.version.calculated(e.operator, a, b)
}

func logical(operator string, left, right any) any {
	a, ok1 := toBool(left)
	b, ok2 := toBool(right)
	switch {
	case !ok1 || !ok2:
		return undefined{}
	case operator == "AND":
		return a && b
	}
	return a || b
}

// join concatenates if one of the values is a text.
func join(left, right any) (v any, joined bool) {
	_, text1 := left.(string)
	_, text2 := right.(string)
	if !text1 && !text2 {
		return nil, false
	}
	a, ok1 := toText(left)
	b, ok2 := toText(right)
	if !ok1 || !ok2 || len(a)+len(b) > maxText {
		return undefined{}, true
	}
	return a + b, true
}

// equal compares two values. Values of two types are not equal; what is undefined
// compares to nothing.
func equal(left, right any) any {
	if isUndefined(left) || isUndefined(right) {
		return undefined{}
	}
	return same(left, right)
}

func same(left, right any) bool {
	switch a := left.(type) {
	case number:
		b, ok := right.(number)
		return ok && a.compare(b) == 0
	case []any:
		b, ok := right.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	case *members:
		b, ok := right.(*members)
		if !ok || len(a.names) != len(b.names) {
			return false
		}
		for name, v := range a.values {
			if other, there := b.values[name]; !there || !same(v, other) {
				return false
			}
		}
		return true
	case string, bool, nil, undefined:
		switch right.(type) {
		case string, bool, nil, undefined:
			return left == right
		}
	}
	return false
}

// contained reports whether a value is in an array.
func contained(v, in any) any {
	list, ok := in.([]any)
	if !ok || isUndefined(v) {
		return undefined{}
	}
	for _, item := range list {
		if same(v, item) {
			return true
		}
	}
	return false
}

// calculated returns the result of an operator: an Int of two Ints, else a
// Decimal. Dividing by zero gives nothing.
func (v Version) calculated(operator string, a, b number) any {
	x, y, scale := aligned(a, b)
	out := number{new(big.Int), scale, a.integer && b.integer}
	switch operator {
	case "+":
		out.coefficient.Add(x, y)
	case "-":
		out.coefficient.Sub(x, y)
	case "*":
		out.coefficient.Mul(a.coefficient, b.coefficient)
		out.scale = a.scale + b.scale
	case "%":
		if y.Sign() == 0 {
			return undefined{}
		}
		out.coefficient.Rem(x, y)
	case "/":
		if y.Sign() == 0 {
			return undefined{}
		}
		if out.integer {
			out.coefficient.Quo(x, y)
			break
		}
		out = quotient(x, y)
	}
	if n, ok := out.rounded(); ok {
		return v.numeric(n)
	}
	return undefined{}
}

// quotient divides with more digits than a number has, and leaves out the zeros
// at its end.
func quotient(x, y *big.Int) number {
	q := number{new(big.Int), max(0, precision+2+len(y.String())-len(x.String())), false}
	q.coefficient.Quo(new(big.Int).Mul(x, power10(q.scale)), y)
	q, ok := q.rounded()
	ten := big.NewInt(10)
	for ok && q.scale > 0 {
		next, rest := new(big.Int).QuoRem(q.coefficient, ten, new(big.Int))
		if rest.Sign() != 0 {
			break
		}
		q = number{next, q.scale - 1, false}
	}
	return q
}
