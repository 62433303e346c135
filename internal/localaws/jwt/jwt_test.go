// SPDX-License-Identifier: MIT

package jwt_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/jwt"
)

func TestSignAndVerify(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Sign(key, "k", map[string]any{"sub": "me", "exp": 12, "scope": "a b", "aud": []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jwt.Set{Keys: []jwt.Key{jwt.NewKey(token.KeyID, &key.PublicKey), {KeyType: "EC", KeyID: "other"}}})
	if err != nil {
		t.Fatal(err)
	}
	var read jwt.Set
	if err := json.Unmarshal(set, &read); err != nil {
		t.Fatal(err)
	}
	keys := read.RSA()
	if err := token.Verify(keys["k"]); err != nil || len(keys) != 1 {
		t.Errorf("got %v with %d keys", err, len(keys))
	}
	at, ok := token.Time("exp")
	if !ok || !at.Equal(time.Unix(12, 0)) || token.Text("sub") != "me" {
		t.Errorf("got %v %v", at, token.Claims)
	}
	if diff := cmp.Diff([][]string{{"a", "b"}, {"x"}, {"me"}, nil}, [][]string{token.Scopes(), token.Texts("aud"), token.Texts("sub"), token.Texts("exp")}); diff != "" {
		t.Error(diff)
	}
	changed, err := jwt.Parse(text[:len(text)-4] + "AAAA")
	if err != nil {
		t.Fatal(err)
	}
	if changed.Verify(keys["k"]) == nil {
		t.Error("a signature that was changed is none")
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a.b", "a.b.c", "e30.bnVsbA.", "e30.e30.!", "eyJjcml0IjpbXX0.e30."} {
		if _, err := jwt.Parse(text); !errors.Is(err, jwt.ErrMalformed) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// FuzzParse checks that no token breaks the parser.
func FuzzParse(f *testing.F) {
	f.Add("eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOlsiYSJdLCJleHAiOjF9.AA")
	f.Add("a.b.c")
	f.Add("bnVsbA.bnVsbA.")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		token, err := jwt.Parse(text)
		if err != nil {
			return
		}
		if token.Claims == nil || strings.Count(text, ".") != 2 {
			t.Errorf("%q is a token", text)
		}
		if token.Verify(&key.PublicKey) == nil {
			t.Errorf("%q is signed", text)
		}
		token.Scopes()
		token.Time("exp")
	})
}
