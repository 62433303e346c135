// SPDX-License-Identifier: MIT

package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

func TestWantedOutput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args    []string
		environ []string
		want    string
	}{
		"none":               {args: []string{"up"}},
		"long":               {args: []string{"up", "--output", "json", "--bad"}, want: "json"},
		"long with sign":     {args: []string{"--bad", "--output=json"}, want: "json"},
		"short":              {args: []string{"-o", "json", "upp"}, want: "json"},
		"short, attached":    {args: []string{"-ojson", "upp"}, want: "json"},
		"no value":           {args: []string{"up", "-o"}},
		"variable":           {args: []string{"upp"}, environ: []string{"SPARTA_OUTPUT=json"}, want: "json"},
		"flag over variable": {args: []string{"upp", "-o", "text"}, environ: []string{"SPARTA_OUTPUT=json"}, want: "text"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := Process{Args: test.args, Environ: test.environ}
			if got := p.wantedOutput(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestFlags holds every command to the flags that mean something to it, and to
// one JSON object when it can't work.
func TestFlags(t *testing.T) {
	t.Parallel()
	nowhere := filepath.Join(t.TempDir(), "sparta.yaml")
	for command, flags := range map[string]string{
		"up": "--local --yes --region eu-west-1 --bucket b", "down": "--local --yes --region eu-west-1 --bucket b",
		"validate": "--local", "invoke hello": "--local --region eu-west-1", "permissions": "--bucket b",
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			args := append(strings.Fields(command), "-f", nowhere, "-e", "dev", "--debug", "-o", "json")
			args = append(args, strings.Fields(flags)...)
			code := Main(Process{Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr})
			if code != exitUsage {
				t.Errorf("exit code: got %d, want %d\n%s", code, exitUsage, stderr.String())
			}
			var object struct {
				Command, Status string
				Problems        []struct{ Message string }
			}
			decoder := json.NewDecoder(&stdout)
			if err := decoder.Decode(&object); err != nil || decoder.More() {
				t.Fatalf("standard output is not one JSON object: %v", err)
			}
			if object.Command != strings.Fields(command)[0] || object.Status != "failed" || len(object.Problems) != 1 {
				t.Errorf("got %+v", object)
			}
		})
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "event.json")
	large := filepath.Join(dir, "large.json")
	for path, content := range map[string]string{file: `{"n": 1}`, large: `"` + strings.Repeat("x", maxEvent) + `"`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		data  *string
		stdin string
		want  string
		fault string
	}{
		"none":           {want: "{}"},
		"JSON":           {data: new(`[1, "ä"]`), want: `[1, "ä"]`},
		"file":           {data: new("@" + file), want: `{"n": 1}`},
		"standard input": {data: new("-"), stdin: "null\n", want: "null\n"},
		"empty":          {data: new(""), fault: "the event in --data is no JSON: unexpected end of JSON input"},
		"two values":     {data: new("1 2"), fault: "the event in --data is no JSON: invalid character '2' after top-level value"},
		"empty input":    {data: new("-"), fault: "the event in standard input is no JSON: unexpected end of JSON input"},
		"no file":        {data: new("@" + dir), fault: "read the event: read " + dir},
		"too large":      {data: new("@" + large), fault: "has more than the 6291456 bytes that Lambda takes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &session{process: Process{Stdin: strings.NewReader(test.stdin)}}
			got, err := s.event(test.data)
			if test.fault == "" && (err != nil || string(got) != test.want) {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
			if _, ok := errors.AsType[*usage](err); test.fault != "" && (!ok || !strings.Contains(err.Error(), test.fault)) {
				t.Errorf("got %v, want an error of usage with %q", err, test.fault)
			}
		})
	}
}

func TestExitCode(t *testing.T) {
	t.Parallel()
	left := func(status types.StackStatus, err error) error {
		return &pipeline.StageError{Stage: "wait", Err: &stage.StackError{Stack: stage.Stack{Name: "s", Status: status}, Err: err}}
	}
	tests := map[string]struct {
		err  error
		want int
	}{
		"any":                  {errors.New("x"), exitFailed},
		"usage":                {usageError("x"), exitUsage},
		"sparta.yaml":          {&pipeline.StageError{Stage: "read", Err: errors.New("x")}, exitUsage},
		"no consent":           {&pipeline.StageError{Stage: "empty", Err: &stage.ConsentError{}}, exitUsage},
		"rolled back":          {left(types.StackStatusRollbackComplete, errors.New("x")), exitFailed},
		"update rolled back":   {left(types.StackStatusUpdateRollbackComplete, errors.New("x")), exitFailed},
		"stuck":                {left(types.StackStatusUpdateRollbackFailed, errors.New("x")), exitPartial},
		"not deleted":          {left(types.StackStatusDeleteFailed, errors.New("x")), exitPartial},
		"interrupted":          {fmt.Errorf("up: %w", errInterrupted), exitInterrupted},
		"interrupted and back": {left(types.StackStatusUpdateRollbackComplete, errInterrupted), exitInterrupted},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := exitCode(test.err); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestWithoutEcho(t *testing.T) {
	t.Parallel()
	pipelines := fmt.Errorf("up: %w", errInterrupted)
	waited := &pipeline.StageError{Stage: "wait", Err: fmt.Errorf("%w: %w", errInterrupted, stage.ErrDetached)}
	undo := errors.New("undo upload: access denied")
	fault := errors.New("no interrupt")
	converged := []pipeline.Report{{Name: "converge", Status: pipeline.Stopped}}
	tests := map[string]struct {
		err     error
		reports []pipeline.Report
		want    string
		hint    string
	}{
		"nothing to do":    {err: fault, want: "no interrupt"},
		"before the stack": {err: pipelines, want: "interrupted", hint: "the stack was not touched"},
		"at the stack":     {err: pipelines, reports: converged, want: "interrupted", hint: "run the same command again: it goes on from what it finds"},
		"a stage tells":    {err: errors.Join(errors.Join(pipelines, waited)), want: "wait: interrupted: detached: CloudFormation goes on by itself"},
		"with a leftover":  {err: errors.Join(pipelines, undo), want: "interrupted\nundo upload: access denied"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &session{}
			s.result.Stages = test.reports
			got := s.withoutEcho(test.err)
			if got.Error() != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if errors.Is(test.err, errInterrupted) != (exitCode(got) == exitInterrupted) {
				t.Errorf("%v has exit code %d", got, exitCode(got))
			}
			if h, ok := errors.AsType[*stopped](got); test.hint != "" && (!ok || h.Hint() != test.hint) {
				t.Errorf("hint: got %v, want %q", h, test.hint)
			}
		})
	}
}

func TestHideFromGit(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "svc", ".sparta")
	if err := hideFromGit(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, ".gitignore")
	if got, err := os.ReadFile(path); err != nil || string(got) != "*\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("!kept\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := hideFromGit(dir); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "!kept\n" {
		t.Errorf("the user's own file was overwritten with %q", got)
	}
}
