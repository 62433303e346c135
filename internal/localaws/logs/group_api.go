// SPDX-License-Identifier: MIT

package logs

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

type empty struct{}

type createGroupInput struct {
	LogGroupName              string
	Tags                      map[string]string
	LogGroupClass             string
	DeletionProtectionEnabled bool
}

func (s *Service) createLogGroup(scope arn.Scope, in createGroupInput) (empty, error) {
	_, err := s.create(scope, groupSpec{
		name: in.LogGroupName, class: in.LogGroupClass, tags: in.Tags, protected: in.DeletionProtectionEnabled,
	})
	return empty{}, err
}

type groupInput struct{ LogGroupName string }

func (s *Service) deleteLogGroup(scope arn.Scope, in groupInput) (empty, error) {
	return empty{}, s.remove(scope, in.LogGroupName)
}

type retentionInput struct {
	LogGroupName    string
	RetentionInDays int
}

func (s *Service) putRetentionPolicy(scope arn.Scope, in retentionInput) (empty, error) {
	if err := checkRetention(in.RetentionInDays); err != nil {
		return empty{}, err
	}
	return empty{}, s.edit(scope, in.LogGroupName, func(g *group) error {
		g.RetentionDays = in.RetentionInDays
		return nil
	})
}

func (s *Service) deleteRetentionPolicy(scope arn.Scope, in groupInput) (empty, error) {
	return empty{}, s.edit(scope, in.LogGroupName, func(g *group) error {
		g.RetentionDays = 0
		return nil
	})
}

type protectionInput struct {
	LogGroupIdentifier        string
	DeletionProtectionEnabled bool
}

func (s *Service) putLogGroupDeletionProtection(scope arn.Scope, in protectionInput) (empty, error) {
	name, err := nameOf(in.LogGroupIdentifier)
	if err != nil {
		return empty{}, err
	}
	return empty{}, s.edit(scope, name, func(g *group) error {
		g.Protected = in.DeletionProtectionEnabled
		return nil
	})
}

type describeGroupsInput struct {
	LogGroupNamePrefix, LogGroupNamePattern string
	LogGroupClass                           string
	LogGroupIdentifiers                     []string
	NextToken                               string
	Limit                                   int
}

type groupOutput struct {
	LogGroupName              string `json:"logGroupName"`
	CreationTime              int64  `json:"creationTime"`
	RetentionInDays           int    `json:"retentionInDays,omitempty"`
	MetricFilterCount         int    `json:"metricFilterCount"`
	ARN                       string `json:"arn"`
	StoredBytes               int64  `json:"storedBytes"`
	LogGroupClass             string `json:"logGroupClass"`
	LogGroupARN               string `json:"logGroupArn"`
	DeletionProtectionEnabled bool   `json:"deletionProtectionEnabled"`
}

type describeGroupsOutput struct {
	LogGroups []groupOutput `json:"logGroups"`
	NextToken string        `json:"nextToken,omitempty"`
}

func (s *Service) describeLogGroups(scope arn.Scope, in describeGroupsInput) (describeGroupsOutput, error) {
	out := describeGroupsOutput{LogGroups: []groupOutput{}}
	if in.LogGroupNamePrefix != "" && in.LogGroupNamePattern != "" {
		return out, invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	s.mu.Lock()
	for _, g := range s.groups {
		if g.Scope.Account == scope.Account && g.Scope.Region == scope.Region && in.selects(g) {
			out.LogGroups = append(out.LogGroups, g.output())
		}
	}
	s.mu.Unlock()
	slices.SortFunc(out.LogGroups, func(a, b groupOutput) int { return strings.Compare(a.LogGroupName, b.LogGroupName) })
	var err error
	out.LogGroups, out.NextToken, err = page(out.LogGroups, in.NextToken, in.Limit)
	return out, err
}

func (in describeGroupsInput) selects(g *group) bool {
	if len(in.LogGroupIdentifiers) > 0 && !slices.ContainsFunc(in.LogGroupIdentifiers, func(id string) bool {
		return id == g.Name || strings.TrimSuffix(id, ":*") == g.arn()
	}) {
		return false
	}
	return strings.HasPrefix(g.Name, in.LogGroupNamePrefix) &&
		strings.Contains(strings.ToLower(g.Name), strings.ToLower(in.LogGroupNamePattern)) &&
		(in.LogGroupClass == "" || in.LogGroupClass == g.Class)
}

func (g *group) output() groupOutput {
	out := groupOutput{
		LogGroupName: g.Name, CreationTime: g.Created, RetentionInDays: g.RetentionDays, LogGroupClass: g.Class,
		ARN: g.arn() + ":*", LogGroupARN: g.arn(), DeletionProtectionEnabled: g.Protected,
	}
	for _, st := range g.Streams {
		out.StoredBytes += st.Bytes
	}
	return out
}

// find returns a group by its name, or else by its identifier, which is a name
// or an ARN; s.mu is held.
func (s *Service) find(scope arn.Scope, name, identifier string) (*group, error) {
	switch {
	case name != "" && identifier != "":
		return nil, invalid("Log group name and log group identifier are mutually exclusive parameters.")
	case name == "" && identifier == "":
		return nil, invalid("Either log group name or log group identifier is required.")
	case identifier != "":
		var err error
		if name, err = nameOf(identifier); err != nil {
			return nil, err
		}
	}
	if g := s.groups[keyOf(scope, name)]; g != nil {
		return g, nil
	}
	return nil, notFound("group")
}

// nameOf returns the group's name of an identifier or of a log group's ARN.
func nameOf(identifier string) (string, error) {
	if !strings.HasPrefix(identifier, "arn:") {
		return identifier, nil
	}
	a, _ := arn.Parse(identifier)
	name, ok := strings.CutPrefix(strings.TrimSuffix(a.Resource, ":*"), "log-group:")
	if !ok || a.Service != "logs" {
		return "", invalid("The ARN %s is not that of a log group", identifier)
	}
	return name, nil
}

type tagInput struct {
	ResourceARN string
	Tags        map[string]string
}

func (s *Service) tagResource(scope arn.Scope, in tagInput) (empty, error) {
	name, err := nameOf(in.ResourceARN)
	if err != nil {
		return empty{}, err
	}
	return empty{}, s.edit(scope, name, func(g *group) error {
		g.Tags = maps.Clone(g.Tags)
		if g.Tags == nil {
			g.Tags = map[string]string{}
		}
		maps.Copy(g.Tags, in.Tags)
		return nil
	})
}

type untagInput struct {
	ResourceARN string
	TagKeys     []string
}

func (s *Service) untagResource(scope arn.Scope, in untagInput) (empty, error) {
	name, err := nameOf(in.ResourceARN)
	if err != nil {
		return empty{}, err
	}
	return empty{}, s.edit(scope, name, func(g *group) error {
		g.Tags = maps.Clone(g.Tags)
		for _, key := range in.TagKeys {
			delete(g.Tags, key)
		}
		return nil
	})
}

type listTagsInput struct{ ResourceARN string }

type tagsOutput struct {
	Tags map[string]string `json:"tags"`
}

func (s *Service) listTagsForResource(scope arn.Scope, in listTagsInput) (tagsOutput, error) {
	name, err := nameOf(in.ResourceARN)
	if err != nil {
		return tagsOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.find(scope, name, "")
	if err != nil {
		return tagsOutput{}, err
	}
	return tagsOutput{Tags: maps.Clone(g.Tags)}, nil
}

// page returns the part of list that starts at token, at most limit items (50
// if limit is 0), and the token of the next part.
func page[T any](list []T, token string, limit int) ([]T, string, error) {
	if limit < 0 || limit > 50 {
		return nil, "", invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: "+
			"Member must have value between 1 and 50", limit)
	}
	start := 0
	if token != "" {
		var err error
		if start, err = strconv.Atoi(token); err != nil || start < 0 || start > len(list) {
			return nil, "", invalid("The specified nextToken is invalid.")
		}
	}
	end := start + limit
	if limit == 0 {
		end = start + 50
	}
	if end >= len(list) {
		return list[start:], "", nil
	}
	return list[start:end], strconv.Itoa(end), nil
}
