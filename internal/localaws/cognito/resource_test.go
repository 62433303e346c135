// SPDX-License-Identifier: MIT

package cognito_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func TestPoolResource(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	settings := object{
		"UserPoolName": "users", "DeletionProtection": "ACTIVE", "UserPoolTags": object{"own": 1}, "UsernameAttributes": []string{"email"},
		"Policies": object{"PasswordPolicy": object{"MinimumLength": "10"}}, "LambdaConfig": config(triggers...),
		"Schema":             []object{{"Name": "rank", "AttributeDataType": "Number", "NumberAttributeConstraints": object{"MinValue": 1, "MaxValue": "9"}}},
		"SmsConfiguration":   object{"SnsCallerArn": "arn:aws:iam::1:role/sms", "ExternalId": "x"},
		"EmailConfiguration": object{"EmailSendingAccount": "COGNITO_DEFAULT"},
	}
	made := w.make(t, "UserPool", settings)
	id := made.PhysicalID
	diff(t, object{
		"Arn": here.Regional("cognito-idp", "userpool/"+id), "UserPoolId": id, "ProviderName": "cognito-idp.us-east-1.amazonaws.com/" + id,
		"ProviderURL": "https://cognito-idp.us-east-1.amazonaws.com/" + id,
	}, made.Attributes)
	got, err := w.api.DescribeUserPool(t.Context(), &sdk.DescribeUserPoolInput{UserPoolId: &id})
	if err != nil {
		t.Fatal(err)
	}
	u := got.UserPool
	if *u.Arn != made.Attributes["Arn"] || *u.Name != "users" || u.UserPoolTags["own"] != "1" || u.UserPoolTags["stack"] != "yes" || u.MfaConfiguration != "OFF" ||
		*u.LambdaConfig.PreSignUp != function("PreSignUp") || *u.Policies.PasswordPolicy.MinimumLength != 10 || u.Policies.PasswordPolicy.RequireSymbols || u.CreationDate == nil {
		t.Errorf("got %+v", u)
	}
	last := u.SchemaAttributes[len(u.SchemaAttributes)-1]
	if *last.Name != "custom:rank" || !*last.Mutable || *last.NumberAttributeConstraints.MaxValue != "9" {
		t.Errorf("got %+v", last)
	}
	change := func(name string, value any) object {
		out := maps.Clone(settings)
		out[name] = value
		return out
	}
	for name, test := range map[string]struct {
		properties object
		want       string
	}{
		"names":  {change("UsernameAttributes", []string{"phone_number"}), "Updates are not allowed for property - UsernameAttributes."},
		"alias":  {change("UsernameAttributes", nil), "UsernameAttributes"},
		"schema": {change("Schema", nil), "Existing schema attributes cannot be modified or deleted."},
	} {
		if err := w.update(t, "UserPool", made, test.properties); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Service: CognitoIdentityProvider") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := w.remove(t, "UserPool", made, settings); err == nil || !strings.Contains(err.Error(), "deletion protection is activated") {
		t.Errorf("got %v", err)
	}
	if err := w.update(t, "UserPool", made, change("DeletionProtection", "INACTIVE")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what is gone is no error
		if err := w.remove(t, "UserPool", made, settings); err != nil {
			t.Error(err)
		}
	}
	_, err = w.api.DescribeUserPool(t.Context(), &sdk.DescribeUserPoolInput{UserPoolId: &id})
	wantError(t, err, "ResourceNotFoundException", "User pool "+id+" does not exist.")
}

// What the store gave back is not taken for a change.
func TestUpdateAfterRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	settings := object{"Schema": []object{{"Name": "a", "StringAttributeConstraints": object{}}, {"Name": "email", "Required": true}}, "UsernameConfiguration": object{"CaseSensitive": "false"}}
	made := w.make(t, "UserPool", settings)
	w.close(t)
	w = open(t, dir)
	settings["Schema"] = append(settings["Schema"].([]object), object{"Name": "b", "AttributeDataType": "Boolean"})
	if err := w.update(t, "UserPool", made, settings); err != nil {
		t.Error(err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	p := w.create(t, nil, nil)
	client := func(name string, value any) object { return object{"UserPoolId": p.id, name: value} }
	for _, test := range []struct {
		kind       string
		properties object
		want       string
	}{
		{"UserPool", object{"LambdaConfig": object{"CustomSMSSender": object{}}}, "it has no KMS"},
		{"UserPool", object{"LambdaConfig": object{"CustomEmailSender": object{}}}, "it has no KMS"},
		{"UserPool", object{"LambdaConfig": object{"KMSKeyID": "x"}}, "it has no KMS"},
		{"UserPool", object{"LambdaConfig": object{"PreSignUp": "x"}}, "not the ARN of a function"},
		{"UserPool", object{"MfaConfiguration": "ON"}, "models OFF only"},
		{"UserPool", object{"EnabledMfas": []string{"SMS_MFA"}}, "does not model"},
		{"UserPool", object{"VerificationMessageTemplate": object{"DefaultEmailOption": "CONFIRM_WITH_LINK"}}, "CONFIRM_WITH_CODE only"},
		{"UserPool", object{"UserPoolTier": "LITE", "LambdaConfig": object{"PreTokenGenerationConfig": object{"LambdaArn": function("x"), "LambdaVersion": "V2_0"}}}, "not available in the LITE tier"},
		{"UserPool", object{"AliasAttributes": []string{"email"}, "UsernameAttributes": []string{"email"}}, "Only one of"},
		{"UserPool", object{"Schema": []object{{"Name": "x", "Required": true}}}, "Required custom attributes"},
		{"UserPool", object{"Nonsense": 1}, "extraneous key [Nonsense]"},
		{"UserPoolClient", object{}, "required key [UserPoolId]"},
		{"UserPoolClient", client("SupportedIdentityProviders", []string{"Google"}), "COGNITO only"},
		{"UserPoolClient", client("ExplicitAuthFlows", []string{"ADMIN_NO_SRP_AUTH", "ALLOW_USER_SRP_AUTH"}), "cannot stand together"},
		{"UserPoolClient", client("AccessTokenValidity", 25), "Invalid range for token validity"},
		{"UserPoolClient", client("ReadAttributes", []string{"custom:none"}), "Invalid read or write attributes"},
		{"UserPoolClient", object{"UserPoolId": "us-east-1_none"}, "User pool us-east-1_none does not exist."},
		{"UserPoolUserToGroupAttachment", object{"UserPoolId": p.id, "GroupName": "g", "Username": "u"}, "User does not exist."},
	} {
		if _, err := w.try(t, test.kind, test.properties); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %v: got %v, want %s", test.kind, test.properties, err, test.want)
		}
	}
}

func TestClientResource(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	p := w.create(t, nil, nil)
	properties := object{"UserPoolId": p.id, "GenerateSecret": true, "ClientName": "web"}
	made := w.make(t, "UserPoolClient", properties)
	if len(made.PhysicalID) != 26 || made.Attributes["ClientId"] != made.PhysicalID || len(made.Attributes["ClientSecret"].(string)) != 51 || made.Attributes["Name"] != "web" {
		t.Errorf("got %+v", made)
	}
	properties["IdTokenValidity"] = 2
	if err := w.update(t, "UserPoolClient", made, properties); err != nil {
		t.Fatal(err)
	}
	got, err := w.api.DescribeUserPoolClient(t.Context(), &sdk.DescribeUserPoolClientInput{UserPoolId: &p.id, ClientId: &made.PhysicalID})
	if err != nil || *got.UserPoolClient.IdTokenValidity != 2 || *got.UserPoolClient.ClientSecret != made.Attributes["ClientSecret"] {
		t.Errorf("got %+v %v", got, err)
	}
	kind := w.ResourceTypes()["AWS::Cognito::UserPoolClient"]
	if !kind.Replaces(object{"UserPoolId": "a", "GenerateSecret": true}, object{"UserPoolId": "a"}) || kind.Replaces(object{"UserPoolId": "a"}, object{"UserPoolId": "a", "ClientName": "x"}) {
		t.Error("only a secret and another pool make another client")
	}
	list, err := w.api.ListUserPoolClients(t.Context(), &sdk.ListUserPoolClientsInput{UserPoolId: &p.id})
	if err != nil || len(list.UserPoolClients) != 2 {
		t.Errorf("got %+v %v", list, err)
	}
	if err := w.remove(t, "UserPoolClient", made, properties); err != nil {
		t.Fatal(err)
	}
	_, err = w.api.DescribeUserPoolClient(t.Context(), &sdk.DescribeUserPoolClientInput{UserPoolId: &p.id, ClientId: &made.PhysicalID})
	wantError(t, err, "ResourceNotFoundException", "User pool client "+made.PhysicalID+" does not exist.")
}

func TestMembers(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	p := w.create(t, nil, nil)
	group := object{"UserPoolId": p.id, "GroupName": "kings", "Description": "two", "Precedence": 1}
	made := w.make(t, "UserPoolGroup", group)
	if _, err := w.try(t, "UserPoolGroup", group); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("got %v", err)
	}
	leonidas := object{"UserPoolId": p.id, "Username": "leonidas", "MessageAction": "SUPPRESS", "UserAttributes": []object{{"Name": "email", "Value": "l@sparta.example"}}}
	user := w.make(t, "UserPoolUser", leonidas)
	if _, err := w.try(t, "UserPoolUser", leonidas); err == nil || !strings.Contains(err.Error(), "User account already exists") {
		t.Errorf("got %v", err)
	}
	member := object{"UserPoolId": p.id, "Username": "leonidas", "GroupName": "kings"}
	attached := w.make(t, "UserPoolUserToGroupAttachment", member)
	users, err := w.api.ListUsersInGroup(t.Context(), &sdk.ListUsersInGroupInput{UserPoolId: &p.id, GroupName: aws.String("kings")})
	if err != nil || len(users.Users) != 1 || *users.Users[0].Username != "leonidas" {
		t.Errorf("got %+v %v", users, err)
	}
	groups, err := w.api.AdminListGroupsForUser(t.Context(), &sdk.AdminListGroupsForUserInput{UserPoolId: &p.id, Username: aws.String("leonidas")})
	if err != nil || len(groups.Groups) != 1 || *groups.Groups[0].Description != "two" {
		t.Errorf("got %+v %v", groups, err)
	}
	for _, one := range []func() error{
		func() error { return w.update(t, "UserPoolGroup", made, group) },
		func() error { return w.remove(t, "UserPoolUserToGroupAttachment", attached, member) },
		func() error { return w.remove(t, "UserPoolUser", user, leonidas) },
		func() error { return w.remove(t, "UserPoolUser", user, leonidas) },
		func() error { return w.remove(t, "UserPoolUserToGroupAttachment", attached, member) },
		func() error { return w.remove(t, "UserPoolGroup", made, group) },
	} {
		if err := one(); err != nil {
			t.Error(err)
		}
	}
	_, err = w.api.GetGroup(t.Context(), &sdk.GetGroupInput{UserPoolId: &p.id, GroupName: aws.String("kings")})
	wantError(t, err, "ResourceNotFoundException", "Group not found.")
}

func TestListUsers(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	p := w.create(t, nil, nil)
	for _, name := range []string{"a", "b", "c"} {
		p.user(t, name, "email", name+"@sparta.example")
	}
	list := func(in sdk.ListUsersInput) string {
		t.Helper()
		in.UserPoolId = &p.id
		out, err := w.api.ListUsers(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		names := ""
		for _, u := range out.Users {
			names += *u.Username
		}
		if out.PaginationToken != nil {
			in.PaginationToken = out.PaginationToken
			more, err := w.api.ListUsers(t.Context(), &in)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range more.Users {
				names += "+" + *u.Username
			}
		}
		return names
	}
	for filter, want := range map[string]string{
		``: "abc", `username = "b"`: "b", `"email" ^= "C@"`: "c", `email = "a@sparta.example"`: "a", `cognito:user_status = "CONFIRMED"`: "abc", `status = "Disabled"`: "",
	} {
		if got := list(sdk.ListUsersInput{Filter: &filter}); got != want {
			t.Errorf("%s: got %s, want %s", filter, got, want)
		}
	}
	if got := list(sdk.ListUsersInput{Limit: aws.Int32(2)}); got != "ab+c" {
		t.Errorf("got %s", got)
	}
	_, err := w.api.ListUsers(t.Context(), &sdk.ListUsersInput{UserPoolId: &p.id, Filter: aws.String("custom:x > 1")})
	wantError(t, err, "InvalidParameterException", "malformed")
	pools, err := w.api.ListUserPools(t.Context(), &sdk.ListUserPoolsInput{MaxResults: aws.Int32(10)})
	if err != nil || len(pools.UserPools) != 1 || *pools.UserPools[0].Id != p.id {
		t.Errorf("got %+v %v", pools, err)
	}
}

// Requests without a signature get at the operations of users only.
func TestAnonymous(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	p := w.create(t, nil, nil)
	for operation, want := range map[string]string{
		"ListUserPools": "MissingAuthenticationTokenException", "AdminGetUser": "MissingAuthenticationTokenException", "CreateUserPool": "UnknownOperationException",
		"GetUser": "NotAuthorizedException",
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", w.url, strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Type string `json:"__type"`
		}
		err = json.NewDecoder(response.Body).Decode(&got)
		response.Body.Close()
		if err != nil || got.Type != want || response.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: got %+v %v", operation, got, err)
		}
	}
	var configuration struct{ Issuer string }
	response, err := http.Get(w.url + "/" + p.id + "/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&configuration); err != nil || configuration.Issuer != "https://cognito-idp.us-east-1.amazonaws.com/"+p.id {
		t.Errorf("got %+v %v", configuration, err)
	}
	preflight := httptest.NewRequestWithContext(t.Context(), "OPTIONS", "/", nil)
	preflight.Header.Set("Access-Control-Request-Headers", "content-type,x-amz-target")
	rw := httptest.NewRecorder()
	if !w.ServeUser(rw, preflight, wire.Identity{Anonymous: true}) || rw.Header().Get("Access-Control-Allow-Headers") != "content-type,x-amz-target" {
		t.Errorf("got %v", rw.Header())
	}
	if w.ServeUser(rw, httptest.NewRequestWithContext(t.Context(), "GET", "/bucket/key", nil), wire.Identity{Anonymous: true}) {
		t.Error("that is for S3")
	}
	if _, ok := w.Keys("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_none"); ok {
		t.Error("there is no such pool")
	}
}
