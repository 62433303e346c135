// SPDX-License-Identifier: MIT

package apigatewayv2_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
)

// issuer is an OpenID provider on this machine.
type issuer struct {
	url string
	key *rsa.PrivateKey
}

func newIssuer(t *testing.T) issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := issuer{key: key}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, i.url, i.url+"/keys")
		case "/keys":
			_ = json.NewEncoder(w).Encode(object{"keys": []object{{
				"kty": "RSA", "kid": "k1", "alg": "RS256", "use": "sig",
				"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
			}, {"kty": "EC", "kid": "k2"}}})
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	i.url = server.URL
	return i
}

func encoded(v any) string { return base64.RawURLEncoding.EncodeToString(gatewaytest.JSON(v)) }

// token signs claims.
func (i issuer) token(t *testing.T, header, claims object) string {
	t.Helper()
	text := encoded(header) + "." + encoded(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, i.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestJWT(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	i, stranger := newIssuer(t), newIssuer(t)
	authorizer := s.must(t, 201, "POST", s.path("/authorizers"), object{
		"name": "jwt", "authorizerType": "JWT", "identitySource": []string{"$request.header.Authorization"},
		"jwtConfiguration": object{"issuer": i.url, "audience": []string{"app"}},
	})["authorizerId"]
	target := s.integration(t, "echo", "2.0", 5000)
	s.route(t, "GET /any", target, object{"authorizationType": "JWT", "authorizerId": authorizer})
	s.route(t, "GET /scoped", target, object{"authorizationType": "JWT", "authorizerId": authorizer, "authorizationScopes": []string{"write", "admin"}})
	s.route(t, "GET /one", s.integration(t, "echo1", "1.0", 5000), object{"authorizationType": "JWT", "authorizerId": authorizer})
	s.Handlers["echo1"] = func(event []byte) (string, error) {
		return string(gatewaytest.JSON(object{"statusCode": 200, "body": string(event)})), nil
	}
	now := s.Now().Unix()
	rs256 := object{"alg": "RS256", "kid": "k1"}
	claims := func(edit object) object {
		c := object{"iss": i.url, "aud": "app", "exp": now + 60, "iat": now, "sub": "me", "scope": "read write", "groups": []string{"a", "b"}, "admin": true}
		maps.Copy(c, edit)
		maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
		return c
	}
	good := i.token(t, rs256, claims(nil))
	for _, test := range []struct {
		name, path, header string
		status             int
		challenge          string
	}{
		{"good", "/any", "Bearer " + good, 200, ""},
		{"without scheme", "/any", good, 200, ""},
		{"scope", "/scoped", "bearer " + good, 200, ""},
		{"scope is missing", "/scoped", "Bearer " + i.token(t, rs256, claims(object{"scope": "read"})), 403, `error="insufficient_scope"`},
		{"scp", "/scoped", "Bearer " + i.token(t, rs256, claims(object{"scope": nil, "scp": []string{"admin"}})), 200, ""},
		{"none", "/any", "", 401, "Bearer"},
		{"only the scheme", "/any", "Bearer ", 401, "Bearer"},
		{"no token", "/any", "Bearer abc", 401, `error="invalid_token"`},
		{"expired", "/any", "Bearer " + i.token(t, rs256, claims(object{"exp": now})), 401, "expired"},
		{"no expiry", "/any", "Bearer " + i.token(t, rs256, claims(object{"exp": nil})), 401, "expiry"},
		{"not yet", "/any", "Bearer " + i.token(t, rs256, claims(object{"nbf": now + 5})), 401, "not valid yet"},
		{"from the future", "/any", "Bearer " + i.token(t, rs256, claims(object{"iat": now + 5})), 401, "not valid yet"},
		{"audience", "/any", "Bearer " + i.token(t, rs256, claims(object{"aud": []string{"x", "y"}})), 401, "audience"},
		{"one of several audiences", "/any", "Bearer " + i.token(t, rs256, claims(object{"aud": []string{"x", "app"}})), 200, ""},
		{"client", "/any", "Bearer " + i.token(t, rs256, claims(object{"aud": nil, "client_id": "app"})), 200, ""},
		{"client does not replace audience", "/any", "Bearer " + i.token(t, rs256, claims(object{"aud": "x", "client_id": "app"})), 401, "audience"},
		{"issuer", "/any", "Bearer " + i.token(t, rs256, claims(object{"iss": stranger.url})), 401, "issuer"},
		{"signed by another", "/any", "Bearer " + stranger.token(t, rs256, claims(nil)), 401, "signature"},
		{"unknown key", "/any", "Bearer " + i.token(t, object{"alg": "RS256", "kid": "k9"}, claims(nil)), 401, "no key"},
		{"no signature", "/any", "Bearer " + encoded(object{"alg": "none", "kid": "k1"}) + "." + encoded(claims(nil)) + ".", 401, "signing method"},
		{"HMAC", "/any", "Bearer " + i.token(t, object{"alg": "HS256", "kid": "k1"}, claims(nil)), 401, "signing method"},
		{"changed", "/any", "Bearer " + strings.Replace(good, ".", ".e", 1), 401, "invalid_token"},
	} {
		status, header, body := s.get(t, test.path, "Authorization", test.header)
		if status != test.status || !strings.Contains(header.Get("Www-Authenticate"), test.challenge) {
			t.Errorf("%s: got %d %q %s, want %d %q", test.name, status, header.Get("Www-Authenticate"), body, test.status, test.challenge)
		}
	}
	_, _, body := s.get(t, "/scoped", "Authorization", "Bearer "+good)
	said := gatewaytest.Decode[events.APIGatewayV2HTTPRequest](t, body).RequestContext.Authorizer.JWT
	want := &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{
		Claims: map[string]string{
			"iss": i.url, "aud": "app", "exp": fmt.Sprint(now + 60), "iat": fmt.Sprint(now), "sub": "me", "scope": "read write", "groups": "[a b]", "admin": "true",
		},
		Scopes: []string{"read", "write"},
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	_, _, body = s.get(t, "/one", "Authorization", "Bearer "+good)
	if got := gatewaytest.Decode[events.APIGatewayProxyRequest](t, body).RequestContext.Authorizer; got["scopes"] != nil || got["claims"].(object)["sub"] != "me" {
		t.Errorf("1.0: got %v", got)
	}
}

// guarded makes an API whose route GET /x/{y} asks the function "guard".
func guarded(t *testing.T, settings object, answer func(event []byte) (string, error)) (site, *int) {
	t.Helper()
	s := open(t, t.TempDir()).create(t, nil)
	asked := 0
	s.Handlers["guard"] = func(event []byte) (string, error) { asked++; return answer(event) }
	in := object{"name": "guard", "authorizerType": "REQUEST", "authorizerUri": invocations("guard"), "identitySource": []string{"$request.header.Authorization"}}
	maps.Copy(in, settings)
	id := s.must(t, 201, "POST", s.path("/authorizers"), in)["authorizerId"]
	target := s.integration(t, "echo", "2.0", 5000)
	for _, key := range []string{"GET /x/{y}", "GET /other"} {
		s.route(t, key, target, object{"authorizationType": "CUSTOM", "authorizerId": id})
	}
	return s, &asked
}

func TestLambdaAuthorizerSimple(t *testing.T) {
	t.Parallel()
	var event []byte
	s, asked := guarded(t, object{"authorizerPayloadFormatVersion": "2.0", "enableSimpleResponses": true}, func(e []byte) (string, error) {
		event = e
		switch gatewaytest.Decode[events.APIGatewayV2CustomAuthorizerV2Request](t, string(e)).IdentitySource[0] {
		case "yes":
			return `{"isAuthorized":true,"context":{"user":"me","n":1}}`, nil
		case "no":
			return `{"isAuthorized":false}`, nil
		case "fail":
			return "", errFails
		}
		return `{"what":1}`, nil
	})
	for _, test := range []struct {
		header string
		status int
		body   string
	}{
		{"", 401, `{"message":"Unauthorized"}`}, {"no", 403, `{"message":"Forbidden"}`},
		{"fail", 500, `{"message":"Internal Server Error"}`}, {"nonsense", 500, `{"message":"Internal Server Error"}`},
	} {
		if status, _, body := s.get(t, "/x/1", "Authorization", test.header); status != test.status || body != test.body {
			t.Errorf("%q: got %d %s", test.header, status, body)
		}
	}
	status, _, body := s.get(t, "/x/1?q=1", "Authorization", "yes")
	if status != 200 {
		t.Fatalf("got %d %s", status, body)
	}
	if diff := cmp.Diff(map[string]any{"user": "me", "n": 1.0}, gatewaytest.Decode[events.APIGatewayV2HTTPRequest](t, body).RequestContext.Authorizer.Lambda); diff != "" {
		t.Error(diff)
	}
	if *asked != 4 {
		t.Errorf("asked %d times, want 4: nothing is kept without a TTL, and nothing is asked without an identity", *asked)
	}
	e := gatewaytest.Decode[events.APIGatewayV2CustomAuthorizerV2Request](t, string(event))
	execution := "arn:aws:execute-api:us-east-1:" + account + ":" + s.id
	if e.Version != "2.0" || e.Type != "REQUEST" || e.RouteArn != execution+"/$default/GET/x/1" || e.RouteKey != "GET /x/{y}" || e.PathParameters["y"] != "1" || e.QueryStringParameters["q"] != "1" {
		t.Errorf("got %s", event)
	}
	s.Refused = "/authorizers/"
	if status, _, body := s.get(t, "/x/1", "Authorization", "yes"); status != 500 {
		t.Errorf("without permission: got %d %s", status, body)
	}
}

func TestLambdaAuthorizerPolicyAndCache(t *testing.T) {
	t.Parallel()
	var event []byte
	s, asked := guarded(t, object{"authorizerResultTtlInSeconds": 60, "identitySource": []string{"$request.header.Authorization", "$request.querystring.q"}}, func(e []byte) (string, error) {
		event = e
		arn := gatewaytest.Decode[events.APIGatewayV2CustomAuthorizerV1Request](t, string(e)).MethodArn
		return string(gatewaytest.JSON(object{
			"principalId": "me", "context": object{"k": "v"},
			"policyDocument": object{"Version": "2012-10-17", "Statement": []object{{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}}},
		})), nil
	})
	get := func(path, header string) int {
		status, _, _ := s.get(t, path, "Authorization", header)
		return status
	}
	if got := get("/x/1", "a"); got != 401 {
		t.Errorf("one of two identities is missing: got %d", got)
	}
	if got := []int{get("/x/1?q=1", "a"), get("/x/1?q=1", "a"), get("/x/2?q=1", "a"), get("/other?q=1", "a")}; !cmp.Equal(got, []int{200, 200, 403, 403}) {
		t.Errorf("the kept policy must serve all routes: got %v", got)
	}
	if *asked != 1 {
		t.Errorf("asked %d times, want 1", *asked)
	}
	if got := []int{get("/x/2?q=1", "b"), get("/x/2?q=2", "b")}; !cmp.Equal(got, []int{200, 200}) || *asked != 3 {
		t.Errorf("other identities must be asked for: got %v, asked %d times", got, *asked)
	}
	s.Pass(61 * time.Second)
	if got := get("/x/2?q=1", "a"); got != 200 || *asked != 4 {
		t.Errorf("after the TTL: got %d, asked %d times", got, *asked)
	}
	s.must(t, 204, "DELETE", s.path("/stages/%24default/cache/authorizers"), nil)
	if got := get("/x/3?q=1", "a"); got != 200 || *asked != 5 {
		t.Errorf("after a reset: got %d, asked %d times", got, *asked)
	}
	e := gatewaytest.Decode[events.APIGatewayV2CustomAuthorizerV1Request](t, string(event))
	if e.Version != "1.0" || e.IdentitySource != "a,1" || e.AuthorizationToken != "a,1" || e.Resource != "/x/{y}" || e.RequestContext.ResourcePath != "/x/{y}" || e.HTTPMethod != "GET" {
		t.Errorf("got %s", event)
	}
}
