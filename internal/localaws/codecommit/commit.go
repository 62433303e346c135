// SPDX-License-Identifier: MIT

package codecommit

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// commit is a commit.
type commit struct {
	tree              string
	parents           []string
	author, committer person
	message           string
}

// person is who made a commit, and when: seconds since 1970 and the zone.
type person struct{ name, email, date string }

func (p person) line() string { return p.name + " <" + p.email + "> " + p.date }

// text is the commit as git keeps it.
func (c commit) text() []byte {
	var b strings.Builder
	b.WriteString("tree " + c.tree + "\n")
	for _, parent := range c.parents {
		b.WriteString("parent " + parent + "\n")
	}
	b.WriteString("author " + c.author.line() + "\ncommitter " + c.committer.line() + "\n\n" + c.message)
	return []byte(b.String())
}

// readCommit returns a commit. It returns errNoObject if there is none.
func (o objects) readCommit(id string) (commit, error) {
	content, err := o.read(kindCommit, id)
	if err != nil {
		return commit{}, err
	}
	var c commit
	header, message, _ := strings.Cut(string(content), "\n\n")
	c.message = message
	for line := range strings.SplitSeq(header, "\n") {
		name, value, _ := strings.Cut(line, " ")
		switch name {
		case "tree":
			c.tree = value
		case "parent":
			c.parents = append(c.parents, value)
		case "author":
			c.author = readPerson(value)
		case "committer":
			c.committer = readPerson(value)
		}
	}
	return c, nil
}

func readPerson(line string) person {
	name, rest, _ := strings.Cut(line, " <")
	email, date, _ := strings.Cut(rest, "> ")
	return person{name, email, date}
}

// filesOf returns the files of a commit, none of no commit.
func (o objects) filesOf(id string) (map[string]file, error) {
	files := map[string]file{}
	if id == "" {
		return files, nil
	}
	c, err := o.readCommit(id)
	if err != nil {
		return nil, err
	}
	return files, o.files(c.tree, "", files)
}

// change is what a commit is to be made of.
type change struct {
	branch, parent       string
	name, email, message string
	files                map[string]file // all of the new commit
}

// check checks the texts of a commit, which are lines of git's own.
func (c change) check() error {
	switch {
	case len(c.name) > 100 || strings.ContainsAny(c.name, "\n<>\x00"):
		return fail("NameLengthExceeded", "The user name is not valid. The user name has exceeded the character limit for user names.")
	case strings.ContainsAny(c.email, "\n<>\x00 ") || len(c.email) > 254:
		return fail("InvalidEmail", "The specified email address either contains one or more characters that are not allowed, or it exceeds the maximum number of characters allowed for an email address.")
	case len(c.message) > 20<<10:
		return fail("CommitMessageLengthExceeded", "The commit message is too long. Provide a shorter string.")
	case strings.Contains(c.message, "\x00"):
		return fail("CommitMessageLengthExceeded", "the commit message has a zero byte, which git does not take")
	}
	return nil
}

// tip returns the commit that a change builds on, "" of an empty repository. The
// parent that the caller names must be it.
func (r *repository) tip(branch, parent string) (string, error) {
	if err := checkBranch(branch); err != nil {
		return "", err
	}
	at, there := r.Branches[branch]
	switch {
	case !there && len(r.Branches) > 0:
		return "", noBranch(branch)
	case !there && parent != "":
		return "", fail("ParentCommitDoesNotExist", "The parent commit %s does not exist: the repository is empty", parent)
	case !there:
		return "", nil
	case parent == "":
		return "", fail("ParentCommitIdRequired", "A parent commit ID is required. To view the full commit ID of a branch in a repository, use GetBranch or a Git command (for example, git pull or git log).")
	case !objectID.MatchString(parent):
		return "", fail("InvalidParentCommitId", "The parent commit ID is not valid. The commit ID cannot be empty, and must match the head commit ID for the branch of the repository where you want to add or update a file.")
	case parent == at:
		return at, nil
	}
	if _, err := r.objects.readCommit(parent); errors.Is(err, errNoObject) {
		return "", fail("ParentCommitDoesNotExist", "The parent commit ID does not exist: %s", parent)
	}
	return "", fail("ParentCommitIdOutdated", "The file could not be added because the provided parent commit ID is not the current tip of the specified branch. To view the full commit ID of the current head of the branch, use GetBranch.")
}

// commit makes a commit of a change, moves the branch to it and tells of that;
// s.mu is held. The first branch becomes the default one.
func (s *Service) commit(c caller, r *repository, in change) (id, tree string, err error) {
	if err := in.check(); err != nil {
		return "", "", err
	}
	if tree, err = r.objects.writeTree(in.files); err != nil {
		return "", "", err
	}
	who := person{in.name, in.email, fmt.Sprintf("%d +0000", s.env.Now().Unix())}
	if who.name == "" {
		who.name = c.arn[strings.LastIndexAny(c.arn, "/:")+1:]
	}
	made := commit{tree: tree, author: who, committer: who, message: in.message}
	if in.parent != "" {
		made.parents = []string{in.parent}
	}
	if id, err = r.objects.write(kindCommit, made.text()); err != nil {
		return "", "", err
	}
	if r.Default == "" {
		r.Default = in.branch
	}
	s.move(c, r, in.branch, id)
	return id, tree, nil
}

// move lets a branch point to a commit, "" removes it; s.mu is held.
func (s *Service) move(c caller, r *repository, branch, to string) {
	from := r.Branches[branch]
	if to == "" {
		delete(r.Branches, branch)
	} else {
		r.Branches[branch] = to
	}
	s.changed(r)
	s.tell(c, r, branch, from, to)
}

// seconds is a time as the API has it.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
