// SPDX-License-Identifier: MIT

package flow_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/sparta-up/sparta/pipeline/stage"
)

const repositoriesYAML = `functions:
  any:
    handler: ./handlers.Timer
    events:
      - codecommit: Code
  release:
    handler: ./handlers.Timer
    events:
      - codecommit: {repository: Code, branches: [release/*], events: [created]}
resources:
  Code: {Type: AWS::CodeCommit::Repository, DeletionPolicy: Delete, UpdateReplacePolicy: Delete, Properties: {RepositoryName: code}}
outputs: {Code: !GetAtt Code.Arn}
`

// TestSourceRepository: commits and branches call the functions that want them.
func TestSourceRepository(t *testing.T) {
	t.Parallel()
	r := record(t, repositoriesYAML)
	api, ctx, name := codecommit.NewFromConfig(r.config()), t.Context(), aws.String("code")
	put := func(parent *string, content string) *string {
		t.Helper()
		out, err := api.PutFile(ctx, &codecommit.PutFileInput{RepositoryName: name, BranchName: aws.String("main"), FilePath: aws.String("a"), FileContent: []byte(content), ParentCommitId: parent})
		if err != nil {
			t.Fatal(err)
		}
		return out.CommitId
	}
	first := put(nil, "1")
	second := put(first, "2")
	for _, branch := range []string{"release/1", "feature"} {
		if _, err := api.CreateBranch(ctx, &codecommit.CreateBranchInput{RepositoryName: name, BranchName: &branch, CommitId: second}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := api.DeleteBranch(ctx, &codecommit.DeleteBranchInput{RepositoryName: name, BranchName: aws.String("feature")}); err != nil {
		t.Fatal(err)
	}
	repository, err := api.GetRepository(ctx, &codecommit.GetRepositoryInput{RepositoryName: name})
	if err != nil {
		t.Fatal(err)
	}
	var e events.EventBridgeEvent
	r.await("any", `"referenceUpdated"`, &e)
	if e.Source != "aws.codecommit" || e.DetailType != "CodeCommit Repository State Change" || len(e.Resources) != 1 || e.Resources[0] != *repository.RepositoryMetadata.Arn {
		t.Errorf("got %+v", e)
	}
	var detail map[string]string
	if err := json.Unmarshal(e.Detail, &detail); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"commitId": *second, "oldCommitId": *first, "referenceName": "main", "referenceFullName": "refs/heads/main", "referenceType": "branch", "repositoryName": "code",
		"repositoryId": *repository.RepositoryMetadata.RepositoryId, "callerUserArn": "arn:aws:iam::" + account + ":root",
	} {
		if detail[key] != want {
			t.Errorf("%s: got %q, want %q", key, detail[key], want)
		}
	}
	r.await("any", `"referenceDeleted"`, &e)
	r.await("release", `"release/1"`, &e)
	// CloudWatchEvent, the older name of the type, holds the same.
	var older events.CloudWatchEvent
	r.await("any", `"referenceCreated"`, &older)
	if !bytes.Contains(older.Detail, []byte(`"referenceCreated"`)) || older.AccountID != account {
		t.Errorf("got %+v", older)
	}
	if r.noted("release", `"main"`) != nil || r.noted("release", "feature") != nil {
		t.Error("a rule lets pass what it should not")
	}
	r.edit("sparta.yaml", "      - codecommit: Code\n", "      []\n")
	r.mustUp(stage.Updated)
	put(second, "3")
	if _, err := api.CreateBranch(ctx, &codecommit.CreateBranchInput{RepositoryName: name, BranchName: aws.String("release/2"), CommitId: second}); err != nil {
		t.Fatal(err)
	}
	r.await("release", `"release/2"`, &e)
	if r.noted("any", `"release/2"`) != nil {
		t.Error("a rule that was taken away is still there")
	}
	r.takeDown()
}
