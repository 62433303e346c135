// SPDX-License-Identifier: MIT

package cognito

import (
	"crypto/hmac"
	"encoding/base64"
	"maps"
	"strings"
)

type respondInput struct {
	ChallengeName                string
	ChallengeResponses           map[string]string
	ClientId, UserPoolId         string
	ClientMetadata               map[string]string
	Session                      string
	UserContextData, ContextData map[string]any // for threat protection, which there is none of
}

func (s *Service) respondToChallenge(c call, in respondInput) (signInOutput, error) {
	v, err := s.byClient(c, in.ClientId)
	if err != nil {
		return signInOutput{}, err
	}
	return s.respond(v, in)
}

func (s *Service) adminRespondToChallenge(c call, in respondInput) (signInOutput, error) {
	v, err := s.by(c, in.UserPoolId, in.ClientId)
	if err != nil {
		return signInOutput{}, err
	}
	return s.respond(v, in)
}

// respond goes on with a sign-in.
func (s *Service) respond(v party, in respondInput) (signInOutput, error) {
	answer := map[string]func(party, *session, respondInput) (signInOutput, error){
		"NEW_PASSWORD_REQUIRED": s.answerNewPassword, "PASSWORD_VERIFIER": s.answerSRP, "CUSTOM_CHALLENGE": s.answerCustom,
	}[in.ChallengeName]
	name := in.ChallengeResponses["USERNAME"]
	switch {
	case answer == nil:
		return signInOutput{}, unmodelled("the challenge " + in.ChallengeName)
	case name == "":
		return signInOutput{}, invalid("Missing required parameter USERNAME")
	}
	if err := v.client.admits(in.ChallengeResponses["SECRET_HASH"], name); err != nil {
		return signInOutput{}, err
	}
	one, err := s.resume(v, in)
	if err != nil {
		return signInOutput{}, err
	}
	if !one.missing {
		err = s.with(v, name, func(u *user) error {
			if u.Username != one.username {
				return unauthorized("Invalid session for the user.")
			}
			return nil
		})
	}
	if err != nil {
		return signInOutput{}, err
	}
	return answer(v, one, in)
}

// answerNewPassword takes the password that was demanded, and the attributes that
// the user still has to have.
func (s *Service) answerNewPassword(v party, one *session, in respondInput) (signInOutput, error) {
	password := in.ChallengeResponses["NEW_PASSWORD"]
	if password == "" {
		return signInOutput{}, invalid("Missing required parameter NEW_PASSWORD")
	}
	if err := v.settings.Policies.PasswordPolicy.check(password); err != nil {
		return signInOutput{}, err
	}
	given := map[string]string{}
	for name, value := range in.ChallengeResponses {
		if attribute, ok := strings.CutPrefix(name, "userAttributes."); ok {
			given[attribute] = value
		}
	}
	if err := v.client.writes(given); err != nil {
		return signInOutput{}, err
	}
	var who person
	err := s.with(v, one.username, func(u *user) error {
		attributes := maps.Clone(u.Attributes)
		maps.Copy(attributes, given)
		if err := v.settings.checkAttributes(attributes, true); err != nil {
			return err
		}
		u.Attributes, u.Status = attributes, stateConfirmed
		u.setPassword(v.pool, password, v.now)
		who = u.look()
		return nil
	})
	if err != nil {
		return signInOutput{}, err
	}
	return s.finish(v, who, "NewPasswordChallenge", in.ClientMetadata)
}

// bySRP signs in by a password that is not sent.
func (s *Service) bySRP(v party, in initiateInput) (signInOutput, error) {
	public := in.AuthParameters["SRP_A"]
	if public == "" {
		return signInOutput{}, invalid("Missing required parameter SRP_A")
	}
	e, err := s.admitted(v, in)
	if err != nil {
		return signInOutput{}, err
	}
	return s.challengeSRP(v, e, &session{public: public})
}

// challengeSRP has a client prove that it knows the password. One who does not
// exist gets the same challenge.
func (s *Service) challengeSRP(v party, e entrant, one *session) (signInOutput, error) {
	if e.password == nil {
		e.password = newVerifier(v.id, e.name, random(20, lettersAndDigits))
	}
	shaken, ok := shake(e.password, one.public)
	if !ok {
		return signInOutput{}, invalid("SRP_A is no public value of the Secure Remote Password protocol")
	}
	one.challenge, one.username, one.missing = "PASSWORD_VERIFIER", e.name, e.missing
	one.handshake, one.block = shaken, base64.StdEncoding.EncodeToString(secret(96))
	out := signInOutput{ChallengeName: one.challenge, ChallengeParameters: map[string]string{
		"SALT": hexadecimal(e.password.salt()), "SRP_B": hexadecimal(shaken.public), "SECRET_BLOCK": one.block, "USERNAME": e.name, "USER_ID_FOR_SRP": e.name,
	}}
	if name := s.open(v, one); one.custom {
		out.Session = name
	}
	return out, nil
}

// answerSRP checks the proof.
func (s *Service) answerSRP(v party, one *session, in respondInput) (signInOutput, error) {
	block, errBlock := base64.StdEncoding.DecodeString(in.ChallengeResponses["PASSWORD_CLAIM_SECRET_BLOCK"])
	proof, errProof := base64.StdEncoding.DecodeString(in.ChallengeResponses["PASSWORD_CLAIM_SIGNATURE"])
	want := one.handshake.proof(v.id, one.username, block, in.ChallengeResponses["TIMESTAMP"])
	if errBlock != nil || errProof != nil || one.missing || in.ChallengeResponses["PASSWORD_CLAIM_SECRET_BLOCK"] != one.block || !hmac.Equal(proof, want) {
		return signInOutput{}, errWrongPassword()
	}
	if one.custom {
		results := append([]challengeResult{}, one.results...)
		results = append(results, challengeResult{ChallengeName: "PASSWORD_VERIFIER", ChallengeResult: true})
		return s.next(v, &session{custom: true, username: one.username, public: one.public, results: results}, in.ClientMetadata)
	}
	return s.proven(v, one.username, in.ClientMetadata)
}
