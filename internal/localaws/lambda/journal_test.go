// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

func TestJournalJSON(t *testing.T) {
	t.Parallel()
	all := &fakes{}
	all.handle = func(_ context.Context, f *fake, _ sandbox.Invocation) (sandbox.Outcome, error) {
		for _, line := range []string{
			`{"level":"debug","timestamp":"2026-11-23T12:00:00Z","message":"dropped"}`,
			`{"level":"warn","timestamp":"2026-11-23T12:00:00Z","message":"kept"}`,
			`{"level":"debug","message":"no timestamp: counts as INFO"}`,
			"plain",
		} {
			f.config.Output([]byte(line))
		}
		return sandbox.Outcome{Init: time.Millisecond, Duration: 2 * time.Millisecond, MaxMemoryMB: 30}, nil
	}
	s := withFakes(t, all)
	add(t, s, "hello", func(in *createInput) {
		in.LoggingConfig = &struct{ LogFormat, ApplicationLogLevel, SystemLogLevel, LogGroup string }{"JSON", "INFO", "INFO", "/g"}
	})
	r := run(t, s, "hello")
	closeService(t, s)

	var kinds []string
	for _, line := range all.lines {
		text, ok := strings.CutPrefix(line, "/g: ")
		if !ok {
			t.Errorf("line %q is in another group", line)
		}
		var entry struct {
			Type, Message string
			Record        struct {
				RequestID string
				Metrics   map[string]float64
			}
		}
		if json.Unmarshal([]byte(text), &entry) != nil {
			kinds = append(kinds, text)
			continue
		}
		kinds = append(kinds, entry.Type+entry.Message)
		if entry.Type == "platform.report" && (entry.Record.RequestID != r.RequestID || entry.Record.Metrics["billedDurationMs"] != 3 ||
			entry.Record.Metrics["initDurationMs"] != 1) {
			t.Errorf("report %s", text)
		}
	}
	want := []string{"platform.initStart", "platform.start", "kept", "no timestamp: counts as INFO", "plain", "platform.report"}
	if !slices.Equal(kinds, want) {
		t.Errorf("got %q, want %q", kinds, want)
	}
}
