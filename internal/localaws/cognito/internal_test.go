// SPDX-License-Identifier: MIT

package cognito

import (
	"math/big"
	"testing"
)

// The prime is safe, as the protocol needs it, and the one of RFC 5054.
func TestSRPGroup(t *testing.T) {
	t.Parallel()
	n, _ := srpGroup()
	half := new(big.Int).Rsh(n, 1)
	if n.BitLen() != 3072 || !n.ProbablyPrime(1) || !half.ProbablyPrime(1) {
		t.Error("it is no safe prime of 3072 bits")
	}
}

// Every operation of users is modelled, and none of administrators is open.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	list := actions()
	for _, name := range unsigned() {
		if list[name] == nil {
			t.Errorf("%s is not modelled", name)
		}
	}
	for name, needs := range needs().Rules {
		if needs == nil {
			t.Errorf("%s has no rule", name)
		}
	}
}

// FuzzFilter checks that no filter breaks the parser.
func FuzzFilter(f *testing.F) {
	f.Add(`email ^= "a"`)
	f.Add(`"username" = "a\"b"`)
	f.Fuzz(func(t *testing.T, text string) {
		fits, err := parseFilter(text)
		if err == nil {
			fits(&user{Username: "a", Attributes: map[string]string{"email": "a@b"}})
		}
	})
}

// FuzzPassword checks that a temporary password fits its policy.
func FuzzPassword(f *testing.F) {
	f.Add(8, true)
	f.Fuzz(func(t *testing.T, length int, all bool) {
		p := passwordPolicy{6 + max(length, -length)%90, all, true, true, true, 1}
		if err := p.check(p.temporary()); err != nil {
			t.Error(err)
		}
	})
}
