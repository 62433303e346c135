// SPDX-License-Identifier: MIT

package codecommit

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// checkBranch returns an error unless git takes the name for a branch (git
// check-ref-format).
func checkBranch(name string) error {
	bad := strings.ContainsAny(name, " ~^:?*[\\\x7f") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) ||
		strings.Contains(name, "..") || strings.Contains(name, "@{") || strings.Contains(name, "//") || strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") ||
		strings.HasSuffix(name, ".") || name == "@" || strings.HasPrefix(name, "-") || strings.HasPrefix(name, "refs/heads/")
	for part := range strings.SplitSeq(name, "/") {
		bad = bad || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock")
	}
	switch {
	case name == "":
		return fail("BranchNameRequired", "A branch name is required, but was not specified.")
	case bad || len(name) > 256:
		return fail("InvalidBranchName", "The specified reference name is not valid: %s", name)
	}
	return nil
}

func noBranch(name string) error { return fail("BranchDoesNotExist", "Branch %s does not exist", name) }

type branchInput struct {
	named
	BranchName string `json:"branchName"`
}

// branch returns the repository and the commit of a branch; s.mu is held.
func (s *Service) branch(c caller, in branchInput) (*repository, string, error) {
	r, err := s.find(c.scope, in.RepositoryName)
	if err == nil {
		err = checkBranch(in.BranchName)
	}
	if err != nil {
		return nil, "", err
	}
	return r, r.Branches[in.BranchName], nil
}

func (s *Service) createBranch(c caller, in struct {
	branchInput
	CommitID string `json:"commitId"`
}) (none, error) {
	r, at, err := s.branch(c, in.branchInput)
	switch {
	case err != nil:
		return none{}, err
	case at != "":
		return none{}, fail("BranchNameExists", "Branch %s already exists", in.BranchName)
	case in.CommitID == "":
		return none{}, fail("CommitIdRequired", "A commit ID was not specified.")
	case !objectID.MatchString(in.CommitID):
		return none{}, fail("InvalidCommitId", "The specified commit ID is not valid: %s", in.CommitID)
	}
	if _, err := r.objects.readCommit(in.CommitID); errors.Is(err, errNoObject) {
		return none{}, fail("CommitDoesNotExist", "Commit %s does not exist", in.CommitID)
	} else if err != nil {
		return none{}, err
	}
	if err := r.branchRoom(in.BranchName); err != nil {
		return none{}, err
	}
	s.move(c, r, in.BranchName, in.CommitID)
	return none{}, nil
}

// branchRoom returns an error if a branch has a name below which there are
// others, or the other way round, which git does not have.
func (r *repository) branchRoom(name string) error {
	for other := range r.Branches {
		if strings.HasPrefix(other, name+"/") || strings.HasPrefix(name, other+"/") {
			return fail("InvalidBranchName", "The specified reference name is not valid: there is a branch %s", other)
		}
	}
	return nil
}

type branchInfo struct {
	BranchName string `json:"branchName"`
	CommitID   string `json:"commitId"`
}

type branchOutput struct {
	Branch branchInfo `json:"branch"`
}

func (s *Service) getBranch(c caller, in branchInput) (branchOutput, error) {
	_, at, err := s.branch(c, in)
	if err == nil && at == "" {
		err = noBranch(in.BranchName)
	}
	return branchOutput{branchInfo{in.BranchName, at}}, err
}

type branchesOutput struct {
	Branches  []string `json:"branches"`
	NextToken string   `json:"nextToken,omitempty"`
}

func (s *Service) listBranches(c caller, in struct {
	named
	NextToken string `json:"nextToken"`
}) (branchesOutput, error) {
	r, err := s.find(c.scope, in.RepositoryName)
	if err != nil {
		return branchesOutput{}, err
	}
	names := append([]string{}, slices.Sorted(maps.Keys(r.Branches))...)
	names, next, err := page(names, in.NextToken, 1000)
	return branchesOutput{names, next}, err
}

type deletedOutput struct {
	DeletedBranch *branchInfo `json:"deletedBranch,omitempty"`
}

// deleteBranch removes a branch. One that is not there is no error.
func (s *Service) deleteBranch(c caller, in branchInput) (deletedOutput, error) {
	r, at, err := s.branch(c, in)
	switch {
	case err != nil:
		return deletedOutput{}, err
	case at == "":
		return deletedOutput{}, nil
	case in.BranchName == r.Default:
		return deletedOutput{}, fail("DefaultBranchCannotBeDeleted", "Branch %s is the default branch of the repository and cannot be deleted", in.BranchName)
	}
	s.move(c, r, in.BranchName, "")
	return deletedOutput{&branchInfo{in.BranchName, at}}, nil
}

func (s *Service) updateDefaultBranch(c caller, in struct {
	named
	DefaultBranchName string `json:"defaultBranchName"`
}) (none, error) {
	r, at, err := s.branch(c, branchInput{in.named, in.DefaultBranchName})
	switch {
	case err != nil:
		return none{}, err
	case at == "":
		return none{}, noBranch(in.DefaultBranchName)
	}
	r.Default = in.DefaultBranchName
	s.changed(r)
	return none{}, nil
}
