// SPDX-License-Identifier: MIT

package cognito

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// pool is a user pool; guarded by Service.mu. What its settings, a client or a
// group say is replaced as a whole, so that it can be read without the lock.
type pool struct {
	Scope    arn.Scope
	ID       string // region, underscore, nine letters and digits
	Settings *settings
	Tags     map[string]string  `json:",omitempty"`
	Clients  map[string]*client `json:",omitempty"` // by id
	Groups   map[string]*group  `json:",omitempty"` // by name
	Users    []*user            `json:",omitempty"` // in the order of making
	Grants   map[string]*grant  `json:",omitempty"` // by hash of their refresh token
	Messages []*message         `json:",omitempty"` // oldest first
	Key      []byte             // PKCS #8 of the key that signs tokens
	KeyID    string
	Created  time.Time
	Modified time.Time

	key *rsa.PrivateKey
}

// newPool makes a pool without anything in it.
func newPool(scope arn.Scope, in *settings, now time.Time) (*pool, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	p := &pool{
		Scope: scope, ID: scope.Region + "_" + random(9, lettersAndDigits), Settings: in, Key: encoded,
		KeyID: base64.StdEncoding.EncodeToString(secret(32)), Created: now, Modified: now,
	}
	return p, p.open()
}

// open makes a pool ready that was read from the store.
func (p *pool) open() error {
	key, err := x509.ParsePKCS8PrivateKey(p.Key)
	if err != nil {
		return fmt.Errorf("read its key: %w", err)
	}
	signing, ok := key.(*rsa.PrivateKey)
	if !ok || p.Settings == nil {
		return errors.New("it is not complete")
	}
	p.key = signing
	if p.Clients == nil {
		p.Clients = map[string]*client{}
	}
	if p.Groups == nil {
		p.Groups = map[string]*group{}
	}
	if p.Grants == nil {
		p.Grants = map[string]*grant{}
	}
	return nil
}

func (p *pool) arn() string { return p.Scope.Regional("cognito-idp", "userpool/"+p.ID) }

// provider is what ProviderName says: the issuer without its scheme.
func (p *pool) provider() string {
	suffix := "amazonaws.com"
	if strings.HasPrefix(p.Scope.Region, "cn-") {
		suffix += ".cn"
	}
	return "cognito-idp." + p.Scope.Region + "." + suffix + "/" + p.ID
}

// issuer is the claim iss of the pool's tokens.
func (p *pool) issuer() string { return "https://" + p.provider() }

const (
	lettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	lowerAndDigits   = "abcdefghijklmnopqrstuvwxyz0123456789"
	digits           = "0123456789"
)

// random returns n letters of an alphabet that nobody can guess.
func random(n int, alphabet string) string {
	out := make([]byte, n)
	for i := range out {
		// never fails: crypto/rand aborts the program instead
		at, _ := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		out[i] = alphabet[at.Int64()]
	}
	return string(out)
}

// secret returns n random bytes.
func secret(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.Read(out) // never fails, as above
	return out
}
