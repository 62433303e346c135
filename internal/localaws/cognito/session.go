// SPDX-License-Identifier: MIT

package cognito

import (
	"encoding/base64"
	"time"
)

// session is a sign-in that waits for the answer to a challenge. It does not
// change; each answer ends it.
type session struct {
	pool, client string
	challenge    string
	username     string
	expires      time.Time

	// Of CUSTOM_CHALLENGE, and of a password that is a part of a custom flow.
	custom  bool
	missing bool
	results []challengeResult
	public  string            // SRP_A, if the client gave it
	private map[string]string // what createAuthChallenge keeps to itself

	// Of PASSWORD_VERIFIER.
	handshake handshake
	block     string // SECRET_BLOCK
}

// open keeps a session and returns its name.
func (s *Service) open(v party, one *session) string {
	name := one.block
	if name == "" || one.custom {
		name = base64.RawURLEncoding.EncodeToString(secret(48))
	}
	one.pool, one.client = v.id, v.client.ClientId
	one.expires = v.now.Add(time.Duration(v.client.AuthSessionValidity) * time.Minute)
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, each := range s.sessions {
		if v.now.After(each.expires) {
			delete(s.sessions, old)
		}
	}
	s.sessions[name] = one
	return name
}

// resume ends a session and returns it. The name of one by SRP is its secret
// block, since AWS has no session there.
func (s *Service) resume(v party, in respondInput) (*session, error) {
	name := in.Session
	if name == "" {
		name = in.ChallengeResponses["PASSWORD_CLAIM_SECRET_BLOCK"]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.sessions[name]
	switch {
	case one == nil:
		return nil, unauthorized("Invalid session for the user, session can only be used once.")
	case one.pool != v.id || one.client != v.client.ClientId || one.challenge != in.ChallengeName:
		return nil, unauthorized("Invalid session for the user.")
	}
	delete(s.sessions, name)
	if v.now.After(one.expires) {
		return nil, unauthorized("Invalid session for the user, session is expired.")
	}
	return one, nil
}
