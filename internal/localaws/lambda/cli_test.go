// SPDX-License-Identifier: MIT

package lambda_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// aws runs the AWS command line program against w and decodes what it prints.
// The test is skipped where it is not installed, but not in CI.
func (w *world) aws(t *testing.T, out any, args ...string) {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("aws is not installed")
		}
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, append([]string{"--endpoint-url", w.server.URL, "--output", "json"}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_PAGER="}
	text, err := cmd.Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, e.Stderr)
		}
		t.Fatal(err)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, text)
	}
}

// The command line program of AWS, in another language than the SDK of the other
// tests, understands what we answer, its waiters included.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	dir := t.TempDir()
	zip, answer := filepath.Join(dir, "code.zip"), filepath.Join(dir, "answer.json")
	if err := os.WriteFile(zip, programZip(), 0o600); err != nil {
		t.Fatal(err)
	}
	w.aws(t, nil, "lambda", "create-function", "--function-name", "hello", "--runtime", "provided.al2023", "--handler", "hello",
		"--role", goodRole, "--zip-file", "fileb://"+zip, "--timeout", "20")
	w.aws(t, nil, "lambda", "wait", "function-active-v2", "--function-name", "hello")
	w.aws(t, nil, "lambda", "update-function-configuration", "--function-name", "hello", "--environment", "Variables={STEP=second}")
	w.aws(t, nil, "lambda", "wait", "function-updated-v2", "--function-name", "hello")
	var head struct {
		StatusCode                 int
		FunctionError, LogResult   string
		ExecutedVersion, Discarded string
	}
	w.aws(t, &head, "lambda", "invoke", "--function-name", "hello", "--payload", `{"do":"environment"}`, "--log-type", "Tail", answer)
	got, err := os.ReadFile(answer)
	if err != nil || !strings.Contains(string(got), `"STEP=second"`) || head.StatusCode != 200 || head.LogResult == "" {
		t.Errorf("invoke: %+v %s %v", head, got, err)
	}
	w.aws(t, &head, "lambda", "invoke", "--function-name", "hello", "--payload", `{"do":"fail","text":"no"}`, answer)
	if head.FunctionError != "Unhandled" {
		t.Errorf("invoke of a failing function: %+v", head)
	}
	var list struct {
		Functions []struct{ FunctionName string }
	}
	w.aws(t, &list, "lambda", "list-functions")
	if len(list.Functions) != 1 || list.Functions[0].FunctionName != "hello" {
		t.Errorf("list %+v", list)
	}
	var found struct{ Events []struct{ Message string } }
	w.aws(t, &found, "logs", "filter-log-events", "--log-group-name", "/aws/lambda/hello", "--filter-pattern", "REPORT")
	if len(found.Events) != 2 {
		t.Errorf("%d REPORT lines in the log, want 2", len(found.Events))
	}
	w.aws(t, nil, "lambda", "delete-function", "--function-name", "hello")
}
