// SPDX-License-Identifier: MIT

package iotsql

import (
	"math"
	"math/big"
	"math/rand/v2"
)

// numberFunction are the functions of numbers, and of texts that become numbers.
func numberFunction(name string) (function, bool) {
	f, ok := map[string]function{
		"abs":    ofNumber(func(n number) any { return number{new(big.Int).Abs(n.coefficient), n.scale, n.integer} }),
		"bitand": ofInts(func(a, b *big.Int) *big.Int { return new(big.Int).And(a, b) }),
		"bitor":  ofInts(func(a, b *big.Int) *big.Int { return new(big.Int).Or(a, b) }),
		"bitxor": ofInts(func(a, b *big.Int) *big.Int { return new(big.Int).Xor(a, b) }),
		"bitnot": ofNumber(func(n number) any {
			return number{new(big.Int).Not(n.integral(floor).coefficient), 0, true}
		}),
		"ceil":      ofNumber(func(n number) any { return n.integral(ceiling) }),
		"chr":       ofNumber(character),
		"floor":     ofNumber(func(n number) any { return n.integral(floor) }),
		"mod":       modulo(),
		"remainder": modulo(),
		"rand":      {0, 0, func(*scope, []any) any { n, _ := fromFloat(rand.Float64()); return n }},
		"round":     ofNumber(func(n number) any { return n.integral(halfUp) }),
		"sign":      ofNumber(func(n number) any { return whole(int64(n.coefficient.Sign())) }),
		"trunc":     {2, 2, truncated},
		"atan2":     ofFloats(math.Atan2),
		"power":     ofFloats(math.Pow),
	}[name]
	if ok {
		return f, true
	}
	calculate, ok := map[string]func(float64) float64{
		"acos": math.Acos, "asin": math.Asin, "atan": math.Atan, "cos": math.Cos, "cosh": math.Cosh, "exp": math.Exp, "ln": math.Log,
		"log": math.Log10, "sin": math.Sin, "sinh": math.Sinh, "sqrt": math.Sqrt, "tan": math.Tan, "tanh": math.Tanh,
	}[name]
	return function{1, 1, func(s *scope, a []any) any {
		n, ok := toNumber(a[0])
		if !ok {
			return undefined{}
		}
		return s.version.double(calculate(n.float()))
	}}, ok
}

// double is the result of a function that is calculated with floating point.
func (v Version) double(f float64) any {
	if n, ok := fromFloat(f); ok {
		return v.numeric(n)
	}
	return undefined{}
}

func ofNumber(f func(number) any) function {
	return function{1, 1, func(s *scope, a []any) any {
		n, ok := toNumber(a[0])
		if !ok {
			return undefined{}
		}
		if n, ok := f(n).(number); ok {
			return s.version.numeric(n)
		}
		return f(n)
	}}
}

func ofInts(f func(a, b *big.Int) *big.Int) function {
	return function{2, 2, func(_ *scope, a []any) any {
		x, ok1 := toNumber(a[0])
		y, ok2 := toNumber(a[1])
		if !ok1 || !ok2 {
			return undefined{}
		}
		return number{f(x.integral(floor).coefficient, y.integral(floor).coefficient), 0, true}
	}}
}

func ofFloats(f func(a, b float64) float64) function {
	return function{2, 2, func(s *scope, a []any) any {
		x, ok1 := toNumber(a[0])
		y, ok2 := toNumber(a[1])
		if !ok1 || !ok2 {
			return undefined{}
		}
		return s.version.double(f(x.float(), y.float()))
	}}
}

func modulo() function {
	return function{2, 2, func(s *scope, a []any) any {
		return operation{"%", literal{a[0]}, literal{a[1]}}.value(s)
	}}
}

// character returns an ASCII character.
func character(n number) any {
	c := n.integral(floor).int64()
	if c < 0 || c > 127 {
		return undefined{}
	}
	return string(rune(c))
}

// truncated leaves 0 to 34 decimal places, without zeros at their end.
func truncated(s *scope, a []any) any {
	n, ok1 := toNumber(a[0])
	places, ok2 := a[1].(number)
	if !ok1 || !ok2 {
		return undefined{}
	}
	scale := int(min(max(places.integral(floor).int64(), 0), precision))
	if n.scale > scale {
		n = n.to(scale, down)
	}
	for n.scale > 0 && n.to(n.scale-1, down).compare(n) == 0 {
		n = n.to(n.scale-1, down)
	}
	return s.version.numeric(n)
}
