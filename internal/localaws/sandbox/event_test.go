// SPDX-License-Identifier: MIT

package sandbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFirstEvent(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "echo")
			out := invoke(t, s, `{"a":"ü","n":[1,2.5,null]}`)
			if got, want := string(out.Payload), `{"a":"ü","n":[1,2.5,null]}`; got != want {
				t.Errorf("payload = %s, want %s", got, want)
			}
			if out.FunctionError != "" || out.ErrorType != "" {
				t.Errorf("failed with %q, %q", out.FunctionError, out.ErrorType)
			}
			if out.ContentType != "application/json" {
				t.Errorf("content type = %q, want application/json", out.ContentType)
			}
			if out.Init <= 0 || out.Duration <= 0 {
				t.Errorf("init %v, duration %v; want both above 0", out.Init, out.Duration)
			}
			if second := invoke(t, s, `1`); second.Init != 0 {
				t.Errorf("init of the second event = %v, want 0", second.Init)
			}
			if !s.Alive() {
				t.Error("not alive")
			}
		})
	}
}

func TestManyEventsInARow(t *testing.T) {
	events := 10_000
	if testing.Short() {
		events = 500
	}
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "echo")
			for i := range events {
				want := fmt.Sprintf(`{"i":%d}`, i)
				if out := invoke(t, s, want); string(out.Payload) != want {
					t.Fatalf("event %d: payload = %s (%s)", i, out.Payload, out.FunctionError)
				}
			}
		})
	}
}

func TestConcurrentColdStarts(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			var group sync.WaitGroup
			for i := range 6 {
				s := h.start(t, "echo")
				group.Go(func() {
					want := fmt.Sprint(i)
					out, err := s.Invoke(t.Context(), event(want))
					if err != nil || string(out.Payload) != want {
						t.Errorf("environment %d: payload = %s, error %v", i, out.Payload, err)
					}
				})
			}
			group.Wait()
		})
	}
}

// A NodeJS function is named by its export, which may be no identifier.
func TestFunctionNameWithDashes(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			if out := invoke(t, h.start(t, "my-fn_2"), `7`); string(out.Payload) != `7` {
				t.Errorf("payload = %s", out.Payload)
			}
		})
	}
}

// 6 MB and 100 bytes fit, one byte more does not, and the next event works.
func TestPayloadSizes(t *testing.T) {
	t.Parallel()
	const limit = 6<<20 + 100
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "big")
			out := invoke(t, s, fmt.Sprintf(`{"Bytes":%d}`, limit))
			if out.FunctionError != "" || len(out.Payload) != limit {
				t.Errorf("%d bytes: got %d, error %q", limit, len(out.Payload), out.ErrorType)
			}
			out = invoke(t, s, fmt.Sprintf(`{"Bytes":%d}`, limit+1))
			var told struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal(out.Payload, &told); err != nil {
				t.Fatalf("payload %.80s: %v", out.Payload, err)
			}
			if out.FunctionError != "Unhandled" || told.ErrorType != "Function.ResponseSizeTooLarge" {
				t.Errorf("%d bytes: FunctionError %q, errorType %q", limit+1, out.FunctionError, told.ErrorType)
			}
			if !strings.Contains(told.ErrorMessage, "6291556 bytes") {
				t.Errorf("message %q does not tell the limit", told.ErrorMessage)
			}
			if out = invoke(t, s, `{"Bytes":10}`); string(out.Payload) != `"xxxxxxxx"` {
				t.Errorf("next event: %s", out.Payload)
			}
		})
	}
}

// Characters of two to four bytes at every offset of a large event come back
// whole, wherever the chunks of the connections end.
func TestLargeTextSurvivesChunks(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "echo")
			for pad := range 4 {
				want := `"` + strings.Repeat("x", pad) + strings.Repeat("ü€😀", 650_000) + `"`
				out := invoke(t, s, want)
				if string(out.Payload) != want {
					t.Fatalf("pad %d: %d bytes came back of %d, or differ", pad, len(out.Payload), len(want))
				}
			}
		})
	}
}

// The result of a handler that returns a reader is text; only the shim, whose
// runtime speaks JSON, makes a JSON string of it.
func TestResultThatIsNoJSON(t *testing.T) {
	t.Parallel()
	want := map[string]string{"bootstrap": "no JSON: ü", "shim": `"no JSON: ü"`}
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			if out := invoke(t, h.start(t, "raw"), `{}`); string(out.Payload) != want[h.name] {
				t.Errorf("payload = %s, want %s", out.Payload, want[h.name])
			}
		})
	}
}

func TestHandlerSeesItsContext(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "context")
			inv := event(`{}`)
			inv.TraceID = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1"
			inv.ClientContext = `{"client":{"app_title":"Grüße 😀"},"env":{"locale":"de"},"custom":{"k":"v"}}`
			inv.CognitoIdentity = `{"cognitoIdentityId":"eu-west-1:1","cognitoIdentityPoolId":"eu-west-1:2"}`
			out := call(t, s, inv)
			var got map[string]any
			if err := json.Unmarshal(out.Payload, &got); err != nil {
				t.Fatalf("payload %s: %v", out.Payload, err)
			}
			deadline, _ := got["deadlineMs"].(float64)
			if off := time.Until(time.UnixMilli(int64(deadline))) - 20*time.Second; off < -10*time.Second || off > time.Second {
				t.Errorf("deadline is %v off", off)
			}
			delete(got, "deadlineMs")
			want := map[string]any{
				"awsRequestId":       requestID,
				"invokeid":           requestID,
				"logGroupName":       "/sparta/stack/context",
				"logStreamName":      "2026/11/23/[$LATEST]0123",
				"functionName":       "stack-context",
				"functionVersion":    "$LATEST",
				"memoryLimitInMB":    256.0,
				"invokedFunctionArn": functionARN,
				"traceId":            inv.TraceID,
				"clientContext": map[string]any{
					"Client": map[string]any{"app_title": "Grüße 😀", "installation_id": "", "app_version_code": "", "app_package_name": ""},
					"env":    map[string]any{"locale": "de"},
					"custom": map[string]any{"k": "v"},
				},
				"identity": map[string]any{"CognitoIdentityID": "eu-west-1:1", "CognitoIdentityPoolID": "eu-west-1:2"},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("context differs (-want +got):\n%s", diff)
			}
		})
	}
}
