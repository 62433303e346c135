// SPDX-License-Identifier: MIT

package lambda_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"
)

// publicURL makes a function with a URL that everybody may call.
func publicURL(t *testing.T, w *world, edit func(*sdk.CreateFunctionUrlConfigInput)) string {
	t.Helper()
	w.create(t, "hello", nil)
	in := &sdk.CreateFunctionUrlConfigInput{FunctionName: aws.String("hello"), AuthType: types.FunctionUrlAuthTypeNone}
	if edit != nil {
		edit(in)
	}
	out, err := w.client.CreateFunctionUrlConfig(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	allow(t, w, &sdk.AddPermissionInput{StatementId: aws.String("url"), Action: aws.String("lambda:InvokeFunctionUrl"), FunctionUrlAuthType: types.FunctionUrlAuthTypeNone})
	allow(t, w, &sdk.AddPermissionInput{StatementId: aws.String("invoke"), Action: aws.String("lambda:InvokeFunction"), InvokedViaFunctionUrl: aws.Bool(true)})
	return aws.ToString(out.FunctionUrl)
}

func allow(t *testing.T, w *world, in *sdk.AddPermissionInput) {
	t.Helper()
	in.FunctionName, in.Principal = aws.String("hello"), aws.String("*")
	if _, err := w.client.AddPermission(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// visit sends a request and returns the response with its body.
func visit(t *testing.T, method, url string, body io.Reader, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestURLEvent(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := publicURL(t, w, nil)
	resp, body := visit(t, "POST", url+"a%20b/c?x=1&x=2&y=%C3%A4&z", strings.NewReader(`{"k":1}`),
		"Content-Type", "application/json; charset=utf-8", "X-Two", "1", "X-Two", "2", "Cookie", "a=1; b=2", "User-Agent", "test/1")
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("got %s %s", resp.Status, body)
	}
	var got struct {
		Version, RouteKey, RawPath, RawQueryString, Body string
		Cookies                                          []string
		Headers, QueryStringParameters                   map[string]string
		IsBase64Encoded                                  bool
		RequestContext                                   struct {
			AccountID, APIID, DomainName, DomainPrefix, RequestID, RouteKey, Stage, Time string
			TimeEpoch                                                                    int64
			HTTP                                                                         map[string]string
			Authorizer                                                                   any
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
	rc := got.RequestContext
	for _, check := range []struct{ name, got, want string }{
		{"version", got.Version, "2.0"}, {"routeKey", got.RouteKey, "$default"}, {"rawPath", got.RawPath, "/a%20b/c"},
		{"rawQueryString", got.RawQueryString, "x=1&x=2&y=%C3%A4&z"}, {"body", got.Body, `{"k":1}`},
		{"header", got.Headers["x-two"], "1,2"}, {"host", got.Headers["host"], host}, {"proto", got.Headers["x-forwarded-proto"], "http"},
		{"for", got.Headers["x-forwarded-for"], "127.0.0.1"}, {"cookie", got.Headers["cookie"], "a=1; b=2"}, {"length", got.Headers["content-length"], "7"},
		{"account", rc.AccountID, account}, {"stage", rc.Stage, "$default"}, {"context.routeKey", rc.RouteKey, "$default"},
		{"domain", rc.DomainName, host}, {"prefix", rc.DomainPrefix, rc.APIID},
		{"method", rc.HTTP["method"], "POST"}, {"path", rc.HTTP["path"], "/a%20b/c"}, {"protocol", rc.HTTP["protocol"], "HTTP/1.1"},
		{"source", rc.HTTP["sourceIp"], "127.0.0.1"}, {"agent", rc.HTTP["userAgent"], "test/1"},
		{"request id", rc.RequestID, resp.Header.Get("X-Amzn-Requestid")},
	} {
		if check.got != check.want {
			t.Errorf("%s is %q, want %q", check.name, check.got, check.want)
		}
	}
	if diff := cmp.Diff([]string{"a=1", "b=2"}, got.Cookies); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"x": "1,2", "y": "ä", "z": ""}, got.QueryStringParameters); diff != "" {
		t.Error(diff)
	}
	at, err := time.Parse("02/Jan/2006:15:04:05 -0700", rc.Time)
	if err != nil || at.Unix() != rc.TimeEpoch/1000 || got.IsBase64Encoded || rc.Authorizer != nil {
		t.Errorf("time %s (%d), base64 %v, authorizer %v; %v", rc.Time, rc.TimeEpoch, got.IsBase64Encoded, rc.Authorizer, err)
	}
}

func TestURLResponses(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := publicURL(t, w, nil)
	for _, test := range []struct {
		name, path  string
		status      int
		contentType string
		body        string
	}{
		{"no response object", "plain", 200, "application/json", `"plain"`},
		{"status, headers, cookies, base64", "status", 418, "application/json", "hello"},
		{"error", "fail", 502, "application/json", `{"message":"Internal Server Error"}`},
		{"malformed", "bad", 502, "application/json", `{"message":"Internal Server Error"}`},
		{"streamed without RESPONSE_STREAM", "stream", 502, "application/json", `{"message":"Internal Server Error"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, body := visit(t, "GET", url+test.path, nil)
			if resp.StatusCode != test.status || body != test.body || resp.Header.Get("Content-Type") != test.contentType {
				t.Errorf("got %d %s %q", resp.StatusCode, resp.Header.Get("Content-Type"), body)
			}
			if test.path == "status" {
				if diff := cmp.Diff([]string{"a=1; Path=/", "b=2"}, resp.Header.Values("Set-Cookie")); diff != "" || resp.Header.Get("X-Tea") != "pot" {
					t.Errorf("headers %v", resp.Header)
				}
			}
		})
	}
	if resp, body := visit(t, "POST", url, strings.NewReader(strings.Repeat("x", 6<<20+1))); resp.StatusCode != 413 {
		t.Errorf("a body over 6 MB: %s %s", resp.Status, body)
	}
	if resp, body := visit(t, "POST", url, strings.NewReader("a=b"), "Content-Type", "application/x-www-form-urlencoded"); !strings.Contains(body, `"body":"YT1i"`) {
		t.Errorf("a form: %s %s", resp.Status, body)
	}
}

func TestURLStream(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := publicURL(t, w, func(in *sdk.CreateFunctionUrlConfigInput) { in.InvokeMode = types.InvokeModeResponseStream })
	resp, body := visit(t, "GET", url+"stream", nil)
	if resp.StatusCode != 201 || body != "one two" || resp.Header.Get("X-Streamed") != "yes" {
		t.Errorf("got %s %v %q", resp.Status, resp.Header, body)
	}
	if resp, body := visit(t, "GET", url+"plain", nil); resp.StatusCode != 200 || body != `"plain"` {
		t.Errorf("a result that is not streamed: %s %q", resp.Status, body)
	}
}

func TestURLAuthorization(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)
	out, err := w.client.CreateFunctionUrlConfig(t.Context(), &sdk.CreateFunctionUrlConfigInput{
		FunctionName: aws.String("hello"), AuthType: types.FunctionUrlAuthTypeNone,
	})
	if err != nil {
		t.Fatal(err)
	}
	url := aws.ToString(out.FunctionUrl)
	want := func(when string, status int) {
		t.Helper()
		resp, body := visit(t, "GET", url, nil)
		if resp.StatusCode != status {
			t.Errorf("%s: %s %s, want %d", when, resp.Status, body, status)
		}
		if status == 403 && (!strings.HasPrefix(body, `{"Message":"Forbidden`) || resp.Header.Get("X-Amzn-Errortype") != "AccessDeniedException") {
			t.Errorf("%s: %s %v", when, body, resp.Header)
		}
	}
	want("no permission", 403)
	allow(t, w, &sdk.AddPermissionInput{StatementId: aws.String("url"), Action: aws.String("lambda:InvokeFunctionUrl"), FunctionUrlAuthType: types.FunctionUrlAuthTypeNone})
	want("only lambda:InvokeFunctionUrl", 403)
	allow(t, w, &sdk.AddPermissionInput{StatementId: aws.String("invoke"), Action: aws.String("lambda:InvokeFunction"), InvokedViaFunctionUrl: aws.Bool(true)})
	want("both", 200)
	if _, err := w.client.RemovePermission(t.Context(), &sdk.RemovePermissionInput{FunctionName: aws.String("hello"), StatementId: aws.String("url")}); err != nil {
		t.Fatal(err)
	}
	want("only lambda:InvokeFunction", 403)

	if _, err := w.client.UpdateFunctionUrlConfig(t.Context(), &sdk.UpdateFunctionUrlConfigInput{
		FunctionName: aws.String("hello"), AuthType: types.FunctionUrlAuthTypeAwsIam,
	}); err != nil {
		t.Fatal(err)
	}
	want("AWS_IAM unsigned", 403)
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	credentials := aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "s"}
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, empty, "lambda", here.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || !strings.Contains(string(body), `"accessKey":"AKIAEXAMPLE"`) {
		t.Errorf("AWS_IAM signed: %s %s", resp.Status, body)
	}
}

func TestURLCORS(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := publicURL(t, w, func(in *sdk.CreateFunctionUrlConfigInput) {
		in.Cors = &types.Cors{AllowOrigins: []string{"https://*.example.com"}, AllowMethods: []string{"GET", "POST"},
			AllowHeaders: []string{"x-a"}, ExposeHeaders: []string{"x-b"}, AllowCredentials: aws.Bool(true), MaxAge: aws.Int32(60)}
	})
	names := []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers",
		"Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age"}
	const origin = "https://www.example.com"
	for _, test := range []struct {
		name, method, path string
		headers            []string
		status             int
		want               []string
	}{
		{"preflight", "OPTIONS", "plain", []string{"Origin", origin, "Access-Control-Request-Method", "POST"}, 200,
			[]string{origin, "true", "x-b", "GET,POST", "x-a", "60"}},
		{"request", "GET", "plain", []string{"Origin", origin}, 200, []string{origin, "true", "x-b", "", "", ""}},
		{"error", "GET", "fail", []string{"Origin", origin}, 502, []string{origin, "true", "x-b", "", "", ""}},
		{"the function's own header", "GET", "status", []string{"Origin", origin}, 418, []string{origin, "true", "x-b", "", "", ""}},
		{"foreign origin", "GET", "plain", []string{"Origin", "https://example.org"}, 200, make([]string, 6)},
		{"no origin", "GET", "plain", nil, 200, make([]string, 6)},
		{"OPTIONS that is no preflight", "OPTIONS", "plain", nil, 200, make([]string, 6)},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, body := visit(t, test.method, url+test.path, nil, test.headers...)
			var got []string
			for _, name := range names {
				got = append(got, resp.Header.Get(name))
			}
			if diff := cmp.Diff(test.want, got); diff != "" || resp.StatusCode != test.status {
				t.Errorf("%s %s (-want +got):\n%s", resp.Status, body, diff)
			}
		})
	}
}

func TestURLConfigs(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := publicURL(t, w, nil)
	_, err := w.client.CreateFunctionUrlConfig(t.Context(), &sdk.CreateFunctionUrlConfigInput{FunctionName: aws.String("hello"), AuthType: types.FunctionUrlAuthTypeNone})
	wantError(t, err, "ResourceConflictException", "FunctionUrlConfig exists")
	_, err = w.client.UpdateFunctionUrlConfig(t.Context(), &sdk.UpdateFunctionUrlConfigInput{FunctionName: aws.String("hello"), Cors: &types.Cors{MaxAge: aws.Int32(86401)}})
	wantError(t, err, "ValidationException", "maxAge")
	_, err = w.client.CreateFunctionUrlConfig(t.Context(), &sdk.CreateFunctionUrlConfigInput{
		FunctionName: aws.String("hello"), Qualifier: aws.String("1"), AuthType: types.FunctionUrlAuthTypeNone,
	})
	wantError(t, err, "ValidationException", "qualifier")

	list, err := w.client.ListFunctionUrlConfigs(t.Context(), &sdk.ListFunctionUrlConfigsInput{FunctionName: aws.String("hello")})
	if err != nil || len(list.FunctionUrlConfigs) != 1 || aws.ToString(list.FunctionUrlConfigs[0].FunctionUrl) != url {
		t.Errorf("list: %+v, %v", list, err)
	}
	if _, err := w.client.DeleteFunctionUrlConfig(t.Context(), &sdk.DeleteFunctionUrlConfigInput{FunctionName: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	if resp, err := http.Get(url); err == nil {
		t.Errorf("the deleted URL still answers %s", resp.Status)
	}
	_, err = w.client.GetFunctionUrlConfig(t.Context(), &sdk.GetFunctionUrlConfigInput{FunctionName: aws.String("hello")})
	wantError(t, err, "ResourceNotFoundException", "does not exist")
}

// A port that is taken when the state is opened again moves the URL, and the
// user is told.
func TestURLMoves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	old := publicURL(t, w, nil)
	w.close(t)
	thief, err := net.Listen("tcp", strings.TrimSuffix(strings.TrimPrefix(old, "http://"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	defer thief.Close()

	w = open(t, dir)
	out, err := w.client.GetFunctionUrlConfig(t.Context(), &sdk.GetFunctionUrlConfigInput{FunctionName: aws.String("hello")})
	if err != nil || aws.ToString(out.FunctionUrl) == old {
		t.Fatalf("the URL is %v, %v", out, err)
	}
	if len(w.notices) != 1 || !strings.Contains(w.notices[0], aws.ToString(out.FunctionUrl)) {
		t.Errorf("notices %q", w.notices)
	}
	if resp, body := visit(t, "GET", aws.ToString(out.FunctionUrl)+"plain", nil); resp.StatusCode != 200 || body != `"plain"` {
		t.Errorf("got %s %s", resp.Status, body)
	}
}
