// SPDX-License-Identifier: MIT

package cli

import (
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/ui"
	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// logsCommand is `sparta logs`.
type logsCommand struct {
	Names  []string `arg:"" optional:"" name:"name" help:"Functions, by their names in sparta.yaml; all without one."`
	Follow bool     `short:"F" help:"Go on with what arrives until Ctrl-C."`
	Since  string   `help:"How far back: 30s, 10m, 2h, 3d, or a time such as 2026-11-27T10:00:00Z." default:"10m" placeholder:"TIME"`
	Filter string   `help:"Only events that match this filter pattern of CloudWatch Logs." placeholder:"PATTERN"`
}

// Run prints the events, oldest first. Ctrl-C is how following ends, so that it
// is no failure.
func (l *logsCommand) Run(s *session) error {
	since, err := moment(l.Since, time.Now())
	if err != nil {
		return err
	}
	for _, name := range l.Names {
		if err := s.checkFunction(name); err != nil {
			return err
		}
	}
	logs := flow.NewLogs(s.settings(), flow.LogOptions{
		Functions: l.Names, Since: since, Pattern: l.Filter, Follow: l.Follow,
		Show: func(e stage.LogEvent) error { return s.ui.LogEvent(ui.LogEvent(e)) },
	})
	if err := s.run(logs.Pipeline); err != nil {
		return err
	}
	if logs.Shown.Get() == 0 {
		s.ui.Note("there are no events since " + since.UTC().Format(time.RFC3339) + ": --since looks further back")
	}
	return nil
}

// moment reads a time, or a time span before now.
func moment(text string, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if days, found := strings.CutSuffix(text, "d"); found {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.AddDate(0, 0, -int(n)), nil
		}
	}
	if span, err := time.ParseDuration(text); err == nil && span >= 0 {
		return now.Add(-span), nil
	}
	return time.Time{}, usageError("--since %q is neither a time span such as 30s, 10m, 2h or 3d nor a time such as 2026-11-27T10:00:00Z", text)
}
