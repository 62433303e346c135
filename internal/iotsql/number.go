// SPDX-License-Identifier: MIT

package iotsql

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// number is an Int or a Decimal: coefficient × 10^-scale. It does not change.
type number struct {
	coefficient *big.Int
	scale       int // 0 of an Int
	integer     bool
}

const (
	precision   = 34  // digits of a number ("Data types")
	maxExponent = 999 // of a Decimal's magnitude
)

func whole(n int64) number { return number{big.NewInt(n), 0, true} }

// parseNumber reads a number in the form of JSON. It is an Int if it has neither
// a point nor an exponent. It reports false if it is out of range.
func parseNumber(text string) (number, bool) {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil || n > 1_000_000 || n < -1_000_000 {
			return number{}, false
		}
		mantissa, exponent = text[:i], n
	}
	before, after, point := strings.Cut(mantissa, ".")
	coefficient, ok := new(big.Int).SetString(before+after, 10)
	if !ok {
		return number{}, false
	}
	return number{coefficient, len(after) - exponent, !point && mantissa == text}.rounded()
}

// rounded returns the number with the digits that there can be. An Int with more
// becomes a Decimal. It reports false if it is out of range.
func (n number) rounded() (number, bool) {
	if digits := n.digits(); digits > precision {
		n = number{n.coefficient, n.scale, false}.to(n.scale-(digits-precision), halfEven)
		if n.digits() > precision { // 99.. became 100..
			n = n.to(n.scale-1, halfEven)
		}
	}
	magnitude := n.digits() - 1 - n.scale
	if n.coefficient.Sign() != 0 && (magnitude > maxExponent || magnitude < -maxExponent) {
		return number{}, false
	}
	if n.coefficient.Sign() == 0 && (n.scale > maxExponent || n.scale < -maxExponent) {
		n.scale = 0
	}
	return n, true
}

func (n number) digits() int { return len(new(big.Int).Abs(n.coefficient).String()) }

func power10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// rounding decides whether a coefficient is moved away from zero: half compares
// what is left out with a half, sign is that of the number.
type rounding func(quotient *big.Int, half, sign int) bool

func halfEven(q *big.Int, half, _ int) bool { return half > 0 || half == 0 && q.Bit(0) == 1 }
func halfUp(_ *big.Int, half, _ int) bool   { return half >= 0 }
func down(*big.Int, int, int) bool          { return false }
func floor(_ *big.Int, _, sign int) bool    { return sign < 0 }
func ceiling(_ *big.Int, _, sign int) bool  { return sign > 0 }

// to returns the number with another scale.
func (n number) to(scale int, r rounding) number {
	if scale >= n.scale {
		return number{new(big.Int).Mul(n.coefficient, power10(scale-n.scale)), scale, n.integer}
	}
	divisor := power10(n.scale - scale)
	q, rest := new(big.Int).QuoRem(n.coefficient, divisor, new(big.Int))
	half := new(big.Int).Abs(rest)
	half.Lsh(half, 1)
	if rest.Sign() != 0 && r(q, half.Cmp(divisor), n.coefficient.Sign()) {
		q.Add(q, big.NewInt(int64(n.coefficient.Sign())))
	}
	return number{q, scale, n.integer}
}

// integral returns the number as an Int.
func (n number) integral(r rounding) number {
	out := n.to(0, r)
	out.integer = true
	return out
}

// reduced returns a Decimal that is whole as an Int.
func (n number) reduced() number {
	if n.integer {
		return n
	}
	if i := n.to(0, down); i.compare(n) == 0 && i.digits() <= precision {
		i.integer = true
		return i
	}
	return n
}

// aligned returns the coefficients of two numbers for the greater scale.
func aligned(a, b number) (x, y *big.Int, scale int) {
	scale = max(a.scale, b.scale)
	return a.to(scale, down).coefficient, b.to(scale, down).coefficient, scale
}

func (n number) compare(other number) int {
	x, y, _ := aligned(n, other)
	return x.Cmp(y)
}

// int64 returns the number, its decimal places cut off, within the range of the
// type.
func (n number) int64() int64 {
	i := n.to(0, down).coefficient
	switch {
	case i.IsInt64():
		return i.Int64()
	case i.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

func (n number) float() float64 {
	f, _ := strconv.ParseFloat(n.String(), 64) // out of range it is infinite
	return f
}

// fromFloat returns a Decimal. It reports false for what is no number.
func fromFloat(f float64) (number, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return number{}, false
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return parseNumber(text)
}

// String writes the number: a Decimal that is very small or has a positive
// exponent in scientific notation, as Java does.
func (n number) String() string {
	digits := new(big.Int).Abs(n.coefficient).String()
	minus := ""
	if n.coefficient.Sign() < 0 {
		minus = "-"
	}
	magnitude := len(digits) - 1 - n.scale
	switch {
	case n.scale == 0:
		return minus + digits
	case n.scale > 0 && magnitude >= -6:
		if n.scale >= len(digits) {
			digits = strings.Repeat("0", n.scale-len(digits)+1) + digits
		}
		return minus + digits[:len(digits)-n.scale] + "." + digits[len(digits)-n.scale:]
	}
	if len(digits) > 1 {
		digits = digits[:1] + "." + digits[1:]
	}
	exponent := strconv.Itoa(magnitude)
	if magnitude > 0 {
		exponent = "+" + exponent
	}
	return minus + digits + "E" + exponent
}
