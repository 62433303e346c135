// SPDX-License-Identifier: MIT

// Package jwt reads, checks and makes JSON Web Tokens that are signed with RSA
// keys (RFC 7515, 7517, 7518 and 7519): those that user pools issue and that the
// authorizers of APIs take.
package jwt

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	_ "crypto/sha256" // the hashes of RS256, RS384 and RS512
	_ "crypto/sha512"
)

// Token is a JSON Web Token in JWS compact serialization. What it claims is not
// true before Verify has said so.
type Token struct {
	KeyID  string
	Claims map[string]any // as encoding/json decodes them; not nil

	algorithm, signed string
	signature         []byte
}

// ErrMalformed says that a text is no token.
var ErrMalformed = errors.New("the token is malformed")

// Parse reads a token. The error is ErrMalformed.
func Parse(text string) (Token, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return Token{}, ErrMalformed
	}
	var header struct {
		Alg  string   `json:"alg"`
		Kid  string   `json:"kid"`
		Crit []string `json:"crit"`
	}
	t := Token{signed: parts[0] + "." + parts[1]}
	if err := errors.Join(decodePart(parts[0], &header), decodePart(parts[1], &t.Claims)); err != nil || t.Claims == nil || header.Crit != nil {
		return Token{}, ErrMalformed
	}
	var err error
	if t.signature, err = base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		return Token{}, ErrMalformed
	}
	t.algorithm, t.KeyID = header.Alg, header.Kid
	return t, nil
}

func decodePart(part string, v any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// Verify returns an error unless the token is signed with the private half of
// key, by RS256, RS384 or RS512.
func (t Token) Verify(key *rsa.PublicKey) error {
	hash, ok := map[string]crypto.Hash{"RS256": crypto.SHA256, "RS384": crypto.SHA384, "RS512": crypto.SHA512}[t.algorithm]
	if !ok {
		return fmt.Errorf("the signing method %q is invalid", t.algorithm)
	}
	h := hash.New()
	h.Write([]byte(t.signed))
	if err := rsa.VerifyPKCS1v15(key, hash, h.Sum(nil), t.signature); err != nil {
		return errors.New("signature is invalid")
	}
	return nil
}

// Text returns a claim that is text, "" if it is not.
func (t Token) Text(claim string) string {
	text, _ := t.Claims[claim].(string)
	return text
}

// Time returns a claim that is a NumericDate. It reports false if it is none.
func (t Token) Time(claim string) (time.Time, bool) {
	seconds, ok := t.Claims[claim].(float64)
	if !ok || math.Abs(seconds) > 1<<40 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(seconds * 1000)), true
}

// Texts returns a claim that is a text or a list of them.
func (t Token) Texts(claim string) []string { return texts(t.Claims[claim]) }

func texts(claim any) []string {
	switch c := claim.(type) {
	case string:
		return []string{c}
	case []any:
		var list []string
		for _, item := range c {
			if text, ok := item.(string); ok {
				list = append(list, text)
			}
		}
		return list
	}
	return nil
}

// Scopes returns what the claim scope says, or scp if there is no scope.
func (t Token) Scopes() []string {
	claim := t.Claims["scope"]
	if claim == nil {
		claim = t.Claims["scp"]
	}
	if text, ok := claim.(string); ok {
		return strings.Fields(text)
	}
	return texts(claim)
}
