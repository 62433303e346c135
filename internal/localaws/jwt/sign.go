// SPDX-License-Identifier: MIT

package jwt

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

// Sign makes a token of claims, signed by RS256. keyID names the key to those
// who check the token.
func Sign(key *rsa.PrivateKey, keyID string, claims map[string]any) (string, error) {
	header, err := json.Marshal(struct {
		Kid string `json:"kid"`
		Alg string `json:"alg"`
	}{keyID, "RS256"})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encode claims: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// Set is a JSON Web Key Set.
type Set struct {
	Keys []Key `json:"keys"`
}

// Key is a public key of a Set. Numbers are big-endian in base64url.
type Key struct {
	Algorithm string `json:"alg,omitempty"`
	E         string `json:"e"`
	KeyID     string `json:"kid"`
	KeyType   string `json:"kty"`
	N         string `json:"n"`
	Use       string `json:"use,omitempty"`
}

// NewKey returns the public key as a member of a Set, for signatures by RS256.
func NewKey(keyID string, key *rsa.PublicKey) Key {
	encode := base64.RawURLEncoding.EncodeToString
	return Key{
		Algorithm: "RS256", E: encode(big.NewInt(int64(key.E)).Bytes()), KeyID: keyID, KeyType: "RSA", N: encode(key.N.Bytes()), Use: "sig",
	}
}

// RSA returns the keys of the set that are well-formed RSA keys, by identifier.
func (s Set) RSA() map[string]*rsa.PublicKey {
	keys := map[string]*rsa.PublicKey{}
	for _, k := range s.Keys {
		n, errN := base64.RawURLEncoding.DecodeString(k.N)
		e, errE := base64.RawURLEncoding.DecodeString(k.E)
		exponent := new(big.Int).SetBytes(e)
		if k.KeyType != "RSA" || errN != nil || errE != nil || len(n) == 0 || !exponent.IsInt64() || exponent.Int64() > 1<<31-1 {
			continue
		}
		keys[k.KeyID] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}
	}
	return keys
}
