// SPDX-License-Identifier: MIT

package cognito

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The states of a user.
const (
	stateUnconfirmed   = "UNCONFIRMED"
	stateConfirmed     = "CONFIRMED"
	stateForceChange   = "FORCE_CHANGE_PASSWORD"
	stateResetRequired = "RESET_REQUIRED"
)

// user is a user of a pool; guarded by Service.mu.
type user struct {
	Username   string
	Attributes map[string]string // with sub
	Status     string
	Disabled   bool            `json:",omitempty"`
	Password   *verifier       `json:",omitempty"` // nil: none that can be used
	Temporary  time.Time       `json:",omitzero"`  // when a temporary password ends
	Codes      map[string]code `json:",omitempty"` // by what they are for
	Groups     []string        `json:",omitempty"` // by name
	Created    time.Time
	Modified   time.Time
}

// The errors of users.
func errNoUser() error { return refused("UserNotFoundException", "User does not exist.") }

func errWrongPassword() error { return unauthorized("Incorrect username or password.") }

// find returns the user of a name, an alias or an identifier (sub); nil if there
// is none. s.mu is held.
func (p *pool) find(name string) *user {
	equal := strings.EqualFold
	if p.Settings.caseSensitive() {
		equal = func(a, b string) bool { return a == b }
	}
	for _, u := range p.Users {
		if equal(u.Username, name) || u.Attributes["sub"] == name {
			return u
		}
	}
	for _, u := range p.Users {
		for _, alias := range p.Settings.UsernameAttributes {
			if value := u.Attributes[alias]; value != "" && equal(value, name) {
				return u
			}
		}
		for _, alias := range p.Settings.AliasAttributes {
			if value := u.Attributes[alias]; value != "" && equal(value, name) && (alias == "preferred_username" || u.verified(alias)) {
				return u
			}
		}
	}
	return nil
}

// known is find with an error for nobody.
func (p *pool) known(name string) (*user, error) {
	if name == "" {
		return nil, invalid("1 validation error detected: Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1")
	}
	if u := p.find(name); u != nil {
		return u, nil
	}
	return nil, errNoUser()
}

func (u *user) verified(attribute string) bool {
	return strings.EqualFold(u.Attributes[attribute+"_verified"], "true")
}

// shown returns the attributes as triggers see them.
func (u *user) shown() map[string]string {
	out := maps.Clone(u.Attributes)
	out["cognito:user_status"] = u.Status
	return out
}

// admit makes a user of a name that somebody chose; nothing is stored.
func (p *pool) admit(name string, attributes map[string]string, now time.Time) (*user, error) {
	u := &user{Username: name, Attributes: map[string]string{}, Created: now, Modified: now}
	maps.Copy(u.Attributes, attributes)
	if err := p.name(u); err != nil {
		return nil, err
	}
	if err := p.Settings.checkAttributes(u.Attributes, true); err != nil {
		return nil, err
	}
	u.Attributes["sub"] = wire.RequestID()
	if len(p.Settings.UsernameAttributes) > 0 {
		u.Username = u.Attributes["sub"]
	}
	return u, nil
}

// name checks the name of a user and, where it is an address, notes it as such.
func (p *pool) name(u *user) error {
	kinds := p.Settings.UsernameAttributes
	switch {
	case u.Username == "" || len(u.Username) > 128 || strings.ContainsAny(u.Username, " \t\n"):
		return invalid("1 validation error detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+")
	case len(kinds) == 0 && slices.Contains(p.Settings.AliasAttributes, "email") && isEmail(u.Username):
		return invalid("Username cannot be of email format, since user pool is configured for email alias.")
	case len(kinds) == 0 && slices.Contains(p.Settings.AliasAttributes, "phone_number") && phonePattern.MatchString(u.Username):
		return invalid("Username cannot be of phone number format, since user pool is configured for phone number alias.")
	case len(kinds) == 0:
		return nil
	case slices.Contains(kinds, "email") && isEmail(u.Username):
		return u.set("email", u.Username)
	case slices.Contains(kinds, "phone_number") && phonePattern.MatchString(u.Username):
		return u.set("phone_number", u.Username)
	case len(kinds) == 2:
		return invalid("Username should be either an email or a phone number.")
	case kinds[0] == "email":
		return invalid("Username should be an email.")
	}
	return invalid("Username should be a phone number.")
}

// set notes the address that a user is named by, which the attributes may repeat.
func (u *user) set(attribute, value string) error {
	if have := u.Attributes[attribute]; have != "" && !strings.EqualFold(have, value) {
		return invalid("User pool is configured to use %s as the username: the attribute %s must be the same", attribute, attribute)
	}
	u.Attributes[attribute] = value
	return nil
}

// taken returns an error if the pool has a user of the same name, or if an alias
// is somebody else's; s.mu is held.
func (p *pool) taken(u *user, name, message string) error {
	if p.find(name) != nil {
		for _, kind := range p.Settings.UsernameAttributes {
			if strings.EqualFold(u.Attributes[kind], name) {
				return refused("UsernameExistsException", "An account with the given %s already exists.", kind)
			}
		}
		return refused("UsernameExistsException", "%s", message)
	}
	for _, alias := range p.Settings.AliasAttributes {
		value := u.Attributes[alias]
		if value == "" || alias != "preferred_username" && !u.verified(alias) {
			continue
		}
		if other := p.find(value); other != nil && other != u {
			return refused("AliasExistsException", "An account with the %s already exists.", alias)
		}
	}
	return nil
}

// drop removes a user and what it may sign in with; s.mu is held.
func (p *pool) drop(u *user) {
	p.Users = slices.DeleteFunc(p.Users, func(one *user) bool { return one == u })
	p.revoke(u)
}

// revoke drops the refresh tokens of a user; s.mu is held.
func (p *pool) revoke(u *user) {
	maps.DeleteFunc(p.Grants, func(_ string, g *grant) bool { return g.Sub == u.Attributes["sub"] })
}

// mayEnter returns an error if the user may not sign in, whoever they are.
func (u *user) mayEnter() error {
	switch {
	case u.Disabled:
		return unauthorized("User is disabled.")
	case u.Status == stateUnconfirmed:
		return refused("UserNotConfirmedException", "User is not confirmed.")
	case u.Status == stateResetRequired:
		return refused("PasswordResetRequiredException", "Password reset required for the user")
	}
	return nil
}

// setPassword gives the user a password that is not temporary.
func (u *user) setPassword(p *pool, password string, now time.Time) {
	u.Password, u.Temporary, u.Modified = newVerifier(p.ID, u.Username, password), time.Time{}, now
}
