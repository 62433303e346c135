// SPDX-License-Identifier: MIT

package codecommit

import (
	"cmp"
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::CodeCommit::Repository.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{"AWS::CodeCommit::Repository": repositoryType{s}}
}

// serviceName is how CloudFormation calls CodeCommit in the reasons of its events.
const serviceName = "AWSCodeCommit"

// repositoryType is AWS::CodeCommit::Repository.
type repositoryType struct{ service *Service }

func (t repositoryType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"RepositoryName": shape.Pattern(repositoryName, 100), "RepositoryDescription": shape.String, "Tags": shape.Tags,
		"Code": shape.Unmodelled, "Triggers": shape.Unmodelled, "KmsKeyId": shape.Unmodelled,
	}, "RepositoryName"), properties)
}

// Replaces is never so: another name renames the repository.
func (t repositoryType) Replaces(_, _ map[string]any) bool { return false }

func (t repositoryType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	made, err := s.create(r.Scope, shape.Member(r.Properties, "RepositoryName"), shape.Member(r.Properties, "RepositoryDescription"), shape.TagMap(r.Tags, r.Properties))
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return s.instance(made), nil
}

// instance is known by the id of the repository, which no other name changes.
func (s *Service) instance(r *repository) resource.Instance {
	http, ssh := s.cloneURLs(r)
	return resource.Instance{PhysicalID: r.ID, Attributes: map[string]any{
		"Arn": r.arn(), "Name": r.Name, "CloneUrlHttp": http, "CloneUrlSsh": ssh,
	}}
}

// byID returns a repository by its id, nil for none; s.mu is held.
func (s *Service) byID(id string) *repository {
	for _, r := range s.repositories {
		if r.ID == id {
			return r
		}
	}
	return nil
}

func (t repositoryType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.byID(old.PhysicalID)
	if found == nil {
		return old, wire.FromService(serviceName, fail("RepositoryDoesNotExist", "%s does not exist", old.PhysicalID))
	}
	description, tags := shape.Member(r.Properties, "RepositoryDescription"), shape.TagMap(r.Tags, r.Properties)
	err := cmp.Or(checkDescription(description), checkTags(tags))
	if err == nil {
		err = s.rename(found, shape.Member(r.Properties, "RepositoryName"))
	}
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	found.Description, found.Tags = description, tags
	s.changed(found)
	return s.instance(found), nil
}

func (t repositoryType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.byID(old.PhysicalID); r != nil {
		return s.drop(r)
	}
	return nil
}
