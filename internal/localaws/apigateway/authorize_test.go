// SPDX-License-Identifier: MIT

package apigateway_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
)

// policy allows or denies a resource.
func policy(effect, resource string, more object) string {
	answer := object{"principalId": "me", "policyDocument": object{
		"Version": "2012-10-17", "Statement": []object{{"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}},
	}}
	maps.Copy(answer, more)
	return string(gatewaytest.JSON(answer))
}

func TestTokenAuthorizer(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	asked := 0
	s.Handlers["guard"] = func(event []byte) (string, error) {
		asked++
		e := gatewaytest.Decode[events.APIGatewayCustomAuthorizerRequest](t, string(event))
		if e.Type != "TOKEN" {
			t.Errorf("got %s", event)
		}
		switch e.AuthorizationToken {
		case "Bearer yes":
			return policy("Allow", e.MethodArn, object{"context": object{"n": 1, "b": true, "s": "x"}}), nil
		case "Bearer who":
			return "", failure("Unauthorized")
		case "Bearer fail":
			return "", failure("broken")
		case "Bearer bad":
			return policy("Allow", e.MethodArn, object{"context": object{"list": []int{1}}}), nil
		}
		return policy("Deny", e.MethodArn, nil), nil
	}
	guard := s.make(t, "Authorizer", object{
		"RestApiId": s.id, "Name": "guard", "Type": "TOKEN", "AuthorizerUri": invocations("guard"),
		"IdentitySource": "method.request.header.Authorization", "IdentityValidationExpression": "Bearer .*", "AuthorizerResultTtlInSeconds": 60,
	})
	custom := object{"AuthorizationType": "CUSTOM", "AuthorizerId": guard}
	s.function(t, s.path(t, s.root, "a"), "GET", "echo", custom)
	s.function(t, s.path(t, s.root, "b"), "GET", "echo", custom)
	s.make(t, "GatewayResponse", object{"RestApiId": s.id, "ResponseType": "UNAUTHORIZED", "ResponseParameters": object{"gatewayresponse.header.X-Why": "'no token'"}})
	s.deploy(t)
	for _, test := range []struct {
		token  string
		status int
		body   string
	}{
		{"", 401, `{"message":"Unauthorized"}`}, {"yes", 401, `{"message":"Unauthorized"}`}, {"Bearer who", 401, `{"message":"Unauthorized"}`},
		{"Bearer no", 403, `{"Message":"User is not authorized to access this resource"}`},
		{"Bearer fail", 500, `{"message":null}`}, {"Bearer bad", 500, `{"message":null}`},
	} {
		status, header, body := s.get(t, "/dev/a", "Authorization", test.token)
		if status != test.status || body != test.body || status == 401 && header.Get("X-Why") != "no token" {
			t.Errorf("%q: got %d %s %v", test.token, status, body, header)
		}
	}
	if asked != 4 {
		t.Errorf("asked %d times, want 4: not without a token that fits the expression", asked)
	}
	status, _, body := s.get(t, "/dev/a", "Authorization", "Bearer yes")
	said := gatewaytest.Decode[events.APIGatewayProxyRequest](t, body).RequestContext.Authorizer
	delete(said, "integrationLatency")
	if diff := cmp.Diff(object{"principalId": "me", "n": "1", "b": "true", "s": "x"}, said); status != 200 || diff != "" {
		t.Errorf("got %d %s", status, diff)
	}
	if status, _, _ := s.get(t, "/dev/b", "Authorization", "Bearer yes"); status != 403 || asked != 5 {
		t.Errorf("a kept policy is for all methods: got %d, asked %d times", status, asked)
	}
	s.Pass(time.Minute)
	if status, _, _ := s.get(t, "/dev/b", "Authorization", "Bearer yes"); status != 200 || asked != 6 {
		t.Errorf("after the TTL: got %d, asked %d times", status, asked)
	}
	s.Refused = "/authorizers/"
	if status, _, _ := s.get(t, "/dev/a", "Authorization", "Bearer new"); status != 500 {
		t.Errorf("without permission: got %d", status)
	}
}

func TestRequestAuthorizerAndKeys(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, object{"ApiKeySourceType": "AUTHORIZER"})
	key := s.make(t, "ApiKey", object{"Name": "k", "Enabled": true, "Value": strings.Repeat("k", 20)})
	var event string
	s.Handlers["guard"] = func(e []byte) (string, error) {
		event = string(e)
		in := gatewaytest.Decode[events.APIGatewayCustomAuthorizerRequestTypeRequest](t, event)
		return policy("Allow", in.MethodArn, object{"usageIdentifierKey": in.QueryStringParameters["key"]}), nil
	}
	guard := s.make(t, "Authorizer", object{
		"RestApiId": s.id, "Name": "guard", "Type": "REQUEST", "AuthorizerUri": invocations("guard"),
		"IdentitySource": "method.request.querystring.key, context.identity.sourceIp", "AuthorizerResultTtlInSeconds": 0,
	})
	s.function(t, s.path(t, s.root, "{a}"), "GET", "echo", object{"AuthorizationType": "CUSTOM", "AuthorizerId": guard, "ApiKeyRequired": true})
	s.deploy(t)
	plan := s.make(t, "UsagePlan", object{"ApiStages": []object{{"ApiId": s.id, "Stage": "dev"}}})
	s.make(t, "UsagePlanKey", object{"KeyId": key, "KeyType": "API_KEY", "UsagePlanId": plan})
	if status, _, body := s.get(t, "/dev/x?key="+strings.Repeat("k", 20)); status != 200 || gatewaytest.Decode[events.APIGatewayProxyRequest](t, body).RequestContext.Identity.APIKeyID != key {
		t.Errorf("got %d %s", status, body)
	}
	in := gatewaytest.Decode[events.APIGatewayCustomAuthorizerRequestTypeRequest](t, event)
	if in.Type != "REQUEST" || in.Resource != "/{a}" || in.PathParameters["a"] != "x" || !strings.HasSuffix(in.MethodArn, ":"+s.id+"/dev/GET/x") || in.RequestContext.Stage != "dev" {
		t.Errorf("got %s", event)
	}
	if strings.Contains(event, `"body"`) || strings.Contains(event, "isBase64Encoded") {
		t.Errorf("authorizers do not see the body: got %s", event)
	}
	if status, _, _ := s.get(t, "/dev/x?key=other"); status != 403 {
		t.Errorf("another key: got %d", status)
	}
	if status, _, _ := s.get(t, "/dev/x"); status != 401 {
		t.Errorf("no identity: got %d", status)
	}
}

func TestKeysAndPlans(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	s := w.create(t, nil)
	for _, part := range []string{"a", "b"} {
		s.function(t, s.path(t, s.root, part), "GET", "echo", object{"ApiKeyRequired": true})
	}
	s.deploy(t)
	value := strings.Repeat("v", 30)
	key := s.make(t, "ApiKey", object{"Name": "one", "Enabled": true, "Value": value})
	off := s.make(t, "ApiKey", object{"Name": "off", "Value": strings.Repeat("o", 30)}) // not enabled unless said
	s.make(t, "ApiKey", object{"Name": "free", "Enabled": true, "Value": strings.Repeat("f", 30)})
	plan := s.make(t, "UsagePlan", object{
		"UsagePlanName": "p", "Throttle": object{"RateLimit": 10, "BurstLimit": 10}, "Quota": object{"Limit": 5, "Period": "DAY"},
		"ApiStages": []object{{"ApiId": s.id, "Stage": "dev", "Throttle": object{"/b/GET": object{"RateLimit": 0.1, "BurstLimit": 1}}}},
	})
	for _, id := range []string{key, off} {
		s.make(t, "UsagePlanKey", object{"KeyId": id, "KeyType": "API_KEY", "UsagePlanId": plan})
	}
	get := func(s site, path, value string) int {
		status, _, _ := s.get(t, "/dev"+path, "X-Api-Key", value)
		return status
	}
	for name, test := range map[string]struct {
		value string
		want  int
	}{
		"none": {"", 403}, "unknown": {"x", 403}, "not enabled": {strings.Repeat("o", 30), 403}, "in no plan": {strings.Repeat("f", 30), 403}, "good": {value, 200},
	} {
		if got := get(s, "/a", test.value); got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
	}
	if got := []int{get(s, "/b", value), get(s, "/b", value)}; !cmp.Equal(got, []int{200, 429}) {
		t.Errorf("limit of the method: got %v", got)
	}
	w.End(t) // the quota is counted across restarts
	s.world = open(t, dir)
	if got := []int{get(s, "/a", value), get(s, "/a", value), get(s, "/a", value), get(s, "/a", value)}; !cmp.Equal(got, []int{200, 200, 200, 429}) {
		t.Errorf("quota: got %v", got)
	}
	if _, _, body := s.get(t, "/dev/a", "X-Api-Key", value); body != `{"message":"Limit Exceeded"}` {
		t.Errorf("got %s", body)
	}
	s.Pass(24 * time.Hour)
	if got := get(s, "/a", value); got != 200 {
		t.Errorf("the next day: got %d", got)
	}
	for name, test := range map[string]struct {
		kind       string
		properties object
		want       string
	}{
		"key twice":      {"UsagePlanKey", object{"KeyId": key, "KeyType": "API_KEY", "UsagePlanId": plan}, "already in it"},
		"value twice":    {"ApiKey", object{"Name": "x", "Value": value}, "already exists"},
		"short value":    {"ApiKey", object{"Name": "x", "Value": "short"}, "at least 20"},
		"no stage":       {"UsagePlan", object{"ApiStages": []object{{"ApiId": s.id, "Stage": "none"}}}, "API Stage not found"},
		"no plan":        {"UsagePlanKey", object{"KeyId": key, "KeyType": "API_KEY", "UsagePlanId": "none"}, "Invalid Usage Plan"},
		"stage keys":     {"ApiKey", object{"StageKeys": []object{}}, "does not model"},
		"quota's period": {"UsagePlan", object{"Quota": object{"Limit": 1, "Period": "YEAR"}}, "enum"},
	} {
		if _, err := s.try(t, test.kind, test.properties); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	second := s.make(t, "UsagePlan", object{"ApiStages": []object{{"ApiId": s.id, "Stage": "dev"}}})
	if _, err := s.try(t, "UsagePlanKey", object{"KeyId": key, "KeyType": "API_KEY", "UsagePlanId": second}); err == nil || !strings.Contains(err.Error(), "multiple Usage Plans") {
		t.Errorf("got %v", err)
	}
	if err := s.remove(t, "ApiKey", key, nil); err != nil {
		t.Error(err)
	}
	if got := get(s, "/a", value); got != 403 {
		t.Errorf("a key that is gone: got %d", got)
	}
}

func TestIAM(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	s.function(t, s.root, "GET", "echo", object{"AuthorizationType": "AWS_IAM"})
	s.deploy(t)
	if status, _, body := s.get(t, "/dev"); status != 403 || body != `{"message":"Missing Authentication Token"}` {
		t.Errorf("got %d %s", status, body)
	}
	status, _, body := s.get(t, "/dev", "Authorization", "AWS4-HMAC-SHA256 Credential=222222222222/20260101/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=00")
	if id := gatewaytest.Decode[events.APIGatewayProxyRequest](t, body).RequestContext.Identity; status != 200 || id.AccountID != "222222222222" || id.UserArn != "arn:aws:iam::222222222222:root" {
		t.Errorf("got %d %+v", status, id)
	}
}
