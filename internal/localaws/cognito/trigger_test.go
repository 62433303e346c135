// SPDX-License-Identifier: MIT

package cognito_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

// triggers are all triggers that are functions, each named like its function.
var triggers = []string{
	"CreateAuthChallenge", "CustomMessage", "DefineAuthChallenge", "PostAuthentication", "PostConfirmation", "PreAuthentication", "PreSignUp",
	"PreTokenGeneration", "UserMigration", "VerifyAuthChallengeResponse",
}

// config is LambdaConfig with the named triggers.
func config(names ...string) object {
	out := object{}
	for _, name := range names {
		out[name] = function(name)
	}
	return out
}

// watched makes a pool with triggers that answer what they found.
func watched(t testing.TB, settings, client object, names ...string) pool {
	t.Helper()
	w := open(t, t.TempDir())
	for _, name := range names {
		w.handlers[name] = answer(nil)
	}
	s := object{"LambdaConfig": config(names...)}
	maps.Copy(s, settings)
	return w.create(t, s, client)
}

// holds returns the event as a type of aws-lambda-go, which must have a place for
// everything in it.
func holds[T any](t testing.TB, event json.RawMessage, but ...string) T {
	t.Helper()
	var v T
	var given, kept any
	d := json.NewDecoder(bytes.NewReader(event))
	if err := json.Unmarshal(event, &given); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(mustJSON(v), &kept); err != nil {
		t.Fatal(err)
	}
	for _, path := range lost("", given, kept) {
		if !slices.Contains(but, path) {
			t.Errorf("%T has no place for %s", v, path)
		}
	}
	return v
}

// lost returns the paths of what is in given and not, or other, in kept. Null is
// nothing.
func lost(path string, given, kept any) []string {
	if items, ok := given.([]any); ok {
		other, _ := kept.([]any)
		var list []string
		for i, item := range items {
			if i >= len(other) {
				return append(list, path)
			}
			list = append(list, lost(fmt.Sprintf("%s/%d", path, i), item, other[i])...)
		}
		return list
	}
	object, ok := given.(map[string]any)
	if !ok {
		if given == nil || reflect.DeepEqual(given, kept) {
			return nil
		}
		return []string{path}
	}
	other, _ := kept.(map[string]any)
	var list []string
	for name, value := range object {
		if _, there := other[name]; !there {
			list = append(list, path+"/"+name)
			continue
		}
		list = append(list, lost(path+"/"+name, value, other[name])...)
	}
	return list
}

func (p pool) one(t testing.TB, source string) json.RawMessage {
	t.Helper()
	list := p.took(t, source)
	if len(list) != 1 {
		t.Fatalf("%s: got %d events", source, len(list))
	}
	return list[0]
}

// header is what all events of the pool begin with.
func (p pool) header(source, username string) events.CognitoEventUserPoolsHeader {
	return events.CognitoEventUserPoolsHeader{
		Version: "1", TriggerSource: source, Region: "us-east-1", UserPoolID: p.id, UserName: username,
		CallerContext: events.CognitoEventUserPoolsCallerContext{AWSSDKVersion: "aws-sdk-unknown-unknown", ClientID: p.client},
	}
}

func diff(t testing.TB, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%T: %s", got, d)
	}
}

func TestEventsOfSignUp(t *testing.T) {
	t.Parallel()
	p := watched(t, object{"AutoVerifiedAttributes": []string{"email"}}, nil, triggers...)
	name := "leonidas"
	out, err := p.api.SignUp(t.Context(), &sdk.SignUpInput{
		ClientId: &p.client, Username: &name, Password: aws.String(password), UserAttributes: pairs("email", "l@sparta.example"),
		ValidationData: pairs("invitation", "300"), ClientMetadata: texts("from", "test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, events.CognitoEventUserPoolsPreSignup{
		CognitoEventUserPoolsHeader: p.header("PreSignUp_SignUp", name),
		Request: events.CognitoEventUserPoolsPreSignupRequest{
			UserAttributes: texts("email", "l@sparta.example"), ValidationData: texts("invitation", "300"), ClientMetadata: texts("from", "test"),
		},
	}, holds[events.CognitoEventUserPoolsPreSignup](t, p.one(t, "PreSignUp_SignUp")))

	unverified := map[string]any{"sub": *out.UserSub, "email": "l@sparta.example", "email_verified": "false", "cognito:user_status": "UNCONFIRMED"}
	diff(t, events.CognitoEventUserPoolsCustomMessage{
		CognitoEventUserPoolsHeader: p.header("CustomMessage_SignUp", name),
		Request: events.CognitoEventUserPoolsCustomMessageRequest{
			UserAttributes: unverified, CodeParameter: "{####}", ClientMetadata: texts("from", "test"),
		},
	}, holds[events.CognitoEventUserPoolsCustomMessage](t, p.one(t, "CustomMessage_SignUp"), "/request/linkParameter"))

	if _, err := p.api.ConfirmSignUp(t.Context(), &sdk.ConfirmSignUpInput{
		ClientId: &p.client, Username: &name, ConfirmationCode: aws.String(p.last(t).Code), ClientMetadata: texts("step", "2"),
	}); err != nil {
		t.Fatal(err)
	}
	attributes := texts("sub", *out.UserSub, "email", "l@sparta.example", "email_verified", "true", "cognito:user_status", "CONFIRMED")
	diff(t, events.CognitoEventUserPoolsPostConfirmation{
		CognitoEventUserPoolsHeader: p.header("PostConfirmation_ConfirmSignUp", name),
		Request:                     events.CognitoEventUserPoolsPostConfirmationRequest{UserAttributes: attributes, ClientMetadata: texts("step", "2")},
	}, holds[events.CognitoEventUserPoolsPostConfirmation](t, p.one(t, "PostConfirmation_ConfirmSignUp")))

	if _, err := p.api.InitiateAuth(t.Context(), &sdk.InitiateAuthInput{
		ClientId: &p.client, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: texts("USERNAME", name, "PASSWORD", password), ClientMetadata: texts("device", "spear"),
	}); err != nil {
		t.Fatal(err)
	}
	diff(t, events.CognitoEventUserPoolsPreAuthentication{
		CognitoEventUserPoolsHeader: p.header("PreAuthentication_Authentication", name),
		Request:                     events.CognitoEventUserPoolsPreAuthenticationRequest{UserAttributes: attributes, ValidationData: texts("device", "spear")},
	}, holds[events.CognitoEventUserPoolsPreAuthentication](t, p.one(t, "PreAuthentication_Authentication")))
	diff(t, events.CognitoEventUserPoolsPostAuthentication{
		CognitoEventUserPoolsHeader: p.header("PostAuthentication_Authentication", name),
		Request:                     events.CognitoEventUserPoolsPostAuthenticationRequest{UserAttributes: attributes},
	}, holds[events.CognitoEventUserPoolsPostAuthentication](t, p.one(t, "PostAuthentication_Authentication")))
	diff(t, events.CognitoEventUserPoolsPreTokenGen{
		CognitoEventUserPoolsHeader: p.header("TokenGeneration_Authentication", name),
		Request: events.CognitoEventUserPoolsPreTokenGenRequest{
			UserAttributes: attributes, GroupConfiguration: events.GroupConfiguration{GroupsToOverride: []string{}, IAMRolesToOverride: []string{}},
		},
	}, holds[events.CognitoEventUserPoolsPreTokenGen](t, p.one(t, "TokenGeneration_Authentication")))
	if _, err := p.api.ForgotPassword(t.Context(), &sdk.ForgotPasswordInput{ClientId: &p.client, Username: &name}); err != nil {
		t.Fatal(err)
	}
	p.one(t, "CustomMessage_ForgotPassword")
	if _, err := p.api.ConfirmForgotPassword(t.Context(), &sdk.ConfirmForgotPasswordInput{
		ClientId: &p.client, Username: &name, ConfirmationCode: aws.String(p.last(t).Code), Password: aws.String(password),
	}); err != nil {
		t.Fatal(err)
	}
	p.one(t, "PostConfirmation_ConfirmForgotPassword")
}

func TestEventsOfAdministrators(t *testing.T) {
	t.Parallel()
	p := watched(t, nil, nil, triggers...)
	name := "xenia"
	if _, err := p.api.AdminCreateUser(t.Context(), &sdk.AdminCreateUserInput{
		UserPoolId: &p.id, Username: &name, UserAttributes: pairs("phone_number", "+306912345678"),
	}); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"PreSignUp_AdminCreateUser", "CustomMessage_AdminCreateUser"} {
		e := holds[events.CognitoEventUserPoolsCustomMessage](t, p.one(t, source), "/request/linkParameter", "/request/validationData",
			"/response/autoConfirmUser", "/response/autoVerifyEmail", "/response/autoVerifyPhone")
		if e.CallerContext.ClientID != "CLIENT_ID_NOT_APPLICABLE" || e.UserName != name {
			t.Errorf("got %+v", e)
		}
		if source == "CustomMessage_AdminCreateUser" && e.Request.UsernameParameter != "{username}" {
			t.Errorf("got %+v", e.Request)
		}
	}
	if got := p.last(t); got.Medium != "SMS" || got.Destination != "+306912345678" || !strings.Contains(got.Text, got.Code) {
		t.Errorf("got %+v", got)
	}
}

func TestAnswersOfTriggers(t *testing.T) {
	t.Parallel()
	p := watched(t, object{"AutoVerifiedAttributes": []string{"email"}}, nil, "PreSignUp", "PostConfirmation", "CustomMessage")
	signUp := func(name string) error {
		_, err := p.api.SignUp(t.Context(), &sdk.SignUpInput{ClientId: &p.client, Username: &name, Password: aws.String(password), UserAttributes: pairs("email", name+"@sparta.example")})
		return err
	}
	p.handlers["CustomMessage"] = answer(object{"emailSubject": "Welcome", "emailMessage": "Come and take {####}"})
	if err := signUp("a"); err != nil {
		t.Fatal(err)
	}
	if got := p.last(t); got.Subject != "Welcome" || got.Text != "Come and take "+got.Code {
		t.Errorf("got %+v", got)
	}
	p.handlers["PreSignUp"] = answer(object{"autoConfirmUser": true, "autoVerifyEmail": true})
	if err := signUp("b"); err != nil {
		t.Fatal(err)
	}
	got, err := p.api.AdminGetUser(t.Context(), &sdk.AdminGetUserInput{UserPoolId: &p.id, Username: aws.String("b")})
	if err != nil || got.UserStatus != "CONFIRMED" || !slices.ContainsFunc(got.UserAttributes, func(a types.AttributeType) bool { return *a.Name == "email_verified" && *a.Value == "true" }) {
		t.Errorf("got %+v %v", got, err)
	}
	if len(p.took(t, "PostConfirmation_ConfirmSignUp")) != 1 {
		t.Error("one who is confirmed at once is told to postConfirmation, too")
	}
	p.handlers["PreSignUp"] = func([]byte) (string, error) { return "", failure("No Persians") }
	wantError(t, signUp("c"), "UserLambdaValidationException", "PreSignUp failed with error No Persians.")
	for _, bad := range []string{"null", `"x"`, "{}", `{"response":null}`, `{"response":{"autoConfirmUser":"yes"}}`} {
		p.handlers["PreSignUp"] = func([]byte) (string, error) { return bad, nil }
		wantError(t, signUp("c"), "InvalidLambdaResponseException", "Unrecognizable lambda output")
	}
	p.refused = "PreSignUp"
	wantError(t, signUp("c"), "UnexpectedLambdaException", "PreSignUp invocation failed due to error AccessDeniedException.")
	p.refused = ""
	delete(p.handlers, "PreSignUp")
	wantError(t, signUp("c"), "UnexpectedLambdaException", "PreSignUp invocation failed due to error ResourceNotFoundException.")
	if _, err := p.api.AdminGetUser(t.Context(), &sdk.AdminGetUserInput{UserPoolId: &p.id, Username: aws.String("c")}); err == nil {
		t.Error("a user was made whom the trigger refused")
	}
}

// A trigger that does not answer in time is called three times.
func TestTimeout(t *testing.T) {
	t.Parallel()
	w := openWith(t, t.TempDir(), 20*time.Millisecond)
	release := make(chan struct{})
	var asked atomic.Int32
	w.handlers["PreSignUp"] = func([]byte) (string, error) {
		asked.Add(1)
		<-release
		return "{}", nil
	}
	p := w.create(t, object{"LambdaConfig": config("PreSignUp")}, nil)
	_, err := p.api.SignUp(t.Context(), &sdk.SignUpInput{ClientId: &p.client, Username: aws.String("x"), Password: aws.String(password)})
	wantError(t, err, "UnexpectedLambdaException", "PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.")
	close(release)
	w.close(t) // waits for the calls
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times, want 3", n)
	}
}

func TestPreTokenGeneration(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1", "2", "3"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := watched(t, object{"LambdaConfig": object{
				"PreTokenGenerationConfig": object{"LambdaArn": function("PreTokenGeneration"), "LambdaVersion": "V" + version + "_0"},
			}}, nil, "PreTokenGeneration")
			p.make(t, "UserPoolGroup", object{"UserPoolId": p.id, "GroupName": "kings"})
			p.user(t, "leonidas", "email", "l@sparta.example")
			if _, err := p.api.AdminAddUserToGroup(t.Context(), &sdk.AdminAddUserToGroupInput{UserPoolId: &p.id, Username: aws.String("leonidas"), GroupName: aws.String("kings")}); err != nil {
				t.Fatal(err)
			}
			p.signIn(t, "leonidas") // changes nothing
			event := p.one(t, "TokenGeneration_Authentication")
			if version == "1" {
				e := holds[events.CognitoEventUserPoolsPreTokenGen](t, event)
				diff(t, []string{"kings"}, e.Request.GroupConfiguration.GroupsToOverride)
			} else {
				e := holds[events.CognitoEventUserPoolsPreTokenGenV2_0](t, event)
				diff(t, []string{"kings"}, e.Request.GroupConfiguration.GroupsToOverride)
				diff(t, []string{"aws.cognito.signin.user.admin"}, e.Request.Scopes)
				diff(t, version, e.Version)
			}
			add := object{"claimsToAddOrOverride": object{"city": "Sparta", "sub": "forged"}, "claimsToSuppress": []string{"email", "iss"}}
			groups := object{"groupsToOverride": []string{"gods"}}
			p.handlers["PreTokenGeneration"] = answer(object{"claimsOverrideDetails": object{
				"claimsToAddOrOverride": add["claimsToAddOrOverride"], "claimsToSuppress": add["claimsToSuppress"], "groupOverrideDetails": groups,
			}})
			if version != "1" {
				access := object{"scopesToAdd": []string{"orders/write"}, "scopesToSuppress": []string{"aws.cognito.signin.user.admin"}, "claimsToAddOrOverride": object{"list": []int{1}}}
				p.handlers["PreTokenGeneration"] = answer(object{"claimsAndScopeOverrideDetails": object{
					"idTokenGeneration": add, "accessTokenGeneration": access, "groupOverrideDetails": groups,
				}})
			}
			tokens := p.signIn(t, "leonidas")
			id, access := p.claims(t, *tokens.IdToken), p.claims(t, *tokens.AccessToken)
			if id["city"] != "Sparta" || id["email"] != nil || id["iss"] == nil || id["sub"] == "forged" {
				t.Errorf("got %v", id)
			}
			diff(t, any([]any{"gods"}), id["cognito:groups"])
			diff(t, any([]any{"gods"}), access["cognito:groups"])
			if version != "1" {
				diff(t, any("orders/write"), access["scope"])
				diff(t, any([]any{1.0}), access["list"])
			}
			p.handlers["PreTokenGeneration"] = answer(object{"claimsOverrideDetails": object{"groupOverrideDetails": nil}, "claimsAndScopeOverrideDetails": object{"groupOverrideDetails": nil}})
			if id := p.claims(t, *p.signIn(t, "leonidas").IdToken); id["cognito:groups"] != nil {
				t.Errorf("groups that are overridden by nothing are none: got %v", id)
			}
			if _, err := p.initiate(t, "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", *tokens.RefreshToken); err != nil {
				t.Fatal(err)
			}
			p.one(t, "TokenGeneration_RefreshTokens")
		})
	}
}

func TestUserMigration(t *testing.T) {
	t.Parallel()
	p := watched(t, object{"UsernameAttributes": []string{"email"}}, nil, "UserMigration", "PreAuthentication")
	p.handlers["UserMigration"] = func(event []byte) (string, error) {
		var e events.CognitoEventUserPoolsMigrateUser
		if err := json.Unmarshal(event, &e); err != nil {
			return "", err
		}
		if e.CognitoEventUserPoolsMigrateUserRequest.Password == "Wrong-horse-1" {
			return "", failure("Bad password")
		}
		r := &e.CognitoEventUserPoolsMigrateUserResponse
		r.UserAttributes, r.FinalUserStatus, r.MessageAction = texts("email", e.UserName, "email_verified", "true", "name", "Old"), "CONFIRMED", "SUPPRESS"
		return string(mustJSON(e)), nil
	}
	_, err := p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", "old@sparta.example", "PASSWORD", "Wrong-horse-1")
	wantError(t, err, "UserLambdaValidationException", "UserMigration failed with error Bad password.")
	tokens := p.signIn(t, "old@sparta.example")
	if got := p.claims(t, *tokens.IdToken); got["email"] != "old@sparta.example" || got["name"] != "Old" {
		t.Errorf("got %v", got)
	}
	list := p.took(t, "UserMigration_Authentication")
	e := holds[events.CognitoEventUserPoolsMigrateUser](t, list[len(list)-1])
	diff(t, p.header("UserMigration_Authentication", "old@sparta.example"), e.CognitoEventUserPoolsHeader)
	diff(t, events.CognitoEventUserPoolsMigrateUserRequest{Password: password}, e.CognitoEventUserPoolsMigrateUserRequest)
	p.signIn(t, "old@sparta.example")
	if n := len(p.took(t, "UserMigration_Authentication")); n != 2 {
		t.Errorf("who is there is not brought in again: asked %d times", n)
	}
	if _, err := p.api.ForgotPassword(t.Context(), &sdk.ForgotPasswordInput{ClientId: &p.client, Username: aws.String("other@sparta.example")}); err != nil {
		t.Fatal(err)
	}
	if got := p.last(t); got.Destination != "other@sparta.example" || got.Source != "CustomMessage_ForgotPassword" {
		t.Errorf("got %+v", got)
	}
}

// A trigger may call the API about the very user: nothing is locked meanwhile.
func TestTriggerCallsTheAPI(t *testing.T) {
	t.Parallel()
	p := watched(t, nil, nil, "PreSignUp", "PostConfirmation")
	p.make(t, "UserPoolGroup", object{"UserPoolId": p.id, "GroupName": "hoplites"})
	p.handlers["PreSignUp"] = answer(object{"autoConfirmUser": true})
	p.handlers["PostConfirmation"] = func(event []byte) (string, error) {
		_, err := p.api.AdminAddUserToGroup(t.Context(), &sdk.AdminAddUserToGroupInput{UserPoolId: &p.id, Username: aws.String("leonidas"), GroupName: aws.String("hoplites")})
		return string(event), err
	}
	if _, err := p.api.SignUp(t.Context(), &sdk.SignUpInput{ClientId: &p.client, Username: aws.String("leonidas"), Password: aws.String(password)}); err != nil {
		t.Fatal(err)
	}
	diff(t, any([]any{"hoplites"}), p.claims(t, *p.signIn(t, "leonidas").IdToken)["cognito:groups"])
}
