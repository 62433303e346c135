// SPDX-License-Identifier: MIT

package lambda_test

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/lambda"
)

func TestInvoke(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)

	out := w.invoke(t, "hello", `{"some":"event"}`)
	if out.FunctionError != nil || string(out.Payload) != `{"some":"event"}` || out.StatusCode != 200 {
		t.Errorf("got %d %s %s", out.StatusCode, aws.ToString(out.FunctionError), out.Payload)
	}
	if got := aws.ToString(out.ExecutedVersion); got != "$LATEST" {
		t.Errorf("executed version %q", got)
	}
	cold := regexp.MustCompile(`(?s)START RequestId: (\S+) Version: \$LATEST\n.*END RequestId: (\S+)\n` +
		`REPORT RequestId: (\S+)\tDuration: [0-9.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB` +
		`\tInit Duration: [0-9.]+ ms\t\n$`)
	m := cold.FindStringSubmatch(logOf(t, out))
	if m == nil || m[1] != m[2] || m[1] != m[3] {
		t.Errorf("log of the first invocation:\n%s", logOf(t, out))
	}
	warm := regexp.MustCompile(`^START .*\nhi there\nEND .*\nREPORT .*Used: \d+ MB\t\n$`)
	if got := logOf(t, w.invoke(t, "hello", `{"do":"print","text":"hi there"}`)); !warm.MatchString(got) {
		t.Errorf("log of the second invocation:\n%s", got)
	}
	if got := w.invoke(t, "hello", "").Payload; string(got) != "{}" {
		t.Errorf("no payload arrived as %s, want {}", got)
	}
}

func TestInvokeErrors(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)
	w.create(t, "short", func(in *sdk.CreateFunctionInput) { in.Timeout = aws.Int32(3) })
	for _, test := range []struct{ name, payload, errorType, message, log string }{
		{"error", `{"do":"fail","text":"went wrong"}`, "errorString", "went wrong", "END RequestId"},
		{"exit", `{"do":"exit"}`, "Runtime.ExitError", "exit status 3", "Status: error\tError Type: Runtime.ExitError"},
		{"timeout", `{"do":"sleep","seconds":9}`, "", "Task timed out after 3.00 seconds", "Status: timeout"},
		{"too large", `{"do":"big","size":6291600}`, "Function.ResponseSizeTooLarge", "payload size", "END RequestId"},
	} {
		t.Run(test.name, func(t *testing.T) {
			function := "hello"
			if test.name == "timeout" {
				function = "short"
			}
			out := w.invoke(t, function, test.payload)
			var failure struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal(out.Payload, &failure); err != nil {
				t.Fatal(err)
			}
			if aws.ToString(out.FunctionError) != "Unhandled" || out.StatusCode != 200 {
				t.Errorf("got %d %q, want 200 Unhandled", out.StatusCode, aws.ToString(out.FunctionError))
			}
			if test.errorType != "" && failure.ErrorType != test.errorType || !strings.Contains(failure.ErrorMessage, test.message) {
				t.Errorf("got %s: %s", failure.ErrorType, failure.ErrorMessage)
			}
			if log := logOf(t, out); !strings.Contains(log, test.log) {
				t.Errorf("the log lacks %q:\n%s", test.log, log)
			}
			if got := w.invoke(t, function, `"next"`); string(got.Payload) != `"next"` {
				t.Errorf("the next event gave %s", got.Payload)
			}
		})
	}
}

func TestInvokeRefuses(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)
	for _, test := range []struct {
		name       string
		in         sdk.InvokeInput
		code, text string
	}{
		{"no function", sdk.InvokeInput{FunctionName: aws.String("nosuch")}, "ResourceNotFoundException",
			"Function not found: arn:aws:lambda:us-east-1:000000000000:function:nosuch"},
		{"no version", sdk.InvokeInput{FunctionName: aws.String("hello"), Qualifier: aws.String("7")}, "ResourceNotFoundException",
			"Function not found: arn:aws:lambda:us-east-1:000000000000:function:hello:7"},
		{"other region", sdk.InvokeInput{FunctionName: aws.String("arn:aws:lambda:eu-west-1:000000000000:function:hello")},
			"ResourceNotFoundException", "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"},
		{"no JSON", sdk.InvokeInput{FunctionName: aws.String("hello"), Payload: []byte("{")}, "InvalidRequestContentException", "parse"},
		{"large", sdk.InvokeInput{FunctionName: aws.String("hello"), Payload: make([]byte, 6<<20+1)}, "RequestTooLargeException", "6291456"},
		{"large event", sdk.InvokeInput{FunctionName: aws.String("hello"), Payload: make([]byte, 1<<20+1), InvocationType: types.InvocationTypeEvent},
			"RequestTooLargeException", "limit 1048576 bytes"},
		{"client context", sdk.InvokeInput{FunctionName: aws.String("hello"), ClientContext: aws.String("e30x!")}, "InvalidRequestContentException", "Client context"},
		{"tenant", sdk.InvokeInput{FunctionName: aws.String("hello"), TenantId: aws.String("t")}, "InvalidParameterValueException", "X-Amz-Tenant-Id"},
		{"type", sdk.InvokeInput{FunctionName: aws.String("hello"), InvocationType: "Later"}, "ValidationException", "invocationType"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.client.Invoke(t.Context(), &test.in)
			wantError(t, err, test.code, test.text)
		})
	}
}

func TestHandlerSees(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) {
		in.MemorySize = aws.Int32(256)
		in.Environment = &types.Environment{Variables: map[string]string{"TABLE": "t=1", "LANG": "de"}}
	})
	out, err := w.client.Invoke(t.Context(), &sdk.InvokeInput{
		FunctionName: aws.String("hello"), Payload: []byte(`{"do":"context"}`),
		ClientContext: aws.String(base64.StdEncoding.EncodeToString([]byte(`{"client":{"installation_id":"i"}}`))),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		ID, ARN, Handler string
		Seconds          float64
		Client           struct{ Client map[string]string }
	}
	if err := json.Unmarshal(out.Payload, &got); err != nil {
		t.Fatal(err)
	}
	if got.ARN != here.Regional("lambda", "function:hello") || got.Handler != "hello" || got.Client.Client["installation_id"] != "i" {
		t.Errorf("context: %+v", got)
	}
	if got.Seconds < 15 || got.Seconds > 20 {
		t.Errorf("%.1f seconds to the deadline, want nearly 20", got.Seconds)
	}

	var environ []string
	if err := json.Unmarshal(w.invoke(t, "hello", `{"do":"environment"}`).Payload, &environ); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	want := map[string]string{
		"AWS_LAMBDA_FUNCTION_NAME": "hello", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/hello", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
		"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": account, "AWS_SESSION_TOKEN": "local",
		"AWS_ENDPOINT_URL": w.server.URL, "TZ": ":UTC", "LANG": "de", "TABLE": "t=1", "_HANDLER": "hello",
	}
	for name, value := range want {
		if env[name] != value {
			t.Errorf("%s is %q, want %q", name, env[name], value)
		}
	}
	for _, name := range []string{"AWS_EXECUTION_ENV", "HOME", "GOPATH", "AWS_PROFILE"} {
		if value, ok := env[name]; ok {
			t.Errorf("%s=%s must not be there", name, value)
		}
	}
	if !regexp.MustCompile(`^\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}$`).MatchString(env["AWS_LAMBDA_LOG_STREAM_NAME"]) {
		t.Errorf("log stream %q", env["AWS_LAMBDA_LOG_STREAM_NAME"])
	}
}

func TestConcurrentInvocations(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)
	w.create(t, "other", nil)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			payload, _ := json.Marshal(map[string]any{"do": "echo", "n": i})
			name := []string{"hello", "other"}[i%2]
			r, err := w.Invoke(t.Context(), here, name, payload, lambda.InvokeOptions{})
			if err != nil || string(r.Payload) != string(payload) {
				t.Errorf("%s %d: %s, %v", name, i, r.Payload, err)
			}
		})
	}
	wg.Wait()
	first := time.Now()
	w.invoke(t, "hello", `{}`)
	if took := time.Since(first); took > 5*time.Second {
		t.Errorf("a warm invocation took %s", took)
	}
}

func TestReservedConcurrency(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)
	reserve := func(n int32) {
		t.Helper()
		_, err := w.client.PutFunctionConcurrency(t.Context(), &sdk.PutFunctionConcurrencyInput{
			FunctionName: aws.String("hello"), ReservedConcurrentExecutions: &n,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	reserve(0)
	_, err := w.client.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("hello")})
	wantError(t, err, "TooManyRequestsException", "Rate Exceeded")

	reserve(1)
	w.invoke(t, "hello", "{}")
	throttled := func(err error) bool { return err != nil && strings.HasPrefix(err.Error(), "TooManyRequestsException") }
	done := make(chan error, 1)
	go func() {
		for { // the probes below may hold the only place
			_, err := w.Invoke(t.Context(), here, "hello", []byte(`{"do":"sleep","seconds":1}`), lambda.InvokeOptions{})
			if !throttled(err) {
				done <- err
				return
			}
		}
	}()
	seen := 0
	for ended := false; !ended; {
		select {
		case err := <-done:
			if ended = true; err != nil {
				t.Error(err)
			}
		default:
			if _, err := w.Invoke(t.Context(), here, "hello", nil, lambda.InvokeOptions{}); throttled(err) {
				seen++
			}
		}
	}
	if seen == 0 {
		t.Error("no event was throttled while another one was in work")
	}

	out, err := w.client.GetFunctionConcurrency(t.Context(), &sdk.GetFunctionConcurrencyInput{FunctionName: aws.String("hello")})
	if err != nil || aws.ToInt32(out.ReservedConcurrentExecutions) != 1 {
		t.Errorf("reserved: %v, %v", out, err)
	}
	if _, err := w.client.DeleteFunctionConcurrency(t.Context(), &sdk.DeleteFunctionConcurrencyInput{FunctionName: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("{}", string(w.invoke(t, "hello", "{}").Payload)); diff != "" {
		t.Error(diff)
	}
}
