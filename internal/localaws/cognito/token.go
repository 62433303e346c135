// SPDX-License-Identifier: MIT

package cognito

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/jwt"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ownScope is the scope of tokens that were not asked for by OAuth: it lets users
// read and change what is theirs.
const ownScope = "aws.cognito.signin.user.admin"

// grant is a sign-in, which a refresh token continues. Tokens whose grant is gone
// are revoked.
type grant struct {
	Client    string
	Sub       string
	EventID   string
	OriginJTI string
	SignedIn  time.Time
	Expires   time.Time
}

// tokens is AuthenticationResult of the API.
type tokens struct {
	AccessToken  string
	ExpiresIn    int // seconds
	IdToken      string
	RefreshToken string `json:",omitempty"`
	TokenType    string // Bearer
}

// hashOf is what is kept of a refresh token.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// signedIn makes the tokens of a user who has just signed in. source is that of
// the trigger, such as Authentication.
func (s *Service) signedIn(v party, username, source string, metadata map[string]string) (*tokens, error) {
	g := &grant{
		Client: v.client.ClientId, EventID: wire.RequestID(), OriginJTI: wire.RequestID(), SignedIn: v.now, Expires: v.now.Add(v.client.refresh()),
	}
	out, err := s.tokens(v, username, g, source, metadata)
	if err != nil {
		return nil, err
	}
	out.RefreshToken = base64.RawURLEncoding.EncodeToString(secret(96))
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(v.pool.Grants, func(_ string, old *grant) bool { return v.now.After(old.Expires) })
	v.pool.Grants[hashOf(out.RefreshToken)] = g
	s.changed()
	return out, nil
}

// tokens makes an access and an identity token.
func (s *Service) tokens(v party, username string, g *grant, source string, metadata map[string]string) (*tokens, error) {
	s.mu.Lock()
	u, err := v.pool.known(username)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	subject := subject{person: u.look()}
	subject.groups, subject.roles, subject.preferred = v.pool.groups(u)
	s.mu.Unlock()
	g.Sub = subject.attributes["sub"]
	access, id := v.accessClaims(subject, g), v.idClaims(subject, g)
	if err := s.beforeTokens(v, subject, source, metadata, access, id); err != nil {
		return nil, err
	}
	out := &tokens{ExpiresIn: int(v.client.access() / time.Second), TokenType: "Bearer"}
	if out.AccessToken, err = jwt.Sign(v.pool.key, v.pool.KeyID, access); err != nil {
		return nil, err
	}
	out.IdToken, err = jwt.Sign(v.pool.key, v.pool.KeyID, id)
	return out, err
}

// subject is whom a token is about.
type subject struct {
	person
	groups, roles []string
	preferred     string
}

// common are the claims of both tokens.
func (v party) common(who subject, g *grant, use string, valid time.Duration) map[string]any {
	claims := map[string]any{
		"sub": who.attributes["sub"], "iss": v.pool.issuer(), "token_use": use, "event_id": g.EventID, "origin_jti": g.OriginJTI,
		"auth_time": g.SignedIn.Unix(), "iat": v.now.Unix(), "exp": v.now.Add(valid).Unix(), "jti": wire.RequestID(),
	}
	if len(who.groups) > 0 {
		claims["cognito:groups"] = who.groups
	}
	return claims
}

func (v party) accessClaims(who subject, g *grant) map[string]any {
	claims := v.common(who, g, "access", v.client.access())
	claims["client_id"], claims["username"], claims["scope"] = v.client.ClientId, who.name, ownScope
	return claims
}

func (v party) idClaims(who subject, g *grant) map[string]any {
	claims := v.common(who, g, "id", v.client.id())
	claims["aud"], claims["cognito:username"] = v.client.ClientId, who.name
	if len(who.roles) > 0 {
		claims["cognito:roles"] = who.roles
	}
	if who.preferred != "" {
		claims["cognito:preferred_role"] = who.preferred
	}
	for name, value := range v.client.reads(who.attributes) {
		switch {
		case strings.HasPrefix(name, "cognito:"):
		case strings.HasSuffix(name, "_verified"):
			claims[name] = strings.EqualFold(value, "true")
		case name == "address":
			claims[name] = map[string]string{"formatted": value}
		default:
			claims[name] = value
		}
	}
	return claims
}

// bearer returns whose access token a request has.
func (s *Service) bearer(c call, text string) (party, string, error) {
	token, err := jwt.Parse(text)
	if err != nil {
		return party{}, "", unauthorized("Invalid Access Token")
	}
	issuer := token.Text("iss")
	v, err := s.byClient(c, token.Text("client_id"))
	if err != nil || v.pool.issuer() != issuer || token.Verify(&v.pool.key.PublicKey) != nil || token.Text("token_use") != "access" {
		return party{}, "", unauthorized("Invalid Access Token")
	}
	if expires, ok := token.Time("exp"); !ok || !v.now.Before(expires) {
		return party{}, "", unauthorized("Access Token has expired")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range v.pool.Grants {
		if g.OriginJTI != token.Text("origin_jti") {
			continue
		}
		if slices.Contains(token.Scopes(), ownScope) {
			return v, token.Text("sub"), nil
		}
		return party{}, "", unauthorized("Access Token does not have required scopes")
	}
	return party{}, "", unauthorized("Access Token has been revoked")
}
