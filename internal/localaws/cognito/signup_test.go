// SPDX-License-Identifier: MIT

package cognito_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/google/go-cmp/cmp"
)

func TestSignUp(t *testing.T) {
	t.Parallel()
	p := open(t, t.TempDir()).create(t, object{"UsernameAttributes": []string{"email"}, "AutoVerifiedAttributes": []string{"email"}}, nil)
	mail := "leonidas@sparta.example"
	signUp := func(name, password string, attributes ...string) (*sdk.SignUpOutput, error) {
		return p.api.SignUp(t.Context(), &sdk.SignUpInput{ClientId: &p.client, Username: &name, Password: &password, UserAttributes: pairs(attributes...)})
	}
	for _, test := range []struct{ name, user, password, attribute, code, text string }{
		{"no address", "leonidas", password, "name", "InvalidParameterException", "Username should be an email."},
		{"short password", mail, "Ab1!", "name", "InvalidPasswordException", "Password did not conform with policy: Password not long enough"},
		{"no number", mail, "Abcdefg!h", "name", "InvalidPasswordException", "Password must have numeric characters"},
		{"no symbol", mail, "Abcdefg1h", "name", "InvalidPasswordException", "Password must have symbol characters"},
		{"no upper case", mail, "abcdefg1!", "name", "InvalidPasswordException", "Password must have uppercase characters"},
		{"unknown attribute", mail, password, "custom:rank", "InvalidParameterException", "Attributes did not conform to the schema: custom:rank: Attribute does not exist in the schema."},
		{"verified by oneself", mail, password, "email_verified", "NotAuthorizedException", "unauthorized attribute"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := signUp(test.user, test.password, test.attribute, "x")
			wantError(t, err, test.code, test.text)
		})
	}
	out, err := signUp(mail, password, "name", "Leonidas")
	if err != nil {
		t.Fatal(err)
	}
	if out.UserConfirmed || *out.CodeDeliveryDetails.Destination != "l***@s***" || *out.CodeDeliveryDetails.AttributeName != "email" {
		t.Errorf("got %+v", out)
	}
	_, err = signUp(mail, password)
	wantError(t, err, "UsernameExistsException", "An account with the given email already exists.")
	_, err = p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", mail, "PASSWORD", password)
	wantError(t, err, "UserNotConfirmedException", "User is not confirmed.")
	_, err = p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", mail, "PASSWORD", "wrong")
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")

	first := p.last(t)
	if first.Username != *out.UserSub || first.Destination != mail || first.Text != "Your verification code is "+first.Code+"." || len(first.Code) != 6 {
		t.Errorf("got %+v", first)
	}
	if n := len(p.notices); n != 1 || !strings.Contains(p.notices[0], first.Code) {
		t.Errorf("got notices %q", p.notices)
	}
	if _, err := p.api.ResendConfirmationCode(t.Context(), &sdk.ResendConfirmationCodeInput{ClientId: &p.client, Username: &mail}); err != nil {
		t.Fatal(err)
	}
	confirm := func(code string) error {
		_, err := p.api.ConfirmSignUp(t.Context(), &sdk.ConfirmSignUpInput{ClientId: &p.client, Username: &mail, ConfirmationCode: &code})
		return err
	}
	wantError(t, confirm("x"), "CodeMismatchException", "Invalid verification code provided, please try again.")
	p.pass(25 * time.Hour)
	wantError(t, confirm(p.last(t).Code), "ExpiredCodeException", "Invalid code provided, please request a code again.")
	if _, err := p.api.ResendConfirmationCode(t.Context(), &sdk.ResendConfirmationCodeInput{ClientId: &p.client, Username: &mail}); err != nil {
		t.Fatal(err)
	}
	if got := p.last(t); got.Source != "CustomMessage_ResendCode" {
		t.Errorf("got %+v", got)
	}
	if err := confirm(p.last(t).Code); err != nil {
		t.Fatal(err)
	}
	wantError(t, confirm("x"), "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
	_, err = p.api.ResendConfirmationCode(t.Context(), &sdk.ResendConfirmationCodeInput{ClientId: &p.client, Username: &mail})
	wantError(t, err, "InvalidParameterException", "User is already confirmed.")
	p.signIn(t, mail)
	got, err := p.api.AdminGetUser(t.Context(), &sdk.AdminGetUserInput{UserPoolId: &p.id, Username: &mail})
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]string{}
	for _, a := range got.UserAttributes {
		attributes[*a.Name] = *a.Value
	}
	want := map[string]string{"sub": *out.UserSub, "email": mail, "email_verified": "true", "name": "Leonidas"}
	if diff := cmp.Diff(want, attributes); diff != "" || got.UserStatus != "CONFIRMED" || *got.Username != *out.UserSub || !got.Enabled {
		t.Errorf("got %+v: %s", got, diff)
	}
}

func TestClosedPool(t *testing.T) {
	t.Parallel()
	p := open(t, t.TempDir()).create(t, object{"AdminCreateUserConfig": object{"AllowAdminCreateUserOnly": "true"}}, nil)
	_, err := p.api.SignUp(t.Context(), &sdk.SignUpInput{ClientId: &p.client, Username: aws.String("x"), Password: aws.String(password)})
	wantError(t, err, "NotAuthorizedException", "SignUp is not permitted for this user pool")
}

func TestSecretHash(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	p := w.create(t, nil, object{"GenerateSecret": true})
	p.user(t, "xenia")
	client, err := w.api.DescribeUserPoolClient(t.Context(), &sdk.DescribeUserPoolClientInput{UserPoolId: &p.id, ClientId: &p.client})
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(*client.UserPoolClient.ClientSecret))
	mac.Write([]byte("xenia" + p.client))
	hash := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	_, err = p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", "xenia", "PASSWORD", password)
	wantError(t, err, "NotAuthorizedException", "Client "+p.client+" is configured with secret but SECRET_HASH was not received")
	_, err = p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", "xenia", "PASSWORD", password, "SECRET_HASH", "x"+hash)
	wantError(t, err, "NotAuthorizedException", "Unable to verify secret hash for client "+p.client)
	out, err := p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", "xenia", "PASSWORD", password, "SECRET_HASH", hash)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.initiate(t, "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", *out.AuthenticationResult.RefreshToken, "SECRET_HASH", hash); err != nil {
		t.Error(err)
	}
	open := w.create(t, nil, nil)
	_, err = open.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", "x", "PASSWORD", "y", "SECRET_HASH", hash)
	wantError(t, err, "NotAuthorizedException", "is not configured with secret")
}

func TestForgotPassword(t *testing.T) {
	t.Parallel()
	p := open(t, t.TempDir()).create(t, object{"AliasAttributes": []string{"email"}}, nil)
	p.user(t, "gorgo", "email", "gorgo@sparta.example", "email_verified", "true")
	p.user(t, "nobody")
	forgot := func(name string) error {
		_, err := p.api.ForgotPassword(t.Context(), &sdk.ForgotPasswordInput{ClientId: &p.client, Username: &name})
		return err
	}
	wantError(t, forgot("nobody"), "InvalidParameterException", "Cannot reset password for the user as there is no registered/verified email or phone_number")
	wantError(t, forgot("stranger"), "UserNotFoundException", "User does not exist.")
	if err := forgot("gorgo@sparta.example"); err != nil {
		t.Fatal(err)
	}
	confirm := func(code, password string) error {
		_, err := p.api.ConfirmForgotPassword(t.Context(), &sdk.ConfirmForgotPasswordInput{
			ClientId: &p.client, Username: aws.String("gorgo"), ConfirmationCode: &code, Password: &password,
		})
		return err
	}
	code := p.last(t).Code
	wantError(t, confirm(code, "weak"), "InvalidPasswordException", "not long enough")
	wantError(t, confirm("0", "Other-horse-2"), "CodeMismatchException", "")
	if err := confirm(code, "Other-horse-2"); err != nil {
		t.Fatal(err)
	}
	wantError(t, confirm(code, "Other-horse-2"), "ExpiredCodeException", "")
	if _, err := p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", "gorgo", "PASSWORD", "Other-horse-2"); err != nil {
		t.Error(err)
	}
	if _, err := p.api.AdminResetUserPassword(t.Context(), &sdk.AdminResetUserPasswordInput{UserPoolId: &p.id, Username: aws.String("gorgo")}); err != nil {
		t.Fatal(err)
	}
	_, err := p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", "gorgo", "PASSWORD", "Other-horse-2")
	wantError(t, err, "PasswordResetRequiredException", "Password reset required for the user")
}

// A client that is not to know who exists gets the same answers for everybody.
func TestDiscreetClient(t *testing.T) {
	t.Parallel()
	p := open(t, t.TempDir()).create(t, object{"AutoVerifiedAttributes": []string{"email"}}, object{"PreventUserExistenceErrors": "ENABLED"})
	_, err := p.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", "stranger", "PASSWORD", password)
	wantError(t, err, "NotAuthorizedException", "Incorrect username or password.")
	if out, err := p.api.ForgotPassword(t.Context(), &sdk.ForgotPasswordInput{ClientId: &p.client, Username: aws.String("stranger")}); err != nil || out.CodeDeliveryDetails == nil {
		t.Errorf("got %v %v", out, err)
	}
	_, err = p.api.ConfirmSignUp(t.Context(), &sdk.ConfirmSignUpInput{ClientId: &p.client, Username: aws.String("stranger"), ConfirmationCode: aws.String("1")})
	wantError(t, err, "ExpiredCodeException", "")
	out, err := p.initiate(t, "USER_SRP_AUTH", "USERNAME", "stranger", "SRP_A", "abcdef")
	if err != nil || out.ChallengeName != "PASSWORD_VERIFIER" {
		t.Errorf("got %v %v", out, err)
	}
}
