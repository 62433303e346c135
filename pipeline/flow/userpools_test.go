// SPDX-License-Identifier: MIT

package flow_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/sparta-up/sparta/pipeline/stage"
)

// members is a user module with the triggers of a user pool, and an API that
// tells who calls.
var members = map[string]string{
	"go.mod": "module example.com/members\n\ngo 1.26\n",
	"steps/steps.go": `package steps

import (
	"context"
	"errors"
	"log"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

func SignUp(_ context.Context, e events.CognitoEventUserPoolsPreSignup) (events.CognitoEventUserPoolsPreSignup, error) {
	if strings.HasSuffix(e.Request.UserAttributes["email"], "@persia.example") {
		return e, errors.New("No Persians")
	}
	return e, nil
}

func Message(_ context.Context, e events.CognitoEventUserPoolsCustomMessage) (events.CognitoEventUserPoolsCustomMessage, error) {
	e.Response.EmailSubject, e.Response.EmailMessage = "Sparta", "Come and take "+e.Request.CodeParameter
	return e, nil
}

func Confirmed(_ context.Context, e events.CognitoEventUserPoolsPostConfirmation) (events.CognitoEventUserPoolsPostConfirmation, error) {
	log.Println("welcome", e.Request.UserAttributes["email"])
	return e, nil
}

func Tokens(_ context.Context, e events.CognitoEventUserPoolsPreTokenGenV2_0) (events.CognitoEventUserPoolsPreTokenGenV2_0, error) {
	g := e.Request.GroupConfiguration
	e.Response.ClaimsAndScopeOverrideDetails = events.ClaimsAndScopeOverrideDetailsV2_0{
		IDTokenGeneration:     events.IDTokenGenerationV2_0{ClaimsToAddOrOverride: map[string]any{"rank": "hoplite"}},
		AccessTokenGeneration: events.AccessTokenGenerationV2_0{ScopesToAdd: []string{"shop/write"}},
		GroupOverrideDetails:  g,
	}
	return e, nil
}

func Define(_ context.Context, e events.CognitoEventUserPoolsDefineAuthChallenge) (events.CognitoEventUserPoolsDefineAuthChallenge, error) {
	switch s := e.Request.Session; {
	case len(s) == 0:
		e.Response.ChallengeName = "CUSTOM_CHALLENGE"
	default:
		e.Response.IssueTokens, e.Response.FailAuthentication = s[len(s)-1].ChallengeResult, !s[len(s)-1].ChallengeResult
	}
	return e, nil
}

func Create(_ context.Context, e events.CognitoEventUserPoolsCreateAuthChallenge) (events.CognitoEventUserPoolsCreateAuthChallenge, error) {
	e.Response.PublicChallengeParameters = map[string]string{"question": "What do you answer?"}
	e.Response.PrivateChallengeParameters = map[string]string{"answer": "if"}
	return e, nil
}

func Verify(_ context.Context, e events.CognitoEventUserPoolsVerifyAuthChallenge) (events.CognitoEventUserPoolsVerifyAuthChallenge, error) {
	e.Response.AnswerCorrect = e.Request.ChallengeAnswer == e.Request.PrivateChallengeParameters["answer"]
	return e, nil
}

func Who(_ context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	c := e.RequestContext.Authorizer.JWT.Claims
	return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: c["token_use"] + " " + c["email"] + " " + c["rank"]}, nil
}

func WhoREST(_ context.Context, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	c, _ := e.RequestContext.Authorizer["claims"].(map[string]any)
	text := func(name string) string { s, _ := c[name].(string); return s }
	return events.APIGatewayProxyResponse{StatusCode: 200, Body: text("token_use") + " " + text("email") + " " + text("rank")}, nil
}
`,
}

const membersYAML = `serviceName: Shop
defaults: {runtime: provided.al2023, timeout: 5}
functions:
  signUp: {handler: ./steps.SignUp, events: [cognito: {pool: Users, trigger: preSignUp}]}
  message: {handler: ./steps.Message, events: [cognito: {pool: Users, trigger: customMessage}]}
  confirmed: {handler: ./steps.Confirmed, alias: live, events: [cognito: {pool: Users, trigger: postConfirmation}]}
  tokens: {handler: ./steps.Tokens, runtime: nodejs24.x, events: [cognito: {pool: !GetAtt Users.Arn, trigger: preTokenGeneration, version: 2}]}
  define: {handler: ./steps.Define, events: [cognito: {pool: Users, trigger: defineAuthChallenge}]}
  create: {handler: ./steps.Create, events: [cognito: {pool: Users, trigger: createAuthChallenge}]}
  verify: {handler: ./steps.Verify, events: [cognito: {pool: Users, trigger: verifyAuthChallengeResponse}]}
  who:
    handler: ./steps.%s
    events:
      - http: {method: GET, path: /who, authorizer: members}
      - http: {method: GET, path: /write, authorizer: members, scopes: [shop/write]}
      - http: {method: GET, path: /admin, authorizer: members, scopes: [shop/admin]}
%s
resources:
  Users:
    Type: AWS::Cognito::UserPool
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties: {UsernameAttributes: [email], AutoVerifiedAttributes: [email]}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Users, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH, ALLOW_CUSTOM_AUTH, ALLOW_REFRESH_TOKEN_AUTH]}
  Gorgo: # invited by way of the triggers, which need their permissions first
    Type: AWS::Cognito::UserPoolUser
    Properties: {UserPoolId: !Ref Users, Username: gorgo@sparta.example, DesiredDeliveryMediums: [EMAIL], UserAttributes: [{Name: email, Value: gorgo@sparta.example}]}
outputs: {Client: !Ref Client, Pool: !Ref Users}
`

// The two kinds of API, with the authorizer that takes the tokens of a pool.
const (
	httpMembers = `api:
  authorizers:
    members: {jwt: {issuer: !Sub "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${Users}", audience: [!Ref Client]}}`
	restMembers = `api:
  type: rest
  authorizers: {members: {cognito: [Users]}}`
)

// guests is a user pool that is up, as its users see it: without credentials.
type guests struct {
	*world
	api    *cognito.Client
	client string
}

// code returns that of the last message, and the message.
func (g *guests) code() (code, text string) {
	g.t.Helper()
	response, err := http.Get(g.endpoint + "/_sparta/cognito-idp/messages")
	if err != nil {
		g.t.Fatal(err)
	}
	defer response.Body.Close()
	var list []struct{ Code, Subject, Text string }
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil || len(list) == 0 {
		g.t.Fatalf("no message: %v", err)
	}
	return list[0].Code, list[0].Subject + ": " + list[0].Text
}

func (g *guests) refused(err error, code, text string) {
	g.t.Helper()
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text) {
		g.t.Errorf("got %v, want %s: %s", err, code, text)
	}
}

// register signs a user up, by way of the triggers.
func (g *guests) register(mail, password string) {
	g.t.Helper()
	ctx := g.t.Context()
	in := cognito.SignUpInput{ClientId: &g.client, Username: aws.String("xerxes@persia.example"), Password: &password}
	_, err := g.api.SignUp(ctx, &in)
	g.refused(err, "UserLambdaValidationException", "PreSignUp failed with error No Persians.")
	in.Username = &mail
	if _, err := g.api.SignUp(ctx, &in); err != nil {
		g.t.Fatal(err)
	}
	code, text := g.code()
	if text != "Sparta: Come and take "+code {
		g.t.Errorf("got the message %q", text)
	}
	_, err = g.api.ConfirmSignUp(ctx, &cognito.ConfirmSignUpInput{ClientId: &g.client, Username: &mail, ConfirmationCode: aws.String("0")})
	g.refused(err, "CodeMismatchException", "")
	if _, err := g.api.ConfirmSignUp(ctx, &cognito.ConfirmSignUpInput{ClientId: &g.client, Username: &mail, ConfirmationCode: &code}); err != nil {
		g.t.Fatal(err)
	}
	g.logged("/sparta/Shop/confirmed", "welcome "+mail)
}

// answer signs in by the custom challenge.
func (g *guests) answer(mail, said string) (*types.AuthenticationResultType, error) {
	g.t.Helper()
	begun, err := g.api.InitiateAuth(g.t.Context(), &cognito.InitiateAuthInput{
		ClientId: &g.client, AuthFlow: types.AuthFlowTypeCustomAuth, AuthParameters: map[string]string{"USERNAME": mail},
	})
	if err != nil {
		return nil, err
	}
	if got := begun.ChallengeParameters["question"]; got != "What do you answer?" {
		g.t.Errorf("got the question %q", got)
	}
	out, err := g.api.RespondToAuthChallenge(g.t.Context(), &cognito.RespondToAuthChallengeInput{
		ClientId: &g.client, ChallengeName: begun.ChallengeName, Session: begun.Session, ChallengeResponses: map[string]string{"USERNAME": mail, "ANSWER": said},
	})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

// TestUserPools: a user signs up and in, the triggers run, and the tokens open
// the API, for both kinds of API and their authorizers.
func TestUserPools(t *testing.T) {
	t.Parallel()
	const mail, password = "leonidas@sparta.example", "Come-and-take-300"
	for _, test := range []struct {
		name, handler, api string
		access             int // status of /who with an access token
		scope              int // status without the scope of the route
	}{
		{"http", "Who", httpMembers, 200, 403}, // the client is the audience of either token
		{"rest", "WhoREST", restMembers, 401, 401},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := module{t, t.TempDir()}
			for name, text := range members {
				m.write(name, text)
			}
			m.write("sparta.yaml", fmt.Sprintf(membersYAML, test.handler, test.api))
			w := local(t, m.file())
			w.Confirm = agree
			outcome := w.mustUp(stage.Created)
			address := output(t, outcome, "ApiUrl")
			config := w.config()
			config.Credentials = aws.AnonymousCredentials{}
			g := &guests{w, cognito.NewFromConfig(config), output(t, outcome, "Client")}
			g.register(mail, password)

			in := &cognito.InitiateAuthInput{
				ClientId: &g.client, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": mail, "PASSWORD": "Wrong-300"},
			}
			_, err := g.api.InitiateAuth(t.Context(), in)
			g.refused(err, "NotAuthorizedException", "Incorrect username or password.")
			in.AuthParameters["PASSWORD"] = password
			out, err := g.api.InitiateAuth(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			id, access := *out.AuthenticationResult.IdToken, *out.AuthenticationResult.AccessToken
			for _, x := range []exchange{
				{method: "GET", path: "/who", status: 401, body: `{"message":"Unauthorized"}`},
				{method: "GET", path: "/who", status: 401, body: `{"message":"Unauthorized"}`, headers: []string{"Authorization", "Bearer " + id + "x"}},
				{method: "GET", path: "/who", status: 200, body: "id " + mail + " hoplite", headers: []string{"Authorization", "Bearer " + id}},
				{method: "GET", path: "/who", status: test.access, headers: []string{"Authorization", access}},
				{method: "GET", path: "/write", status: 200, body: "access", headers: []string{"Authorization", access}},
				{method: "GET", path: "/write", status: test.scope, headers: []string{"Authorization", id}},
				{method: "GET", path: "/admin", status: test.scope, headers: []string{"Authorization", access}},
			} {
				x.run(t, address)
			}
			_, err = g.answer(mail, "when")
			g.refused(err, "NotAuthorizedException", "Incorrect username or password.")
			tokens, err := g.answer(mail, "if")
			if err != nil || tokens == nil {
				t.Fatalf("got %v %v", tokens, err)
			}
			exchange{method: "GET", path: "/who", status: 200, body: "id " + mail + " hoplite", headers: []string{"Authorization", *tokens.IdToken}}.run(t, address)
			w.takeDown()
		})
	}
}
