// SPDX-License-Identifier: MIT

package apigateway_test

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
	"github.com/sparta-up/sparta/internal/localaws/jwt"
)

const (
	poolARN = "arn:aws:cognito-idp:us-east-1:" + account + ":userpool/us-east-1_users"
	issuer  = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_users"
)

// poolKeys are the key of the pool and that of a stranger.
var poolKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var keys [2]*rsa.PrivateKey
	for i := range keys {
		var err error
		if keys[i], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			panic(err)
		}
	}
	return keys
})

// pools has one user pool.
type pools struct{}

func (pools) Issuer(arn string) (string, bool) { return issuer, arn == poolARN }

func (pools) Keys(string) (map[string]*rsa.PublicKey, bool) {
	return map[string]*rsa.PublicKey{"k": &poolKeys()[0].PublicKey}, true
}

func TestUserPoolAuthorizer(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	authorizer := s.make(t, "Authorizer", object{
		"RestApiId": s.id, "Name": "members", "Type": "COGNITO_USER_POOLS", "ProviderARNs": []string{poolARN}, "IdentitySource": "method.request.header.Authorization",
		"IdentityValidationExpression": "app.*",
	})
	guarded := object{"AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": authorizer}
	s.function(t, s.path(t, s.root, "any"), "GET", "echo", guarded)
	guarded["AuthorizationScopes"] = []string{"orders/read", "orders/write"}
	s.function(t, s.path(t, s.root, "scoped"), "GET", "echo", guarded)
	s.deploy(t)
	now := s.Now().Truncate(time.Second)
	token := func(key int, edit object) string {
		claims := object{
			"iss": issuer, "aud": "app1", "token_use": "id", "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "auth_time": 7, "sub": "me", "email_verified": true,
			"cognito:groups": []string{"a", "b"}, "address": object{"formatted": "Sparta"},
		}
		maps.Copy(claims, edit)
		text, err := jwt.Sign(poolKeys()[key], "k", claims)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	access := func(scope string) string { return token(0, object{"token_use": "access", "scope": scope, "aud": nil}) }
	const refused = `{"message":"Unauthorized"}`
	for _, test := range []struct {
		name, path, token string
		status            int
		body              string
	}{
		{"good", "/any", token(0, nil), 200, ""},
		{"with scheme", "/any", "Bearer " + token(0, nil), 200, ""},
		{"none", "/any", "", 401, refused},
		{"no token", "/any", "abc", 401, refused},
		{"expired", "/any", token(0, object{"exp": now.Unix()}), 401, `{"message":"The incoming token has expired"}`},
		{"no expiry", "/any", token(0, object{"exp": nil}), 401, refused},
		{"of another pool", "/any", token(0, object{"iss": issuer + "2"}), 401, refused},
		{"signed by another", "/any", token(1, nil), 401, refused},
		{"of another client", "/any", token(0, object{"aud": "other"}), 401, refused},
		{"access token without scopes", "/any", access("orders/read"), 401, refused},
		{"scope", "/scoped", access("openid orders/write"), 200, ""},
		{"scope is missing", "/scoped", access("openid"), 401, refused},
		{"identity token with scopes", "/scoped", token(0, object{"scope": "orders/read"}), 401, refused},
	} {
		status, _, body := s.get(t, "/dev"+test.path, "Authorization", test.token)
		if status != test.status || test.body != "" && body != test.body {
			t.Errorf("%s: got %d %s, want %d %s", test.name, status, body, test.status, test.body)
		}
	}
	_, _, body := s.get(t, "/dev/any", "Authorization", token(0, nil))
	want := object{"claims": object{
		"iss": issuer, "aud": "app1", "token_use": "id", "sub": "me", "auth_time": "7", "email_verified": "true", "cognito:groups": "a,b", "address": `{"formatted":"Sparta"}`,
		"exp": now.Add(time.Minute).UTC().Format("Mon Jan 02 15:04:05 MST 2006"), "iat": now.UTC().Format("Mon Jan 02 15:04:05 MST 2006"),
	}}
	if diff := cmp.Diff(want, object(gatewaytest.Decode[events.APIGatewayProxyRequest](t, body).RequestContext.Authorizer)); diff != "" {
		t.Error(diff)
	}
	if _, err := s.try(t, "Method", object{"RestApiId": s.id, "ResourceId": s.root, "HttpMethod": "GET", "AuthorizationType": "CUSTOM", "AuthorizerId": authorizer}); err == nil {
		t.Error("a method of type CUSTOM has an authorizer of type COGNITO_USER_POOLS")
	}
}

// The authorizer of a body takes the place of one that is made on its own.
func TestUserPoolsOfBody(t *testing.T) {
	t.Parallel()
	at := func(scopes ...string) object {
		return object{"get": proxied("echo", object{"members": append([]string{}, scopes...)})}
	}
	s := open(t, t.TempDir()).create(t, object{"Body": object{
		"openapi": "3.0.1", "info": object{"title": "t", "version": "1"}, "paths": object{"/any": at(), "/scoped": at("a")},
		"components": object{"securitySchemes": object{"members": object{
			"type": "apiKey", "name": "X-Token", "in": "header", "x-amazon-apigateway-authtype": "cognito_user_pools",
			"x-amazon-apigateway-authorizer": object{"type": "cognito_user_pools", "providerARNs": []string{poolARN}},
		}}},
	}})
	s.deploy(t)
	claims := object{"iss": issuer, "token_use": "id", "exp": s.Now().Unix() + 60}
	id, err := jwt.Sign(poolKeys()[0], "k", claims)
	if err != nil {
		t.Fatal(err)
	}
	claims["token_use"], claims["scope"] = "access", "a"
	access, err := jwt.Sign(poolKeys()[0], "k", claims)
	if err != nil {
		t.Fatal(err)
	}
	for path, tokens := range map[string][2]string{"/any": {id, access}, "/scoped": {access, id}} {
		for i, want := range []int{200, 401} {
			if status, _, body := s.get(t, "/dev"+path, "X-Token", tokens[i]); status != want {
				t.Errorf("%s: got %d %s, want %d", path, status, body, want)
			}
		}
	}
}
