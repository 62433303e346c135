// SPDX-License-Identifier: MIT

package ui_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/internal/ui"
	"github.com/sparta-up/sparta/pipeline"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// buffer is a writer that may be used concurrently.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// tape records what a UI writes.
type tape struct{ stdout, stderr buffer }

// env returns an environment with the variables in "NAME=value" form.
func env(variables ...string) func(string) string {
	return func(name string) string {
		for _, v := range variables {
			if value, ok := strings.CutPrefix(v, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func wide(n int) func() int { return func() int { return n } }

// modes are the ways to show things, all with golden files.
func modes() map[string]ui.Options {
	return map[string]ui.Options{
		"plain":  {},
		"debug":  {Debug: true},
		"colour": {Env: env("FORCE_COLOR=1")},
		"live":   {Width: wide(120), Env: env("TERM=xterm")},
		"narrow": {Width: wide(40), Env: env("NO_COLOR=1")},
		"dumb":   {Width: wide(120), Env: env("TERM=dumb", "COLUMNS=60")},
		"ci":     {Width: wide(120), Env: env("TERM=xterm", "CI=true", "NO_COLOR=1")},
		"json":   {Format: ui.JSON},
	}
}

// checkGolden shows the same thing in all modes and compares what was written
// with the golden files. The clock is synctest's.
func checkGolden(t *testing.T, show func(t *testing.T, u *ui.UI)) {
	for mode, options := range modes() {
		t.Run(mode, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var r tape
				options.Stdout, options.Stderr = &r.stdout, &r.stderr
				u := ui.New(options)
				show(t, u)
				u.Close()
				u.Close()
				got := "-- stdout --\n" + readable(r.stdout.String()) + "-- stderr --\n" + readable(r.stderr.String())
				if mode == "live" {
					got += "-- the terminal at the end --\n" + readable(terminal(r.stderr.String()))
				}
				compareGolden(t, strings.ReplaceAll(t.Name(), "/", "_")+".golden", got)
			})
		})
	}
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); refresh with go test ./internal/ui -update:\n%s", path, diff)
	}
}

// readable writes escape sequences in a form that an editor shows.
func readable(text string) string {
	return strings.NewReplacer("\x1b", "␛", "\r", "␍").Replace(text)
}

// hinted is an error with advice.
type hinted struct {
	error
	hint string
}

func (h hinted) Hint() string { return h.hint }

// detailed is an error with the output of a tool.
type detailed struct {
	error
	detail string
}

func (d detailed) Detail() string { return d.detail }

var denied = hinted{
	errors.New(`put object "sparta/1a2b": access denied`),
	"the caller needs s3:PutObject on the artifact bucket; ask whoever manages the account for it, or name another bucket with --bucket",
}

// showUp plays an `up` in which two stages overlap.
func showUp(t *testing.T, u *ui.UI) {
	report := func(name string, s pipeline.Status, d time.Duration) pipeline.Report {
		return pipeline.Report{Name: name, Status: s, Start: time.Now().Add(-d), Duration: d}
	}
	u.Note("node is not installed, or older than version 20: running the Go programs of shim functions directly")
	compile := u.Started(t.Context(), "compile")
	zerolog.Ctx(compile).Debug().Str("goos", "linux").Msg("built program")
	u.Finished(pipeline.Report{Name: "packageAssets", Status: pipeline.Skipped, Reason: "the service has no site"})
	bucket := u.Started(t.Context(), "ensureBucket")
	u.Progress("ensureBucket", "creating sparta-artifacts-123456789012-eu-west-1\x1b[2J\nfor the first time in this account")
	time.Sleep(250 * time.Millisecond)
	zerolog.Ctx(bucket).Info().Str("bucket", "sparta artifacts").Int("bytes", 5832830).Bool("new", true).Msg("created bucket")
	u.Finished(report("ensureBucket", pipeline.Done, 250*time.Millisecond))
	zerolog.Ctx(compile).Warn().Err(io.ErrUnexpectedEOF).Msg("build cache unreadable")
	time.Sleep(time.Second)
	u.Finished(report("compile", pipeline.Done, 1250*time.Millisecond))
	u.Started(t.Context(), "wait")
	for _, e := range []ui.Event{
		{"wait", "HelloRole", "AWS::IAM::Role", "CREATE_IN_PROGRESS", ""},
		{"wait", "HelloRole", "AWS::IAM::Role", "CREATE_COMPLETE", ""},
		{"wait", "AFunctionWithAVeryLongLogicalIdThatNeverEnds", "AWS::Lambda::Function", "CREATE_FAILED",
			"Resource handler returned message: \"The role defined for the function cannot be assumed by Lambda.\" (Service: Lambda, Status Code: 400)"},
		{"wait", "hello", "AWS::CloudFormation::Stack", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Hello]."},
		{"", "hello", "AWS::CloudFormation::Stack", "ROLLBACK_COMPLETE", ""},
	} {
		u.Event(e)
	}
	time.Sleep(40 * time.Millisecond)
	u.Finished(report("wait", pipeline.Failed, 62*time.Second))
	u.Finished(report("aside", pipeline.Stopped, 3*time.Second))
	u.Undone(pipeline.Report{Name: "compile", Status: pipeline.Done, Undone: true})
	u.Undone(pipeline.Report{Name: "ensureBucket", Status: pipeline.Done, UndoErr: io.EOF})
	u.Log("START RequestId: 1\r\n{\"level\":\"info\"}\x07\n\n")
	u.Log("")
}

func TestUp(t *testing.T) { checkGolden(t, showUp) }

func TestProblems(t *testing.T) {
	checkGolden(t, func(t *testing.T, u *ui.UI) {
		u.Problems(nil)
		u.Problems(diag.List{{
			Position: diag.Position{File: "sparta.yaml", Line: 3}, Severity: diag.Warning,
			Path: "defaults.timeout", Message: "longer than the 30 s of an HTTP API",
		}})
		err := fmt.Errorf("read: %w", &diag.Fault{Problems: diag.List{
			{
				Position: diag.Position{File: "sparta.yaml", Line: 12, Column: 5}, Path: "functions.hello.memory",
				Message: "64 is below 128 MB", Source: "    memory: 64\r", Width: 6,
				Hint: "Lambda takes 128 MB to 10240 MB, in steps of 1 MB; leave the key out for the default, which is 128 MB",
			},
			{
				Position: diag.Position{File: "sparta.yaml", Line: 14, Column: 3}, Path: "functions.hello.evil\x1b[31m",
				Message: "unknown key", Source: "\t\t\x1b]0;title\x07evil: 日本", Width: 2, Hint: "did you mean `events`?",
			},
			{Position: diag.Position{File: "sparta.yaml", Line: 3}, Severity: diag.Warning, Message: "odd"},
			{Message: "the directory holds no go.mod"},
		}})
		u.Failure(err)
		result(t, u, ui.Result{Command: "validate", Err: err})
	})
}

func TestFailure(t *testing.T) {
	checkGolden(t, func(t *testing.T, u *ui.UI) {
		stack := []byte("goroutine 7 [running]:\nmain.boom()\n\t/src/boom.go:3 +0x1d\n")
		err := errors.Join(
			&pipeline.StageError{Stage: "upload", Err: fmt.Errorf("archive %q: %w", "app.zip", denied)},
			fmt.Errorf("undo %s: %w", "converge", pipeline.Keep(errors.New("two\nlines\x1b[H"))),
			&pipeline.StageError{Stage: "compile", Err: detailed{errors.New("go build: exit status 1"),
				"# example.com/app\n./main.go:7:2: undefined: helo\n"}},
			&pipeline.StageError{Stage: "generate", Err: &pipeline.PanicError{Value: "index out of range [3] with length 3", Stack: stack}},
			fmt.Errorf("interrupted: %w: %w", io.EOF, hinted{errors.New("left the stack moving"), "`sparta up` looks again"}),
		)
		u.Failure(nil)
		u.Failure(err)
		result(t, u, ui.Result{
			Command: "up", Service: "hello", Status: "created", Err: err,
			Stages: []pipeline.Report{
				{Name: "compile", Status: pipeline.Done, Undone: true, Start: time.Now(), Duration: 1234567 * time.Microsecond},
				{Name: "site", Status: pipeline.Skipped, Reason: "no site"},
				{Name: "upload", Status: pipeline.Failed, Err: denied, Start: time.Now(), Duration: time.Millisecond},
				{Name: "converge", Status: pipeline.Done, UndoErr: io.EOF},
				{Name: "wait"},
			},
		})
	})
}

func TestResult(t *testing.T) {
	checkGolden(t, func(t *testing.T, u *ui.UI) {
		result(t, u, ui.Result{
			Command: "up", Service: "MyService-dev", Status: "updated",
			Outputs: []ui.Output{
				{Name: "ApiUrl", Value: "http://127.0.0.1:4000/a/very/long/path/that/must/never/be/cut/because/people/copy/it?x=<1>&y=2"},
				{Name: "Table", Value: "Orders\x1b[5m", Description: "Where the orders are kept until the end of the month, and then moved"},
				{Name: "AnOutputWithANameThatIsFarTooLongForAColumn", Value: "1"},
			},
			Extra: map[string]any{"region": "eu-west-1", "account": "123456789012"},
			Reply: []byte(`{"n":12345678901234567890,"s":"<b>"}`),
		})
	})
}

// result shows r and fails the test if that fails.
func result(t *testing.T, u *ui.UI, r ui.Result) {
	t.Helper()
	if err := u.Result(r); err != nil {
		t.Error(err)
	}
}
