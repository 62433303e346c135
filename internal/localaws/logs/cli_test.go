// SPDX-License-Identifier: MIT

package logs_test

import (
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
