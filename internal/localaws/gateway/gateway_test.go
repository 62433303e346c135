// SPDX-License-Identifier: MIT

package gateway_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
)

func TestTemplate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		template, path string
		want           map[string]string
		ok             bool
	}{
		{"/", "/", nil, true}, {"/", "/a", nil, false}, {"/a", "/a", nil, true}, {"/a", "/a/", nil, false}, {"/a", "/", nil, false},
		{"/a b", "/a%20b", nil, true}, {"/{x}", "/", nil, false}, {"/{x}", "/1", map[string]string{"x": "1"}, true},
		{"/{x}/b", "/1/b", map[string]string{"x": "1"}, true}, {"/{x}/b", "//b", nil, false}, {"/{x}", "/1/2", nil, false},
		{"/{x}", "/a%2Fb", map[string]string{"x": "a/b"}, true}, {"/{x+}", "/a%2Fb/c", map[string]string{"x": "a/b/c"}, true},
		{"/a/{x+}", "/a", nil, false}, {"/a/{x+}", "/a/", nil, false}, {"/a/{x+}", "/a/b/", map[string]string{"x": "b/"}, true},
		{"/{x}", "/%zz", map[string]string{"x": "%zz"}, true},
	} {
		parsed, err := gateway.ParseTemplate(test.template)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := parsed.Match(gateway.Segments(test.path))
		if ok != test.ok || ok && cmp.Diff(test.want, got) != "" {
			t.Errorf("%s on %s: got %v %v, want %v %v", test.template, test.path, got, ok, test.want, test.ok)
		}
	}
	for _, text := range []string{"", "a", "/{}", "/{a", "/a}", "/x{a}", "/{a+}/b", "/{a}/{a}", "/{a b}", "/{+}"} {
		if _, err := gateway.ParseTemplate(text); err == nil {
			t.Errorf("%q is no path", text)
		}
	}
}

func TestTemplateOrder(t *testing.T) {
	t.Parallel()
	texts := []string{"/{proxy+}", "/{a}", "/pets/{proxy+}", "/pets/{id}/x", "/pets/{id}", "/pets", "/pets/dog/1", "/pets/dog/{id}"}
	list := make([]gateway.Template, len(texts))
	for i, text := range texts {
		var err error
		if list[i], err = gateway.ParseTemplate(text); err != nil {
			t.Fatal(err)
		}
	}
	slices.SortStableFunc(list, gateway.Template.Compare)
	var got []string
	for _, each := range list {
		got = append(got, each.String())
	}
	want := []string{"/pets/dog/1", "/pets/dog/{id}", "/pets/{id}/x", "/pets/{id}", "/pets/{proxy+}", "/pets", "/{a}", "/{proxy+}"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// FuzzTemplate checks that a path which is put together from parameters is
// taken apart into them again.
func FuzzTemplate(f *testing.F) {
	f.Add("/a/{b}/{c+}", "/a/x/y/z")
	f.Add("/{a}", "/%zz")
	f.Add("/", "/")
	f.Fuzz(func(t *testing.T, template, path string) {
		parsed, err := gateway.ParseTemplate(template)
		if err != nil {
			return
		}
		if again, err := gateway.ParseTemplate(parsed.String()); err != nil || again.Compare(parsed) != 0 || again.Pattern() != parsed.Pattern() {
			t.Fatalf("%q is read in two ways", template)
		}
		found, ok := parsed.Match(gateway.Segments(path))
		if !ok {
			return
		}
		if len(found) != len(parsed.Names()) {
			t.Errorf("%q on %q: got %v", template, path, found)
		}
		if strings.Contains(path, "%") {
			return
		}
		back := parsed.String()
		for name, value := range found {
			back = strings.Replace(strings.Replace(back, "{"+name+"}", value, 1), "{"+name+"+}", value, 1)
		}
		if strings.TrimPrefix(back, "/") != strings.TrimPrefix(path, "/") && !strings.Contains(template, "%") && !strings.Contains(path, "{") {
			t.Errorf("%q on %q: back comes %q", template, path, back)
		}
	})
}

func TestTarget(t *testing.T) {
	t.Parallel()
	const function = "arn:aws:lambda:us-east-1:111111111111:function:hello:live"
	const prefix = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
	for _, test := range []struct {
		uri, want string
		ok        bool
	}{
		{function, function, true}, {prefix + function + "/invocations", function, true}, {prefix + function, function, false},
		{prefix + "arn:aws:sqs:us-east-1:1:q/invocations", "", false}, {"arn:aws:lambda:us-east-1:1:layer:x", "", false}, {"https://a.example", "", false},
		{"arn:aws:apigateway:us-east-1:sqs:path/1/q", "", false}, {"arn:aws:apigateway:us-east-1:lambda:path/2021-11-15/functions/" + function + "/response-streaming-invocations", "", false},
	} {
		if got, ok := gateway.Target(test.uri); ok != test.ok || ok && got != test.want {
			t.Errorf("%s: got %s %v", test.uri, got, ok)
		}
	}
	if got := gateway.Variables("a:${stageVariables.x}:${stageVariables.none}${stageVariables.open", map[string]string{"x": "1"}); got != "a:1:${stageVariables.open" {
		t.Errorf("got %s", got)
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	var throttle gateway.Throttle
	now := time.Unix(0, 0)
	limit := &gateway.Limit{Rate: 2, Burst: 3}
	take := func(n int) (let int) {
		for range n {
			if throttle.Allow("a", limit, now) {
				let++
			}
		}
		return let
	}
	if got := take(5); got != 3 {
		t.Errorf("burst: got %d, want 3", got)
	}
	now = now.Add(time.Second)
	if got := take(5); got != 2 {
		t.Errorf("after a second: got %d, want 2", got)
	}
	now = now.Add(time.Hour)
	if got := take(5); got != 3 {
		t.Errorf("a bucket holds its burst at most: got %d", got)
	}
	if limit = (&gateway.Limit{Burst: 1}); take(2) != 1 {
		t.Error("another limit begins anew")
	}
	if limit = (&gateway.Limit{}); take(2) != 0 {
		t.Error("a limit of zero lets nothing through")
	}
	if limit = nil; take(2) != 2 {
		t.Error("no limit lets all through")
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	variables := map[string]string{"requestId": "1", "identity.sourceIp": "::1", "authorizer.claims.sub": "me", "empty": ""}
	for format, want := range map[string]string{
		"$context.requestId $context.identity.sourceIp.":  "1 ::1.",
		`{"a":"$context.requestId","b":$context.empty}`:   `{"a":"1","b":-}`,
		"$context.authorizer.claims.sub/$context.none":    "me/-",
		"$context. $contextrequestId $$context.requestId": "$context. $contextrequestId $1",
	} {
		if got := gateway.Expand(format, variables); got != want {
			t.Errorf("%s: got %s, want %s", format, got, want)
		}
	}
}

func TestCache(t *testing.T) {
	t.Parallel()
	var cache gateway.Cache[int]
	now := time.Unix(0, 0)
	cache.Put("a/1", 1, now, now.Add(time.Minute))
	cache.Put("b/1", 2, now, now.Add(time.Hour))
	if got, ok := cache.Get("a/1", now.Add(time.Minute-1)); got != 1 || !ok {
		t.Errorf("got %d %v", got, ok)
	}
	if _, ok := cache.Get("a/1", now.Add(time.Minute)); ok {
		t.Error("an answer is out of date when its time has come")
	}
	cache.Forget("b/")
	if _, ok := cache.Get("b/1", now); ok {
		t.Error("it must be forgotten")
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const yes = "arn:aws:execute-api:us-east-1:1:abc/dev/GET/a"
	statement := `{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-east-1:1:abc/*/GET/*"}`
	policy := `{"principalId":"me","policyDocument":{"Version":"2012-10-17","Statement":[` + statement + `%]},"context":{"n":1}}`
	for _, test := range []struct {
		name, payload, resource string
		simple, broken, want    bool
	}{
		{"simple", `{"isAuthorized":true}`, yes, true, false, true},
		{"simple no", `{"isAuthorized":false}`, yes, true, false, false},
		{"simple without a word", `{}`, yes, true, true, false},
		{"policy", strings.Replace(policy, "%", "", 1), yes, false, false, true},
		{"other method", strings.Replace(policy, "%", "", 1), "arn:aws:execute-api:us-east-1:1:abc/dev/PUT/a", false, false, false},
		{"denied", strings.Replace(policy, "%", `,{"Effect":"Deny","Action":"*","Resource":"*"}`, 1), yes, false, false, false},
		{"from another place", strings.Replace(policy, "%", `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`, 1), yes, false, false, false},
		{"from here", strings.Replace(policy, "%", `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"127.0.0.1/32"}}}`, 1), yes, false, false, true},
		{"no principal", strings.Replace(strings.Replace(policy, "%", "", 1), `"me"`, `""`, 1), yes, false, true, false},
		{"no policy", `{"principalId":"me"}`, yes, false, true, false},
		{"context that is no scalar", strings.Replace(strings.Replace(policy, "%", "", 1), `"n":1`, `"n":[1]`, 1), yes, false, true, false},
		{"no JSON", `x`, yes, false, true, false},
	} {
		read := gateway.PolicyAnswer
		if test.simple {
			read = gateway.SimpleAnswer
		}
		got, err := read([]byte(test.payload))
		if (err != nil) != test.broken || err == nil && got.Allows(test.resource, "127.0.0.1") != test.want {
			t.Errorf("%s: got %v, error %v", test.name, got.Allows(test.resource, "127.0.0.1"), err)
		}
	}
}

// stuck is functions that run until they are killed.
type stuck struct{ killed chan struct{} }

func (s stuck) Permits(_ arn.Scope, function, _, _ string) bool { return function != "forbidden" }

func (s stuck) Invoke(ctx context.Context, _ arn.Scope, _ string, _ []byte, _ lambda.InvokeOptions) (lambda.Response, error) {
	<-ctx.Done()
	close(s.killed)
	return lambda.Response{}, ctx.Err()
}

func TestCaller(t *testing.T) {
	t.Parallel()
	functions := stuck{make(chan struct{})}
	caller := gateway.NewCaller(functions)
	if _, err := caller.Call(gateway.Call{Function: "forbidden", Timeout: time.Minute}); !errors.Is(err, gateway.ErrPermission) {
		t.Errorf("got %v", err)
	}
	if _, err := caller.Call(gateway.Call{Function: "slow", Timeout: time.Millisecond}); !errors.Is(err, gateway.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	select {
	case <-functions.killed:
		t.Error("a function goes on when the time is up")
	default:
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	caller.Close(ctx)
	<-functions.killed
	if _, err := caller.Call(gateway.Call{Function: "slow", Timeout: time.Minute}); !errors.Is(err, gateway.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
