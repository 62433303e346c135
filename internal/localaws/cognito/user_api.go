// SPDX-License-Identifier: MIT

package cognito

import (
	"maps"

	"github.com/sparta-up/sparta/internal/localaws/jwt"
)

type tokenInput struct{ AccessToken string }

type ownUserOutput struct {
	UserAttributes []pair
	Username       string
}

func (s *Service) getUser(c call, in tokenInput) (ownUserOutput, error) {
	v, sub, err := s.bearer(c, in.AccessToken)
	if err != nil {
		return ownUserOutput{}, err
	}
	var out ownUserOutput
	err = s.with(v, sub, func(u *user) error {
		out = ownUserOutput{pairs(v.client.reads(u.Attributes)), u.Username}
		return nil
	})
	return out, err
}

func (s *Service) deleteUser(c call, in tokenInput) (nothing, error) {
	return nothing{}, s.own(c, in, func(p *pool, u *user) { p.drop(u) })
}

func (s *Service) globalSignOut(c call, in tokenInput) (nothing, error) {
	return nothing{}, s.own(c, in, func(p *pool, u *user) { p.revoke(u) })
}

// own calls f with the user of an access token and s.mu held.
func (s *Service) own(c call, in tokenInput, f func(p *pool, u *user)) error {
	v, sub, err := s.bearer(c, in.AccessToken)
	if err != nil {
		return err
	}
	return s.with(v, sub, func(u *user) error { f(v.pool, u); return nil })
}

type revokeInput struct{ Token, ClientId, ClientSecret string }

// revokeToken ends a sign-in by its refresh token; one that is unknown is no
// error.
func (s *Service) revokeToken(c call, in revokeInput) (nothing, error) {
	v, err := s.byClient(c, in.ClientId)
	if err != nil {
		return nothing{}, err
	}
	if _, err := jwt.Parse(in.Token); err == nil {
		return nothing{}, refused("UnsupportedTokenTypeException", "Unsupported token type")
	}
	switch {
	case in.ClientSecret != v.client.ClientSecret:
		return nothing{}, unauthorized("Invalid client secret")
	case !v.client.EnableTokenRevocation:
		return nothing{}, refused("UnsupportedOperationException", "Token revocation is not enabled for this client")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := hashOf(in.Token)
	maps.DeleteFunc(v.pool.Grants, func(name string, g *grant) bool { return name == key && g.Client == in.ClientId })
	s.changed()
	return nothing{}, nil
}
