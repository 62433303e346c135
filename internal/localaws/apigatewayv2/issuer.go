// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/jwt"
)

// The keys of an issuer are kept for two hours, as on AWS; those of a key
// identifier that is unknown are asked for again, but not at once.
const (
	keysStay  = 2 * time.Hour
	keysRetry = time.Second
)

// issuers are the public keys of those who issue tokens, found through OpenID
// Connect Discovery 1.0. Those of here, which may be nil, are asked directly. Its
// methods may be called concurrently.
type issuers struct {
	here func(issuer string) (map[string]*rsa.PublicKey, bool)

	mu    sync.Mutex
	known map[string]issuer
}

type issuer struct {
	keys  map[string]*rsa.PublicKey // by key identifier
	asked time.Time
}

// key returns a public key of an issuer.
func (i *issuers) key(ctx context.Context, url, id string) (*rsa.PublicKey, error) {
	if i.here != nil {
		if keys, ok := i.here(url); ok {
			return keyOf(keys, id)
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	known, ok := i.known[url]
	age := time.Since(known.asked)
	if !ok || age > keysStay || known.keys[id] == nil && age > keysRetry {
		keys, err := discover(ctx, url)
		if err != nil {
			return nil, fmt.Errorf("ask issuer %s for its keys: %w", url, err)
		}
		known = issuer{keys, time.Now()}
		if i.known == nil {
			i.known = map[string]issuer{}
		}
		i.known[url] = known
	}
	return keyOf(known.keys, id)
}

func keyOf(keys map[string]*rsa.PublicKey, id string) (*rsa.PublicKey, error) {
	if key := keys[id]; key != nil {
		return key, nil
	}
	return nil, fmt.Errorf("the issuer has no key %q", id)
}

// discover reads the keys of an issuer.
func discover(ctx context.Context, issuer string) (map[string]*rsa.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var configuration struct {
		JWKSURI string `json:"jwks_uri"`
	}
	if err := fetch(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &configuration); err != nil {
		return nil, err
	}
	if !validIssuer(configuration.JWKSURI) {
		return nil, fmt.Errorf("its jwks_uri %q is neither https nor on this machine", configuration.JWKSURI)
	}
	var set jwt.Set
	if err := fetch(ctx, configuration.JWKSURI, &set); err != nil {
		return nil, err
	}
	return set.RSA(), nil
}

func fetch(ctx context.Context, url string, v any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: it answers %s", url, response.Status)
	}
	return json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(v)
}
