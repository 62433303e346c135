// SPDX-License-Identifier: MIT

package cognito_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// custom makes a pool whose challenge is a number, twice, and then the tokens.
func custom(t testing.TB, client object) pool {
	t.Helper()
	p := watched(t, nil, client, triggers...)
	p.handlers["DefineAuthChallenge"] = func(event []byte) (string, error) {
		var e events.CognitoEventUserPoolsDefineAuthChallenge
		if err := json.Unmarshal(event, &e); err != nil {
			return "", err
		}
		s := e.Request.Session
		switch last := len(s) - 1; {
		case last >= 0 && !s[last].ChallengeResult:
			e.Response.FailAuthentication = true
		case last == 0 && s[0].ChallengeName == "SRP_A":
			e.Response.ChallengeName = "PASSWORD_VERIFIER"
		case last >= 1:
			e.Response.IssueTokens = true
		default:
			e.Response.ChallengeName = "CUSTOM_CHALLENGE"
		}
		return string(mustJSON(e)), nil
	}
	p.handlers["CreateAuthChallenge"] = func(event []byte) (string, error) {
		var e events.CognitoEventUserPoolsCreateAuthChallenge
		if err := json.Unmarshal(event, &e); err != nil {
			return "", err
		}
		n := fmt.Sprint(len(e.Request.Session))
		e.Response = events.CognitoEventUserPoolsCreateAuthChallengeResponse{
			PublicChallengeParameters: texts("question", n), PrivateChallengeParameters: texts("answer", n), ChallengeMetadata: "Q" + n,
		}
		return string(mustJSON(e)), nil
	}
	p.handlers["VerifyAuthChallengeResponse"] = func(event []byte) (string, error) {
		var e events.CognitoEventUserPoolsVerifyAuthChallenge
		if err := json.Unmarshal(event, &e); err != nil {
			return "", err
		}
		e.Response.AnswerCorrect = e.Request.ChallengeAnswer == e.Request.PrivateChallengeParameters["answer"]
		return string(mustJSON(e)), nil
	}
	return p
}

func TestCustomAuth(t *testing.T) {
	t.Parallel()
	p := custom(t, nil)
	p.user(t, "leonidas")
	respond := func(session *string, said string) (*sdk.RespondToAuthChallengeOutput, error) {
		return p.api.RespondToAuthChallenge(t.Context(), &sdk.RespondToAuthChallengeInput{
			ClientId: &p.client, ChallengeName: "CUSTOM_CHALLENGE", Session: session, ChallengeResponses: texts("USERNAME", "leonidas", "ANSWER", said), ClientMetadata: texts("a", "b"),
		})
	}
	begun, err := p.initiate(t, "CUSTOM_AUTH", "USERNAME", "leonidas")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, texts("question", "0", "USERNAME", "leonidas"), begun.ChallengeParameters)
	second, err := respond(begun.Session, "0")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, texts("question", "1", "USERNAME", "leonidas"), second.ChallengeParameters)
	done, err := respond(second.Session, "1")
	if err != nil || done.AuthenticationResult == nil {
		t.Fatalf("got %v %v", done, err)
	}
	define := p.took(t, "DefineAuthChallenge_Authentication")
	last := holds[events.CognitoEventUserPoolsDefineAuthChallenge](t, define[len(define)-1])
	diff(t, []*events.CognitoEventUserPoolsChallengeResult{{ChallengeName: "CUSTOM_CHALLENGE", ChallengeResult: true, ChallengeMetadata: "Q0"}, {ChallengeName: "CUSTOM_CHALLENGE", ChallengeResult: true, ChallengeMetadata: "Q1"}}, last.Request.Session)
	diff(t, texts("a", "b"), last.Request.ClientMetadata)
	if !bytes.Contains(define[0], []byte(`"session":[]`)) {
		t.Errorf("got %s", define[0])
	}
	create := holds[events.CognitoEventUserPoolsCreateAuthChallenge](t, p.took(t, "CreateAuthChallenge_Authentication")[1])
	diff(t, "CUSTOM_CHALLENGE", create.Request.ChallengeName)
	verify := holds[events.CognitoEventUserPoolsVerifyAuthChallenge](t, p.took(t, "VerifyAuthChallengeResponse_Authentication")[1])
	diff(t, texts("answer", "1"), verify.Request.PrivateChallengeParameters)
	p.one(t, "PostAuthentication_Authentication")
	begun, err = p.initiate(t, "CUSTOM_AUTH", "USERNAME", "leonidas")
	if err != nil {
		t.Fatal(err)
	}
	_, err = respond(begun.Session, "wrong")
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	_, err = p.initiate(t, "CUSTOM_AUTH", "USERNAME", "stranger")
	wantError(t, err, "UserNotFoundException", "User does not exist.")
}

// A custom flow may ask for the password first.
func TestCustomAuthWithPassword(t *testing.T) {
	t.Parallel()
	p := custom(t, nil)
	p.user(t, "leonidas")
	out, err := p.signInBySRP(t, "CUSTOM_AUTH", "leonidas", password)
	if err != nil || out.AuthenticationResult == nil {
		t.Fatalf("got %v %v", out, err)
	}
	define := p.took(t, "DefineAuthChallenge_Authentication")
	last := holds[events.CognitoEventUserPoolsDefineAuthChallenge](t, define[len(define)-1])
	diff(t, []*events.CognitoEventUserPoolsChallengeResult{{ChallengeName: "SRP_A", ChallengeResult: true}, {ChallengeName: "PASSWORD_VERIFIER", ChallengeResult: true}}, last.Request.Session)
}

func TestCustomAuthOfNobody(t *testing.T) {
	t.Parallel()
	p := custom(t, object{"PreventUserExistenceErrors": "ENABLED"})
	begun, err := p.initiate(t, "CUSTOM_AUTH", "USERNAME", "stranger")
	if err != nil {
		t.Fatal(err)
	}
	if e := holds[events.CognitoEventUserPoolsDefineAuthChallenge](t, p.one(t, "DefineAuthChallenge_Authentication")); !e.Request.UserNotFound || e.UserName != "stranger" {
		t.Errorf("got %+v", e)
	}
	if n := len(p.took(t, "PreAuthentication_Authentication")); n != 0 {
		t.Errorf("a custom flow asked preAuthentication %d times", n)
	}
	_, err = p.initiate(t, "USER_SRP_AUTH", "USERNAME", "stranger", "SRP_A", "abcdef")
	if err != nil {
		t.Fatal(err)
	}
	if e := holds[events.CognitoEventUserPoolsPreAuthentication](t, p.one(t, "PreAuthentication_Authentication")); !e.Request.UserNotFound {
		t.Errorf("got %+v", e)
	}
	for n := range 2 {
		out, err := p.api.RespondToAuthChallenge(t.Context(), &sdk.RespondToAuthChallengeInput{
			ClientId: &p.client, ChallengeName: "CUSTOM_CHALLENGE", Session: begun.Session, ChallengeResponses: texts("USERNAME", "stranger", "ANSWER", fmt.Sprint(n)),
		})
		if n == 1 {
			wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		begun.Session = out.Session
	}
}
