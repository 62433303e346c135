// SPDX-License-Identifier: MIT

package codecommit_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// ok returns the answer of a call that has to work.
func ok[Out any](t *testing.T) func(Out, error) Out {
	return func(out Out, err error) Out {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// refused checks the code and a part of the message of an error.
func refused(t *testing.T, err error, code, text string) {
	t.Helper()
	failure, is := errors.AsType[smithy.APIError](err)
	if !is || failure.ErrorCode() != code || !strings.Contains(failure.ErrorMessage(), text) {
		t.Errorf("got %v, want %s: ...%s...", err, code, text)
	}
}

func (w *world) create(t *testing.T, name string) *types.RepositoryMetadata {
	t.Helper()
	return ok[*api.CreateRepositoryOutput](t)(w.client.CreateRepository(t.Context(), &api.CreateRepositoryInput{
		RepositoryName: &name, RepositoryDescription: aws.String("for a test"), Tags: map[string]string{"a": "b"},
	})).RepositoryMetadata
}

// put puts a file on a branch and returns the commit.
func (w *world) put(t *testing.T, branch, parent, path, content string) string {
	t.Helper()
	in := &api.PutFileInput{RepositoryName: aws.String("code"), BranchName: &branch, FilePath: &path, FileContent: []byte(content), Name: aws.String("Ada"), Email: aws.String("ada@example.com"), CommitMessage: aws.String("Put " + path + "\n")}
	if parent != "" {
		in.ParentCommitId = &parent
	}
	return *ok[*api.PutFileOutput](t)(w.client.PutFile(t.Context(), in)).CommitId
}

// TestGit has git itself read what the API has written.
func TestGit(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	made := w.create(t, "code")
	first := w.put(t, "main", "", "README.md", "# Code\n")
	second := ok[*api.CreateCommitOutput](t)(w.client.CreateCommit(t.Context(), &api.CreateCommitInput{
		RepositoryName: aws.String("code"), BranchName: aws.String("main"), ParentCommitId: &first, AuthorName: aws.String("Grace"), Email: aws.String("grace@example.com"), CommitMessage: aws.String("More"),
		PutFiles: []types.PutFileEntry{
			{FilePath: aws.String("cmd/a/main.go"), FileContent: []byte("package main\n")}, {FilePath: aws.String("cmd.go"), FileContent: []byte("package cmd\n")},
			{FilePath: aws.String("run.sh"), FileContent: []byte("#!/bin/sh\n"), FileMode: types.FileModeTypeEnumExecutable}, {FilePath: aws.String("link"), FileContent: []byte("run.sh"), FileMode: types.FileModeTypeEnumSymlink},
			{FilePath: aws.String("docs/README.md"), SourceFile: &types.SourceFileSpecifier{FilePath: aws.String("README.md"), IsMove: true}},
		},
	}))
	if got := paths(second.FilesAdded); got != "cmd.go cmd/a/main.go docs/README.md link run.sh" || paths(second.FilesDeleted) != "README.md" {
		t.Errorf("added %s, deleted %s", got, paths(second.FilesDeleted))
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	bare := filepath.Join(t.TempDir(), "bare.git")
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Env = append(os.Environ(), "GIT_DIR="+bare, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "--bare", "-q", bare)
	if err := os.CopyFS(filepath.Join(bare, "objects"), os.DirFS(filepath.Join(w.dir, "codecommit", *made.RepositoryId))); err != nil {
		t.Fatal(err)
	}
	git("update-ref", "refs/heads/main", *second.CommitId)
	if out := git("fsck", "--strict", "--full"); strings.Contains(out, "error") || strings.Contains(out, "warning") {
		t.Errorf("fsck: %s", out)
	}
	if got, want := git("log", "--format=%H %an %ae %s", "refs/heads/main"), *second.CommitId+" Grace grace@example.com More\n"+first+" Ada ada@example.com Put README.md"; got != want {
		t.Errorf("log: got %s, want %s", got, want)
	}
	if got := git("ls-tree", "-r", "--format=%(objectmode) %(path)", "refs/heads/main"); got != "100644 cmd.go\n100644 cmd/a/main.go\n100644 docs/README.md\n120000 link\n100755 run.sh" {
		t.Errorf("files: %s", got)
	}
	if got := git("rev-parse", "refs/heads/main^{tree}"); got != *second.TreeId {
		t.Errorf("tree %s, want %s", got, *second.TreeId)
	}
}

func paths(list []types.FileMetadata) string {
	var names []string
	for _, f := range list {
		names = append(names, *f.AbsolutePath)
	}
	return strings.Join(names, " ")
}

// TestEvents: what EventBridge is told of branches.
func TestEvents(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	made := w.create(t, "code")
	first := w.put(t, "main", "", "a", "1")
	second := w.put(t, "main", first, "a", "2")
	name := aws.String("code")
	ok[*api.CreateBranchOutput](t)(w.client.CreateBranch(t.Context(), &api.CreateBranchInput{RepositoryName: name, BranchName: aws.String("release/1"), CommitId: &first}))
	ok[*api.DeleteBranchOutput](t)(w.client.DeleteBranch(t.Context(), &api.DeleteBranchInput{RepositoryName: name, BranchName: aws.String("release/1")}))
	ok[*api.DeleteBranchOutput](t)(w.client.DeleteBranch(t.Context(), &api.DeleteBranchInput{RepositoryName: name, BranchName: aws.String("never")}))
	event := func(what, branch, from, to string) map[string]string {
		e := map[string]string{
			"callerUserArn": "arn:aws:iam::" + account + ":root", "event": what, "referenceFullName": "refs/heads/" + branch, "referenceName": branch, "referenceType": "branch",
			"repositoryId": *made.RepositoryId, "repositoryName": "code",
		}
		if from != "" {
			e["oldCommitId"] = from
		}
		if to != "" {
			e["commitId"] = to
		}
		return e
	}
	want := []map[string]string{
		event("referenceCreated", "main", "", first), event("referenceUpdated", "main", first, second), event("referenceCreated", "release/1", "", first), event("referenceDeleted", "release/1", first, ""),
	}
	if diff := cmp.Diff(want, w.inbox.details(t)); diff != "" {
		t.Error(diff)
	}
}

func TestBranchesAndCommits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	w.create(t, "code")
	name := aws.String("code")
	first := w.put(t, "main", "", "docs/a", "1")
	second := w.put(t, "main", first, "b", "2")
	at := ok[*api.GetBranchOutput](t)(w.client.GetBranch(t.Context(), &api.GetBranchInput{RepositoryName: name, BranchName: aws.String("main")})).Branch
	if *at.CommitId != second || *at.BranchName != "main" {
		t.Errorf("got %v", at)
	}
	got := ok[*api.GetCommitOutput](t)(w.client.GetCommit(t.Context(), &api.GetCommitInput{RepositoryName: name, CommitId: &second})).Commit
	if *got.Message != "Put b\n" || len(got.Parents) != 1 || got.Parents[0] != first || *got.Author.Name != "Ada" || *got.Committer.Email != "ada@example.com" || !strings.HasSuffix(*got.Author.Date, " +0000") {
		t.Errorf("got %+v", got)
	}
	batch := ok[*api.BatchGetCommitsOutput](t)(w.client.BatchGetCommits(t.Context(), &api.BatchGetCommitsInput{RepositoryName: name, CommitIds: []string{first, strings.Repeat("0", 40)}}))
	if len(batch.Commits) != 1 || len(batch.Errors) != 1 || *batch.Errors[0].ErrorCode != "CommitIdDoesNotExistException" {
		t.Errorf("got %+v", batch)
	}
	ok[*api.CreateBranchOutput](t)(w.client.CreateBranch(t.Context(), &api.CreateBranchInput{RepositoryName: name, BranchName: aws.String("dev"), CommitId: &first}))
	ok[*api.UpdateDefaultBranchOutput](t)(w.client.UpdateDefaultBranch(t.Context(), &api.UpdateDefaultBranchInput{RepositoryName: name, DefaultBranchName: aws.String("dev")}))
	deleted := ok[*api.DeleteFileOutput](t)(w.client.DeleteFile(t.Context(), &api.DeleteFileInput{RepositoryName: name, BranchName: aws.String("dev"), FilePath: aws.String("docs/a"), ParentCommitId: &first, KeepEmptyFolders: true}))
	differ := ok[*api.GetDifferencesOutput](t)(w.client.GetDifferences(t.Context(), &api.GetDifferencesInput{RepositoryName: name, BeforeCommitSpecifier: &second, AfterCommitSpecifier: aws.String("dev"), MaxResults: aws.Int32(2)}))
	var changes []string
	for _, d := range differ.Differences {
		path := d.BeforeBlob
		if path == nil {
			path = d.AfterBlob
		}
		changes = append(changes, string(d.ChangeType)+" "+*path.Path+" "+*path.Mode)
	}
	if diff := cmp.Diff([]string{"D b 100644", "A docs/.gitkeep 100644"}, changes); diff != "" || differ.NextToken == nil {
		t.Errorf("%s, next %v", diff, differ.NextToken)
	}
	if *deleted.FilePath != "docs/a" {
		t.Errorf("got %+v", deleted)
	}
	list := ok[*api.ListBranchesOutput](t)(w.client.ListBranches(t.Context(), &api.ListBranchesInput{RepositoryName: name}))
	if diff := cmp.Diff([]string{"dev", "main"}, list.Branches); diff != "" {
		t.Error(diff)
	}
	if err := w.store.Flush(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir) // as another process would
	file := ok[*api.GetFileOutput](t)(again.client.GetFile(t.Context(), &api.GetFileInput{RepositoryName: name, CommitSpecifier: aws.String("refs/heads/main"), FilePath: aws.String("docs/a")}))
	if string(file.FileContent) != "1" || file.FileSize != 1 || file.FileMode != types.FileModeTypeEnumNormal || *file.CommitId != second {
		t.Errorf("got %+v", file)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "code")
	name := aws.String("code")
	first := w.put(t, "main", "", "docs/a.md", "a")
	second := w.put(t, "main", first, "docs/img/b.png", "\x00\xff")
	folder := ok[*api.GetFolderOutput](t)(w.client.GetFolder(t.Context(), &api.GetFolderInput{RepositoryName: name, FolderPath: aws.String("docs")}))
	if len(folder.Files) != 1 || *folder.Files[0].AbsolutePath != "docs/a.md" || *folder.Files[0].RelativePath != "a.md" || len(folder.SubFolders) != 1 || *folder.SubFolders[0].AbsolutePath != "docs/img" {
		t.Errorf("got %+v", folder)
	}
	root := ok[*api.GetFolderOutput](t)(w.client.GetFolder(t.Context(), &api.GetFolderInput{RepositoryName: name, FolderPath: aws.String("/"), CommitSpecifier: &first}))
	if len(root.Files) != 0 || len(root.SubFolders) != 1 || *root.SubFolders[0].RelativePath != "docs" {
		t.Errorf("got %+v", root)
	}
	file := ok[*api.GetFileOutput](t)(w.client.GetFile(t.Context(), &api.GetFileInput{RepositoryName: name, FilePath: aws.String("docs/img/b.png")}))
	blob := ok[*api.GetBlobOutput](t)(w.client.GetBlob(t.Context(), &api.GetBlobInput{RepositoryName: name, BlobId: file.BlobId}))
	if string(blob.Content) != "\x00\xff" || *file.CommitId != second {
		t.Errorf("got %q of %s", blob.Content, *file.CommitId)
	}
	mode := ok[*api.CreateCommitOutput](t)(w.client.CreateCommit(t.Context(), &api.CreateCommitInput{RepositoryName: name, BranchName: aws.String("main"), ParentCommitId: &second,
		SetFileModes: []types.SetFileModeEntry{{FilePath: aws.String("docs/a.md"), FileMode: types.FileModeTypeEnumExecutable}}}))
	if paths(mode.FilesUpdated) != "docs/a.md" {
		t.Errorf("got %+v", mode)
	}
	commit := func(in api.CreateCommitInput) error {
		in.RepositoryName, in.BranchName, in.ParentCommitId = name, aws.String("main"), mode.CommitId
		_, err := w.client.CreateCommit(t.Context(), &in)
		return err
	}
	entry := func(path, content string) types.PutFileEntry {
		return types.PutFileEntry{FilePath: &path, FileContent: []byte(content)}
	}
	refused(t, commit(api.CreateCommitInput{}), "FileEntryRequiredException", "no files")
	refused(t, commit(api.CreateCommitInput{PutFiles: []types.PutFileEntry{entry("docs/a.md", "a")}}), "NoChangeException", "")
	refused(t, commit(api.CreateCommitInput{PutFiles: []types.PutFileEntry{entry("docs", "a")}}), "FileNameConflictsWithDirectoryNameException", "docs")
	refused(t, commit(api.CreateCommitInput{PutFiles: []types.PutFileEntry{entry("docs/a.md/x", "a")}}), "DirectoryNameConflictsWithFileNameException", "docs/a.md")
	refused(t, commit(api.CreateCommitInput{PutFiles: []types.PutFileEntry{entry("x", "a"), entry("x", "b")}}), "SamePathRequestException", "x")
	refused(t, commit(api.CreateCommitInput{PutFiles: []types.PutFileEntry{{FilePath: aws.String("x")}}}), "SourceFileOrContentRequiredException", "")
	refused(t, commit(api.CreateCommitInput{DeleteFiles: []types.DeleteFileEntry{{FilePath: aws.String("x")}}}), "FileDoesNotExistException", "x")
	for _, path := range []string{"/x", "a//b", "a/../b", ".git/config", "a/", "a/.GIT/b"} {
		refused(t, commit(api.CreateCommitInput{PutFiles: []types.PutFileEntry{entry(path, "a")}}), "InvalidPathException", path)
	}
	refused(t, commit(api.CreateCommitInput{PutFiles: []types.PutFileEntry{entry("x", "a")}, AuthorName: aws.String("a\nb")}), "NameLengthExceededException", "")
	_, err := w.client.GetFile(t.Context(), &api.GetFileInput{RepositoryName: name, FilePath: aws.String("x")})
	refused(t, err, "FileDoesNotExistException", "x")
	_, err = w.client.GetFile(t.Context(), &api.GetFileInput{RepositoryName: name, FilePath: aws.String("x"), CommitSpecifier: aws.String("nowhere")})
	refused(t, err, "CommitDoesNotExistException", "nowhere")
	_, err = w.client.GetFolder(t.Context(), &api.GetFolderInput{RepositoryName: name, FolderPath: aws.String("x")})
	refused(t, err, "FolderDoesNotExistException", "x")
}

func TestRefused(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "code")
	name, ctx := aws.String("code"), t.Context()
	put := func(branch, parent, content string) error {
		in := &api.PutFileInput{RepositoryName: name, BranchName: &branch, FilePath: aws.String("a"), FileContent: []byte(content)}
		if parent != "" {
			in.ParentCommitId = &parent
		}
		_, err := w.client.PutFile(ctx, in)
		return err
	}
	refused(t, put("main", strings.Repeat("0", 40), "1"), "ParentCommitDoesNotExistException", "empty")
	first := w.put(t, "main", "", "a", "1")
	second := w.put(t, "main", first, "a", "2")
	refused(t, put("main", "", "3"), "ParentCommitIdRequiredException", "")
	refused(t, put("main", first, "3"), "ParentCommitIdOutdatedException", "")
	refused(t, put("main", strings.Repeat("0", 40), "3"), "ParentCommitDoesNotExistException", "")
	refused(t, put("main", "short", "3"), "InvalidParentCommitIdException", "")
	refused(t, put("main", second, "2"), "SameFileContentException", "")
	refused(t, put("main", second, ""), "FileContentRequiredException", "")
	refused(t, put("other", second, "3"), "BranchDoesNotExistException", "other")
	refused(t, put("a..b", second, "3"), "InvalidBranchNameException", "a..b")
	_, err := w.client.CreateRepository(ctx, &api.CreateRepositoryInput{RepositoryName: name})
	refused(t, err, "RepositoryNameExistsException", "code")
	_, err = w.client.CreateRepository(ctx, &api.CreateRepositoryInput{RepositoryName: aws.String("a b")})
	refused(t, err, "InvalidRepositoryNameException", "")
	_, err = w.client.CreateRepository(ctx, &api.CreateRepositoryInput{RepositoryName: aws.String("x"), KmsKeyId: aws.String("k")})
	refused(t, err, "ValidationException", `does not model parameter "kmsKeyId"`)
	_, err = w.client.GetRepository(ctx, &api.GetRepositoryInput{RepositoryName: aws.String("x")})
	refused(t, err, "RepositoryDoesNotExistException", "x")
	_, err = w.client.CreateBranch(ctx, &api.CreateBranchInput{RepositoryName: name, BranchName: aws.String("main"), CommitId: &first})
	refused(t, err, "BranchNameExistsException", "main")
	_, err = w.client.CreateBranch(ctx, &api.CreateBranchInput{RepositoryName: name, BranchName: aws.String("main/a"), CommitId: &first})
	refused(t, err, "InvalidBranchNameException", "main")
	_, err = w.client.CreateBranch(ctx, &api.CreateBranchInput{RepositoryName: name, BranchName: aws.String("b"), CommitId: aws.String(strings.Repeat("0", 40))})
	refused(t, err, "CommitDoesNotExistException", "")
	_, err = w.client.DeleteBranch(ctx, &api.DeleteBranchInput{RepositoryName: name, BranchName: aws.String("main")})
	refused(t, err, "DefaultBranchCannotBeDeletedException", "main")
	_, err = w.client.GetBranch(ctx, &api.GetBranchInput{RepositoryName: name, BranchName: aws.String("b")})
	refused(t, err, "BranchDoesNotExistException", "b")
	_, err = w.client.GetCommit(ctx, &api.GetCommitInput{RepositoryName: name, CommitId: aws.String(strings.Repeat("0", 40))})
	refused(t, err, "CommitIdDoesNotExistException", "")
	_, err = w.client.CreatePullRequest(ctx, &api.CreatePullRequestInput{Title: aws.String("t"), Targets: []types.Target{{RepositoryName: name, SourceReference: aws.String("x")}}})
	refused(t, err, "UnknownOperationException", `does not model operation "CreatePullRequest" of CodeCommit`)
	_, err = w.client.PutRepositoryTriggers(ctx, &api.PutRepositoryTriggersInput{RepositoryName: name, Triggers: []types.RepositoryTrigger{}})
	refused(t, err, "UnknownOperationException", "PutRepositoryTriggers")
}

func TestRepositories(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	made := w.create(t, "code")
	w.create(t, "books")
	ctx := t.Context()
	if *made.Arn != here().Regional("codecommit", "code") || *made.AccountId != account || made.CreationDate == nil || !strings.Contains(*made.CloneUrlHttp, "/v1/repos/code") {
		t.Errorf("got %+v", made)
	}
	list := ok[*api.ListRepositoriesOutput](t)(w.client.ListRepositories(ctx, &api.ListRepositoriesInput{Order: types.OrderEnumDescending, SortBy: types.SortByEnumRepositoryName}))
	if len(list.Repositories) != 2 || *list.Repositories[0].RepositoryName != "code" {
		t.Errorf("got %+v", list.Repositories)
	}
	batch := ok[*api.BatchGetRepositoriesOutput](t)(w.client.BatchGetRepositories(ctx, &api.BatchGetRepositoriesInput{RepositoryNames: []string{"code", "missing"}}))
	if diff := cmp.Diff([]types.RepositoryMetadata{*made}, batch.Repositories, cmpopts.IgnoreUnexported(types.RepositoryMetadata{})); diff != "" || len(batch.RepositoriesNotFound) != 1 {
		t.Errorf("%s, %v", diff, batch.RepositoriesNotFound)
	}
	ok[*api.UpdateRepositoryDescriptionOutput](t)(w.client.UpdateRepositoryDescription(ctx, &api.UpdateRepositoryDescriptionInput{RepositoryName: aws.String("code"), RepositoryDescription: aws.String("new")}))
	ok[*api.UpdateRepositoryNameOutput](t)(w.client.UpdateRepositoryName(ctx, &api.UpdateRepositoryNameInput{OldName: aws.String("code"), NewName: aws.String("sources")}))
	got := ok[*api.GetRepositoryOutput](t)(w.client.GetRepository(ctx, &api.GetRepositoryInput{RepositoryName: aws.String("sources")})).RepositoryMetadata
	if *got.RepositoryId != *made.RepositoryId || *got.RepositoryDescription != "new" {
		t.Errorf("got %+v", got)
	}
	ok[*api.TagResourceOutput](t)(w.client.TagResource(ctx, &api.TagResourceInput{ResourceArn: got.Arn, Tags: map[string]string{"c": "d"}}))
	ok[*api.UntagResourceOutput](t)(w.client.UntagResource(ctx, &api.UntagResourceInput{ResourceArn: got.Arn, TagKeys: []string{"a"}}))
	if diff := cmp.Diff(map[string]string{"c": "d"}, ok[*api.ListTagsForResourceOutput](t)(w.client.ListTagsForResource(ctx, &api.ListTagsForResourceInput{ResourceArn: got.Arn})).Tags); diff != "" {
		t.Error(diff)
	}
	for _, want := range []*string{made.RepositoryId, nil} {
		gone := ok[*api.DeleteRepositoryOutput](t)(w.client.DeleteRepository(ctx, &api.DeleteRepositoryInput{RepositoryName: aws.String("sources")}))
		if aws.ToString(gone.RepositoryId) != aws.ToString(want) {
			t.Errorf("got %v", gone.RepositoryId)
		}
	}
}

func TestResource(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	kind := w.ResourceTypes()["AWS::CodeCommit::Repository"]
	request := func(name string) resource.Request {
		return resource.Request{Scope: here(), Properties: map[string]any{"RepositoryName": name, "RepositoryDescription": "d", "Tags": []any{map[string]any{"Key": "k", "Value": "v"}}}, Tags: map[string]string{"stack": "s"}}
	}
	made, err := kind.Create(t.Context(), request("code"))
	if err != nil {
		t.Fatal(err)
	}
	got := ok[*api.GetRepositoryOutput](t)(w.client.GetRepository(t.Context(), &api.GetRepositoryInput{RepositoryName: aws.String("code")})).RepositoryMetadata
	want := resource.Instance{PhysicalID: *got.RepositoryId, Attributes: map[string]any{"Arn": *got.Arn, "Name": "code", "CloneUrlHttp": *got.CloneUrlHttp, "CloneUrlSsh": *got.CloneUrlSsh}}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	if _, err := kind.Create(t.Context(), request("code")); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("got %v", err)
	}
	w.put(t, "main", "", "a", "1")
	next, err := kind.Update(t.Context(), made, request("sources"))
	if err != nil || next.PhysicalID != made.PhysicalID || next.Attributes["Arn"] != here().Regional("codecommit", "sources") {
		t.Errorf("got %+v, %v", next, err)
	}
	if kind.Replaces(request("a").Properties, request("b").Properties) {
		t.Error("another name makes another repository")
	}
	for range 2 {
		if err := kind.Delete(t.Context(), next, request("sources")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(w.dir, "codecommit", made.PhysicalID)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the objects are still there: %v", err)
	}
	for name, fault := range map[string]string{"Code": "does not model", "Triggers": "does not model", "KmsKeyId": "does not model", "Color": "extraneous"} {
		properties := request("x").Properties
		properties[name] = map[string]any{}
		if got := strings.Join(kind.Check(properties), "\n"); !strings.Contains(got, fault) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := kind.Check(map[string]any{}); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}
