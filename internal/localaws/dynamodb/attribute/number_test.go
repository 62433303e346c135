// SPDX-License-Identifier: MIT

package attribute_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

const nines = "99999999999999999999999999999999999999" // 38 of them

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "000": "0", "0.000": "0", "0e200": "0", "1": "1", "+1": "1", "-1": "-1", "00042": "42", "1.0": "1", "3.1400": "3.14", ".5": "0.5", "5.": "5",
		"1.5E2": "150", "1e2": "100", "15e-1": "1.5", "-0.001": "-0.001", "123.456": "123.456", "1E-5": "0.00001", nines: nines, nines + "000": nines + "000",
		"0." + strings.Repeat("0", 10) + "1": "0.00000000001", "9.9999999999999999999999999999999999999E+125": nines + strings.Repeat("0", 88),
		"1E-130": "0." + strings.Repeat("0", 129) + "1",
	} {
		n, err := attribute.ParseNumber(text)
		if err != nil || n.String() != want {
			t.Errorf("%s: got %v, error %v, want %s", text, n, err, want)
		}
		if again, err := attribute.ParseNumber(n.String()); err != nil || again != n {
			t.Errorf("%s: reading %v again gives %v, %v", text, n, again, err)
		}
	}
	const numeric = "The parameter cannot be converted to a numeric value"
	for text, want := range map[string]string{
		"": numeric, "abc": numeric + ": abc", "1 ": numeric + ": 1 ", "1e": numeric + ": 1e", "0x10": numeric, "--1": numeric, "1.2.3": numeric, ".": numeric, "e5": numeric, "NaN": numeric,
		"1E126": "Number overflow", "-1E126": "Number overflow", "1E999999999": numeric, "1E-131": "Number underflow",
		"1" + nines: "Attempting to store more than 38 significant digits in a Number",
	} {
		if n, err := attribute.ParseNumber(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, error %v, want %s", text, n, err, want)
		}
	}
}

func number(t testing.TB, text string) attribute.Number {
	t.Helper()
	n, err := attribute.ParseNumber(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ a, b, sum, difference string }{
		{"1", "2", "3", "-1"}, {"0.1", "0.2", "0.3", "-0.1"}, {"5", "5", "10", "0"}, {"0", "7", "7", "-7"}, {"7", "0", "7", "7"}, {"-3", "-4", "-7", "1"},
		{"100", "0.001", "100.001", "99.999"}, {"1e100", "1e100", "2e100", "0"}, {nines, "1", "1e38", strings.Repeat("9", 37) + "8"},
		{"9.9e125", "1e125", "", "8.9e125"}, {"1", "1e-100", "", ""}, {"1" + strings.Repeat("0", 37), "0.1", "", strings.Repeat("9", 37) + ".9"},
	} {
		a, b := number(t, test.a), number(t, test.b)
		for _, result := range []struct {
			of   func(attribute.Number) (attribute.Number, error)
			want string
		}{{a.Add, test.sum}, {a.Subtract, test.difference}} {
			got, err := result.of(b)
			switch {
			case result.want == "" && err == nil:
				t.Errorf("%s and %s: got %v, want an error", a, b, got)
			case result.want != "" && (err != nil || got != number(t, result.want)):
				t.Errorf("%s and %s: got %v, error %v, want %s", a, b, got, err, result.want)
			}
		}
	}
}

// Numbers are read, compared and encoded as the exact numbers of math/big are.
func FuzzNumber(f *testing.F) {
	for _, pair := range [][2]string{{"1", "2"}, {"-1.5e3", "1500"}, {"0.001", "1e-3"}, {nines, "-" + nines}, {"1e-130", "0"}, {"12", "125"}, {"-12", "-125"}, {"1e5", "x"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, textA, textB string) {
		a, errA := attribute.ParseNumber(textA)
		b, errB := attribute.ParseNumber(textB)
		if errA != nil || errB != nil {
			return
		}
		exactA, okA := new(big.Rat).SetString(a.String())
		exactB, okB := new(big.Rat).SetString(b.String())
		given, ok := new(big.Rat).SetString(textA)
		if !okA || !okB || !ok || given.Cmp(exactA) != 0 {
			t.Fatalf("%q is read as %v", textA, a)
		}
		want := exactA.Cmp(exactB)
		if got := a.Compare(b); got != want {
			t.Errorf("%v and %v: compared %d, want %d", a, b, got, want)
		}
		if got := strings.Compare(string(attribute.AppendKey(nil, a)), string(attribute.AppendKey(nil, b))); got != want {
			t.Errorf("%v and %v: encodings compare %d, want %d", a, b, got, want)
		}
		if (a == b) != (want == 0) {
			t.Errorf("%v and %v: equal %v", a, b, a == b)
		}
		if sum, err := a.Add(b); err == nil {
			exact, _ := new(big.Rat).SetString(sum.String())
			if exact.Cmp(new(big.Rat).Add(exactA, exactB)) != 0 {
				t.Errorf("%v + %v = %v", a, b, sum)
			}
		}
	})
}
