// SPDX-License-Identifier: MIT

package logs

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// group is a log group as it is kept.
type group struct {
	Scope         arn.Scope
	Name          string
	ID            string // its directory
	Created       int64  // ms since 1970
	RetentionDays int    // 0: for ever
	Class         string
	Protected     bool
	Tags          map[string]string
	Streams       map[string]*stream
	Subscriptions []*subscription `json:",omitempty"`
}

// groupSpec is what a caller says of a new log group.
type groupSpec struct {
	name          string
	retentionDays int
	class         string
	protected     bool
	tags          map[string]string
}

var (
	groupName = lazy.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
	// retentions are the numbers of days that PutRetentionPolicy takes.
	retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
	classes    = []string{"STANDARD", "INFREQUENT_ACCESS", "DELIVERY"}
)

func (g *group) arn() string { return g.Scope.Regional("logs", "log-group:"+g.Name) }

func checkGroupName(name string) error {
	if !groupName.MatchString(name) {
		return invalid(`1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: `+
			`Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`, name)
	}
	return nil
}

func checkRetention(days int) error {
	if !slices.Contains(retentions, days) {
		words := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(retentions)), ", "), "[]")
		return invalid("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [%s]", days, words)
	}
	return nil
}

// create makes a log group.
func (s *Service) create(scope arn.Scope, spec groupSpec) (*group, error) {
	if err := checkGroupName(spec.name); err != nil {
		return nil, err
	}
	if spec.class == "" {
		spec.class = "STANDARD"
	}
	if !slices.Contains(classes, spec.class) {
		return nil, invalid("1 validation error detected: Value '%s' at 'logGroupClass' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [%s]", spec.class, strings.Join(classes, ", "))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.groups[keyOf(scope, spec.name)] != nil {
		return nil, wire.Errorf(400, "ResourceAlreadyExistsException", "The specified log group already exists")
	}
	return s.add(scope, spec)
}

// add makes a log group whose name is free; s.mu is held.
func (s *Service) add(scope arn.Scope, spec groupSpec) (*group, error) {
	g := &group{
		Scope: scope, Name: spec.name, ID: wire.RequestID(), Created: s.env.Now().UnixMilli(),
		RetentionDays: spec.retentionDays, Class: spec.class, Protected: spec.protected,
		Tags: maps.Clone(spec.tags), Streams: map[string]*stream{},
	}
	if err := os.MkdirAll(s.dir(g), 0o700); err != nil {
		return nil, err
	}
	s.groups[keyOf(scope, g.Name)] = g
	s.env.Store.Changed(document)
	return g, nil
}

func (s *Service) dir(g *group) string { return filepath.Join(s.root, g.ID) }

// edit changes a log group under the lock.
func (s *Service) edit(scope arn.Scope, name string, change func(*group) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[keyOf(scope, name)]
	if g == nil {
		return notFound("group")
	}
	if err := change(g); err != nil {
		return err
	}
	s.env.Store.Changed(document)
	return nil
}

// remove deletes a log group with all that is in it.
func (s *Service) remove(scope arn.Scope, name string) error {
	var dir string
	err := s.edit(scope, name, func(g *group) error {
		if g.Protected {
			return wire.Errorf(400, "ValidationException",
				"The log group %s cannot be deleted because deletion protection is enabled for it", name)
		}
		delete(s.groups, keyOf(scope, name))
		dir = s.dir(g)
		return nil
	})
	if err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// cutoff returns the time before which the events of g are expired, in ms.
func (s *Service) cutoff(g *group) int64 {
	if g.RetentionDays == 0 {
		return 0
	}
	return s.env.Now().AddDate(0, 0, -g.RetentionDays).UnixMilli()
}
