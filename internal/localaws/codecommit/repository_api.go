// SPDX-License-Identifier: MIT

package codecommit

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// metadata is a repository as the API has it.
type metadata struct {
	AccountID             string  `json:"accountId"`
	RepositoryID          string  `json:"repositoryId"`
	RepositoryName        string  `json:"repositoryName"`
	RepositoryDescription string  `json:"repositoryDescription,omitempty"`
	DefaultBranch         string  `json:"defaultBranch,omitempty"`
	LastModifiedDate      float64 `json:"lastModifiedDate"`
	CreationDate          float64 `json:"creationDate"`
	CloneURLHTTP          string  `json:"cloneUrlHttp"`
	CloneURLSSH           string  `json:"cloneUrlSsh"`
	Arn                   string
}

func (s *Service) metadata(r *repository) metadata {
	http, ssh := s.cloneURLs(r)
	return metadata{
		r.Scope.Account, r.ID, r.Name, r.Description, r.Default, seconds(r.Modified), seconds(r.Created), http, ssh, r.arn(),
	}
}

// cloneURLs are addresses of this machine, so that nobody takes them to AWS;
// nothing answers git there.
func (s *Service) cloneURLs(r *repository) (http, ssh string) {
	base := strings.TrimSuffix(s.env.Endpoint(), "/")
	_, host, _ := strings.Cut(base, "://")
	return base + "/v1/repos/" + r.Name, "ssh://" + host + "/v1/repos/" + r.Name
}

type named struct {
	RepositoryName string `json:"repositoryName"`
}

type repositoryOutput struct {
	RepositoryMetadata metadata `json:"repositoryMetadata"`
}

func (s *Service) createRepository(c caller, in struct {
	named
	RepositoryDescription string            `json:"repositoryDescription"`
	Tags                  map[string]string `json:"tags"`
}) (repositoryOutput, error) {
	r, err := s.create(c.scope, in.RepositoryName, in.RepositoryDescription, in.Tags)
	if err != nil {
		return repositoryOutput{}, err
	}
	return repositoryOutput{s.metadata(r)}, nil
}

// create makes an empty repository; s.mu is held.
func (s *Service) create(scope arn.Scope, name, description string, tags map[string]string) (*repository, error) {
	if err := cmp.Or(checkName(name), checkDescription(description), checkTags(tags)); err != nil {
		return nil, err
	}
	id := wire.RequestID()
	r := &repository{
		Scope: scope, ID: id, Name: name, Description: description, Branches: map[string]string{}, Tags: tags, Created: s.env.Now().UTC(),
		objects: objects{filepath.Join(s.root, id)},
	}
	if s.repositories[r.arn()] != nil {
		return nil, fail("RepositoryNameExists", "Repository named %s already exists", name)
	}
	s.repositories[r.arn()] = r
	s.changed(r)
	return r, nil
}

func checkDescription(text string) error {
	if utf8.RuneCountInString(text) > 1000 {
		return fail("InvalidRepositoryDescription", "The repository description is not valid. Repository descriptions have a maximum of 1,000 characters.")
	}
	return nil
}

func checkTags(tags map[string]string) error {
	if len(tags) > 50 {
		return fail("TooManyTags", "The maximum number of tags for an AWS CodeCommit resource has been exceeded.")
	}
	return nil
}

func (s *Service) getRepository(c caller, in named) (repositoryOutput, error) {
	r, err := s.find(c.scope, in.RepositoryName)
	if err != nil {
		return repositoryOutput{}, err
	}
	return repositoryOutput{s.metadata(r)}, nil
}

type batchOutput struct {
	Repositories         []metadata `json:"repositories"`
	RepositoriesNotFound []string   `json:"repositoriesNotFound"`
}

func (s *Service) batchGetRepositories(c caller, in struct {
	RepositoryNames []string `json:"repositoryNames"`
}) (batchOutput, error) {
	out := batchOutput{[]metadata{}, []string{}}
	switch n := len(in.RepositoryNames); {
	case n == 0:
		return out, fail("RepositoryNamesRequired", "At least one repository name object is required, but was not specified.")
	case n > 100:
		return out, fail("MaximumRepositoryNamesExceeded", "The maximum number of allowed repository names was exceeded. Currently, this number is 100.")
	}
	for _, name := range in.RepositoryNames {
		if err := checkName(name); err != nil {
			return out, err
		}
		if r, err := s.find(c.scope, name); err == nil {
			out.Repositories = append(out.Repositories, s.metadata(r))
		} else {
			out.RepositoriesNotFound = append(out.RepositoriesNotFound, name)
		}
	}
	return out, nil
}

type listed struct {
	named
	RepositoryID string `json:"repositoryId"`
}

type listOutput struct {
	Repositories []listed `json:"repositories"`
	NextToken    string   `json:"nextToken,omitempty"`
}

func (s *Service) listRepositories(c caller, in struct {
	NextToken string `json:"nextToken"`
	SortBy    string `json:"sortBy"`
	Order     string `json:"order"`
}) (listOutput, error) {
	switch {
	case in.SortBy != "" && in.SortBy != "repositoryName" && in.SortBy != "lastModifiedDate":
		return listOutput{}, fail("InvalidSortBy", "The specified sort by value is not valid.")
	case in.Order != "" && in.Order != "ascending" && in.Order != "descending":
		return listOutput{}, fail("InvalidOrder", "The specified sort order is not valid.")
	}
	var all []*repository
	for _, r := range s.repositories {
		if r.Scope == c.scope {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *repository) int {
		order := strings.Compare(a.Name, b.Name)
		if in.SortBy == "lastModifiedDate" {
			order = cmp.Or(a.Modified.Compare(b.Modified), order)
		}
		if in.Order == "descending" {
			return -order
		}
		return order
	})
	list := []listed{}
	for _, r := range all {
		list = append(list, listed{named{r.Name}, r.ID})
	}
	list, next, err := page(list, in.NextToken, 1000)
	return listOutput{list, next}, err
}

type deleteOutput struct {
	RepositoryID string `json:"repositoryId,omitempty"`
}

// deleteRepository removes a repository. One that is not there has no id.
func (s *Service) deleteRepository(c caller, in named) (deleteOutput, error) {
	if err := checkName(in.RepositoryName); err != nil {
		return deleteOutput{}, err
	}
	r, err := s.find(c.scope, in.RepositoryName)
	if err != nil {
		return deleteOutput{}, nil
	}
	return deleteOutput{r.ID}, s.drop(r)
}

// drop removes a repository with its objects; s.mu is held.
func (s *Service) drop(r *repository) error {
	delete(s.repositories, r.arn())
	s.env.Store.Changed(document)
	return os.RemoveAll(r.objects.dir)
}

func (s *Service) updateDescription(c caller, in struct {
	named
	RepositoryDescription string `json:"repositoryDescription"`
}) (none, error) {
	r, err := s.find(c.scope, in.RepositoryName)
	if err := cmp.Or(err, checkDescription(in.RepositoryDescription)); err != nil {
		return none{}, err
	}
	r.Description = in.RepositoryDescription
	s.changed(r)
	return none{}, nil
}

func (s *Service) updateName(c caller, in struct {
	OldName string `json:"oldName"`
	NewName string `json:"newName"`
}) (none, error) {
	r, err := s.find(c.scope, in.OldName)
	if err != nil {
		return none{}, err
	}
	return none{}, s.rename(r, in.NewName)
}

// rename gives a repository another name, and with it another ARN; s.mu is held.
func (s *Service) rename(r *repository, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if name != r.Name && s.repositories[r.Scope.Regional("codecommit", name)] != nil {
		return fail("RepositoryNameExists", "Repository named %s already exists", name)
	}
	delete(s.repositories, r.arn())
	r.Name = name
	s.repositories[r.arn()] = r
	s.changed(r)
	return nil
}

// tagged returns the repository that an ARN names; s.mu is held.
func (s *Service) tagged(c caller, resource string) (*repository, error) {
	a, ok := arn.Parse(resource)
	if !ok || a.Service != "codecommit" || a.Account != c.scope.Account {
		return nil, fail("InvalidResourceArn", "The value for the resource ARN is not valid: %s", resource)
	}
	return s.find(arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}, a.Resource)
}

type resourceInput struct {
	ResourceArn string `json:"resourceArn"`
}

func (s *Service) tagResource(c caller, in struct {
	resourceInput
	Tags map[string]string `json:"tags"`
}) (none, error) {
	r, err := s.tagged(c, in.ResourceArn)
	if err != nil {
		return none{}, err
	}
	tags := maps.Clone(r.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	maps.Copy(tags, in.Tags)
	if err := checkTags(tags); err != nil {
		return none{}, err
	}
	r.Tags = tags
	s.changed(r)
	return none{}, nil
}

func (s *Service) untagResource(c caller, in struct {
	resourceInput
	TagKeys []string `json:"tagKeys"`
}) (none, error) {
	r, err := s.tagged(c, in.ResourceArn)
	if err != nil {
		return none{}, err
	}
	r.Tags = maps.Clone(r.Tags)
	maps.DeleteFunc(r.Tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	s.changed(r)
	return none{}, nil
}

type tagsOutput struct {
	Tags map[string]string `json:"tags"`
}

func (s *Service) listTags(c caller, in struct {
	resourceInput
	NextToken string `json:"nextToken"`
}) (tagsOutput, error) {
	r, err := s.tagged(c, in.ResourceArn)
	if err != nil {
		return tagsOutput{}, err
	}
	if in.NextToken != "" { // all tags are on the first page
		return tagsOutput{}, fail("InvalidContinuationToken", "The specified continuation token is not valid.")
	}
	tags := maps.Clone(r.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	return tagsOutput{tags}, nil
}
