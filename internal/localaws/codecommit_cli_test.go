// SPDX-License-Identifier: MIT

package localaws_test

import (
	"encoding/json"
	"testing"
)

// TestCommandLineCodeCommit: the aws command commits, and a rule tells a function
// of it.
func TestCommandLineCodeCommit(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	function, _ := c.withFunction(t)
	rule := field(t, c.must(t, "RuleArn", "events", "put-rule", "--name", "pushes", "--event-pattern", `{"source":["aws.codecommit"]}`), "RuleArn")
	c.must(t, "", "events", "put-targets", "--rule", "pushes", "--targets", "Id=f,Arn="+function)
	c.must(t, "Sid", "lambda", "add-permission", "--function-name", "recorder", "--statement-id", "s", "--action", "lambda:InvokeFunction", "--principal", "events.amazonaws.com", "--source-arn", rule)
	c.must(t, `"repositoryName": "code"`, "codecommit", "create-repository", "--repository-name", "code", "--repository-description", "Sources", "--tags", "team=a")
	c.must(t, `"team": "a"`, "codecommit", "list-tags-for-resource", "--resource-arn", "arn:aws:codecommit:us-east-1:"+account+":code")
	c.write(t, "a.txt", "first\n")
	on := []string{"--repository-name", "code", "--branch-name", "main"}
	call := func(operation string, rest ...string) []string {
		return append(append([]string{"codecommit", operation}, on...), rest...)
	}
	first := field(t, c.must(t, "commitId", call("put-file", "--file-content", "fileb://a.txt", "--file-path", "docs/a.txt", "--commit-message", "First", "--name", "Ada", "--email", "ada@example.com")...), "commitId")
	c.recorded(t, `"referenceCreated"`)
	c.mustNot(t, "ParentCommitIdRequiredException", call("put-file", "--file-content", "fileb://a.txt", "--file-path", "b.txt")...)
	second := field(t, c.must(t, "filesAdded", call("create-commit", "--parent-commit-id", first, "--author-name", "Ada", "--commit-message", "Second",
		"--put-files", `[{"filePath":"b.sh","fileMode":"EXECUTABLE","fileContent":"IyEvYmluL3No"}]`)...), "commitId")
	c.recorded(t, second)
	c.must(t, second, call("get-branch")...)
	c.must(t, `"message": "Second"`, "codecommit", "get-commit", "--repository-name", "code", "--commit-id", second)
	c.must(t, first, "codecommit", "batch-get-commits", "--repository-name", "code", "--commit-ids", first, second)
	c.must(t, `"changeType": "A"`, "codecommit", "get-differences", "--repository-name", "code", "--before-commit-specifier", first, "--after-commit-specifier", "main")
	var file struct {
		FileContent []byte
		FileMode    string
	}
	if err := json.Unmarshal([]byte(c.must(t, "", "codecommit", "get-file", "--repository-name", "code", "--file-path", "docs/a.txt")), &file); err != nil || string(file.FileContent) != "first\n" || file.FileMode != "NORMAL" {
		t.Errorf("got %+v, %v", file, err)
	}
	c.must(t, "docs/a.txt", "codecommit", "get-folder", "--repository-name", "code", "--folder-path", "docs")
	c.must(t, "", "codecommit", "create-branch", "--repository-name", "code", "--branch-name", "dev", "--commit-id", first)
	c.must(t, "dev", "codecommit", "list-branches", "--repository-name", "code")
	c.must(t, "code", "codecommit", "list-repositories")
	c.must(t, `"defaultBranch": "main"`, "codecommit", "batch-get-repositories", "--repository-names", "code")
	c.must(t, first, "codecommit", "delete-branch", "--repository-name", "code", "--branch-name", "dev")
	c.recorded(t, `"referenceDeleted"`)
	c.mustNot(t, "DefaultBranchCannotBeDeletedException", call("delete-branch")...)
	c.mustNot(t, "does not model", "codecommit", "list-pull-requests", "--repository-name", "code")
	c.must(t, "repositoryId", "codecommit", "delete-repository", "--repository-name", "code")
}
