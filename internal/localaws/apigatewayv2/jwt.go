// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/jwt"
)

// jwtAuthorizer is requestContext.authorizer behind a JWT authorizer.
type jwtAuthorizer struct {
	JWT struct {
		Claims map[string]string `json:"claims"`
		Scopes []string          `json:"scopes"` // those of the token; null if the route asks for none
	} `json:"jwt"`
}

// checkClaims looks at the claims: iss, aud or client_id, exp, nbf and iat ("Control
// access to HTTP APIs with JWT authorizers", API Gateway Developer Guide).
func checkClaims(t jwt.Token, c *jwtConfiguration, now time.Time) error {
	if t.Text("iss") != c.Issuer {
		return errors.New("issuer claim not match")
	}
	audience := t.Texts("aud")
	if t.Claims["aud"] == nil {
		audience = t.Texts("client_id")
	}
	if !slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(c.Audience, a) }) {
		return errors.New("the token does not have a valid audience")
	}
	switch expires, ok := t.Time("exp"); {
	case !ok:
		return errors.New("the token has no expiry")
	case !now.Before(expires):
		return errors.New("the token has expired")
	}
	for _, name := range []string{"nbf", "iat"} {
		from, ok := t.Time(name)
		if t.Claims[name] != nil && (!ok || now.Before(from)) {
			return errors.New("the token is not valid yet")
		}
	}
	return nil
}

// flatClaims returns the claims as the event shows them: as text, lists in brackets.
func flatClaims(t jwt.Token) map[string]string {
	out := make(map[string]string, len(t.Claims))
	for name, claim := range t.Claims {
		out[name] = flatClaim(claim)
	}
	return out
}

func flatClaim(claim any) string {
	switch c := claim.(type) {
	case float64:
		return strconv.FormatFloat(c, 'f', -1, 64)
	case []any:
		list := make([]string, len(c))
		for i, item := range c {
			list[i] = flatClaim(item)
		}
		return "[" + strings.Join(list, " ") + "]"
	case map[string]any:
		if text, err := json.Marshal(c); err == nil {
			return string(text)
		}
	}
	return fmt.Sprint(claim)
}

func (v *visit) authorizeJWT(a *authorizer) (httpevent.Response, bool) {
	text := v.identity(a.IdentitySource[0])
	if scheme, rest, ok := strings.Cut(text, " "); ok && strings.EqualFold(scheme, "Bearer") {
		text = strings.TrimSpace(rest)
	}
	if text == "" {
		return v.challenge(http.StatusUnauthorized, "Unauthorized", "Bearer"), true
	}
	t, err := v.token(a, text)
	if err != nil {
		v.variables["authorizer.error"] = err.Error()
		return v.challenge(http.StatusUnauthorized, "Unauthorized",
			fmt.Sprintf(`Bearer scope="" error="invalid_token" error_description=%q`, err.Error())), true
	}
	wanted, has := v.entry.route.AuthorizationScopes, t.Scopes()
	if len(wanted) > 0 && !slices.ContainsFunc(wanted, func(s string) bool { return slices.Contains(has, s) }) {
		return v.challenge(http.StatusForbidden, "Forbidden",
			fmt.Sprintf(`Bearer scope=%q error="insufficient_scope" error_description="the token does not have any of the scopes"`, strings.Join(wanted, " "))), true
	}
	var said jwtAuthorizer
	said.JWT.Claims = flatClaims(t)
	if len(wanted) > 0 {
		said.JWT.Scopes = has
	}
	v.event.Authorizer = said
	for name, value := range said.JWT.Claims {
		v.variables["authorizer.claims."+name] = value
	}
	return httpevent.Response{}, false
}

func (v *visit) challenge(status int, text, header string) httpevent.Response {
	response := v.refuse(status, text, strings.ToUpper(text))
	response.Headers.Set("Www-Authenticate", header)
	return response
}

// token returns the checked token.
func (v *visit) token(a *authorizer, text string) (jwt.Token, error) {
	t, err := jwt.Parse(text)
	if err != nil {
		return t, err
	}
	if err := checkClaims(t, a.JwtConfiguration, v.event.Now); err != nil {
		return t, err
	}
	key, err := v.service.issuers.key(v.event.Context(), a.JwtConfiguration.Issuer, t.KeyID)
	if err != nil {
		v.service.env.Log.Warn().Err(err).Str("issuer", a.JwtConfiguration.Issuer).Msg("refused a token")
		return t, err
	}
	return t, t.Verify(key)
}
