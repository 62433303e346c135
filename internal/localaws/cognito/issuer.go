// SPDX-License-Identifier: MIT

package cognito

import (
	"crypto/rsa"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/jwt"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Keys returns the public keys of an issuer of tokens, the URL of a pool, by
// identifier. It reports false if it is no pool of the embedded AWS.
func (s *Service) Keys(issuer string) (map[string]*rsa.PublicKey, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pools[issuer[strings.LastIndex(issuer, "/")+1:]]
	if p == nil || p.issuer() != issuer {
		return nil, false
	}
	return map[string]*rsa.PublicKey{p.KeyID: &p.key.PublicKey}, true
}

// Issuer returns the URL of the pool of an ARN as its tokens have it. It reports
// false if it is no pool of the embedded AWS.
func (s *Service) Issuer(poolARN string) (string, bool) {
	a, ok := arn.Parse(poolARN)
	if !ok {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pools[strings.TrimPrefix(a.Resource, "userpool/")]
	if p == nil || p.arn() != poolARN {
		return "", false
	}
	return p.issuer(), true
}

// wellKnown is the path of what a pool publishes of itself; no bucket has such a
// name.
var wellKnown = lazy.MustCompile(`^/([a-z0-9-]+_[A-Za-z0-9]+)/\.well-known/(jwks\.json|openid-configuration)$`)

// ServeUser answers a request without a signature that is meant for a user pool:
// an operation of users, which web pages may ask for, too, or what a pool
// publishes of itself: /POOL/.well-known/jwks.json and openid-configuration. It
// reports false if the request is for something else.
func (s *Service) ServeUser(w http.ResponseWriter, r *http.Request, id wire.Identity) bool {
	operation := r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("X-Amz-Target"), Target)
	preflight := r.Method == http.MethodOptions && r.URL.Path == "/" && strings.Contains(strings.ToLower(r.Header.Get("Access-Control-Request-Headers")), "x-amz-target")
	m := wellKnown.FindStringSubmatch(r.URL.Path)
	published := m != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead)
	if !operation && !preflight && !published {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	switch {
	case operation:
		w.Header().Set("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")
		s.ServeAPI(w, r, id)
	case preflight:
		w.Header().Set("Access-Control-Allow-Methods", "POST")
		w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
		w.Header().Set("Access-Control-Max-Age", "172800")
	default:
		s.publish(w, m[1], m[2])
	}
	return true
}

// publish answers what a pool publishes of itself.
func (s *Service) publish(w http.ResponseWriter, id, name string) {
	s.mu.Lock()
	p := s.pools[id]
	s.mu.Unlock()
	switch {
	case p == nil:
		wire.WriteJSON(w, http.StatusNotFound, map[string]string{"message": "User pool " + id + " does not exist."})
	case name == "jwks.json":
		wire.WriteJSON(w, http.StatusOK, jwt.Set{Keys: []jwt.Key{jwt.NewKey(p.KeyID, &p.key.PublicKey)}})
	default:
		wire.WriteJSON(w, http.StatusOK, map[string]any{
			"issuer": p.issuer(), "jwks_uri": s.env.Endpoint() + "/" + p.ID + "/.well-known/jwks.json",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "subject_types_supported": []string{"public"},
		})
	}
}
