// SPDX-License-Identifier: MIT

package attribute

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// What a number may be ("Supported data types and naming rules", DynamoDB
// Developer Guide): the exponents are those of scientific notation.
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

// Number is a decimal number, exact. The zero value is 0. Numbers of one value
// are equal by ==.
type Number struct {
	negative bool
	digits   string // without zeros at either end; none are 0
	exponent int    // the value is 0.digits times 10 to this power
}

// Int returns a whole number.
func Int(n int) Number {
	number, _ := ParseNumber(strconv.Itoa(n)) // has at most 19 digits
	return number
}

// ParseNumber reads a number as DynamoDB does: digits with at most one point,
// and an exponent.
func ParseNumber(text string) (Number, error) {
	if text == "" {
		return Number{}, Invalid("The parameter cannot be converted to a numeric value")
	}
	mantissa, power := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		var err error
		mantissa = text[:i]
		if power, err = strconv.Atoi(text[i+1:]); err != nil || power > 1e6 || power < -1e6 {
			return Number{}, notNumeric(text)
		}
	}
	n := Number{negative: strings.HasPrefix(mantissa, "-")}
	if n.negative || strings.HasPrefix(mantissa, "+") {
		mantissa = mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return Number{}, notNumeric(text)
	}
	n.digits, n.exponent = digits, len(whole)+power
	return n.normal()
}

func notNumeric(text string) error {
	return Invalid("The parameter cannot be converted to a numeric value: %s", text)
}

// normal removes zeros at the ends and checks the limits.
func (n Number) normal() (Number, error) {
	trimmed := strings.TrimLeft(n.digits, "0")
	n.exponent -= len(n.digits) - len(trimmed)
	n.digits = strings.TrimRight(trimmed, "0")
	switch scientific := n.exponent - 1; {
	case n.digits == "":
		return Number{}, nil
	case scientific > maxExponent:
		return Number{}, Invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case scientific < minExponent:
		return Number{}, Invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(n.digits) > maxDigits:
		return Number{}, Invalid("Attempting to store more than 38 significant digits in a Number")
	}
	return n, nil
}

// String returns the number without an exponent, as DynamoDB answers.
func (n Number) String() string {
	sign, point := "", n.exponent
	if n.negative {
		sign = "-"
	}
	switch {
	case n.digits == "":
		return "0"
	case point <= 0:
		return sign + "0." + strings.Repeat("0", -point) + n.digits
	case point >= len(n.digits):
		return sign + n.digits + strings.Repeat("0", point-len(n.digits))
	}
	return sign + n.digits[:point] + "." + n.digits[point:]
}

// Compare orders numbers by their value.
func (n Number) Compare(other Number) int {
	if a, b := n.sign(), other.sign(); a != b || a == 0 {
		return cmp.Compare(a, b)
	}
	order := cmp.Or(cmp.Compare(n.exponent, other.exponent), strings.Compare(n.digits, other.digits))
	return order * n.sign()
}

func (n Number) sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.negative:
		return -1
	}
	return 1
}

// Add returns the sum, or an error if it is no number of DynamoDB.
func (n Number) Add(other Number) (Number, error) {
	scale := min(n.exponent-len(n.digits), other.exponent-len(other.digits))
	sum := new(big.Int).Add(n.scaled(scale), other.scaled(scale))
	digits := new(big.Int).Abs(sum).String()
	return Number{negative: sum.Sign() < 0, digits: digits, exponent: len(digits) + scale}.normal()
}

// Subtract returns the difference, or an error if it is no number of DynamoDB.
func (n Number) Subtract(other Number) (Number, error) {
	if other.digits != "" {
		other.negative = !other.negative
	}
	return n.Add(other)
}

// scaled returns the number as a whole number of tens to the power of scale,
// which is not above its own.
func (n Number) scaled(scale int) *big.Int {
	value := new(big.Int)
	if n.digits == "" {
		return value
	}
	value.SetString(n.digits, 10)
	power := big.NewInt(int64(n.exponent - len(n.digits) - scale))
	value.Mul(value, power.Exp(big.NewInt(10), power, nil))
	if n.negative {
		value.Neg(value)
	}
	return value
}

// Int64 returns a number as a whole one, and whether it is one of 64 bits.
func (n Number) Int64() (int64, bool) {
	i, err := strconv.ParseInt(n.String(), 10, 64)
	return i, err == nil
}

// Invalid returns the error for what a request says wrongly.
func Invalid(format string, args ...any) *wire.Error {
	return wire.Errorf(400, "ValidationException", format, args...)
}
