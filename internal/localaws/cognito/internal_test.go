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

// Every operation says which permission it needs, and no other one does; those of
// users are modelled.
func TestEveryOperationHasARule(t *testing.T) {
	t.Parallel()
	list := actions()
	for _, name := range unsigned() {
		if list[name] == nil {
			t.Errorf("%s is not modelled", name)
		}
	}
	rules := needs().Rules
	for name := range list {
		if rules[name] == nil {
			t.Errorf("%s has no rule", name)
		}
		delete(rules, name)
	}
	for name := range rules {
		t.Errorf("there is a rule for %s, which is no operation", name)
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
