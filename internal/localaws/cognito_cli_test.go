// SPDX-License-Identifier: MIT

package localaws_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

const poolTemplate = `
Resources:
  Users:
    Type: AWS::Cognito::UserPool
    Properties:
      UsernameAttributes: [email]
      AutoVerifiedAttributes: [email]
      Policies: {PasswordPolicy: {MinimumLength: 8, RequireSymbols: false}}
      LambdaConfig: {PostConfirmation: !Ref Function}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Users, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH, ALLOW_REFRESH_TOKEN_AUTH, ALLOW_ADMIN_USER_PASSWORD_AUTH]}
  Admins:
    Type: AWS::Cognito::UserPoolGroup
    Properties: {UserPoolId: !Ref Users, GroupName: admins, Precedence: 0}
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Function, Principal: cognito-idp.amazonaws.com, SourceArn: !GetAtt Users.Arn}
Parameters: {Function: {Type: String}}
Outputs:
  Pool: {Value: !Ref Users}
  Client: {Value: !Ref Client}
  Provider: {Value: !GetAtt Users.ProviderName}
`

// output returns an output of a stack.
func (c cli) output(t *testing.T, stack, name string) string {
	t.Helper()
	return strings.TrimSpace(c.must(t, "", "cloudformation", "describe-stacks", "--stack-name", stack, "--output", "text", "--query", "Stacks[0].Outputs[?OutputKey=='"+name+"'].OutputValue"))
}

// sentCode returns the code in the last message that Cognito would have sent.
func sentCode(t *testing.T, endpoint string) string {
	t.Helper()
	response, err := http.Get(endpoint + "/_sparta/cognito-idp/messages")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var list []struct{ Code string }
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil || len(list) == 0 {
		t.Fatalf("no message: %v", err)
	}
	return list[0].Code
}

func TestCommandLineCognito(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	function, _ := c.withFunction(t)
	c.write(t, "pool.yaml", poolTemplate)
	c.must(t, "StackId", "cloudformation", "create-stack", "--stack-name", "users", "--template-body", "file://pool.yaml", "--parameters", "ParameterKey=Function,ParameterValue="+function)
	c.must(t, "", "cloudformation", "wait", "stack-create-complete", "--stack-name", "users")
	pool, client := c.output(t, "users", "Pool"), c.output(t, "users", "Client")
	idp := func(want string, args ...string) string {
		t.Helper()
		return c.must(t, want, append([]string{"cognito-idp"}, args...)...)
	}
	const mail, password = "leonidas@sparta.example", "Spartans300"
	idp(pool, "list-user-pools", "--max-results", "5")
	idp(function, "describe-user-pool", "--user-pool-id", pool)
	idp(client, "list-user-pool-clients", "--user-pool-id", pool)
	idp("ALLOW_USER_PASSWORD_AUTH", "describe-user-pool-client", "--user-pool-id", pool, "--client-id", client)
	c.mustNot(t, "InvalidPasswordException", "cognito-idp", "sign-up", "--client-id", client, "--username", mail, "--password", "sparta")
	idp(`"UserConfirmed": false`, "sign-up", "--client-id", client, "--username", mail, "--password", password)
	c.mustNot(t, "UserNotConfirmedException", "cognito-idp", "initiate-auth", "--client-id", client, "--auth-flow", "USER_PASSWORD_AUTH", "--auth-parameters", "USERNAME="+mail+",PASSWORD="+password)
	// The recorder answers null, which is no answer of a trigger, after it took the event.
	c.mustNot(t, "InvalidLambdaResponseException", "cognito-idp", "confirm-sign-up", "--client-id", client, "--username", mail, "--confirmation-code", sentCode(t, c.Endpoint))
	c.recorded(t, "PostConfirmation_ConfirmSignUp")
	idp("", "admin-add-user-to-group", "--user-pool-id", pool, "--username", mail, "--group-name", "admins")
	out := idp("AccessToken", "initiate-auth", "--client-id", client, "--auth-flow", "USER_PASSWORD_AUTH", "--auth-parameters", "USERNAME="+mail+",PASSWORD="+password)
	var tokens struct {
		AuthenticationResult struct{ AccessToken, RefreshToken string }
	}
	if err := json.Unmarshal([]byte(out), &tokens); err != nil {
		t.Fatal(err)
	}
	access := tokens.AuthenticationResult.AccessToken
	idp(mail, "get-user", "--access-token", access)
	idp("AccessToken", "initiate-auth", "--client-id", client, "--auth-flow", "REFRESH_TOKEN_AUTH", "--auth-parameters", "REFRESH_TOKEN="+tokens.AuthenticationResult.RefreshToken)
	idp("AccessToken", "admin-initiate-auth", "--user-pool-id", pool, "--client-id", client, "--auth-flow", "ADMIN_USER_PASSWORD_AUTH", "--auth-parameters", "USERNAME="+mail+",PASSWORD="+password)
	idp("admins", "admin-list-groups-for-user", "--user-pool-id", pool, "--username", mail)
	idp(`"UserStatus": "CONFIRMED"`, "admin-get-user", "--user-pool-id", pool, "--username", mail)
	idp("", "global-sign-out", "--access-token", access)
	c.mustNot(t, "Access Token has been revoked", "cognito-idp", "get-user", "--access-token", access)
	idp("FORCE_CHANGE_PASSWORD", "admin-create-user", "--user-pool-id", pool, "--username", "gorgo@sparta.example", "--user-attributes", "Name=name,Value=Gorgo")
	idp("", "admin-set-user-password", "--user-pool-id", pool, "--username", "gorgo@sparta.example", "--password", password, "--permanent")
	idp("gorgo@sparta.example", "list-users", "--user-pool-id", pool, "--filter", `email ^= "gorgo"`)
	idp("", "admin-delete-user", "--user-pool-id", pool, "--username", "gorgo@sparta.example")
	idp("l***@s***", "forgot-password", "--client-id", client, "--username", mail)
	c.mustNot(t, "the embedded AWS does not model operation", "cognito-idp", "create-user-pool", "--pool-name", "x")
	c.must(t, "", "cloudformation", "delete-stack", "--stack-name", "users")
	c.must(t, "", "cloudformation", "wait", "stack-delete-complete", "--stack-name", "users")
	c.mustNot(t, "does not exist", "cognito-idp", "describe-user-pool", "--user-pool-id", pool)
}
