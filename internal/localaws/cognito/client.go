// SPDX-License-Identifier: MIT

package cognito

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// client is an app client of a pool, by the names of the API. It does not change.
type client struct {
	AccessTokenValidity             int      `json:",omitempty"` // 0: one hour
	AllowedOAuthFlows               []string `json:",omitempty"`
	AllowedOAuthFlowsUserPoolClient bool
	AllowedOAuthScopes              []string `json:",omitempty"`
	AuthSessionValidity             int      // minutes
	CallbackURLs                    []string `json:",omitempty"`
	ClientId                        string
	ClientName                      string
	ClientSecret                    string `json:",omitempty"`
	DefaultRedirectURI              string `json:",omitempty"`
	EnableTokenRevocation           bool
	ExplicitAuthFlows               []string   `json:",omitempty"`
	IdTokenValidity                 int        `json:",omitempty"` // 0: one hour
	LogoutURLs                      []string   `json:",omitempty"`
	PreventUserExistenceErrors      string     `json:",omitempty"` // ENABLED or LEGACY
	ReadAttributes                  []string   `json:",omitempty"` // none: all
	RefreshTokenValidity            int        // 0: 30 days
	SupportedIdentityProviders      []string   `json:",omitempty"`
	TokenValidityUnits              tokenUnits `json:",omitzero"`
	UserPoolId                      string
	WriteAttributes                 []string `json:",omitempty"` // none: all
	Created                         time.Time
	Modified                        time.Time
}

// tokenUnits are seconds, minutes, hours or days.
type tokenUnits struct {
	AccessToken, IdToken, RefreshToken string `json:",omitempty"`
}

// readClient makes a client of the properties of a template. old is the one
// that it takes the place of, nil for none.
func readClient(properties map[string]any, name string, old *client, now time.Time) (*client, error) {
	var c client
	if err := resource.Decode(properties, &c); err != nil {
		return nil, invalid("%v", err)
	}
	c.ClientName = cmp.Or(c.ClientName, name)
	c.AuthSessionValidity = cmp.Or(c.AuthSessionValidity, 3)
	c.RefreshTokenValidity = cmp.Or(c.RefreshTokenValidity, 30)
	c.EnableTokenRevocation = shape.Member(properties, "EnableTokenRevocation") != "false"
	c.Created, c.Modified = now, now
	switch {
	case old != nil:
		c.ClientId, c.ClientSecret, c.Created = old.ClientId, old.ClientSecret, old.Created
	default:
		c.ClientId, c.ClientSecret = random(26, lowerAndDigits), ""
		if shape.Flag(properties, "GenerateSecret") {
			c.ClientSecret = random(51, lowerAndDigits)
		}
	}
	return &c, c.check()
}

func (c *client) check() error {
	current := func(flow string) bool { return strings.HasPrefix(flow, "ALLOW_") }
	older := func(flow string) bool { return !current(flow) }
	if slices.ContainsFunc(c.ExplicitAuthFlows, current) && slices.ContainsFunc(c.ExplicitAuthFlows, older) {
		return invalid("Legacy and ALLOW_ values of ExplicitAuthFlows cannot stand together")
	}
	for _, one := range []struct {
		name        string
		value       time.Duration
		least, most time.Duration
	}{
		{"accessTokenValidity", c.access(), 5 * time.Minute, 24 * time.Hour},
		{"idTokenValidity", c.id(), 5 * time.Minute, 24 * time.Hour},
		{"refreshTokenValidity", c.refresh(), time.Hour, 3650 * 24 * time.Hour},
	} {
		if one.value < one.least || one.value > one.most {
			return invalid("Invalid range for token validity: %s is %s, and must be from %s to %s", one.name, one.value, one.least, one.most)
		}
	}
	return nil
}

func span(n int, unit, otherwise string, none time.Duration) time.Duration {
	if n == 0 {
		return none
	}
	return time.Duration(n) * map[string]time.Duration{
		"seconds": time.Second, "minutes": time.Minute, "hours": time.Hour, "days": 24 * time.Hour,
	}[cmp.Or(unit, otherwise)]
}

// The times for which tokens are valid.
func (c *client) access() time.Duration {
	return span(c.AccessTokenValidity, c.TokenValidityUnits.AccessToken, "hours", time.Hour)
}

func (c *client) id() time.Duration {
	return span(c.IdTokenValidity, c.TokenValidityUnits.IdToken, "hours", time.Hour)
}

func (c *client) refresh() time.Duration {
	return span(c.RefreshTokenValidity, c.TokenValidityUnits.RefreshToken, "days", 30*24*time.Hour)
}

// discreet reports whether the client is not told that a user does not exist.
func (c *client) discreet() bool { return c.PreventUserExistenceErrors == "ENABLED" }

// allows reports whether the client may sign in by a flow of InitiateAuth, such
// as USER_PASSWORD_AUTH.
func (c *client) allows(flow string) bool {
	if flow == "REFRESH_TOKEN_AUTH" && len(c.ExplicitAuthFlows) > 0 && !strings.HasPrefix(c.ExplicitAuthFlows[0], "ALLOW_") {
		return true // older clients have no setting for it
	}
	flows := c.ExplicitAuthFlows
	if len(flows) == 0 {
		flows = []string{"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"}
	}
	legacy := map[string]string{
		"ADMIN_USER_PASSWORD_AUTH": "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH", "CUSTOM_AUTH": "CUSTOM_AUTH_FLOW_ONLY",
	}[flow]
	return slices.Contains(flows, "ALLOW_"+flow) || legacy != "" && slices.Contains(flows, legacy)
}

// hash is the secret hash of a user name ("Computing secret hash values", Amazon
// Cognito Developer Guide).
func (c *client) hash(username string) string {
	mac := hmac.New(sha256.New, []byte(c.ClientSecret))
	mac.Write([]byte(username + c.ClientId))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// admits returns an error unless the hash is that of one of the names, or
// missing where the client has no secret.
func (c *client) admits(hash string, usernames ...string) error {
	switch {
	case c.ClientSecret == "" && hash == "":
		return nil
	case c.ClientSecret == "":
		return unauthorized("Client %s is not configured with secret but SECRET_HASH was received", c.ClientId)
	case hash == "":
		return unauthorized("Client %s is configured with secret but SECRET_HASH was not received", c.ClientId)
	}
	for _, name := range usernames {
		if hmac.Equal([]byte(hash), []byte(c.hash(name))) {
			return nil
		}
	}
	return unauthorized("Unable to verify secret hash for client %s", c.ClientId)
}

// writes returns an error if the client may not set one of the attributes.
func (c *client) writes(attributes map[string]string) error {
	for name := range attributes {
		if name == "sub" || name == "email_verified" || name == "phone_number_verified" ||
			len(c.WriteAttributes) > 0 && !slices.Contains(c.WriteAttributes, name) || strings.HasPrefix(name, "dev:") {
			return unauthorized("A client attempted to write unauthorized attribute")
		}
	}
	return nil
}

// reads returns the attributes that the client may see.
func (c *client) reads(attributes map[string]string) map[string]string {
	out := maps.Clone(attributes)
	maps.DeleteFunc(out, func(name, _ string) bool {
		return strings.HasPrefix(name, "dev:") || name != "sub" && len(c.ReadAttributes) > 0 && !slices.Contains(c.ReadAttributes, name)
	})
	return out
}
