// SPDX-License-Identifier: MIT

package sandbox_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/shim/node"
)

const testlambda = "github.com/sparta-up/sparta/internal/localaws/sandbox/internal/testlambda"

// code is the unpacked zip of the test functions, built once.
var code string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sandbox-test-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(dir, "bootstrap"), testlambda)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build %s: %v\n%s", testlambda, err, out)
		return 1
	}
	module := node.Module([]string{"echo", "form1", "fail", "panic", "exit", "kill", "sleep", "big", "context", "logs",
		"web", "my-fn_2", "bad", "linger", "orphan", "raw", "sigterm", "nosuch"})
	if err := os.WriteFile(filepath.Join(dir, "index.mjs"), module, 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code = dir
	return m.Run()
}

// host is a way to run the test functions.
type host struct {
	name    string
	runtime string
	handler string // printf format
	node    string
}

var direct = host{name: "bootstrap", runtime: "provided.al2023", handler: "%s"}

// shimmed is the NodeJS shim. Its tests are skipped where there is no node, but
// not in CI.
func shimmed(t testing.TB) host {
	t.Helper()
	return host{name: "shim", runtime: "nodejs24.x", handler: "index.%s", node: nodePath(t)}
}

func nodePath(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("node is not on PATH")
		}
		t.Skip("node is not on PATH")
	}
	return path
}

// hosts are all ways to run the test functions.
func hosts(t *testing.T) []host {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil && os.Getenv("CI") == "" {
		return []host{direct}
	}
	return []host{direct, shimmed(t)}
}

// config is a configuration for one of the test functions.
func (h host) config(t testing.TB, function string, environ ...string) sandbox.Config {
	t.Helper()
	return sandbox.Config{
		Dir:     code,
		Temp:    t.TempDir(),
		Runtime: h.runtime,
		Handler: fmt.Sprintf(h.handler, function),
		Node:    h.node,
		Environ: slices.Concat([]string{
			"AWS_LAMBDA_FUNCTION_NAME=stack-" + function,
			"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
			"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
			"AWS_LAMBDA_LOG_GROUP_NAME=/sparta/stack/" + function,
			"AWS_LAMBDA_LOG_STREAM_NAME=2026/11/23/[$LATEST]0123",
			"AWS_EXECUTION_ENV=AWS_Lambda_" + h.runtime,
		}, environ),
		Output: func([]byte) {},
	}
}

func (h host) start(t testing.TB, function string, environ ...string) *sandbox.Sandbox {
	t.Helper()
	return start(t, h.config(t, function, environ...))
}

func start(t testing.TB, config sandbox.Config) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

const (
	requestID   = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
	functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:stack-f"
)

// event is an invocation with a generous deadline.
func event(payload string) sandbox.Invocation {
	return sandbox.Invocation{
		RequestID:   requestID,
		FunctionARN: functionARN,
		Payload:     []byte(payload),
		Deadline:    time.Now().Add(20 * time.Second),
	}
}

func invoke(t testing.TB, s *sandbox.Sandbox, payload string) sandbox.Outcome {
	t.Helper()
	return call(t, s, event(payload))
}

func call(t testing.TB, s *sandbox.Sandbox, inv sandbox.Invocation) sandbox.Outcome {
	t.Helper()
	out, err := s.Invoke(context.WithoutCancel(t.Context()), inv)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// log collects output lines.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(line))
}

func (l *log) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}
