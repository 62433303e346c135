// SPDX-License-Identifier: MIT

package codecommit

import (
	"cmp"
	"errors"
	"maps"
	"slices"
)

// putEntry is a file that a commit adds or updates.
type putEntry struct {
	FilePath    string      `json:"filePath"`
	FileMode    string      `json:"fileMode"`
	FileContent []byte      `json:"fileContent"`
	SourceFile  *sourceFile `json:"sourceFile"`
}

// sourceFile is a file of the parent that is copied or moved.
type sourceFile struct {
	FilePath string `json:"filePath"`
	IsMove   bool   `json:"isMove"`
}

type commitInput struct {
	branchInput
	ParentCommitID   string     `json:"parentCommitId"`
	AuthorName       string     `json:"authorName"`
	Email            string     `json:"email"`
	CommitMessage    string     `json:"commitMessage"`
	KeepEmptyFolders bool       `json:"keepEmptyFolders"`
	PutFiles         []putEntry `json:"putFiles"`
	DeleteFiles      []struct {
		FilePath string `json:"filePath"`
	} `json:"deleteFiles"`
	SetFileModes []struct {
		FilePath string `json:"filePath"`
		FileMode string `json:"fileMode"`
	} `json:"setFileModes"`
}

type fileMetadata struct {
	AbsolutePath string `json:"absolutePath"`
	BlobID       string `json:"blobId"`
	FileMode     string `json:"fileMode"`
}

type createCommitOutput struct {
	CommitID     string         `json:"commitId"`
	TreeID       string         `json:"treeId"`
	FilesAdded   []fileMetadata `json:"filesAdded"`
	FilesUpdated []fileMetadata `json:"filesUpdated"`
	FilesDeleted []fileMetadata `json:"filesDeleted"`
}

// maxEntries is how many files a commit may change ("Quotas in AWS CodeCommit").
const maxEntries = 100

// check checks the entries of a commit against each other.
func (in commitInput) check() error {
	switch n := len(in.PutFiles) + len(in.DeleteFiles) + len(in.SetFileModes); {
	case n == 0:
		return fail("FileEntryRequired", "The commit cannot be created because no files have been specified as added, updated, or changed (PutFile or DeleteFile) for the commit.")
	case n > maxEntries:
		return fail("MaximumFileEntriesExceeded", "The number of specified files to change as part of this commit exceeds the maximum number of files that can be changed in a single commit.")
	}
	seen := map[string]bool{}
	var paths []string
	for _, f := range in.PutFiles {
		paths = append(paths, f.FilePath)
	}
	for _, f := range in.DeleteFiles {
		paths = append(paths, f.FilePath)
	}
	for _, f := range in.SetFileModes {
		paths = append(paths, f.FilePath)
	}
	for _, path := range paths {
		if err := checkPath(path); err != nil {
			return err
		}
		if seen[path] {
			return fail("SamePathRequest", "The commit cannot be created because one or more changes in this commit duplicate actions in the same file path: %s", path)
		}
		seen[path] = true
	}
	return nil
}

func (s *Service) createCommit(c caller, in commitInput) (createCommitOutput, error) {
	var out createCommitOutput
	r, before, tip, err := s.ground(c, in.branchInput, in.ParentCommitID)
	if err == nil {
		err = in.check()
	}
	if err != nil {
		return out, err
	}
	after := maps.Clone(before)
	if err := in.apply(r, before, after); err != nil {
		return out, err
	}
	out = compare(before, after)
	if len(out.FilesAdded)+len(out.FilesUpdated)+len(out.FilesDeleted) == 0 {
		return out, fail("NoChange", "The commit cannot be created because no changes will be made to the repository as a result of this commit. A commit must contain at least one change.")
	}
	out.CommitID, out.TreeID, err = s.commit(c, r, change{
		branch: in.BranchName, parent: tip, name: in.AuthorName, email: in.Email, message: in.CommitMessage, files: after,
	})
	return out, err
}

// apply makes the files of the new commit of those before.
func (in commitInput) apply(r *repository, before, after map[string]file) error {
	for _, f := range in.DeleteFiles {
		if _, there := before[f.FilePath]; !there {
			return noFile(f.FilePath)
		}
		if err := r.remove(after, f.FilePath, in.KeepEmptyFolders); err != nil {
			return err
		}
	}
	for _, f := range in.PutFiles {
		if err := f.apply(r, before, after, in.KeepEmptyFolders); err != nil {
			return err
		}
	}
	for _, f := range in.SetFileModes {
		old, there := before[f.FilePath]
		mode, known := modeNames()[f.FileMode]
		switch {
		case f.FileMode == "":
			return fail("FileModeRequired", "The commit cannot be created because no file mode has been specified.")
		case !known:
			return fail("InvalidFileMode", "The specified file mode permission is not valid: %s", f.FileMode)
		case !there:
			return noFile(f.FilePath)
		}
		after[f.FilePath] = file{mode, old.blob}
	}
	return nil
}

func (f putEntry) apply(r *repository, before, after map[string]file, keep bool) error {
	switch {
	case f.FileContent == nil && f.SourceFile == nil:
		return fail("SourceFileOrContentRequired", "The commit cannot be created because no source files or file content have been specified for the commit.")
	case f.FileContent != nil && f.SourceFile != nil:
		return fail("FileContentAndSourceFileSpecified", "The commit cannot be created because both a source file and file content have been specified for the same file.")
	case f.SourceFile == nil:
		made, err := r.write(after, f.FilePath, f.FileMode, f.FileContent)
		if err == nil {
			after[f.FilePath] = made
		}
		return err
	}
	source, there := before[f.SourceFile.FilePath]
	if !there {
		return noFile(f.SourceFile.FilePath)
	}
	if f.SourceFile.IsMove {
		if err := r.remove(after, f.SourceFile.FilePath, keep); err != nil {
			return err
		}
	}
	if err := room(after, f.FilePath); err != nil {
		return err
	}
	mode, known := modeNames()[f.FileMode]
	if f.FileMode != "" && !known {
		return fail("InvalidFileMode", "The specified file mode permission is not valid: %s", f.FileMode)
	}
	after[f.FilePath] = file{cmp.Or(mode, source.mode), source.blob}
	return nil
}

// compare returns how files differ.
func compare(before, after map[string]file) createCommitOutput {
	out := createCommitOutput{FilesAdded: []fileMetadata{}, FilesUpdated: []fileMetadata{}, FilesDeleted: []fileMetadata{}}
	for _, path := range pathsOf(after) {
		old, there := before[path]
		now := fileMetadata{path, after[path].blob, modeName(after[path].mode)}
		switch {
		case !there:
			out.FilesAdded = append(out.FilesAdded, now)
		case old != after[path]:
			out.FilesUpdated = append(out.FilesUpdated, now)
		}
	}
	for _, path := range pathsOf(before) {
		if _, there := after[path]; !there {
			out.FilesDeleted = append(out.FilesDeleted, fileMetadata{path, before[path].blob, modeName(before[path].mode)})
		}
	}
	return out
}

type user struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Date  string `json:"date"`
}

type shownCommit struct {
	CommitID       string   `json:"commitId"`
	TreeID         string   `json:"treeId"`
	Parents        []string `json:"parents"`
	Message        string   `json:"message"`
	Author         user     `json:"author"`
	Committer      user     `json:"committer"`
	AdditionalData string   `json:"additionalData"`
}

func (c commit) shown(id string) shownCommit {
	return shownCommit{id, c.tree, append([]string{}, c.parents...), c.message, c.author.exported(), c.committer.exported(), ""}
}

func (p person) exported() user { return user{p.name, p.email, p.date} }

type commitOutput struct {
	Commit shownCommit `json:"commit"`
}

func (s *Service) getCommit(c caller, in struct {
	named
	CommitID string `json:"commitId"`
}) (commitOutput, error) {
	r, err := s.find(c.scope, in.RepositoryName)
	switch {
	case err != nil:
		return commitOutput{}, err
	case in.CommitID == "":
		return commitOutput{}, fail("CommitIdRequired", "A commit ID was not specified.")
	case !objectID.MatchString(in.CommitID):
		return commitOutput{}, fail("InvalidCommitId", "The specified commit ID is not valid: %s", in.CommitID)
	}
	found, err := r.objects.readCommit(in.CommitID)
	if errors.Is(err, errNoObject) {
		return commitOutput{}, fail("CommitIdDoesNotExist", "The specified commit ID does not exist: %s", in.CommitID)
	}
	return commitOutput{found.shown(in.CommitID)}, err
}

type batchCommitsOutput struct {
	Commits []shownCommit `json:"commits"`
	Errors  []commitError `json:"errors"`
}

type commitError struct {
	CommitID     string `json:"commitId"`
	ErrorCode    string `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
}

func (s *Service) batchGetCommits(c caller, in struct {
	named
	CommitIDs []string `json:"commitIds"`
}) (batchCommitsOutput, error) {
	out := batchCommitsOutput{[]shownCommit{}, []commitError{}}
	r, err := s.find(c.scope, in.RepositoryName)
	switch {
	case err != nil:
		return out, err
	case len(in.CommitIDs) == 0:
		return out, fail("CommitIdsListRequired", "A list of commit IDs is required, but was either not specified or the list was empty.")
	case len(in.CommitIDs) > 100:
		return out, fail("CommitIdsLimitExceeded", "The maximum number of allowed commit IDs in a batch request is 100.")
	}
	for _, id := range slices.Compact(in.CommitIDs) {
		found, err := r.objects.readCommit(id)
		if err != nil {
			out.Errors = append(out.Errors, commitError{id, "CommitIdDoesNotExistException", "The specified commit ID does not exist: " + id})
			continue
		}
		out.Commits = append(out.Commits, found.shown(id))
	}
	return out, nil
}
