// SPDX-License-Identifier: MIT

package sandbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

// told is the JSON description of a failure.
type told struct {
	ErrorType    string `json:"errorType"`
	ErrorMessage string `json:"errorMessage"`
	StackTrace   []struct {
		Path, Label string
		Line        int
	} `json:"stackTrace"`
	Trace []string `json:"trace"` // of NodeJS
}

// failureOf decodes the failure that out must be.
func failureOf(t *testing.T, out sandbox.Outcome) told {
	t.Helper()
	if out.FunctionError != "Unhandled" {
		t.Fatalf("FunctionError = %q with payload %.200s, want Unhandled", out.FunctionError, out.Payload)
	}
	var f told
	if err := json.Unmarshal(out.Payload, &f); err != nil {
		t.Fatalf("payload %.200s: %v", out.Payload, err)
	}
	return f
}

func TestHandlerError(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "fail")
			f := failureOf(t, invoke(t, s, `{}`))
			if f.ErrorType != "notFoundError" || f.ErrorMessage != "order not found" {
				t.Errorf("failure = %+v", f)
			}
			long := failureOf(t, invoke(t, s, `{"Length":20000}`))
			if want := strings.Repeat("é", 10_000); long.ErrorMessage != want || long.ErrorType != "errorString" {
				t.Errorf("20 KB error: type %q, %d bytes came through", long.ErrorType, len(long.ErrorMessage))
			}
			if out := invoke(t, s, `{"Length":800000}`); failureOf(t, out).ErrorType != "errorString" {
				t.Errorf("800 KB error: %.100s", out.Payload)
			}
			if again := failureOf(t, invoke(t, s, `{}`)); again.ErrorType != "notFoundError" {
				t.Errorf("next event: %+v", again)
			}
		})
	}
}

// Status and body of the first handler form; the rows are the answers that the
// namesake gave, with its empty 500 mended.
func TestStatusOfFormOne(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, event, want, errorType, message string }{
		{name: "no write", event: `{}`, want: `null`},
		{name: "JSON", event: `{"body":"{\"a\": 1}"}`, want: `{"a": 1}`},
		{name: "text", event: `{"body":"hello \u00fc"}`, want: `"hello ü"`},
		{name: "3xx", event: `{"status":302,"body":"moved"}`, want: `"moved"`},
		{name: "4xx", event: `{"status":404,"body":"no such order"}`, errorType: "NotFound", message: "Not Found: no such order"},
		{name: "500 without a body", event: `{"status":500}`, errorType: "InternalServerError", message: "Internal Server Error"},
		{name: "unknown status", event: `{"status":599}`, errorType: "Status599", message: "Status 599"},
		{name: "http.Error", event: `[]`, errorType: "BadRequest", message: "Bad Request: json: cannot unmarshal array into Go value of type struct { Status int; Body string }"},
	}
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "form1")
			for _, tt := range tests {
				out := invoke(t, s, tt.event)
				if tt.errorType == "" {
					got := strings.ReplaceAll(string(out.Payload), " ", "")
					if want := strings.ReplaceAll(tt.want, " ", ""); got != want || out.FunctionError != "" {
						t.Errorf("%s: payload = %s (%s), want %s", tt.name, out.Payload, out.FunctionError, tt.want)
					}
					continue
				}
				if f := failureOf(t, out); f.ErrorType != tt.errorType || f.ErrorMessage != tt.message {
					t.Errorf("%s: failure = %s: %s, want %s: %s", tt.name, f.ErrorType, f.ErrorMessage, tt.errorType, tt.message)
				}
			}
		})
	}
}

// A panic fails its event; the next one is served by the same process.
func TestPanic(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			var l log
			config := h.config(t, "panic")
			config.Output = l.add
			s := start(t, config)
			before := invoke(t, s, `{}`)
			f := failureOf(t, invoke(t, s, `{"Panic":"at the disco"}`))
			if f.ErrorType != "string" || f.ErrorMessage != "at the disco" {
				t.Errorf("failure = %+v", f)
			}
			frames := strings.Join(f.Trace, "\n")
			for _, frame := range f.StackTrace {
				frames += fmt.Sprintf("%s %s:%d\n", frame.Label, frame.Path, frame.Line)
			}
			if !strings.Contains(frames, "panics") || !strings.Contains(frames, "main.go:") {
				t.Errorf("no frame names the handler:\n%s", frames)
			}
			if after := invoke(t, s, `{}`); string(after.Payload) != string(before.Payload) {
				t.Errorf("served by process %s, then by %s", before.Payload, after.Payload)
			}
			if text := strings.Join(l.all(), "\n"); !strings.Contains(text, "handler panicked: at the disco") || !strings.Contains(text, "main.panics") {
				t.Errorf("the log has no stack:\n%s", text)
			}
		})
	}
}

// The process dies with an event in its hands: that event fails, nothing is
// replayed, and the next one is served by a new process.
func TestProcessDiesInFlight(t *testing.T) {
	t.Parallel()
	tests := []struct{ function, event, bootstrap, shim string }{
		{"exit", `{"Code":3}`, "Runtime exited with error: exit status 3", "Runtime exited with error: exit status 3"},
		{"exit", `{"Code":0}`, "Runtime exited without providing a reason", "Runtime exited with error: exit status 0"},
		{"kill", `{"Kill":true}`, "Runtime exited with error: signal: killed", "Runtime exited with error: signal: SIGKILL"},
	}
	for _, h := range hosts(t) {
		for _, tt := range tests {
			t.Run(h.name+" "+tt.function, func(t *testing.T) {
				t.Parallel()
				s := h.start(t, tt.function)
				before := invoke(t, s, `{}`)
				f := failureOf(t, invoke(t, s, tt.event))
				want := "RequestId: " + requestID + " Error: " + map[string]string{"bootstrap": tt.bootstrap, "shim": tt.shim}[h.name]
				if f.ErrorType != "Runtime.ExitError" || f.ErrorMessage != want {
					t.Errorf("failure = %s: %s, want %s", f.ErrorType, f.ErrorMessage, want)
				}
				after := invoke(t, s, `{}`)
				if after.FunctionError != "" || string(after.Payload) == string(before.Payload) {
					t.Errorf("next event: process %s then %s (%s)", before.Payload, after.Payload, after.FunctionError)
				}
			})
		}
	}
}

// A process that ends between two events fails none.
func TestProcessEndsBetweenEvents(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			config := h.config(t, "linger")
			noticed := make(chan struct{}, 1)
			config.Output = func(line []byte) {
				if strings.HasPrefix(string(line), "the Go program ended between two events: ") {
					noticed <- struct{}{}
				}
			}
			s := start(t, config)
			seen := map[string]bool{}
			for range 3 {
				out := invoke(t, s, `{}`)
				if out.FunctionError != "" || seen[string(out.Payload)] {
					t.Fatalf("payload %s, error %q, seen %v", out.Payload, out.FunctionError, seen)
				}
				seen[string(out.Payload)] = true
				if h.name == "shim" {
					<-noticed
					continue
				}
				for s.Alive() {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
}

// A program that dies with every event is not started for ever in the same
// environment: the shim gives the environment up, and the next event works in
// a new one.
func TestCrashLoop(t *testing.T) {
	t.Parallel()
	var l log
	config := shimmed(t).config(t, "exit")
	config.Output = l.add
	s := start(t, config)
	for i := range 6 {
		f := failureOf(t, invoke(t, s, `{"Code":1}`))
		if f.ErrorType != "Runtime.ExitError" {
			t.Fatalf("event %d: %+v", i, f)
		}
	}
	if s.Alive() {
		t.Error("the environment lives on after six crashes")
	}
	if text := strings.Join(l.all(), "\n"); !strings.Contains(text, "ended 6 times in a row") {
		t.Errorf("the log does not say why:\n%s", text)
	}
	if out := invoke(t, s, `{}`); out.FunctionError != "" || out.Init == 0 {
		t.Errorf("next event: %s %s, init %v", out.FunctionError, out.Payload, out.Init)
	}
}
