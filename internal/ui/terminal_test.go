// SPDX-License-Identifier: MIT

package ui_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/ui"
	"github.com/sparta-up/sparta/pipeline"
)

// terminal returns what stands on a terminal that has received text: it knows
// line ends, cursor up, erase below and colours, and panics on all else.
func terminal(text string) string {
	lines, row := []string{""}, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n':
			if row++; row == len(lines) {
				lines = append(lines, "")
			}
		case '\r': // the cursor is at the left already when we send it
		case '\x1b':
			end := i + 2 + strings.IndexAny(text[i+2:], "AJm")
			n, _ := strconv.Atoi(text[i+2 : end])
			switch text[end] {
			case 'A':
				row -= n
			case 'J':
				lines = append(lines[:row], "")
			}
			i = end
		default:
			lines[row] += text[i : i+1]
		}
	}
	return strings.Join(lines, "\n")
}

func TestTheLiveBlockLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	var shown []string
	for _, width := range []func() int{nil, wide(80)} {
		synctest.Test(t, func(t *testing.T) {
			var r tape
			u := ui.New(ui.Options{Stdout: &r.stdout, Stderr: &r.stderr, Width: width, Env: env("NO_COLOR=1")})
			p := pipeline.New("up")
			for i := range 12 { // more than the block has lines
				pipeline.Add(p, fmt.Sprintf("stage%d", i), &sleeper{time.Duration(i+1) * 70 * time.Millisecond})
			}
			if _, err := p.Run(t.Context(), pipeline.Options{Observer: u}); err != nil {
				t.Error(err)
			}
			u.Close()
			shown = append(shown, terminal(r.stderr.String()))
		})
	}
	if shown[0] != shown[1] || strings.Count(shown[0], "\n") != 24 {
		t.Errorf("a terminal shows at the end\n%s\nand a file\n%s", shown[1], shown[0])
	}
}

// sleeper is a stage that takes some time and logs one line.
type sleeper struct{ lasts time.Duration }

func (s *sleeper) Run(ctx context.Context) (int, error) {
	time.Sleep(s.lasts)
	zerolog.Ctx(ctx).Info().Dur("slept", s.lasts).Msg("woke up")
	time.Sleep(time.Millisecond)
	return 0, nil
}

func TestTheLiveBlockShowsTimeAndFits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r tape
		u := ui.New(ui.Options{Stdout: &r.stdout, Stderr: &r.stderr, Width: wide(30), Env: env("NO_COLOR=1")})
		defer u.Close()
		for i := range 10 {
			u.Started(t.Context(), fmt.Sprintf("stage%d", i))
		}
		u.Progress("stage1", "日本語日本語日本語日本語")
		u.Progress("nobody", "not running")
		time.Sleep(2050 * time.Millisecond)
		synctest.Wait()
		got := terminal(r.stderr.String())
		want := "> stage0          2.0 s\n" +
			"> stage1          2.0 s...\n" +
			"> stage2          2.0 s\n"
		if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "> stage7          2.0 s\n> and 2 more\n") {
			t.Errorf("got\n%s\nwant\n%s...", got, want)
		}
	})
}

// While the block is paused the screen is left to the user, who may be typing.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r tape
		u := ui.New(ui.Options{Stdout: &r.stdout, Stderr: &r.stderr, Width: wide(80), Env: env("NO_COLOR=1")})
		u.Started(t.Context(), "converge")
		resume := u.Pause()
		u.Note("delete the table?")
		before := r.stderr.String()
		time.Sleep(time.Second)
		synctest.Wait()
		if after := r.stderr.String(); after != before {
			t.Errorf("written while paused: %q", strings.TrimPrefix(after, before))
		}
		if got, want := terminal(before), "note: delete the table?\n"; got != want {
			t.Errorf("paused: the terminal shows %q, want %q", got, want)
		}
		resume()
		if got, want := terminal(r.stderr.String()), "note: delete the table?\n> converge        1.0 s\n"; got != want {
			t.Errorf("resumed: the terminal shows %q, want %q", got, want)
		}
		u.Close()
	})
}

func TestUseByManyAtOnce(t *testing.T) {
	t.Parallel()
	for _, options := range []ui.Options{{}, {Width: wide(80)}, {Format: ui.JSON}} {
		var r tape
		options.Stdout, options.Stderr = &r.stdout, &r.stderr
		u := ui.New(options)
		var users sync.WaitGroup
		for i := range 8 {
			users.Go(func() {
				name := fmt.Sprintf("s%d", i)
				ctx := u.Started(t.Context(), name)
				zerolog.Ctx(ctx).Warn().Msg("watch out")
				u.Progress(name, "at work")
				u.Event(ui.Event{Stage: name, LogicalID: "A", Status: "CREATE_FAILED", Reason: "no"})
				u.Note("note")
				u.Log("log")
				u.Problems(nil)
				u.Finished(pipeline.Report{Name: name, Status: pipeline.Done})
			})
		}
		users.Wait()
		if err := u.Result(ui.Result{Status: "done"}); err != nil {
			t.Error(err)
		}
		if got := strings.Count(r.stderr.String()+r.stdout.String(), "watch out"); got != 8 {
			t.Errorf("format %d: %d of 8 warnings", options.Format, got)
		}
	}
}

func TestColour(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		terminal bool
		env      []string
		want     bool
	}{
		{"file", false, nil, false},
		{"terminal", true, nil, true},
		{"dumb terminal", true, []string{"TERM=dumb"}, false},
		{"NO_COLOR", true, []string{"NO_COLOR=1"}, false},
		{"empty NO_COLOR", true, []string{"NO_COLOR="}, true},
		{"FORCE_COLOR on a file", false, []string{"FORCE_COLOR=1"}, true},
		{"FORCE_COLOR=0 on a terminal", true, []string{"FORCE_COLOR=0"}, false},
		{"CLICOLOR_FORCE on a file", false, []string{"CLICOLOR_FORCE=1"}, true},
		{"CLICOLOR_FORCE=0 on a file", false, []string{"CLICOLOR_FORCE=0"}, false},
		{"CLICOLOR=0 on a terminal", true, []string{"CLICOLOR=0"}, false},
		{"NO_COLOR against FORCE_COLOR", true, []string{"NO_COLOR=1", "FORCE_COLOR=1"}, false},
		{"CI terminal", true, []string{"CI=true"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var r tape
			o := ui.Options{Stdout: &r.stdout, Stderr: &r.stderr, Env: env(test.env...)}
			if test.terminal {
				o.Width = wide(80)
			}
			u := ui.New(o)
			defer u.Close()
			u.Finished(pipeline.Report{Name: "a", Status: pipeline.Failed})
			if got := strings.Contains(r.stderr.String(), "\x1b[31m"); got != test.want {
				t.Errorf("colour: got %v, want %v: %q", got, test.want, r.stderr.String())
			}
		})
	}
}

func TestWidth(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("word ", 60)
	for _, test := range []struct {
		columns string
		width   func() int
		want    int // of the longest line
	}{
		{"", nil, 80}, {"", wide(200), 80}, {"", wide(50), 50}, {"", wide(0), 80}, {"40", wide(60), 40},
		{"300", nil, 80}, {"1", nil, 20}, {"x", wide(50), 50}, {"-5", nil, 80},
	} {
		var r tape
		u := ui.New(ui.Options{Stdout: &r.stdout, Stderr: &r.stderr, Width: test.width, Env: env("COLUMNS=" + test.columns)})
		u.Note(text)
		u.Close()
		longest := 0
		for line := range strings.Lines(r.stderr.String()) {
			longest = max(longest, len(strings.TrimRight(line, " \n")))
		}
		if longest > test.want || longest < test.want-5 {
			t.Errorf("COLUMNS=%q: the longest line has %d columns, want nearly %d", test.columns, longest, test.want)
		}
	}
}

func TestTerminalWidthOfNoTerminal(t *testing.T) {
	t.Parallel()
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if ui.TerminalWidth(file) != nil || ui.TerminalWidth(&bytes.Buffer{}) != nil {
		t.Error("a file or a buffer is taken for a terminal")
	}
}
