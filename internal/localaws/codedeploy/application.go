// SPDX-License-Identifier: MIT

package codedeploy

import (
	"maps"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// application is what groups belong to; guarded by Service.mu.
type application struct {
	Scope   arn.Scope
	Name    string
	ID      string
	Created time.Time
	Tags    map[string]string `json:",omitempty"`
	Groups  map[string]*group `json:",omitempty"` // by name
}

// name is what applications and groups may be called.
var name = lazy.MustCompile(`^[^\s/]{1,100}$`)

func applicationARN(scope arn.Scope, name string) string {
	return scope.Regional("codedeploy", "application:"+name)
}

func (a *application) arn() string { return applicationARN(a.Scope, a.Name) }

// application returns the application of a name; s.mu is held.
func (s *Service) application(scope arn.Scope, name string) (*application, error) {
	if name == "" {
		return nil, wire.Errorf(400, "ApplicationNameRequiredException", "Application name is missing.")
	}
	a := s.applications[applicationARN(scope, name)]
	if a == nil {
		return nil, wire.Errorf(400, "ApplicationDoesNotExistException", "No application found for name: %s", name)
	}
	return a, nil
}

// tag is a tag as the API has it.
type tag struct{ Key, Value string }

func tagsOf(list []tag) map[string]string {
	tags := map[string]string{}
	for _, t := range list {
		tags[t.Key] = t.Value
	}
	return tags
}

type createApplicationInput struct {
	ApplicationName string `json:"applicationName"`
	ComputePlatform string `json:"computePlatform"`
	Tags            []tag  `json:"tags"`
}

type createApplicationOutput struct {
	ApplicationID string `json:"applicationId"`
}

func (s *Service) createApplication(scope arn.Scope, in createApplicationInput) (createApplicationOutput, error) {
	a, err := s.addApplication(scope, in.ApplicationName, in.ComputePlatform, tagsOf(in.Tags))
	if err != nil {
		return createApplicationOutput{}, err
	}
	return createApplicationOutput{a.ID}, nil
}

func (s *Service) addApplication(scope arn.Scope, called, platform string, tags map[string]string) (*application, error) {
	if platform != "Lambda" {
		return nil, unmodelled("applications of the compute platform %q: only Lambda", platform)
	}
	if !name.MatchString(called) {
		return nil, wire.Errorf(400, "InvalidApplicationNameException", "Invalid application name: %s", called)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &application{Scope: scope, Name: called, ID: wire.RequestID(), Created: s.env.Now(), Tags: tags, Groups: map[string]*group{}}
	if s.applications[a.arn()] != nil {
		return nil, wire.Errorf(400, "ApplicationAlreadyExistsException", "An application already exists with name: %s", called)
	}
	s.applications[a.arn()] = a
	s.changed()
	return a, nil
}

type applicationInput struct {
	ApplicationName string `json:"applicationName"`
}

type getApplicationOutput struct {
	Application applicationInfo `json:"application"`
}

type applicationInfo struct {
	ApplicationID   string    `json:"applicationId"`
	ApplicationName string    `json:"applicationName"`
	CreateTime      timestamp `json:"createTime"`
	LinkedToGitHub  bool      `json:"linkedToGitHub"`
	ComputePlatform string    `json:"computePlatform"`
}

func (s *Service) getApplication(scope arn.Scope, in applicationInput) (getApplicationOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.application(scope, in.ApplicationName)
	if err != nil {
		return getApplicationOutput{}, err
	}
	return getApplicationOutput{applicationInfo{a.ID, a.Name, timestamp{a.Created}, false, "Lambda"}}, nil
}

type listInput struct {
	NextToken string `json:"nextToken"` // there is one page only
}

type listApplicationsOutput struct {
	Applications []string `json:"applications"`
}

func (s *Service) listApplications(scope arn.Scope, _ listInput) (listApplicationsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := []string{}
	for _, a := range s.applications {
		if a.Scope == scope {
			names = append(names, a.Name)
		}
	}
	slices.Sort(names)
	return listApplicationsOutput{names}, nil
}

// deleteApplication removes an application with its groups. One that is not
// there is no error.
func (s *Service) deleteApplication(scope arn.Scope, in applicationInput) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.ApplicationName == "" {
		_, err := s.application(scope, "")
		return none{}, err
	}
	delete(s.applications, applicationARN(scope, in.ApplicationName))
	s.changed()
	return none{}, nil
}

type listTagsInput struct {
	ResourceArn string
	NextToken   string
}

type listTagsOutput struct{ Tags []tag }

func (s *Service) listTags(_ arn.Scope, in listTagsInput) (listTagsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.applications {
		tags := map[string]map[string]string{a.arn(): a.Tags}
		for _, g := range a.Groups {
			tags[g.arn(a)] = g.Tags
		}
		if found, ok := tags[in.ResourceArn]; ok {
			out := listTagsOutput{Tags: []tag{}}
			for _, key := range slices.Sorted(maps.Keys(found)) {
				out.Tags = append(out.Tags, tag{key, found[key]})
			}
			return out, nil
		}
	}
	return listTagsOutput{}, wire.Errorf(400, "InvalidArnException", "No resource found for ARN: %s", in.ResourceArn)
}
