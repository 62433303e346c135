// SPDX-License-Identifier: MIT

package cognito_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	srp "github.com/alexrudd/cognito-srp/v4"
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/jwt"
)

// claims returns those of a token that is signed by what the pool publishes.
func (p pool) claims(t testing.TB, text string) object {
	t.Helper()
	response, err := http.Get(p.url + "/" + p.id + "/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var set jwt.Set
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	key := set.RSA()[token.KeyID]
	if key == nil {
		t.Fatalf("the pool has no key %q", token.KeyID)
	}
	if err := token.Verify(key); err != nil {
		t.Fatal(err)
	}
	return token.Claims
}

func TestTokens(t *testing.T) {
	t.Parallel()
	p := open(t, t.TempDir()).create(t, object{
		"Schema": []object{{"Name": "rank", "AttributeDataType": "String"}, {"Name": "address"}},
	}, object{"AccessTokenValidity": 10, "TokenValidityUnits": object{"AccessToken": "minutes"}})
	for _, group := range []object{{"GroupName": "kings", "Precedence": 1, "RoleArn": "arn:aws:iam::1:role/k"}, {"GroupName": "all"}} {
		group["UserPoolId"] = p.id
		p.make(t, "UserPoolGroup", group)
	}
	p.user(t, "leonidas", "email", "l@sparta.example", "email_verified", "True", "custom:rank", "king", "address", "Sparta")
	for _, group := range []string{"all", "kings"} {
		if _, err := p.api.AdminAddUserToGroup(t.Context(), &sdk.AdminAddUserToGroupInput{UserPoolId: &p.id, Username: aws.String("leonidas"), GroupName: &group}); err != nil {
			t.Fatal(err)
		}
	}
	got := p.signIn(t, "leonidas")
	if got.ExpiresIn != 600 || *got.TokenType != "Bearer" || got.RefreshToken == nil {
		t.Errorf("got %+v", got)
	}
	access, id := p.claims(t, *got.AccessToken), p.claims(t, *got.IdToken)
	now := float64(p.clock().Unix())
	common := object{
		"iss": "https://cognito-idp.us-east-1.amazonaws.com/" + p.id, "cognito:groups": []any{"kings", "all"}, "auth_time": now, "iat": now,
		"sub": access["sub"], "origin_jti": access["origin_jti"], "event_id": access["event_id"],
	}
	wantAccess := object{"token_use": "access", "client_id": p.client, "username": "leonidas", "scope": "aws.cognito.signin.user.admin", "exp": now + 600, "jti": access["jti"]}
	wantID := object{
		"token_use": "id", "aud": p.client, "cognito:username": "leonidas", "exp": now + 3600, "jti": id["jti"], "email": "l@sparta.example", "email_verified": true,
		"custom:rank": "king", "cognito:roles": []any{"arn:aws:iam::1:role/k"}, "cognito:preferred_role": "arn:aws:iam::1:role/k", "address": object{"formatted": "Sparta"},
	}
	for name, value := range common {
		wantAccess[name], wantID[name] = value, value
		if value == nil {
			t.Errorf("there is no %s", name)
		}
	}
	if diff := cmp.Diff(wantAccess, access); diff != "" {
		t.Errorf("access token: %s", diff)
	}
	if diff := cmp.Diff(wantID, id); diff != "" {
		t.Errorf("identity token: %s", diff)
	}
}

func TestRefreshAndSignOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	p := w.create(t, nil, nil)
	p.user(t, "leonidas", "email", "l@sparta.example")
	got := p.signIn(t, "leonidas")
	getUser := func(token string) error {
		_, err := p.api.GetUser(t.Context(), &sdk.GetUserInput{AccessToken: &token})
		return err
	}
	refresh := func(token string) (*types.AuthenticationResultType, error) {
		out, err := p.initiate(t, "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", token)
		if err != nil {
			return nil, err
		}
		return out.AuthenticationResult, nil
	}
	// State survives: users, keys and sign-ins.
	w.close(t)
	p.world = open(t, dir)
	p.pass(30 * time.Minute)
	if err := getUser(*got.AccessToken); err != nil {
		t.Error(err)
	}
	wantError(t, getUser("a.b.c"), "NotAuthorizedException", "Invalid Access Token")
	wantError(t, getUser(*got.IdToken), "NotAuthorizedException", "Invalid Access Token")
	p.pass(time.Hour)
	wantError(t, getUser(*got.AccessToken), "NotAuthorizedException", "Access Token has expired")
	again, err := refresh(*got.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if first, second := p.claims(t, *got.IdToken), p.claims(t, *again.IdToken); again.RefreshToken != nil || first["auth_time"] != second["auth_time"] || first["origin_jti"] != second["origin_jti"] || first["jti"] == second["jti"] {
		t.Errorf("got %v, then %v", first, second)
	}
	if _, err := p.api.RevokeToken(t.Context(), &sdk.RevokeTokenInput{ClientId: &p.client, Token: got.RefreshToken}); err != nil {
		t.Fatal(err)
	}
	wantError(t, getUser(*again.AccessToken), "NotAuthorizedException", "Access Token has been revoked")
	_, err = refresh(*got.RefreshToken)
	wantError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
	third := p.signIn(t, "leonidas")
	if _, err := p.api.GlobalSignOut(t.Context(), &sdk.GlobalSignOutInput{AccessToken: third.AccessToken}); err != nil {
		t.Fatal(err)
	}
	wantError(t, getUser(*third.AccessToken), "NotAuthorizedException", "Access Token has been revoked")
	fourth := p.signIn(t, "leonidas")
	p.pass(31 * 24 * time.Hour)
	_, err = refresh(*fourth.RefreshToken)
	wantError(t, err, "NotAuthorizedException", "Refresh Token has expired")
}

// signInBySRP signs in by a client of the Secure Remote Password protocol that is
// not ours.
func (p pool) signInBySRP(t testing.TB, flow types.AuthFlowType, name, password string) (*sdk.RespondToAuthChallengeOutput, error) {
	t.Helper()
	description, err := p.api.DescribeUserPoolClient(t.Context(), &sdk.DescribeUserPoolClientInput{UserPoolId: &p.id, ClientId: &p.client})
	if err != nil {
		t.Fatal(err)
	}
	client, err := srp.NewCognitoSRP(name, password, p.id, p.client, description.UserPoolClient.ClientSecret)
	if err != nil {
		t.Fatal(err)
	}
	parameters := client.GetAuthParams()
	if flow == "CUSTOM_AUTH" {
		parameters["CHALLENGE_NAME"] = "SRP_A"
	}
	begun, err := p.api.InitiateAuth(t.Context(), &sdk.InitiateAuthInput{AuthFlow: flow, ClientId: &p.client, AuthParameters: parameters})
	if err != nil {
		t.Fatal(err)
	}
	if begun.ChallengeName != "PASSWORD_VERIFIER" || (begun.Session == nil) != (flow == "USER_SRP_AUTH") {
		t.Errorf("got %+v", begun)
	}
	responses, err := client.PasswordVerifierChallenge(begun.ChallengeParameters, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return p.api.RespondToAuthChallenge(t.Context(), &sdk.RespondToAuthChallengeInput{
		ClientId: &p.client, ChallengeName: begun.ChallengeName, ChallengeResponses: responses, Session: begun.Session,
	})
}

func TestSRP(t *testing.T) {
	t.Parallel()
	p := open(t, t.TempDir()).create(t, object{"UsernameAttributes": []string{"email"}}, object{"GenerateSecret": true})
	p.user(t, "l@sparta.example")
	for range 20 { // numbers whose first bit is set are written in another way
		out, err := p.signInBySRP(t, "USER_SRP_AUTH", "l@sparta.example", password)
		if err != nil || out.AuthenticationResult == nil {
			t.Fatalf("got %v %v", out, err)
		}
	}
	_, err := p.signInBySRP(t, "USER_SRP_AUTH", "l@sparta.example", "Wrong-horse-1")
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	_, err = p.initiate(t, "USER_SRP_AUTH", "USERNAME", "l@sparta.example", "SRP_A", "0")
	wantError(t, err, "NotAuthorizedException", "SECRET_HASH was not received")
}

func TestNewPassword(t *testing.T) {
	t.Parallel()
	p := open(t, t.TempDir()).create(t, object{"Schema": []object{{"Name": "name", "Required": true}}}, nil)
	name := "xenia"
	made, err := p.api.AdminCreateUser(t.Context(), &sdk.AdminCreateUserInput{
		UserPoolId: &p.id, Username: &name, UserAttributes: pairs("name", "Xenia", "email", "x@sparta.example"), DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL"},
	})
	if err != nil || made.User.UserStatus != "FORCE_CHANGE_PASSWORD" {
		t.Fatalf("got %v %v", made, err)
	}
	temporary := p.last(t)
	if temporary.Text != "Your username is xenia and temporary password is "+temporary.Code+"." || temporary.Subject != "Your temporary password" {
		t.Errorf("got %+v", temporary)
	}
	begin := func() (*sdk.InitiateAuthOutput, error) {
		return p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", name, "PASSWORD", p.last(t).Code)
	}
	p.pass(8 * 24 * time.Hour)
	_, err = begin()
	wantError(t, err, "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator.")
	if _, err := p.api.AdminCreateUser(t.Context(), &sdk.AdminCreateUserInput{UserPoolId: &p.id, Username: &name, MessageAction: "RESEND"}); err != nil {
		t.Fatal(err)
	}
	out, err := begin()
	if err != nil || out.ChallengeName != "NEW_PASSWORD_REQUIRED" || out.ChallengeParameters["USER_ID_FOR_SRP"] != name || out.ChallengeParameters["userAttributes"] != `{"email":"x@sparta.example","name":"Xenia"}` {
		t.Fatalf("got %+v %v", out, err)
	}
	respond := func(session *string, password string) (*sdk.RespondToAuthChallengeOutput, error) {
		return p.api.RespondToAuthChallenge(t.Context(), &sdk.RespondToAuthChallengeInput{
			ClientId: &p.client, ChallengeName: out.ChallengeName, Session: session, ChallengeResponses: texts("USERNAME", name, "NEW_PASSWORD", password),
		})
	}
	_, err = respond(aws.String("00000000000000000000"), password)
	wantError(t, err, "NotAuthorizedException", "Invalid session for the user")
	p.pass(4 * time.Minute)
	_, err = respond(out.Session, password)
	wantError(t, err, "NotAuthorizedException", "session is expired")
	if out, err = begin(); err != nil {
		t.Fatal(err)
	}
	done, err := respond(out.Session, password)
	if err != nil || done.AuthenticationResult == nil {
		t.Fatalf("got %v %v", done, err)
	}
	_, err = respond(out.Session, password)
	wantError(t, err, "NotAuthorizedException", "can only be used once")
	p.signIn(t, name)
	_, err = p.api.AdminCreateUser(t.Context(), &sdk.AdminCreateUserInput{UserPoolId: &p.id, Username: &name, MessageAction: "RESEND"})
	wantError(t, err, "UnsupportedUserStateException", "Resend not possible")
}

func TestFlows(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	closed := w.create(t, nil, object{"ExplicitAuthFlows": []string{}})
	closed.user(t, "x")
	admin := func(p pool, flow types.AuthFlowType) error {
		_, err := p.api.AdminInitiateAuth(t.Context(), &sdk.AdminInitiateAuthInput{
			UserPoolId: &p.id, ClientId: &p.client, AuthFlow: flow, AuthParameters: texts("USERNAME", "x", "PASSWORD", password),
		})
		return err
	}
	_, err := closed.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", "x", "PASSWORD", password)
	wantError(t, err, "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client")
	wantError(t, admin(closed, "ADMIN_USER_PASSWORD_AUTH"), "InvalidParameterException", "Auth flow not enabled for this client")
	_, err = closed.initiate(t, "CUSTOM_AUTH", "USERNAME", "x")
	wantError(t, err, "InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool.")
	_, err = closed.initiate(t, "USER_AUTH", "USERNAME", "x")
	wantError(t, err, "InvalidParameterException", "the embedded AWS does not model the flow USER_AUTH")
	_, err = closed.initiate(t, "ADMIN_USER_PASSWORD_AUTH", "USERNAME", "x")
	wantError(t, err, "InvalidParameterException", "Initiate Auth method not supported.")
	p := w.create(t, nil, object{"ExplicitAuthFlows": []string{"ADMIN_NO_SRP_AUTH"}})
	p.user(t, "x")
	if err := admin(p, "ADMIN_NO_SRP_AUTH"); err != nil {
		t.Error(err)
	}
	_, err = p.initiate(t, "USER_SRP_AUTH", "USERNAME", "x")
	wantError(t, err, "InvalidParameterException", "not enabled")
	if _, err := p.api.AdminDisableUser(t.Context(), &sdk.AdminDisableUserInput{UserPoolId: &p.id, Username: aws.String("x")}); err != nil {
		t.Fatal(err)
	}
	wantError(t, admin(p, "ADMIN_NO_SRP_AUTH"), "NotAuthorizedException", "User is disabled.")
}
