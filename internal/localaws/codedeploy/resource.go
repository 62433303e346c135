// SPDX-License-Identifier: MIT

package codedeploy

import (
	"context"
	"errors"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns the CloudFormation types that are modelled.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::CodeDeploy::Application":     applicationType{s},
		"AWS::CodeDeploy::DeploymentGroup": groupType{s},
	}
}

// applicationType is AWS::CodeDeploy::Application.
type applicationType struct{ service *Service }

// Check wants the compute platform, whose default on AWS is Server.
func (t applicationType) Check(properties map[string]any) []string {
	faults := shape.Check(shape.Object(shape.Fields{
		"ApplicationName": shape.Pattern(name, 100), "ComputePlatform": shape.Only("Lambda"), "Tags": shape.Tags,
	}), properties)
	if properties["ComputePlatform"] == nil {
		faults = append(faults, "#/ComputePlatform: the embedded AWS models Lambda only, and the default is Server")
	}
	return faults
}

func (t applicationType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ApplicationName", "ComputePlatform")
}

func (t applicationType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	var p struct{ ApplicationName, ComputePlatform string }
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, err
	}
	if p.ApplicationName == "" {
		p.ApplicationName = r.DefaultName(100)
	}
	a, err := t.service.addApplication(r.Scope, p.ApplicationName, p.ComputePlatform, shape.TagMap(r.Tags, r.Properties))
	if err != nil {
		return resource.Instance{}, wire.FromService("CodeDeploy", err)
	}
	return resource.Instance{PhysicalID: a.Name, Attributes: map[string]any{}}, nil
}

func (t applicationType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	a, err := t.service.application(r.Scope, old.PhysicalID)
	if err != nil {
		return old, wire.FromService("CodeDeploy", err)
	}
	a.Tags = shape.TagMap(r.Tags, r.Properties)
	t.service.changed()
	return old, nil
}

func (t applicationType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	_, err := t.service.deleteApplication(r.Scope, applicationInput{old.PhysicalID})
	return err
}

// groupType is AWS::CodeDeploy::DeploymentGroup.
type groupType struct{ service *Service }

func (t groupType) Check(properties map[string]any) []string {
	text, no := shape.String, shape.Unmodelled
	return shape.Check(shape.Object(shape.Fields{
		"AlarmConfiguration": shape.Object(shape.Fields{
			"Alarms": shape.List(shape.Object(shape.Fields{"Name": text})), "Enabled": shape.Boolean, "IgnorePollAlarmFailure": shape.Boolean}),
		"ApplicationName": text,
		"AutoRollbackConfiguration": shape.Object(shape.Fields{
			"Enabled": shape.Boolean, "Events": shape.List(shape.Enum(onFailure, onAlarm, onRequest))}),
		"DeploymentConfigName": text,
		"DeploymentGroupName":  shape.Pattern(name, 100),
		"DeploymentStyle": shape.Object(shape.Fields{
			"DeploymentType": shape.Only("BLUE_GREEN"), "DeploymentOption": shape.Only("WITH_TRAFFIC_CONTROL")}, "DeploymentOption", "DeploymentType"),
		"ServiceRoleArn": text,
		"Tags":           shape.Tags,

		"AutoScalingGroups": no, "BlueGreenDeploymentConfiguration": no, "Deployment": no, "ECSServices": no, "Ec2TagFilters": no, "Ec2TagSet": no,
		"LoadBalancerInfo": no, "OnPremisesInstanceTagFilters": no, "OnPremisesTagSet": no, "OutdatedInstancesStrategy": no,
		"TerminationHookEnabled": no, "TriggerConfigurations": no,
	}, "ApplicationName", "DeploymentStyle", "ServiceRoleArn"), properties)
}

func (t groupType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ApplicationName", "DeploymentGroupName")
}

// read returns the properties; what a template leaves out goes back to its
// default.
func (t groupType) read(r resource.Request) (groupInput, error) {
	in := groupInput{DeploymentConfigName: new(string), AlarmConfiguration: &alarms{}, AutoRollbackConfiguration: &autoRollback{}}
	err := resource.Decode(r.Properties, &in)
	return in, err
}

func (t groupType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	in, err := t.read(r)
	if err != nil {
		return resource.Instance{}, err
	}
	if in.DeploymentGroupName == "" {
		in.DeploymentGroupName = r.DefaultName(100)
	}
	create := createGroupInput{groupInput: in}
	for key, value := range shape.TagMap(r.Tags, r.Properties) {
		create.Tags = append(create.Tags, tag{key, value})
	}
	if _, err := t.service.createGroup(r.Scope, create); err != nil {
		return resource.Instance{}, retryable(err)
	}
	return resource.Instance{PhysicalID: in.DeploymentGroupName, Attributes: map[string]any{}}, nil
}

// retryable words an error as CloudFormation does, and marks one that passes by
// itself: a role that is too new.
func retryable(err error) error {
	worded := wire.FromService("CodeDeploy", err)
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "InvalidRoleException" {
		return notReady{worded}
	}
	return worded
}

// notReady is an error that is also resource.ErrRetry.
type notReady struct{ error }

func (e notReady) Unwrap() []error { return []error{e.error, resource.ErrRetry} }

func (t groupType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	in, err := t.read(r)
	if err != nil {
		return old, err
	}
	in.DeploymentGroupName = old.PhysicalID
	return old, retryable(t.service.changeGroup(r.Scope, in, shape.TagMap(r.Tags, r.Properties)))
}

func (t groupType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	_, err := t.service.deleteGroup(r.Scope, groupNameInput{shape.Member(r.Properties, "ApplicationName"), old.PhysicalID})
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "ApplicationDoesNotExistException" {
		return nil
	}
	return err
}
