// SPDX-License-Identifier: MIT

package sandbox_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Lines arrive whole and all of them before Invoke returns.
func TestLogLines(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			var l log
			config := h.config(t, "logs")
			config.Output = l.add
			s := start(t, config)
			for range 2 {
				invoke(t, s, `{}`)
			}
			want := []string{"one line in two pieces", strings.Repeat("long", 50_000), "grün", `{"level":"warn","message":"json"}`, "no end"}
			if diff := cmp.Diff(slices.Concat(want, want), l.all()); diff != "" {
				t.Errorf("lines differ (-want +got):\n%.2000s", diff)
			}
		})
	}
}

// The logger of the first form writes what Lambda's JSON log format needs.
func TestLoggerLine(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			var l log
			config := h.config(t, "form1", "AWS_LAMBDA_LOG_FORMAT=JSON")
			config.Output = l.add
			invoke(t, start(t, config), `{}`)
			var got map[string]string
			if lines := l.all(); len(lines) != 1 || json.Unmarshal([]byte(lines[0]), &got) != nil {
				t.Fatalf("lines = %q", lines)
			}
			if at, err := time.Parse(time.RFC3339, got["timestamp"]); err != nil || time.Since(at) > time.Minute {
				t.Errorf("timestamp = %q", got["timestamp"])
			}
			delete(got, "timestamp")
			want := map[string]string{"level": "info", "message": "form1 called", "requestId": requestID, "function": "stack-form1"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("line differs (-want +got):\n%s", diff)
			}

			var quiet log
			config = h.config(t, "form1", "AWS_LAMBDA_LOG_LEVEL=WARN")
			config.Output = quiet.add
			invoke(t, start(t, config), `{}`)
			if lines := quiet.all(); len(lines) != 0 {
				t.Errorf("lines below WARN: %q", lines)
			}
		})
	}
}
