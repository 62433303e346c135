// SPDX-License-Identifier: MIT

//go:build unix

package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

// awaitGone waits until no process has the id: it ended and was reaped.
func awaitGone(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for processRuns(pid) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d is still there", pid)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// processRuns reports whether a process runs. A zombie, which a dead parent left
// to this machine's init, does not.
func processRuns(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func pidOf(t *testing.T, out sandbox.Outcome) int {
	t.Helper()
	pid, err := strconv.Atoi(string(out.Payload))
	if err != nil {
		t.Fatalf("no process id: %s %s", out.FunctionError, out.Payload)
	}
	return pid
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ` + requestID + ` Task timed out after 0\.40 seconds$`)
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "sleep")
			invoke(t, s, `{"Ms":1}`)
			inv := event(`{"Ms":60000}`)
			inv.Deadline = time.Now().Add(400 * time.Millisecond)
			began := time.Now()
			f := failureOf(t, call(t, s, inv))
			if took := time.Since(began); took < 390*time.Millisecond || took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if !form.MatchString(f.ErrorMessage) {
				t.Errorf("message = %q", f.ErrorMessage)
			}
			if s.Alive() {
				t.Error("alive after the timeout")
			}
			if out := invoke(t, s, `{"Ms":1}`); string(out.Payload) != `"slept"` || out.Init == 0 {
				t.Errorf("next event: %s %s, init %v", out.FunctionError, out.Payload, out.Init)
			}
		})
	}
}

// A handler may take longer than the idle limits of common HTTP servers.
func TestLongHandler(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 11 s")
	}
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			if out := invoke(t, h.start(t, "sleep"), `{"Ms":11000}`); string(out.Payload) != `"slept"` {
				t.Errorf("payload = %s %s", out.FunctionError, out.Payload)
			}
		})
	}
}

// Nothing that the function started survives Close, a timeout or a crash.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "orphan")
			orphan := pidOf(t, invoke(t, s, `{}`))
			if !processRuns(orphan) {
				t.Fatal("the orphan did not start")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			awaitGone(t, orphan)
			program := h.start(t, "exit")
			pid := pidOf(t, invoke(t, program, `{}`))
			if err := program.Close(); err != nil {
				t.Fatal(err)
			}
			awaitGone(t, pid)
		})
	}
}

func TestCancelledContextKills(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "sleep")
			invoke(t, s, `{"Ms":1}`)
			ctx, cancel := context.WithCancelCause(t.Context())
			why := errors.New("interrupted")
			time.AfterFunc(50*time.Millisecond, func() { cancel(why) })
			if _, err := s.Invoke(ctx, event(`{"Ms":60000}`)); !errors.Is(err, why) {
				t.Errorf("error = %v, want %v", err, why)
			}
			if s.Alive() {
				t.Error("alive")
			}
		})
	}
}

func TestCloseWhileBusy(t *testing.T) {
	t.Parallel()
	config := direct.config(t, "sleep")
	asleep := make(chan struct{}, 1)
	config.Output = func([]byte) { asleep <- struct{}{} }
	s := start(t, config)
	result := make(chan error, 1)
	go func() {
		out, err := s.Invoke(context.WithoutCancel(t.Context()), event(`{"Ms":60000}`))
		if err == nil && out.ErrorType != "Runtime.ExitError" {
			err = fmt.Errorf("outcome %+v", out)
		}
		result <- err
	}()
	<-asleep
	if _, err := s.Invoke(t.Context(), event(`{"Ms":1}`)); !errors.Is(err, sandbox.ErrBusy) {
		t.Errorf("error of a second event = %v, want ErrBusy", err)
	}
	for range 2 { // closing again is harmless
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-result; err != nil {
		t.Error(err)
	}
	if _, err := s.Invoke(t.Context(), event(`{}`)); !errors.Is(err, sandbox.ErrClosed) {
		t.Errorf("error after Close = %v", err)
	}
	if s.Alive() {
		t.Error("alive after Close")
	}
}

func TestInvokeNeedsADeadline(t *testing.T) {
	t.Parallel()
	s := direct.start(t, "echo")
	inv := event(`{}`)
	inv.Deadline = time.Time{}
	if _, err := s.Invoke(t.Context(), inv); err == nil {
		t.Error("no error")
	}
}

// A function that registers an extension is sent SIGTERM and given time.
func TestSIGTERM(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			var l log
			config := h.config(t, "sigterm")
			config.Output = l.add
			s := start(t, config)
			if out := invoke(t, s, `5`); string(out.Payload) != `5` {
				t.Fatalf("payload = %s %s\n%s", out.FunctionError, out.Payload, strings.Join(l.all(), "\n"))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if text := strings.Join(l.all(), "\n"); !strings.Contains(text, "cleaning up on SIGTERM") || strings.Contains(text, "WARNING") {
				t.Errorf("log:\n%s", text)
			}
		})
	}
}
