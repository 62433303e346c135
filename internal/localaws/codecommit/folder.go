// SPDX-License-Identifier: MIT

package codecommit

import (
	"slices"
	"strings"
)

// folderItem is what a folder has; Tree or Blob is set.
type folderItem struct {
	TreeID       string `json:"treeId,omitempty"`
	BlobID       string `json:"blobId,omitempty"`
	AbsolutePath string `json:"absolutePath"`
	RelativePath string `json:"relativePath"`
	FileMode     string `json:"fileMode,omitempty"`
}

type folderOutput struct {
	CommitID      string       `json:"commitId"`
	FolderPath    string       `json:"folderPath"`
	TreeID        string       `json:"treeId"`
	SubFolders    []folderItem `json:"subFolders"`
	Files         []folderItem `json:"files"`
	SymbolicLinks []folderItem `json:"symbolicLinks"`
	SubModules    []folderItem `json:"subModules"` // there are none
}

func (s *Service) getFolder(c caller, in struct {
	placeInput
	FolderPath string `json:"folderPath"`
}) (folderOutput, error) {
	r, id, _, err := s.place(c, in.placeInput)
	if err != nil {
		return folderOutput{}, err
	}
	path := strings.Trim(in.FolderPath, "/")
	if in.FolderPath == "" {
		return folderOutput{}, fail("PathRequired", "A folder path is required")
	}
	tree, err := r.folder(id, path)
	if err != nil {
		return folderOutput{}, err
	}
	list, err := r.objects.readTree(tree)
	out := folderOutput{id, path, tree, []folderItem{}, []folderItem{}, []folderItem{}, []folderItem{}}
	for _, e := range list {
		item := folderItem{AbsolutePath: strings.TrimPrefix(path+"/"+e.name, "/"), RelativePath: e.name}
		if e.mode == modeDirectory {
			item.TreeID = e.id
			out.SubFolders = append(out.SubFolders, item)
			continue
		}
		item.BlobID, item.FileMode = e.id, modeName(e.mode)
		if e.mode == modeSymlink {
			out.SymbolicLinks = append(out.SymbolicLinks, item)
		} else {
			out.Files = append(out.Files, item)
		}
	}
	return out, err
}

// folder returns the tree of a folder of a commit; "" is the root.
func (r *repository) folder(commit, path string) (string, error) {
	c, err := r.objects.readCommit(commit)
	if err != nil || path == "" {
		return c.tree, err
	}
	tree := c.tree
	for part := range strings.SplitSeq(path, "/") {
		list, err := r.objects.readTree(tree)
		if err != nil {
			return "", err
		}
		i := slices.IndexFunc(list, func(e entry) bool { return e.name == part && e.mode == modeDirectory })
		if i < 0 {
			return "", fail("FolderDoesNotExist", "The specified folder does not exist: %s", path)
		}
		tree = list[i].id
	}
	return tree, nil
}
