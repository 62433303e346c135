// SPDX-License-Identifier: MIT

package shim_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/sparta-up/sparta/shim"
)

// TestSampleEvents: an http.Handler answers the sample events that aws-lambda-go
// has of each source, in the form that the source takes.
func TestSampleEvents(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-lambda-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "events", "testdata")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the module has no samples here")
	}
	tests := []struct {
		file, method, url string
		headers           map[string]string
		decode            func([]byte) (status int, body string, cookies int, err error)
	}{
		{"apigw-request.json", "POST", "https://gy415nuibc.execute-api.us-east-1.amazonaws.com/hello/world?name=me", map[string]string{"Accept": "*/*", "X-Forwarded-Port": "443"}, decodeV1},
		{"apigw-restapi-openapi-request.json", "POST", "", nil, decodeV1},
		{"apigw-v2-request-no-authorizer.json", "GET", "https://aaaaaaaaaa.execute-api.us-west-2.amazonaws.com/", map[string]string{"User-Agent": "curl/7.58.0"}, decodeV2},
		{"apigw-v2-request-iam.json", "GET", "", nil, decodeV2},
		{"apigw-v2-request-jwt-authorizer.json", "GET", "", nil, decodeV2},
		{"apigw-v2-request-lambda-authorizer.json", "GET", "", nil, decodeV2},
		{"lambda-urls-request.json", "", "", nil, decodeV2},
		{"alb-lambda-target-request-headers-only.json", "GET", "", nil, decodeALB},
		{"alb-lambda-target-request-multivalue-headers.json", "GET", "", nil, decodeALB},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			event, err := os.ReadFile(filepath.Join(dir, test.file))
			if err != nil {
				t.Fatal(err)
			}
			h, err := shim.New(func(w http.ResponseWriter, r *http.Request) {
				if test.method != "" && r.Method != test.method || test.url != "" && r.URL.String() != test.url || r.Host == "" || r.URL.Path == "" {
					t.Errorf("got %s %s at %s", r.Method, r.URL, r.Host)
				}
				for name, want := range test.headers {
					if got := r.Header.Get(name); got != want {
						t.Errorf("%s: got %q, want %q", name, got, want)
					}
				}
				w.Header().Add("Set-Cookie", "a=1")
				w.Header().Add("Set-Cookie", "b=2")
				w.WriteHeader(http.StatusTeapot)
				_, _ = w.Write([]byte("short and stout"))
			})
			if err != nil {
				t.Fatal(err)
			}
			result, err := h.Invoke(t.Context(), event)
			if err != nil {
				t.Fatal(err)
			}
			status, body, cookies, err := test.decode(result)
			if err != nil || status != http.StatusTeapot || body != "short and stout" || cookies != 2 {
				t.Errorf("got %d, %q, %d cookies, %v in %s", status, body, cookies, err, result)
			}
		})
	}
}

func decodeV1(result []byte) (status int, body string, cookies int, err error) {
	var r events.APIGatewayProxyResponse
	err = json.Unmarshal(result, &r)
	return r.StatusCode, r.Body, len(r.MultiValueHeaders["Set-Cookie"]), err
}

func decodeV2(result []byte) (status int, body string, cookies int, err error) {
	var r events.APIGatewayV2HTTPResponse
	err = json.Unmarshal(result, &r)
	return r.StatusCode, r.Body, len(r.Cookies), err
}

func decodeALB(result []byte) (status int, body string, cookies int, err error) {
	var r events.ALBTargetGroupResponse
	err = json.Unmarshal(result, &r)
	for name := range r.Headers {
		if strings.EqualFold(name, "Set-Cookie") {
			cookies++
		}
	}
	return r.StatusCode, r.Body, cookies + len(r.MultiValueHeaders["Set-Cookie"]), err
}
