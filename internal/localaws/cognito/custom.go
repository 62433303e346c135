// SPDX-License-Identifier: MIT

package cognito

import (
	"maps"
	"slices"
)

// challengeResult is what DefineAuthChallenge is told of each challenge so far.
type challengeResult struct {
	ChallengeName     string  `json:"challengeName"`
	ChallengeResult   bool    `json:"challengeResult"`
	ChallengeMetadata *string `json:"challengeMetadata"`
}

// defineAnswer is the response of DefineAuthChallenge.
type defineAnswer struct {
	ChallengeName      *string `json:"challengeName"`
	IssueTokens        *bool   `json:"issueTokens"`
	FailAuthentication *bool   `json:"failAuthentication"`
}

// createAnswer is the response of CreateAuthChallenge.
type createAnswer struct {
	PublicChallengeParameters  map[string]string `json:"publicChallengeParameters"`
	PrivateChallengeParameters map[string]string `json:"privateChallengeParameters"`
	ChallengeMetadata          *string           `json:"challengeMetadata"`
}

// verifyAnswer is the response of VerifyAuthChallengeResponse.
type verifyAnswer struct {
	AnswerCorrect *bool `json:"answerCorrect"`
}

func isTrue(b *bool) bool { return b != nil && *b }

// byChallenge signs in by what the triggers of the pool ask, which may be the
// password, too.
func (s *Service) byChallenge(v party, in initiateInput) (signInOutput, error) {
	if v.settings.LambdaConfig.DefineAuthChallenge == "" {
		return signInOutput{}, invalid("Custom auth lambda trigger is not configured for the user pool.")
	}
	one := &session{custom: true, results: []challengeResult{}}
	if in.AuthParameters["CHALLENGE_NAME"] == "SRP_A" {
		if one.public = in.AuthParameters["SRP_A"]; one.public == "" {
			return signInOutput{}, invalid("Missing required parameter SRP_A")
		}
		one.results = append(one.results, challengeResult{ChallengeName: "SRP_A", ChallengeResult: true})
	}
	e, err := s.entrant(v, in.AuthParameters["USERNAME"])
	if err != nil {
		return signInOutput{}, err
	}
	one.username, one.missing = e.name, e.missing
	return s.next(v, one, nil)
}

// standing returns what is known now of who signs in.
func (s *Service) standing(v party, one *session) (entrant, error) {
	if one.missing {
		return entrant{person: person{one.username, map[string]string{}}, missing: true}, nil
	}
	var e entrant
	err := s.with(v, one.username, func(u *user) error {
		e = entrant{person: u.look(), password: u.Password}
		return u.mayEnter()
	})
	return e, err
}

// next asks what comes after the challenges so far.
func (s *Service) next(v party, one *session, metadata map[string]string) (signInOutput, error) {
	e, err := s.standing(v, one)
	if err != nil {
		return signInOutput{}, err
	}
	var answer defineAnswer
	err = s.ask(v, question{
		trigger: "DefineAuthChallenge", function: v.settings.LambdaConfig.DefineAuthChallenge, source: "DefineAuthChallenge_Authentication", username: e.name,
		request: struct {
			UserAttributes map[string]string `json:"userAttributes"`
			Session        []challengeResult `json:"session"`
			ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
			UserNotFound   *bool             `json:"userNotFound,omitempty"`
		}{e.attributes, one.results, metadata, v.told(e.missing)},
		response: answer,
	}, &answer)
	switch {
	case err != nil:
		return signInOutput{}, err
	case isTrue(answer.FailAuthentication), isTrue(answer.IssueTokens) && e.missing:
		return signInOutput{}, errWrongPassword()
	case isTrue(answer.IssueTokens):
		return s.finish(v, e.person, "Authentication", metadata)
	case answer.ChallengeName == nil || *answer.ChallengeName == "":
		return signInOutput{}, refused("InvalidLambdaResponseException", "Unrecognizable lambda output")
	case *answer.ChallengeName == "CUSTOM_CHALLENGE":
		return s.create(v, e, one, metadata)
	case *answer.ChallengeName == "PASSWORD_VERIFIER" && one.public != "":
		return s.challengeSRP(v, e, &session{custom: true, results: one.results, public: one.public})
	}
	return signInOutput{}, unmodelled("the challenge " + *answer.ChallengeName + " of DefineAuthChallenge, but for PASSWORD_VERIFIER after SRP_A")
}

// create has a challenge made.
func (s *Service) create(v party, e entrant, one *session, metadata map[string]string) (signInOutput, error) {
	function := v.settings.LambdaConfig.CreateAuthChallenge
	if function == "" {
		return signInOutput{}, invalid("Create auth challenge lambda trigger is not configured for the user pool.")
	}
	var answer createAnswer
	if err := s.ask(v, question{
		trigger: "CreateAuthChallenge", function: function, source: "CreateAuthChallenge_Authentication", username: e.name,
		request: struct {
			UserAttributes map[string]string `json:"userAttributes"`
			ChallengeName  string            `json:"challengeName"`
			Session        []challengeResult `json:"session"`
			ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
			UserNotFound   *bool             `json:"userNotFound,omitempty"`
		}{e.attributes, "CUSTOM_CHALLENGE", one.results, metadata, v.told(e.missing)},
		response: answer,
	}, &answer); err != nil {
		return signInOutput{}, err
	}
	parameters := map[string]string{"USERNAME": e.name}
	maps.Copy(parameters, answer.PublicChallengeParameters)
	asked := challengeResult{ChallengeName: "CUSTOM_CHALLENGE", ChallengeMetadata: answer.ChallengeMetadata}
	name := s.open(v, &session{
		custom: true, challenge: "CUSTOM_CHALLENGE", username: e.name, missing: e.missing, public: one.public,
		results: append(slices.Clip(one.results), asked), private: answer.PrivateChallengeParameters,
	})
	return signInOutput{ChallengeName: "CUSTOM_CHALLENGE", ChallengeParameters: parameters, Session: name}, nil
}

// answerCustom has the answer to a challenge verified.
func (s *Service) answerCustom(v party, one *session, in respondInput) (signInOutput, error) {
	said, ok := in.ChallengeResponses["ANSWER"]
	if !ok {
		return signInOutput{}, invalid("Missing required parameter ANSWER")
	}
	function := v.settings.LambdaConfig.VerifyAuthChallengeResponse
	if function == "" {
		return signInOutput{}, invalid("Verify auth challenge lambda trigger is not configured for the user pool.")
	}
	e, err := s.standing(v, one)
	if err != nil {
		return signInOutput{}, err
	}
	var answer verifyAnswer
	if err := s.ask(v, question{
		trigger: "VerifyAuthChallengeResponse", function: function, source: "VerifyAuthChallengeResponse_Authentication", username: e.name,
		request: struct {
			UserAttributes             map[string]string `json:"userAttributes"`
			PrivateChallengeParameters map[string]string `json:"privateChallengeParameters"`
			ChallengeAnswer            string            `json:"challengeAnswer"`
			ClientMetadata             map[string]string `json:"clientMetadata,omitempty"`
			UserNotFound               *bool             `json:"userNotFound,omitempty"`
		}{e.attributes, one.private, said, in.ClientMetadata, v.told(e.missing)},
		response: answer,
	}, &answer); err != nil {
		return signInOutput{}, err
	}
	results := append([]challengeResult{}, one.results...)
	results[len(results)-1].ChallengeResult = isTrue(answer.AnswerCorrect)
	return s.next(v, &session{custom: true, username: one.username, missing: one.missing, public: one.public, results: results}, in.ClientMetadata)
}
