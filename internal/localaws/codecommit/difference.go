// SPDX-License-Identifier: MIT

package codecommit

import (
	"slices"
	"strings"
)

type blobMetadata struct {
	BlobID string `json:"blobId"`
	Path   string `json:"path"`
	Mode   string `json:"mode"`
}

// difference is a file that two commits have differently.
type difference struct {
	BeforeBlob *blobMetadata `json:"beforeBlob,omitempty"`
	AfterBlob  *blobMetadata `json:"afterBlob,omitempty"`
	ChangeType string        `json:"changeType"` // A, M or D
}

func (d difference) path() string {
	if d.AfterBlob != nil {
		return d.AfterBlob.Path
	}
	return d.BeforeBlob.Path
}

type differencesOutput struct {
	Differences []difference `json:"differences"`
	NextToken   string       `json:",omitempty"`
}

// getDifferences compares the files of two commits, or of one with nothing, below
// two paths.
func (s *Service) getDifferences(c caller, in struct {
	named
	BeforeCommitSpecifier string `json:"beforeCommitSpecifier"`
	AfterCommitSpecifier  string `json:"afterCommitSpecifier"`
	BeforePath            string `json:"beforePath"`
	AfterPath             string `json:"afterPath"`
	MaxResults            *int
	NextToken             string
}) (differencesOutput, error) {
	r, err := s.find(c.scope, in.RepositoryName)
	if err != nil {
		return differencesOutput{}, err
	}
	if in.AfterCommitSpecifier == "" {
		return differencesOutput{}, fail("CommitRequired", "A commit was not specified.")
	}
	size := 400
	if in.MaxResults != nil {
		if size = *in.MaxResults; size < 1 {
			return differencesOutput{}, fail("InvalidMaxResults", "The specified number of maximum results is not valid.")
		}
	}
	after, err := r.below(in.AfterCommitSpecifier, in.AfterPath)
	if err != nil {
		return differencesOutput{}, err
	}
	before := map[string]file{}
	if in.BeforeCommitSpecifier != "" {
		if before, err = r.below(in.BeforeCommitSpecifier, in.BeforePath); err != nil {
			return differencesOutput{}, err
		}
	}
	list, next, err := page(differences(before, after), in.NextToken, size)
	return differencesOutput{list, next}, err
}

// below returns the files of a commit at or below a path; "" is the root.
func (r *repository) below(specifier, path string) (map[string]file, error) {
	id, err := r.resolve(specifier)
	if err != nil {
		return nil, err
	}
	files, err := r.objects.filesOf(id)
	if err != nil {
		return nil, err
	}
	path = strings.Trim(path, "/")
	for name := range files {
		if path != "" && name != path && !strings.HasPrefix(name, path+"/") {
			delete(files, name)
		}
	}
	if path != "" && len(files) == 0 {
		return nil, fail("PathDoesNotExist", "The specified path does not exist: %s", path)
	}
	return files, nil
}

func differences(before, after map[string]file) []difference {
	list := []difference{}
	blob := func(path string, f file) *blobMetadata { return &blobMetadata{f.blob, path, f.mode} }
	for path, f := range after {
		old, there := before[path]
		switch {
		case !there:
			list = append(list, difference{nil, blob(path, f), "A"})
		case old != f:
			list = append(list, difference{blob(path, old), blob(path, f), "M"})
		}
	}
	for path, f := range before {
		if _, there := after[path]; !there {
			list = append(list, difference{blob(path, f), nil, "D"})
		}
	}
	slices.SortFunc(list, func(a, b difference) int { return strings.Compare(a.path(), b.path()) })
	return list
}
