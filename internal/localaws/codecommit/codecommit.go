// SPDX-License-Identifier: MIT

// Package codecommit is the CodeCommit of the embedded AWS: repositories with
// branches, whose commits, trees and files are git objects with git's own ids;
// the JSON protocol of the API and the CloudFormation type
// AWS::CodeCommit::Repository. Each change of a branch is an event on the default
// event bus.
//
// Changes are made by the API only: git itself is not spoken, so that there are
// no tags. Pull requests, merges, comments, approvals, triggers and encryption
// keys are refused by name.
package codecommit

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// document is the name of the state document and of the directory of the
// objects.
const document = "codecommit"

// Service is CodeCommit. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	table   *delivery.Table // the event bus
	root    string          // directory of the objects, one below it for each repository
	actions wire.Actions[*Service, caller]
	needs   access.Table

	mu           sync.Mutex // also held while objects are read and written
	repositories map[string]*repository
}

// repository is guarded by Service.mu; the keys of Service.repositories are the
// ARNs.
type repository struct {
	Scope             arn.Scope
	ID, Name          string
	Description       string            `json:",omitempty"`
	Default           string            `json:",omitempty"` // branch; "" of an empty repository
	Branches          map[string]string // ids of their commits
	Tags              map[string]string `json:",omitempty"`
	Created, Modified time.Time

	objects objects
}

// caller is who asks, and where.
type caller struct {
	scope arn.Scope
	arn   string
}

// New opens the repositories that env.Store keeps. table has the event buses.
func New(env service.Env, table *delivery.Table) (*Service, error) {
	s := &Service{env: env, table: table, actions: actions(), needs: needs(), repositories: map[string]*repository{}}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("open codecommit: %w", err)
	}
	return s, nil
}

func (s *Service) load() error {
	var err error
	if s.root, err = s.env.Store.Dir(document); err != nil {
		return err
	}
	var kept []*repository
	if err := s.env.Store.Load(document, &kept); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, r := range kept {
		r.objects = objects{filepath.Join(s.root, r.ID)}
		s.repositories[r.arn()], known[r.ID] = r, true
	}
	s.env.Store.Register(document, s.snapshot)
	return s.sweep(known)
}

// sweep removes the objects of repositories that are in no document.
func (s *Service) sweep(known map[string]bool) error {
	entries, err := os.ReadDir(s.root)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !known[entry.Name()] {
			if err := os.RemoveAll(filepath.Join(s.root, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]*repository, 0, len(s.repositories))
	for _, r := range s.repositories {
		kept = append(kept, r)
	}
	return json.Marshal(kept)
}

// changed notes a change of a repository; s.mu is held.
func (s *Service) changed(r *repository) {
	r.Modified = s.env.Now().UTC()
	s.env.Store.Changed(document)
}

func (r *repository) arn() string { return r.Scope.Regional("codecommit", r.Name) }

var (
	repositoryName = lazy.MustCompile(`^[\w.-]{1,100}$`)
	objectID       = lazy.MustCompile(`^[0-9a-f]{40}$`)
)

// find returns a repository; s.mu is held.
func (s *Service) find(scope arn.Scope, name string) (*repository, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	r := s.repositories[scope.Regional("codecommit", name)]
	if r == nil {
		return nil, fail("RepositoryDoesNotExist", "%s does not exist", name)
	}
	return r, nil
}

func checkName(name string) error {
	switch {
	case name == "":
		return fail("RepositoryNameRequired", "A repository name is required")
	case !repositoryName.MatchString(name) || strings.HasSuffix(name, ".git"):
		return fail("InvalidRepositoryName", "The repository name is not valid. Repository names can be any valid combination of letters, numbers, periods, underscores, and dashes between 1 and 100 characters in length. Repository names cannot end in .git.")
	}
	return nil
}

// fail returns an error of the API; code is without Exception at its end.
func fail(code, format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, code+"Exception", format, args...)
}
