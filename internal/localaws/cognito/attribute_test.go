// SPDX-License-Identifier: MIT

package cognito_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

func TestUpdateAttributes(t *testing.T) {
	t.Parallel()
	p := open(t, t.TempDir()).create(t, object{
		"AutoVerifiedAttributes": []string{"email"}, "AliasAttributes": []string{"email"},
		"Schema": []object{{"Name": "rank", "AttributeDataType": "Number", "NumberAttributeConstraints": object{"MaxValue": 9}}, {"Name": "fixed", "Mutable": false}},
	}, object{"WriteAttributes": []string{"email", "name"}})
	p.user(t, "leonidas", "email", "l@sparta.example", "email_verified", "true")
	p.user(t, "xerxes", "email", "x@persia.example", "email_verified", "true")
	token := p.signIn(t, "leonidas").AccessToken
	update := func(list ...string) (*sdk.UpdateUserAttributesOutput, error) {
		return p.api.UpdateUserAttributes(t.Context(), &sdk.UpdateUserAttributesInput{AccessToken: token, UserAttributes: pairs(list...)})
	}
	admin := func(list ...string) error {
		_, err := p.api.AdminUpdateUserAttributes(t.Context(), &sdk.AdminUpdateUserAttributesInput{UserPoolId: &p.id, Username: aws.String("leonidas"), UserAttributes: pairs(list...)})
		return err
	}
	_, err := update("custom:rank", "1")
	wantError(t, err, "NotAuthorizedException", "A client attempted to write unauthorized attribute")
	wantError(t, admin("custom:rank", "10"), "InvalidParameterException", "custom:rank: Attribute value is not within")
	wantError(t, admin("custom:fixed", "x"), "InvalidParameterException", "Attribute cannot be updated.")
	wantError(t, admin("email", "nonsense"), "InvalidParameterException", "Invalid email address format.")
	if err := admin("custom:rank", "9"); err != nil {
		t.Fatal(err)
	}
	out, err := update("email", "new@sparta.example", "name", "Leo")
	if err != nil || len(out.CodeDeliveryDetailsList) != 1 || *out.CodeDeliveryDetailsList[0].Destination != "n***@s***" {
		t.Fatalf("got %+v %v", out, err)
	}
	verify := func(code string) error {
		_, err := p.api.VerifyUserAttribute(t.Context(), &sdk.VerifyUserAttributeInput{AccessToken: token, AttributeName: aws.String("email"), Code: &code})
		return err
	}
	wantError(t, verify("0"), "CodeMismatchException", "")
	if err := verify(p.last(t).Code); err != nil {
		t.Fatal(err)
	}
	if id := p.claims(t, *p.signIn(t, "new@sparta.example").IdToken); id["email_verified"] != true || id["name"] != "Leo" || id["custom:rank"] != "9" {
		t.Errorf("got %v", id)
	}
	if _, err := update("email", "x@persia.example"); err != nil {
		t.Fatal(err)
	}
	wantError(t, verify(p.last(t).Code), "AliasExistsException", "An account with the email already exists.")
	if _, err := p.api.GetUserAttributeVerificationCode(t.Context(), &sdk.GetUserAttributeVerificationCodeInput{AccessToken: token, AttributeName: aws.String("email")}); err != nil {
		t.Fatal(err)
	}
	if got := p.last(t); got.Source != "CustomMessage_VerifyUserAttribute" {
		t.Errorf("got %+v", got)
	}
	change := func(old string) error {
		_, err := p.api.ChangePassword(t.Context(), &sdk.ChangePasswordInput{AccessToken: token, PreviousPassword: &old, ProposedPassword: aws.String("Other-horse-2")})
		return err
	}
	wantError(t, change("wrong1"), "NotAuthorizedException", "Incorrect username or password.")
	if err := change(password); err != nil {
		t.Fatal(err)
	}
	if _, err := p.api.DeleteUser(t.Context(), &sdk.DeleteUserInput{AccessToken: token}); err != nil {
		t.Fatal(err)
	}
	_, err = p.api.AdminGetUser(t.Context(), &sdk.AdminGetUserInput{UserPoolId: &p.id, Username: aws.String("leonidas")})
	wantError(t, err, "UserNotFoundException", "User does not exist.")
}

// Names differ in case only where the pool says so.
func TestCase(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	strict, lax := w.create(t, nil, nil), w.create(t, object{"UsernameConfiguration": object{"CaseSensitive": false}}, nil)
	for _, p := range []pool{strict, lax} {
		p.user(t, "Leonidas")
	}
	lax.signIn(t, "lEONIDAS")
	_, err := strict.initiate(t, "USER_PASSWORD_AUTH", "USERNAME", "leonidas", "PASSWORD", password)
	wantError(t, err, "UserNotFoundException", "")
}
