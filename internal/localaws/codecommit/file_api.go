// SPDX-License-Identifier: MIT

package codecommit

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// maxFile is how large a file may be, in bytes ("Quotas in AWS CodeCommit").
const maxFile = 6 << 20

// author are the texts of a commit.
type author struct {
	Name          string `json:"name"`
	Email         string `json:"email"`
	CommitMessage string `json:"commitMessage"`
}

type fileChanged struct {
	CommitID string `json:"commitId"`
	BlobID   string `json:"blobId"`
	TreeID   string `json:"treeId"`
	FilePath string `json:"filePath,omitempty"` // of DeleteFile
}

// ground returns what a change of a branch builds on; s.mu is held.
func (s *Service) ground(c caller, in branchInput, parent string) (r *repository, files map[string]file, tip string, err error) {
	if r, err = s.find(c.scope, in.RepositoryName); err != nil {
		return nil, nil, "", err
	}
	if tip, err = r.tip(in.BranchName, parent); err != nil {
		return nil, nil, "", err
	}
	files, err = r.objects.filesOf(tip)
	return r, files, tip, err
}

func (s *Service) putFile(c caller, in struct {
	branchInput
	author
	FileContent    []byte `json:"fileContent"`
	FilePath       string `json:"filePath"`
	FileMode       string `json:"fileMode"`
	ParentCommitID string `json:"parentCommitId"`
}) (fileChanged, error) {
	r, files, tip, err := s.ground(c, in.branchInput, in.ParentCommitID)
	if err != nil {
		return fileChanged{}, err
	}
	if len(in.FileContent) == 0 {
		return fileChanged{}, fail("FileContentRequired", "The file cannot be added because it is empty. Empty files cannot be added to the repository with this API.")
	}
	f, err := r.write(files, in.FilePath, in.FileMode, in.FileContent)
	if err != nil {
		return fileChanged{}, err
	}
	if files[in.FilePath] == f {
		return fileChanged{}, fail("SameFileContent", "The file was not added or updated either because the content of the file is exactly the same as the content of that file in the repository and branch that you specified.")
	}
	files[in.FilePath] = f
	id, tree, err := s.commit(c, r, in.change(in.BranchName, tip, files, "Put "+in.FilePath))
	return fileChanged{CommitID: id, BlobID: f.blob, TreeID: tree}, err
}

// change is the commit of files; fallback is its message if the caller has none.
func (a author) change(branch, parent string, files map[string]file, fallback string) change {
	return change{branch: branch, parent: parent, name: a.Name, email: a.Email, message: cmp.Or(a.CommitMessage, fallback), files: files}
}

// write keeps the content of a file that is to stand among others. An empty mode
// leaves that of the file that is there.
func (r *repository) write(files map[string]file, path, mode string, content []byte) (file, error) {
	if err := checkPath(path); err != nil {
		return file{}, err
	}
	written, known := modeNames()[mode]
	switch {
	case mode == "":
		written = cmp.Or(files[path].mode, modeNormal)
	case !known:
		return file{}, fail("InvalidFileMode", "The specified file mode permission is not valid: %s", mode)
	}
	if len(content) > maxFile {
		return file{}, fail("FileContentSizeLimitExceeded", "The file cannot be added because it is too large. The maximum file size is 6 MB.")
	}
	if err := room(files, path); err != nil {
		return file{}, err
	}
	id, err := r.objects.write(kindBlob, content)
	return file{written, id}, err
}

func noFile(path string) error {
	return fail("FileDoesNotExist", "The specified file does not exist: %s", path)
}

func (s *Service) deleteFile(c caller, in struct {
	branchInput
	author
	FilePath         string `json:"filePath"`
	ParentCommitID   string `json:"parentCommitId"`
	KeepEmptyFolders bool   `json:"keepEmptyFolders"`
}) (fileChanged, error) {
	r, files, tip, err := s.ground(c, in.branchInput, in.ParentCommitID)
	if err != nil {
		return fileChanged{}, err
	}
	if err := checkPath(in.FilePath); err != nil {
		return fileChanged{}, err
	}
	gone, there := files[in.FilePath]
	if !there {
		return fileChanged{}, noFile(in.FilePath)
	}
	if err := r.remove(files, in.FilePath, in.KeepEmptyFolders); err != nil {
		return fileChanged{}, err
	}
	id, tree, err := s.commit(c, r, in.change(in.BranchName, tip, files, "Deleted "+in.FilePath))
	return fileChanged{id, gone.blob, tree, in.FilePath}, err
}

// remove takes a file away. The folder that becomes empty goes with it, unless a
// .gitkeep keeps it.
func (r *repository) remove(files map[string]file, path string, keep bool) error {
	delete(files, path)
	slash := strings.LastIndexByte(path, '/')
	if !keep || slash < 0 {
		return nil
	}
	for other := range files {
		if strings.HasPrefix(other, path[:slash+1]) {
			return nil
		}
	}
	id, err := r.objects.write(kindBlob, nil)
	files[path[:slash+1]+".gitkeep"] = file{modeNormal, id}
	return err
}

// resolve returns the commit that a specifier names: a branch, with or without
// refs/heads/, HEAD or the id of a commit. Empty it is the default branch.
func (r *repository) resolve(specifier string) (string, error) {
	branch := strings.TrimPrefix(specifier, "refs/heads/")
	if specifier == "" || specifier == "HEAD" {
		branch = r.Default
	}
	if at := r.Branches[branch]; at != "" {
		return at, nil
	}
	if objectID.MatchString(specifier) {
		if _, err := r.objects.readCommit(specifier); err == nil {
			return specifier, nil
		}
	}
	return "", fail("CommitDoesNotExist", "The specified commit does not exist: %s", specifier)
}

type placeInput struct {
	named
	CommitSpecifier string `json:"commitSpecifier"`
}

// place returns the files of the commit that a request names; s.mu is held.
func (s *Service) place(c caller, in placeInput) (r *repository, id string, files map[string]file, err error) {
	if r, err = s.find(c.scope, in.RepositoryName); err != nil {
		return nil, "", nil, err
	}
	if id, err = r.resolve(in.CommitSpecifier); err != nil {
		return nil, "", nil, err
	}
	files, err = r.objects.filesOf(id)
	return r, id, files, err
}

type fileOutput struct {
	CommitID    string `json:"commitId"`
	BlobID      string `json:"blobId"`
	FilePath    string `json:"filePath"`
	FileMode    string `json:"fileMode"`
	FileSize    int    `json:"fileSize"`
	FileContent []byte `json:"fileContent"`
}

func (s *Service) getFile(c caller, in struct {
	placeInput
	FilePath string `json:"filePath"`
}) (fileOutput, error) {
	r, id, files, err := s.place(c, in.placeInput)
	if err != nil {
		return fileOutput{}, err
	}
	if err := checkPath(in.FilePath); err != nil {
		return fileOutput{}, err
	}
	f, there := files[in.FilePath]
	if !there {
		return fileOutput{}, noFile(in.FilePath)
	}
	content, err := r.objects.read(kindBlob, f.blob)
	return fileOutput{id, f.blob, in.FilePath, modeName(f.mode), len(content), content}, err
}

type blobOutput struct {
	Content []byte `json:"content"`
}

func (s *Service) getBlob(c caller, in struct {
	named
	BlobID string `json:"blobId"`
}) (blobOutput, error) {
	r, err := s.find(c.scope, in.RepositoryName)
	switch {
	case err != nil:
		return blobOutput{}, err
	case in.BlobID == "":
		return blobOutput{}, fail("BlobIdRequired", "A blob ID is required, but was not specified.")
	case !objectID.MatchString(in.BlobID):
		return blobOutput{}, fail("InvalidBlobId", "The specified blob is not valid: %s", in.BlobID)
	}
	content, err := r.objects.read(kindBlob, in.BlobID)
	if err != nil {
		return blobOutput{}, fail("BlobIdDoesNotExist", "The specified blob does not exist: %s", in.BlobID)
	}
	return blobOutput{content}, nil
}

// pathsOf returns the paths of files, sorted.
func pathsOf(files map[string]file) []string { return slices.Sorted(maps.Keys(files)) }
