// SPDX-License-Identifier: MIT

package shim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/shim"
)

// What a function of the first form writes becomes its result.
func TestResultOfFormOne(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, contentType string
		status            int
		body              string
		want              string
		failure           messages.InvokeResponse_Error
	}{
		{name: "nothing", want: `null`},
		{name: "white space", body: " \n", want: `null`},
		{name: "JSON", body: `{"a": [1, 2]}`, want: `{"a": [1, 2]}`},
		{name: "JSON number", body: `12345678901234567890`, want: `12345678901234567890`},
		{name: "text", body: "a <b> \"c\"\n", want: `"a <b> \"c\"\n"`},
		{name: "said to be JSON", contentType: "application/problem+json; charset=utf-8", body: `{`, want: `{`},
		{name: "created", status: 201, body: `1`, want: `1`},
		{name: "moved", status: 301, body: `1`, want: `1`},
		{name: "not modified", status: 304, want: `null`},
		{name: "bad request", status: 400, body: "no id\n", failure: messages.InvokeResponse_Error{Type: "BadRequest", Message: "Bad Request: no id"}},
		{name: "teapot", status: 418, body: "{}", failure: messages.InvokeResponse_Error{Type: "Imateapot", Message: "I'm a teapot: {}"}},
		{name: "empty 500", status: 500, failure: messages.InvokeResponse_Error{Type: "InternalServerError", Message: "Internal Server Error"}},
		{name: "unknown status", status: 599, failure: messages.InvokeResponse_Error{Type: "Status599", Message: "Status 599"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, err := shim.New(func(_ *json.RawMessage, _ *shim.LambdaContext, w http.ResponseWriter, _ *zerolog.Logger) {
				if tt.contentType != "" {
					w.Header().Set("Content-Type", tt.contentType)
				}
				if tt.status != 0 {
					w.WriteHeader(tt.status)
				}
				_, _ = w.Write([]byte(tt.body))
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err := h.Invoke(t.Context(), []byte(`{}`))
			if string(got) != tt.want {
				t.Errorf("result = %s, want %s", got, tt.want)
			}
			failure, _ := errors.AsType[messages.InvokeResponse_Error](err)
			if diff := cmp.Diff(tt.failure, failure); diff != "" {
				t.Errorf("failure differs (-want +got):\n%s", diff)
			}
		})
	}
}

// The writer follows net/http: the first status counts and fixes the headers.
func TestWriterFollowsNetHTTP(t *testing.T) {
	t.Parallel()
	h, err := shim.New(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("A", "1")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusAccepted)
		w.Header().Set("A", "2")
		w.WriteHeader(http.StatusTeapot)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Invoke(t.Context(), []byte(get))
	if want := `{"statusCode":202,"headers":{"A":"1"},"body":"","isBase64Encoded":false}`; err != nil || string(got) != want {
		t.Errorf("response = %s, error %v; want %s", got, err, want)
	}
	h, err = shim.New(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(7) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err = h.Invoke(zerolog.Nop().WithContext(t.Context()), []byte(get)); err == nil {
		t.Error("status 7 is taken")
	}
}

// An HTTP event is answered with the response, whatever its status; the event
// that asks an authorizer is not one.
func TestFormOneServesHTTPEvents(t *testing.T) {
	t.Parallel()
	h, err := shim.New(func(_ *json.RawMessage, _ *shim.LambdaContext, w http.ResponseWriter, _ *zerolog.Logger) {
		http.Error(w, "no such order", http.StatusNotFound)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Invoke(t.Context(), []byte(get))
	want := `{"statusCode":404,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"},"body":"no such order\n","isBase64Encoded":false}`
	if err != nil || string(got) != want {
		t.Errorf("response = %s, error %v; want %s", got, err, want)
	}
	authorizer := `{"version":"2.0","type":"REQUEST","routeArn":"arn","requestContext":{"http":{"method":"GET"}}}`
	if got, err := h.Invoke(t.Context(), []byte(authorizer)); err == nil {
		t.Errorf("authorizer's event: %s, want a failure", got)
	}
}

func TestContextAndLogger(t *testing.T) {
	t.Parallel()
	deadline := time.Now().Add(time.Minute).Truncate(time.Millisecond)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID: "r1", InvokedFunctionArn: "arn:f", TenantID: "blue",
		Identity: lambdacontext.CognitoIdentity{CognitoIdentityID: "i"},
	})
	//lint:ignore SA1029 the key is aws-lambda-go's
	ctx = context.WithValue(ctx, "x-amzn-trace-id", "Root=1")
	var out bytes.Buffer
	ctx = zerolog.New(&out).WithContext(ctx)
	h, err := shim.New(func(_ *json.RawMessage, lc *shim.LambdaContext, w http.ResponseWriter, logger *zerolog.Logger) {
		logger.Info().Msg("seen")
		if got := lc.Deadline(); !got.Equal(deadline) {
			t.Errorf("deadline = %v, want %v", got, deadline)
		}
		if left := lc.Remaining(); left <= 0 || left > time.Minute {
			t.Errorf("remaining = %v", left)
		}
		lc.DeadlineMs = 0
		_ = json.NewEncoder(w).Encode(lc)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Invoke(ctx, []byte(`{}`))
	want := `{"awsRequestId":"r1","invokeid":"r1","logGroupName":"","logStreamName":"","functionName":"","memoryLimitInMB":0,` +
		`"functionVersion":"","invokedFunctionArn":"arn:f","deadlineMs":0,"traceId":"Root=1","tenantId":"blue",` +
		`"identity":{"CognitoIdentityID":"i","CognitoIdentityPoolID":""}}` + "\n"
	if err != nil || string(got) != want {
		t.Errorf("context = %s, error %v; want %s", got, err, want)
	}
	if out.String() != `{"level":"info","message":"seen"}`+"\n" {
		t.Errorf("the logger of the context was not used: %s", &out)
	}
}

func TestNoContext(t *testing.T) {
	t.Parallel()
	if lc, ok := shim.From(t.Context()); ok || lc != nil {
		t.Errorf("From = %v, %v", lc, ok)
	}
	var none shim.LambdaContext
	if !none.Deadline().IsZero() || none.Remaining() != 0 {
		t.Errorf("zero context: deadline %v, remaining %v", none.Deadline(), none.Remaining())
	}
}

// The request-scoped logger is in the context of the second form.
func TestLoggerInContext(t *testing.T) {
	t.Parallel()
	h, err := shim.New(func(ctx context.Context) (string, error) { return zerolog.Ctx(ctx).GetLevel().String(), nil })
	if err != nil {
		t.Fatal(err)
	}
	if got, err := h.Invoke(t.Context(), []byte(`1`)); err != nil || string(got) != `"info"` {
		t.Errorf("level = %s, error %v", got, err)
	}
}
