// SPDX-License-Identifier: MIT

package logs_test

import (
	"encoding/json"
	"os"
	"os/exec"
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
// tests, understands what we answer.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), start)
	w.aws(t, nil, "logs", "create-log-group", "--log-group-name", "/g", "--tags", "a=b")
	w.aws(t, nil, "logs", "put-retention-policy", "--log-group-name", "/g", "--retention-in-days", "7")
	w.put(t, "/g", "s", start, "first ERROR", "second", "third ERROR")
	var groups struct {
		LogGroups []struct{ RetentionInDays int }
	}
	w.aws(t, &groups, "logs", "describe-log-groups", "--log-group-name-prefix", "/g")
	if len(groups.LogGroups) != 1 || groups.LogGroups[0].RetentionInDays != 7 {
		t.Errorf("groups %+v", groups)
	}
	var found struct {
		Events []struct{ Message, LogStreamName string }
	}
	w.aws(t, &found, "logs", "filter-log-events", "--log-group-name", "/g", "--filter-pattern", "ERROR", "--page-size", "1")
	if len(found.Events) != 2 || found.Events[1].Message != "third ERROR" || found.Events[1].LogStreamName != "s" {
		t.Errorf("found %+v", found)
	}
	w.aws(t, nil, "logs", "delete-log-group", "--log-group-name", "/g")
}
