// SPDX-License-Identifier: MIT

package cognito

import (
	"encoding/json"
	"strings"
)

type initiateInput struct {
	AuthFlow                     string
	AuthParameters               map[string]string
	ClientId, UserPoolId         string
	ClientMetadata               map[string]string
	UserContextData, ContextData map[string]any // for threat protection, which there is none of
}

// signInOutput is either a challenge or, at the end of a sign-in, the tokens.
type signInOutput struct {
	AuthenticationResult *tokens `json:",omitempty"`
	ChallengeName        string  `json:",omitempty"`
	ChallengeParameters  map[string]string
	Session              string `json:",omitempty"`
}

func (s *Service) initiateAuth(c call, in initiateInput) (signInOutput, error) {
	if strings.HasPrefix(in.AuthFlow, "ADMIN_") {
		return signInOutput{}, invalid("Initiate Auth method not supported.")
	}
	v, err := s.byClient(c, in.ClientId)
	if err != nil {
		return signInOutput{}, err
	}
	return s.initiate(v, in)
}

func (s *Service) adminInitiateAuth(c call, in initiateInput) (signInOutput, error) {
	if in.AuthFlow == "USER_PASSWORD_AUTH" {
		return signInOutput{}, invalid("Initiate Auth method not supported.")
	}
	v, err := s.by(c, in.UserPoolId, in.ClientId)
	if err != nil {
		return signInOutput{}, err
	}
	return s.initiate(v, in)
}

// initiate begins a sign-in.
func (s *Service) initiate(v party, in initiateInput) (signInOutput, error) {
	flow := in.AuthFlow
	switch flow { // the older names
	case "REFRESH_TOKEN":
		flow = "REFRESH_TOKEN_AUTH"
	case "ADMIN_NO_SRP_AUTH":
		flow = "ADMIN_USER_PASSWORD_AUTH"
	}
	run := map[string]func(party, initiateInput) (signInOutput, error){
		"USER_PASSWORD_AUTH": s.byPassword, "ADMIN_USER_PASSWORD_AUTH": s.byPassword, "USER_SRP_AUTH": s.bySRP,
		"CUSTOM_AUTH": s.byChallenge, "REFRESH_TOKEN_AUTH": s.byRefresh,
	}[flow]
	switch {
	case flow == "USER_AUTH":
		return signInOutput{}, unmodelled("the flow USER_AUTH, sign-in by choice")
	case run == nil:
		return signInOutput{}, invalid("1 validation error detected: Value '%s' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set", in.AuthFlow)
	case !v.client.allows(flow) && strings.HasPrefix(flow, "ADMIN_"):
		return signInOutput{}, invalid("Auth flow not enabled for this client")
	case !v.client.allows(flow):
		return signInOutput{}, invalid("%s flow not enabled for this client", flow)
	}
	if flow != "REFRESH_TOKEN_AUTH" {
		name := in.AuthParameters["USERNAME"]
		if name == "" {
			return signInOutput{}, invalid("Missing required parameter USERNAME")
		}
		if err := v.client.admits(in.AuthParameters["SECRET_HASH"], name); err != nil {
			return signInOutput{}, err
		}
	}
	return run(v, in)
}

// entrant is somebody who wants to sign in.
type entrant struct {
	person
	missing  bool // the pool has no such user, which the client does not get to know
	password *verifier
}

// entrant finds who wants to sign in.
func (s *Service) entrant(v party, name string) (entrant, error) {
	var e entrant
	err := s.with(v, name, func(u *user) error {
		e = entrant{person: u.look(), password: u.Password}
		if err := u.mayEnter(); err != nil && u.Status != stateUnconfirmed {
			return err // who is unconfirmed gets to know it with the right password only
		}
		return nil
	})
	if isGone(err) && v.client.discreet() {
		e, err = entrant{person: person{name, map[string]string{}}, missing: true}, nil
	}
	return e, err
}

// admitted is entrant, and asks the trigger whether they may try. It is not asked
// in custom flows, whose triggers decide themselves (aws-amplify/amplify-js, issue
// 5318).
func (s *Service) admitted(v party, in initiateInput) (entrant, error) {
	e, err := s.entrant(v, in.AuthParameters["USERNAME"])
	if err != nil {
		return e, err
	}
	return e, s.beforeSignIn(v, e.person, e.missing, nonEmpty(in.ClientMetadata))
}

// byPassword signs in by a name and a password; who is not in the pool may come
// from elsewhere.
func (s *Service) byPassword(v party, in initiateInput) (signInOutput, error) {
	name, password := in.AuthParameters["USERNAME"], in.AuthParameters["PASSWORD"]
	if password == "" {
		return signInOutput{}, invalid("Missing required parameter PASSWORD")
	}
	if err := s.migrate(v, "Authentication", name, password, in.ClientMetadata, nil); err != nil {
		return signInOutput{}, err
	}
	e, err := s.admitted(v, in)
	if err != nil {
		return signInOutput{}, err
	}
	if e.missing || !e.password.matches(v.id, e.name, password) {
		return signInOutput{}, errWrongPassword()
	}
	return s.proven(v, e.name, nil)
}

// proven goes on with one who has shown the password: the tokens, or the demand
// for another password.
func (s *Service) proven(v party, username string, metadata map[string]string) (signInOutput, error) {
	var who person
	force := false
	err := s.with(v, username, func(u *user) error {
		who, force = u.look(), u.Status == stateForceChange
		if force && v.now.After(u.Temporary) {
			return unauthorized("Temporary password has expired and must be reset by an administrator.")
		}
		return u.mayEnter()
	})
	if err != nil {
		return signInOutput{}, err
	}
	if force {
		return s.newPassword(v, who)
	}
	return s.finish(v, who, "Authentication", metadata)
}

// finish ends a sign-in with tokens.
func (s *Service) finish(v party, who person, source string, metadata map[string]string) (signInOutput, error) {
	if err := s.afterSignIn(v, who, metadata); err != nil {
		return signInOutput{}, err
	}
	made, err := s.signedIn(v, who.name, source, metadata)
	return signInOutput{AuthenticationResult: made, ChallengeParameters: map[string]string{}}, err
}

// byRefresh makes other tokens of a sign-in that was.
func (s *Service) byRefresh(v party, in initiateInput) (signInOutput, error) {
	token := in.AuthParameters["REFRESH_TOKEN"]
	if token == "" {
		return signInOutput{}, invalid("Missing required parameter REFRESH_TOKEN")
	}
	g, name, err := s.granted(v, token, in.AuthParameters["SECRET_HASH"])
	if err != nil {
		return signInOutput{}, err
	}
	made, err := s.tokens(v, name, &g, "RefreshTokens", in.ClientMetadata)
	return signInOutput{AuthenticationResult: made, ChallengeParameters: map[string]string{}}, err
}

// granted returns a copy of the grant of a refresh token, and whose it is.
func (s *Service) granted(v party, token, hash string) (grant, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := v.pool.Grants[hashOf(token)]
	if g == nil || g.Client != v.client.ClientId {
		return grant{}, "", unauthorized("Invalid Refresh Token")
	}
	u := v.pool.find(g.Sub)
	switch {
	case v.now.After(g.Expires):
		return grant{}, "", unauthorized("Refresh Token has expired")
	case u == nil:
		return grant{}, "", unauthorized("Invalid Refresh Token")
	case u.Disabled:
		return grant{}, "", unauthorized("User is disabled.")
	}
	return *g, u.Username, v.client.admits(hash, u.Username, g.Sub)
}

// newPassword demands another password.
func (s *Service) newPassword(v party, who person) (signInOutput, error) {
	shown := v.client.reads(who.attributes)
	for _, name := range []string{"sub", "cognito:user_status"} {
		delete(shown, name)
	}
	attributes, err := json.Marshal(shown)
	if err != nil {
		return signInOutput{}, err
	}
	required := []string{}
	for _, a := range v.settings.SchemaAttributes {
		if a.Required && a.Name != "sub" && shown[a.Name] == "" {
			required = append(required, "userAttributes."+a.Name)
		}
	}
	list, err := json.Marshal(required)
	if err != nil {
		return signInOutput{}, err
	}
	return signInOutput{
		ChallengeName: "NEW_PASSWORD_REQUIRED", Session: s.open(v, &session{challenge: "NEW_PASSWORD_REQUIRED", username: who.name}),
		ChallengeParameters: map[string]string{"USER_ID_FOR_SRP": who.name, "requiredAttributes": string(list), "userAttributes": string(attributes)},
	}, nil
}
