// SPDX-License-Identifier: MIT

package sandbox_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

// Whatever ends the init phase is the failure of the event, and a failure tells
// what the program said last.
func TestInitFails(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, function, environ, errorType, bootstrap, shim string }{
		{"panic", "echo", "INIT=panic", "Runtime.ExitError", "exit status 2", "panic: no table configured"},
		{"exit", "echo", "INIT=exit", "Runtime.ExitError", "exit status 3", "exit status 3\ngiving up in init"},
		{"unknown function", "nosuch", "X1=", "Runtime.HandlerNotFound", `function "nosuch": not in this program, which has bad, big`, `function "nosuch": not in this program, which has bad, big`},
		{"signature", "bad", "X1=", "Runtime.InvalidHandler", "func(int) int is no handler: its last result is a int, not an error", "http.Handler, func(http.ResponseWriter, *http.Request)"},
	}
	for _, h := range hosts(t) {
		for _, tt := range tests {
			t.Run(h.name+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				s := h.start(t, tt.function, tt.environ)
				for range 2 { // again in a new process
					f := failureOf(t, invoke(t, s, `{}`))
					want := map[string]string{"bootstrap": tt.bootstrap, "shim": tt.shim}[h.name]
					if f.ErrorType != tt.errorType || !strings.Contains(f.ErrorMessage, want) {
						t.Fatalf("failure = %s: %s\nwant %s: ...%s...", f.ErrorType, f.ErrorMessage, tt.errorType, want)
					}
				}
			})
		}
	}
}

// The init phase does not count towards the timeout of the function.
func TestSlowInitDoesNotEatTheTimeout(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "sleep", "INIT=slow")
			inv := event(`{"Ms":300}`)
			inv.Deadline = time.Now().Add(650 * time.Millisecond)
			out := call(t, s, inv)
			if string(out.Payload) != `"slept"` || out.Init < 700*time.Millisecond {
				t.Errorf("payload = %s, init %v", out.Payload, out.Init)
			}
		})
	}
}

// An init phase that overruns its limit is repeated within the event, under the
// timeout of the function.
func TestInitTimeout(t *testing.T) {
	t.Parallel()
	config := direct.config(t, "echo", "INIT=slow")
	config.InitTimeout = 100 * time.Millisecond
	if out := invoke(t, start(t, config), `1`); string(out.Payload) != `1` {
		t.Errorf("slow init: %s %s", out.FunctionError, out.Payload)
	}

	config = direct.config(t, "echo", "INIT=hang")
	config.InitTimeout = 100 * time.Millisecond
	s := start(t, config)
	inv := event(`1`)
	inv.Deadline = time.Now().Add(300 * time.Millisecond)
	f := failureOf(t, call(t, s, inv))
	if !strings.HasSuffix(f.ErrorMessage, requestID+" Task timed out after 0.30 seconds") {
		t.Errorf("hanging init: %+v", f)
	}
	if s.Alive() {
		t.Error("alive after the timeout")
	}
}

func TestInvalidEntrypoint(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		mode       os.FileMode
		content    string
	}{
		{name: "missing", want: "couldn't find valid bootstrap(s): [", mode: 0},
		{name: "not executable", want: "permission denied", mode: 0o644, content: "#!/bin/sh\n"},
		{name: "no program", want: "exec format error", mode: 0o755, content: "\x00\x01\x02"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tt.mode != 0 {
				if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte(tt.content), tt.mode); err != nil {
					t.Fatal(err)
				}
			}
			config := direct.config(t, "echo")
			config.Dir = dir
			out := invoke(t, start(t, config), `{}`)
			if f := failureOf(t, out); f.ErrorType != "Runtime.InvalidEntrypoint" || !strings.Contains(f.ErrorMessage, tt.want) {
				t.Errorf("failure = %+v", f)
			}
		})
	}
	t.Run("shim without a program", func(t *testing.T) {
		t.Parallel()
		config := shimmed(t).config(t, "echo")
		config.Dir = t.TempDir()
		module, err := os.ReadFile(filepath.Join(code, "index.mjs"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(config.Dir, "index.mjs"), module, 0o644); err != nil {
			t.Fatal(err)
		}
		if f := failureOf(t, invoke(t, start(t, config), `{}`)); f.ErrorType != "Runtime.InvalidEntrypoint" || !strings.Contains(f.ErrorMessage, "ENOENT") {
			t.Errorf("failure = %+v", f)
		}
	})
}

// Where no node is installed the Go program of a shim function is run directly.
func TestWithoutNode(t *testing.T) {
	t.Parallel()
	h := host{runtime: "nodejs24.x", handler: "index.%s"}
	if out := invoke(t, h.start(t, "my-fn_2"), `{"a":1}`); string(out.Payload) != `{"a":1}` {
		t.Errorf("payload = %s", out.Payload)
	}
}

func TestUnknownRuntime(t *testing.T) {
	t.Parallel()
	config := direct.config(t, "echo")
	config.Runtime = "python3.14"
	_, err := sandbox.Start(config)
	if err == nil || err.Error() != `start runtime "python3.14": only nodejs and provided runtimes are modelled` {
		t.Errorf("error = %v", err)
	}
}

// Managed Instances would start one Go program in each of many threads.
func TestShimRefusesConcurrency(t *testing.T) {
	t.Parallel()
	s := shimmed(t).start(t, "echo", "AWS_LAMBDA_MAX_CONCURRENCY=4")
	f := failureOf(t, invoke(t, s, `{}`))
	if f.ErrorType != "Runtime.ConcurrencyUnsupported" || !strings.Contains(f.ErrorMessage, "provided.al2023") {
		t.Errorf("failure = %+v", f)
	}
}

// Init tells how the init phase ended, and what Invoke does afterwards is the
// same as without it.
func TestInit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, function, environ, errorType string
		limit                              time.Duration
		payload                            string // "" for a failure
	}{
		{"ready", "echo", "X1=", "", 0, "1"},
		{"exit", "echo", "INIT=exit", "Runtime.ExitError", 0, ""},
		{"told", "nosuch", "X1=", "Runtime.HandlerNotFound", 0, ""},
		{"slow", "echo", "INIT=slow", "Sandbox.Timedout", 100 * time.Millisecond, "1"},
	}
	for _, h := range hosts(t) {
		for _, tt := range tests {
			t.Run(h.name+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				config := h.config(t, tt.function, tt.environ)
				config.InitTimeout = tt.limit
				var l log
				config.Output = l.add
				s := start(t, config)
				for range 2 {
					init, err := s.Init(t.Context())
					if err != nil || init.Duration <= 0 || h.name == direct.name && init.ErrorType != tt.errorType || (init.ErrorType == "") != (tt.errorType == "") {
						t.Errorf("init = %+v, %v, want error type %q", init, err, tt.errorType)
					}
				}
				if said := strings.Join(l.all(), "\n"); tt.name == "exit" && !strings.Contains(said, "giving up in init") {
					t.Errorf("lines after Init: %q", said)
				}
				out := invoke(t, s, `1`)
				switch {
				case tt.payload == "":
					failureOf(t, out)
				case string(out.Payload) != tt.payload || out.Init <= 0:
					t.Errorf("payload = %s, init %v", out.Payload, out.Init)
				}
			})
		}
	}
}

func TestInitAfterClose(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Start(direct.config(t, "echo"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Init(t.Context()); !errors.Is(err, sandbox.ErrClosed) {
		t.Errorf("Init after Close: %v", err)
	}
}

// A program whose file is still open for writing in another process, as happens
// when several functions are unpacked and started at once, is started when it is
// free.
func TestBusyProgram(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("other systems do not refuse to run such a file")
	}
	config := direct.config(t, "echo")
	program, err := os.ReadFile(filepath.Join(config.Dir, "bootstrap"))
	if err != nil {
		t.Fatal(err)
	}
	config.Dir = t.TempDir()
	f, err := os.OpenFile(filepath.Join(config.Dir, "bootstrap"), os.O_WRONLY|os.O_CREATE, 0o755)
	if err == nil {
		_, err = f.Write(program)
	}
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(200*time.Millisecond, func() { _ = f.Close() })
	if out := invoke(t, start(t, config), `1`); string(out.Payload) != `1` {
		t.Errorf("got %s %s", out.FunctionError, out.Payload)
	}
}
