// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

// platform returns the types of the system events among the lines of a log, with
// their status.
func platform(t *testing.T, lines []string) []string {
	t.Helper()
	var kinds []string
	for _, line := range lines {
		_, text, _ := strings.Cut(line, ": ")
		var entry struct {
			Type, Time string
			Record     struct{ Status, ErrorType, InitializationType string }
		}
		if err := json.Unmarshal([]byte(text), &entry); err != nil {
			kinds = append(kinds, text)
			continue
		}
		if _, err := time.Parse(time.RFC3339, entry.Time); err != nil {
			t.Errorf("time of %s: %v", text, err)
		}
		kinds = append(kinds, strings.Join(strings.Fields(entry.Type+" "+entry.Record.InitializationType+" "+entry.Record.Status+" "+entry.Record.ErrorType), " "))
	}
	return kinds
}

// Which system events a level lets through, by how the event ends.
func TestSystemLogLevels(t *testing.T) {
	t.Parallel()
	crash := sandbox.Outcome{Payload: []byte(`{"errorType":"Runtime.ExitError","errorMessage":"exit"}`), FunctionError: "Unhandled", ErrorType: "Runtime.ExitError"}
	crashed := "Error: exit"
	for _, test := range []struct {
		level, init string
		out         sandbox.Outcome
		want        []string
	}{
		{"DEBUG", "", sandbox.Outcome{}, []string{
			"platform.initStart on-demand", "platform.initRuntimeDone on-demand success", "platform.initReport on-demand success",
			"platform.start", "platform.runtimeDone success", "platform.report success",
		}},
		{"INFO", "", sandbox.Outcome{}, []string{"platform.initStart on-demand", "platform.start", "platform.report success"}},
		{"WARN", "", sandbox.Outcome{}, nil},
		{"WARN", "", crash, []string{crashed, "platform.runtimeDone error Runtime.ExitError", "platform.report error Runtime.ExitError"}},
		{"WARN", "Runtime.Unknown", sandbox.Outcome{}, []string{"platform.initRuntimeDone on-demand error Runtime.Unknown", "platform.initReport on-demand error Runtime.Unknown"}},
		{"WARN", "Sandbox.Timedout", sandbox.Outcome{}, []string{"platform.initRuntimeDone on-demand timeout", "platform.initReport on-demand timeout"}},
	} {
		t.Run(test.level+" "+test.init+test.out.ErrorType, func(t *testing.T) {
			t.Parallel()
			all := &fakes{initError: test.init}
			all.handle = func(context.Context, *fake, sandbox.Invocation) (sandbox.Outcome, error) { return test.out, nil }
			s := withFakes(t, all)
			add(t, s, "hello", func(in *createInput) {
				in.LoggingConfig = &struct{ LogFormat, ApplicationLogLevel, SystemLogLevel, LogGroup string }{"JSON", "INFO", test.level, "/g"}
			})
			r := run(t, s, "hello")
			closeService(t, s)
			got := platform(t, all.lines)
			for i, line := range got {
				got[i] = strings.ReplaceAll(line, "RequestId: "+r.RequestID+" ", "")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

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
