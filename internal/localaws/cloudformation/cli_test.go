// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/awscli"
)

// TestCommandLine has the aws command judge the API: its parsers, waiters and
// its deploy command, with a YAML template.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	awscli.Need(t)
	w := newWorld(t)
	server := httptest.NewServer(w.handler())
	defer server.Close()
	dir := t.TempDir()
	last := int64(0) // the second in which the last call ended
	aws := func(want int, arguments ...string) string {
		t.Helper()
		// deploy names its change set after the second, so that two in one clash.
		for ; time.Now().Unix() == last; time.Sleep(10 * time.Millisecond) {
		}
		out := awscli.CLI{Endpoint: server.URL, Dir: dir, Environ: []string{"AWS_DEFAULT_REGION=" + region}}.Run(t, append([]string{"cloudformation"}, arguments...)...)
		last = time.Now().Unix()
		if out.Code != want {
			t.Fatalf("aws %s: exit %d, want %d\n%s", strings.Join(arguments, " "), out.Code, want, out.Text())
		}
		return out.Text()
	}
	template := func(value string) {
		t.Helper()
		body := "Description: by hand\nParameters:\n  Size: {Type: Number, Default: 1}\nResources:\n  A:\n    Type: AWS::Fake::Thing\n    Properties: {Value: " + value +
			"}\n  Role:\n    Type: AWS::IAM::Role\n    Properties: {Of: !GetAtt A.Arn, Size: !Ref Size}\nOutputs:\n  Arn: {Value: !GetAtt A.Arn}\n"
		if err := os.WriteFile(filepath.Join(dir, "t.yaml"), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	template("one")
	deploy := []string{"deploy", "--stack-name", "app", "--template-file", "t.yaml", "--capabilities", "CAPABILITY_IAM", "--tags", "team=blue"}
	aws(0, "validate-template", "--template-body", "file://t.yaml")
	if out := aws(0, deploy...); !strings.Contains(out, "Successfully created/updated stack - app") {
		t.Errorf("deploy: %s", out)
	}
	if out := aws(0, append(deploy, "--no-fail-on-empty-changeset")...); !strings.Contains(out, "No changes to deploy. Stack app is up to date") {
		t.Errorf("deploy again: %s", out)
	}
	template("two")
	aws(0, append(deploy, "--parameter-overrides", "Size=2")...)
	if got := w.cloud.live["role-"+physical(w, "Role")]["Size"]; got != "2" {
		t.Errorf("size %v", got)
	}
	var described struct {
		Stacks []struct {
			StackStatus, Description string
			Outputs                  []struct{ OutputValue string }
			Tags                     []struct{ Key, Value string }
		}
	}
	if err := json.Unmarshal([]byte(aws(0, "describe-stacks", "--stack-name", "app", "--output", "json")), &described); err != nil {
		t.Fatal(err)
	}
	if st := described.Stacks[0]; st.StackStatus != "UPDATE_COMPLETE" || st.Description != "by hand" || len(st.Outputs) != 1 || len(st.Tags) != 1 {
		t.Errorf("%+v", st)
	}
	if out := aws(0, "describe-stack-events", "--stack-name", "app", "--query", "StackEvents[0].ResourceStatus", "--output", "text"); strings.TrimSpace(out) != "UPDATE_COMPLETE" {
		t.Errorf("events: %s", out)
	}
	w.cloud.failOn("update A")
	template("three")
	if out := aws(255, deploy...); !strings.Contains(out, "Failed to create/update the stack") {
		t.Errorf("failing deploy: %s", out)
	}
	w.cloud.on(nil)
	if st := w.settled("app"); st.StackStatus != "UPDATE_ROLLBACK_FAILED" && st.StackStatus != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("%s", st.StackStatus)
	}
	aws(0, "delete-stack", "--stack-name", "app")
	aws(0, "wait", "stack-delete-complete", "--stack-name", "app")
	if out := aws(255, "describe-stacks", "--stack-name", "app"); !strings.Contains(out, "Stack with id app does not exist") {
		t.Errorf("describe: %s", out)
	}
}
