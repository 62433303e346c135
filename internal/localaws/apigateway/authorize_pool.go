// SPDX-License-Identifier: MIT

package apigateway

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/jwt"
)

// userPools is the type of authorizers, and of methods, that take the tokens of
// Cognito user pools.
const userPools = "COGNITO_USER_POOLS"

// Pools knows the user pools of the embedded AWS.
type Pools interface {
	// Issuer returns who issues the tokens of the pool of an ARN. It reports false
	// if there is no such pool.
	Issuer(poolARN string) (url string, ok bool)
	// Keys returns the public keys of an issuer by identifier.
	Keys(issuer string) (map[string]*rsa.PublicKey, bool)
}

// havePools returns an error unless there is a user pool for each ARN.
func (s *Service) havePools(arns []string) error {
	for _, pool := range arns {
		if s.deps.Pools != nil {
			if _, ok := s.deps.Pools.Issuer(pool); ok {
				continue
			}
		}
		return gateway.BadRequest("Invalid Cognito User Pool ARN: the embedded AWS has no user pool %s", pool)
	}
	return nil
}

// errExpired says that a token was good until lately.
var errExpired = errors.New("the incoming token has expired")

// authorizePool takes the token of a user pool: an identity token or, if the
// method has scopes, an access token with one of them ("Integrate a REST API with
// an Amazon Cognito user pool", API Gateway Developer Guide).
func (v *visit) authorizePool() (httpevent.Response, bool) {
	a := v.definition.Authorizers[v.method.AuthorizerId]
	if a == nil { // removed before the deployment
		return v.refuse("AUTHORIZER_CONFIGURATION_ERROR", http.StatusInternalServerError, ""), true
	}
	text := v.mapped(a.sources()[0])
	if scheme, rest, ok := strings.Cut(text, " "); ok && strings.EqualFold(scheme, "Bearer") {
		text = strings.TrimSpace(rest)
	}
	t, err := v.poolToken(a, text)
	switch {
	case errors.Is(err, errExpired):
		return v.refuse("UNAUTHORIZED", http.StatusUnauthorized, "The incoming token has expired"), true
	case err != nil:
		v.variables["authorizer.error"] = err.Error()
		v.service.env.Log.Info().Err(err).Str("api", v.apiID).Str("authorizer", a.Name).Msg("refused a token")
		return v.refuse("UNAUTHORIZED", http.StatusUnauthorized, "Unauthorized"), true
	}
	claims := map[string]string{}
	for name, claim := range t.Claims {
		claims[name] = flatClaim(name, claim)
		v.variables["authorizer.claims."+name] = claims[name]
	}
	v.event.Authorizer = map[string]any{"claims": claims}
	return httpevent.Response{}, false
}

// poolToken returns the checked token.
func (v *visit) poolToken(a *authorizer, text string) (jwt.Token, error) {
	t, err := jwt.Parse(text)
	if err != nil {
		return t, err
	}
	if err := v.issued(a, t); err != nil {
		return t, err
	}
	expires, ok := t.Time("exp")
	switch {
	case !ok:
		return t, errors.New("the token has no expiry")
	case !v.event.Now.Before(expires):
		return t, errExpired
	}
	if wanted := v.method.AuthorizationScopes; len(wanted) > 0 {
		has := t.Scopes()
		if t.Text("token_use") != "access" || !slices.ContainsFunc(wanted, func(s string) bool { return slices.Contains(has, s) }) {
			return t, errors.New("the token has none of the scopes of the method")
		}
		return t, nil
	}
	if t.Text("token_use") != "id" {
		return t, errors.New("it is no identity token, which methods without scopes take")
	}
	if a.IdentityValidationExpression != "" {
		fits, err := regexp.MatchString("^(?:"+a.IdentityValidationExpression+")$", t.Text("aud"))
		if err != nil || !fits {
			return t, errors.New("the audience does not fit the expression of the authorizer")
		}
	}
	return t, nil
}

// issued returns an error unless one of the authorizer's pools signed the token.
func (v *visit) issued(a *authorizer, t jwt.Token) error {
	for _, pool := range a.ProviderARNs {
		if v.service.deps.Pools == nil {
			break
		}
		issuer, ok := v.service.deps.Pools.Issuer(pool)
		if !ok || issuer != t.Text("iss") {
			continue
		}
		keys, _ := v.service.deps.Pools.Keys(issuer)
		key := keys[t.KeyID]
		if key == nil {
			return fmt.Errorf("the user pool has no key %q", t.KeyID)
		}
		return t.Verify(key)
	}
	return errors.New("no user pool of the authorizer issued the token")
}

// flatClaim returns a claim as the event shows it: as text, lists with commas, and
// the times of issue and expiry as dates.
func flatClaim(name string, claim any) string {
	switch c := claim.(type) {
	case float64:
		if name == "exp" || name == "iat" {
			return time.Unix(int64(c), 0).UTC().Format("Mon Jan 02 15:04:05 MST 2006")
		}
		return strconv.FormatFloat(c, 'f', -1, 64)
	case []any:
		list := make([]string, len(c))
		for i, item := range c {
			list[i] = flatClaim("", item)
		}
		return strings.Join(list, ",")
	case map[string]any:
		if text, err := json.Marshal(c); err == nil {
			return string(text)
		}
	}
	return fmt.Sprint(claim)
}
