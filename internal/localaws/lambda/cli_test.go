// SPDX-License-Identifier: MIT

package lambda_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/awscli"
)

// aws runs the AWS command line program against w and decodes what it prints.
// The test is skipped where it is not installed, but not in CI.
func (w *world) aws(t *testing.T, out any, args ...string) {
	t.Helper()
	awscli.Need(t)
	awscli.CLI{Endpoint: w.server.URL}.JSON(t, out, args...)
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
