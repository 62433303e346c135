// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	_ "crypto/sha256" // the hashes of RS256, RS384 and RS512
	_ "crypto/sha512"

	"github.com/sparta-up/sparta/internal/localaws/httpevent"
)

// jwtAuthorizer is requestContext.authorizer behind a JWT authorizer.
type jwtAuthorizer struct {
	JWT struct {
		Claims map[string]string `json:"claims"`
		Scopes []string          `json:"scopes"` // those of the token; null if the route asks for none
	} `json:"jwt"`
}

// token is a JSON Web Token (RFC 7519) in JWS compact serialization (RFC 7515).
type token struct {
	algorithm, keyID string
	claims           map[string]any
	signed           string
	signature        []byte
}

var errToken = errors.New("the token is malformed")

func parseToken(text string) (token, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return token{}, errToken
	}
	var header struct {
		Alg  string   `json:"alg"`
		Kid  string   `json:"kid"`
		Crit []string `json:"crit"`
	}
	t := token{signed: parts[0] + "." + parts[1]}
	if err := errors.Join(decodePart(parts[0], &header), decodePart(parts[1], &t.claims)); err != nil || t.claims == nil || header.Crit != nil {
		return token{}, errToken
	}
	var err error
	if t.signature, err = base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		return token{}, errToken
	}
	t.algorithm, t.keyID = header.Alg, header.Kid
	return t, nil
}

func decodePart(part string, v any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// verify checks the signature. HTTP APIs take RSA signatures only.
func (t token) verify(key *rsa.PublicKey) error {
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

// check looks at the claims: iss, aud or client_id, exp, nbf and iat ("Control
// access to HTTP APIs with JWT authorizers", API Gateway Developer Guide).
func (t token) check(c *jwtConfiguration, now time.Time) error {
	if issuer, _ := t.claims["iss"].(string); issuer != c.Issuer {
		return errors.New("issuer claim not match")
	}
	audience := texts(t.claims["aud"])
	if t.claims["aud"] == nil {
		audience = texts(t.claims["client_id"])
	}
	if !slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(c.Audience, a) }) {
		return errors.New("the token does not have a valid audience")
	}
	switch expires, ok := moment(t.claims["exp"]); {
	case !ok:
		return errors.New("the token has no expiry")
	case !now.Before(expires):
		return errors.New("the token has expired")
	}
	for _, name := range []string{"nbf", "iat"} {
		from, ok := moment(t.claims[name])
		if t.claims[name] != nil && (!ok || now.Before(from)) {
			return errors.New("the token is not valid yet")
		}
	}
	return nil
}

// moment returns a NumericDate.
func moment(claim any) (time.Time, bool) {
	seconds, ok := claim.(float64)
	if !ok || math.Abs(seconds) > 1<<40 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(seconds * 1000)), true
}

// texts returns a claim that is a text or a list of them.
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

// scopes returns what the claims scope or scp say.
func (t token) scopes() []string {
	claim := t.claims["scope"]
	if claim == nil {
		claim = t.claims["scp"]
	}
	if text, ok := claim.(string); ok {
		return strings.Fields(text)
	}
	return texts(claim)
}

// flat returns the claims as the event shows them: as text, lists in brackets.
func (t token) flat() map[string]string {
	out := make(map[string]string, len(t.claims))
	for name, claim := range t.claims {
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
	wanted, has := v.entry.route.AuthorizationScopes, t.scopes()
	if len(wanted) > 0 && !slices.ContainsFunc(wanted, func(s string) bool { return slices.Contains(has, s) }) {
		return v.challenge(http.StatusForbidden, "Forbidden",
			fmt.Sprintf(`Bearer scope=%q error="insufficient_scope" error_description="the token does not have any of the scopes"`, strings.Join(wanted, " "))), true
	}
	var said jwtAuthorizer
	said.JWT.Claims = t.flat()
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
func (v *visit) token(a *authorizer, text string) (token, error) {
	t, err := parseToken(text)
	if err != nil {
		return t, err
	}
	if err := t.check(a.JwtConfiguration, v.event.Now); err != nil {
		return t, err
	}
	key, err := v.service.issuers.key(v.event.Context(), a.JwtConfiguration.Issuer, t.keyID)
	if err != nil {
		v.service.env.Log.Warn().Err(err).Str("issuer", a.JwtConfiguration.Issuer).Msg("refused a token")
		return t, err
	}
	return t, t.verify(key)
}
