// SPDX-License-Identifier: MIT

package codedeploy

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// group is a deployment group; guarded by Service.mu.
type group struct {
	Name     string
	ID       string
	Role     string
	Config   string
	Alarms   alarms
	Rollback autoRollback
	Tags     map[string]string `json:",omitempty"`
}

func (g *group) arn(a *application) string {
	return a.Scope.Regional("codedeploy", "deploymentgroup:"+a.Name+"/"+g.Name)
}

// alarms stop a deployment when one of them is raised.
type alarms struct {
	Enabled                bool        `json:"enabled"`
	IgnorePollAlarmFailure bool        `json:"ignorePollAlarmFailure"`
	Alarms                 []alarmName `json:"alarms"`
}

type alarmName struct {
	Name string `json:"name"`
}

// autoRollback says after which events CodeDeploy itself brings an alias back.
type autoRollback struct {
	Enabled bool     `json:"enabled"`
	Events  []string `json:"events"`
}

// The events of an autoRollback.
const (
	onFailure = "DEPLOYMENT_FAILURE"
	onAlarm   = "DEPLOYMENT_STOP_ON_ALARM"
	onRequest = "DEPLOYMENT_STOP_ON_REQUEST"
)

func (r autoRollback) after(event string) bool { return r.Enabled && slices.Contains(r.Events, event) }

type style struct {
	DeploymentType   string `json:"deploymentType"`
	DeploymentOption string `json:"deploymentOption"`
}

// trafficStyle is the only style of deployments to functions.
func trafficStyle() style { return style{"BLUE_GREEN", "WITH_TRAFFIC_CONTROL"} }

// groupInput serves the API and AWS::CodeDeploy::DeploymentGroup alike. What is
// nil was not said.
type groupInput struct {
	ApplicationName           string        `json:"applicationName"`
	DeploymentGroupName       string        `json:"deploymentGroupName"`
	DeploymentConfigName      *string       `json:"deploymentConfigName"`
	ServiceRoleArn            *string       `json:"serviceRoleArn"`
	AlarmConfiguration        *alarms       `json:"alarmConfiguration"`
	AutoRollbackConfiguration *autoRollback `json:"autoRollbackConfiguration"`
	DeploymentStyle           *style        `json:"deploymentStyle"`
}

// apply returns g with what the caller said, checked.
func (in groupInput) apply(s *Service, scope arn.Scope, g group) (group, error) {
	if in.DeploymentStyle != nil && *in.DeploymentStyle != trafficStyle() {
		return g, wire.Errorf(400, "InvalidDeploymentStyleException",
			"The deployment type and option of a Lambda deployment must be BLUE_GREEN and WITH_TRAFFIC_CONTROL, not %s and %s",
			in.DeploymentStyle.DeploymentType, in.DeploymentStyle.DeploymentOption)
	}
	if in.DeploymentConfigName != nil {
		g.Config = *in.DeploymentConfigName
	}
	if in.ServiceRoleArn != nil {
		g.Role = *in.ServiceRoleArn
	}
	if in.AlarmConfiguration != nil {
		g.Alarms = *in.AlarmConfiguration
	}
	if in.AutoRollbackConfiguration != nil {
		g.Rollback = *in.AutoRollbackConfiguration
	}
	for _, event := range g.Rollback.Events {
		if !slices.Contains([]string{onFailure, onAlarm, onRequest}, event) {
			return g, wire.Errorf(400, "InvalidAutoRollbackConfigException", "%s is no event of an automatic rollback", event)
		}
	}
	if g.Alarms.Enabled && len(g.Alarms.Alarms) == 0 {
		return g, wire.Errorf(400, "InvalidAlarmConfigException", "Alarms are enabled, but there is none")
	}
	var err error
	if g.Config, _, err = configOf(g.Config); err != nil {
		return g, err
	}
	if g.Role == "" {
		return g, wire.Errorf(400, "RoleRequiredException", "The service role is missing.")
	}
	if err := s.deps.Assumable(scope, g.Role, principal, groupARN(scope, in.ApplicationName, g.Name)); err != nil {
		return g, wire.Errorf(400, "InvalidRoleException", "AWS CodeDeploy does not have the permissions required to assume the role %s.", g.Role)
	}
	return g, nil
}

type createGroupInput struct {
	groupInput
	Tags []tag `json:"tags"`
}

type createGroupOutput struct {
	DeploymentGroupID string `json:"deploymentGroupId"`
}

func (s *Service) createGroup(scope arn.Scope, in createGroupInput) (createGroupOutput, error) {
	if in.DeploymentStyle == nil {
		return createGroupOutput{}, wire.Errorf(400, "InvalidDeploymentStyleException",
			"The deployment type and option of a Lambda deployment must be BLUE_GREEN and WITH_TRAFFIC_CONTROL")
	}
	if !name.MatchString(in.DeploymentGroupName) {
		return createGroupOutput{}, wire.Errorf(400, "InvalidDeploymentGroupNameException", "Invalid deployment group name: %s", in.DeploymentGroupName)
	}
	g, err := in.apply(s, scope, group{Name: in.DeploymentGroupName, ID: wire.RequestID(), Tags: tagsOf(in.Tags)})
	if err != nil {
		return createGroupOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.application(scope, in.ApplicationName)
	if err != nil {
		return createGroupOutput{}, err
	}
	if a.Groups[g.Name] != nil {
		return createGroupOutput{}, wire.Errorf(400, "DeploymentGroupAlreadyExistsException", "A deployment group already exists with name: %s", g.Name)
	}
	if a.Groups == nil {
		a.Groups = map[string]*group{}
	}
	a.Groups[g.Name] = &g
	s.changed()
	return createGroupOutput{g.ID}, nil
}

// group returns a group and its application; s.mu is held.
func (s *Service) group(scope arn.Scope, application, name string) (*application, *group, error) {
	a, err := s.application(scope, application)
	if err != nil {
		return nil, nil, err
	}
	if name == "" {
		return nil, nil, wire.Errorf(400, "DeploymentGroupNameRequiredException", "Deployment group name is missing.")
	}
	g := a.Groups[name]
	if g == nil {
		return nil, nil, wire.Errorf(400, "DeploymentGroupDoesNotExistException", "No Deployment Group found for name: %s", name)
	}
	return a, g, nil
}

type updateGroupInput struct {
	ApplicationName            string        `json:"applicationName"`
	CurrentDeploymentGroupName string        `json:"currentDeploymentGroupName"`
	DeploymentConfigName       *string       `json:"deploymentConfigName"`
	ServiceRoleArn             *string       `json:"serviceRoleArn"`
	AlarmConfiguration         *alarms       `json:"alarmConfiguration"`
	AutoRollbackConfiguration  *autoRollback `json:"autoRollbackConfiguration"`
	DeploymentStyle            *style        `json:"deploymentStyle"`
}

func (s *Service) updateGroup(scope arn.Scope, in updateGroupInput) (none, error) {
	return none{}, s.changeGroup(scope, groupInput{
		in.ApplicationName, in.CurrentDeploymentGroupName, in.DeploymentConfigName, in.ServiceRoleArn,
		in.AlarmConfiguration, in.AutoRollbackConfiguration, in.DeploymentStyle,
	}, nil)
}

// changeGroup changes a group, and its tags unless they are nil.
func (s *Service) changeGroup(scope arn.Scope, in groupInput, tags map[string]string) error {
	s.mu.Lock()
	_, g, err := s.group(scope, in.ApplicationName, in.DeploymentGroupName)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	before := *g
	s.mu.Unlock()
	after, err := in.apply(s, scope, before)
	if err != nil {
		return err
	}
	if tags != nil {
		after.Tags = tags
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, _, err := s.group(scope, in.ApplicationName, in.DeploymentGroupName)
	if err != nil {
		return err
	}
	a.Groups[after.Name] = &after
	s.changed()
	return nil
}

type groupNameInput struct {
	ApplicationName     string `json:"applicationName"`
	DeploymentGroupName string `json:"deploymentGroupName"`
}

type getGroupOutput struct {
	DeploymentGroupInfo groupInfo `json:"deploymentGroupInfo"`
}

type groupInfo struct {
	ApplicationName           string       `json:"applicationName"`
	DeploymentGroupID         string       `json:"deploymentGroupId"`
	DeploymentGroupName       string       `json:"deploymentGroupName"`
	DeploymentConfigName      string       `json:"deploymentConfigName"`
	ServiceRoleArn            string       `json:"serviceRoleArn"`
	AlarmConfiguration        alarms       `json:"alarmConfiguration"`
	AutoRollbackConfiguration autoRollback `json:"autoRollbackConfiguration"`
	DeploymentStyle           style        `json:"deploymentStyle"`
	ComputePlatform           string       `json:"computePlatform"`
}

func (s *Service) getGroup(scope arn.Scope, in groupNameInput) (getGroupOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, g, err := s.group(scope, in.ApplicationName, in.DeploymentGroupName)
	if err != nil {
		return getGroupOutput{}, err
	}
	return getGroupOutput{groupInfo{a.Name, g.ID, g.Name, g.Config, g.Role, g.Alarms, g.Rollback, trafficStyle(), "Lambda"}}, nil
}

type listGroupsInput struct {
	ApplicationName string `json:"applicationName"`
	NextToken       string `json:"nextToken"` // there is one page only
}

type listGroupsOutput struct {
	ApplicationName  string   `json:"applicationName"`
	DeploymentGroups []string `json:"deploymentGroups"`
}

func (s *Service) listGroups(scope arn.Scope, in listGroupsInput) (listGroupsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.application(scope, in.ApplicationName)
	if err != nil {
		return listGroupsOutput{}, err
	}
	names := slices.SortedFunc(maps.Keys(a.Groups), strings.Compare)
	return listGroupsOutput{a.Name, append([]string{}, names...)}, nil
}

// deleteGroup removes a group. One that is not there is no error.
func (s *Service) deleteGroup(scope arn.Scope, in groupNameInput) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.application(scope, in.ApplicationName)
	if err != nil {
		return none{}, err
	}
	delete(a.Groups, in.DeploymentGroupName)
	s.changed()
	return none{}, nil
}
