// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"net/http"
	"net/url"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// handler answers one action. The result is written as XML; nil writes none.
type handler func(ctx context.Context, scope arn.Scope, f form) (any, error)

// call answers one request: it refuses actions and parameters that are not
// modelled by name.
func (s *Service) call(ctx context.Context, scope arn.Scope, action string, values url.Values) (any, error) {
	handle, accepted := s.action(action)
	if handle == nil {
		return nil, wire.Errorf(http.StatusBadRequest, "InvalidAction", "the embedded AWS does not model the action %s of CloudFormation", action)
	}
	f := form(values)
	if err := f.check(action, accepted); err != nil {
		return nil, err
	}
	return handle(ctx, scope, f)
}

// action returns the handler of an action and the parameters that it accepts.
func (s *Service) action(name string) (handler, []string) {
	if handle, accepted := s.change(name); handle != nil {
		return handle, accepted
	}
	switch name {
	case "DescribeStacks":
		return s.describeStacks, []string{"StackName", "NextToken"}
	case "ListStacks":
		return s.listStacks, []string{"StackStatusFilter", "NextToken"}
	case "DescribeStackEvents":
		return s.describeStackEvents, []string{"StackName", "NextToken"}
	case "DescribeEvents":
		return s.describeEvents, []string{"StackName", "ChangeSetName", "OperationId", "Filters", "NextToken"}
	case "DescribeStackResources":
		return s.describeStackResources, []string{"StackName", "LogicalResourceId", "PhysicalResourceId"}
	case "DescribeStackResource":
		return s.describeStackResource, []string{"StackName", "LogicalResourceId"}
	case "ListStackResources":
		return s.listStackResources, []string{"StackName", "NextToken"}
	case "GetTemplate":
		return s.getTemplate, []string{"StackName", "ChangeSetName", "TemplateStage"}
	case "GetTemplateSummary":
		return s.getTemplateSummary, []string{"StackName", "TemplateBody", "TemplateURL"}
	case "ValidateTemplate":
		return s.validateTemplate, []string{"TemplateBody", "TemplateURL"}
	case "DescribeChangeSet":
		return s.describeChangeSet, []string{"ChangeSetName", "StackName", "IncludePropertyValues", "NextToken"}
	case "ListChangeSets":
		return s.listChangeSets, []string{"StackName", "NextToken"}
	case "ListExports":
		return s.listExports, []string{"NextToken"}
	case "ListImports":
		return s.listImports, []string{"ExportName", "NextToken"}
	}
	return nil, nil
}

// change is action for the actions that change something.
func (s *Service) change(name string) (handler, []string) {
	content := []string{"TemplateBody", "TemplateURL", "Parameters", "Tags", "Capabilities", "RoleARN"}
	switch name {
	case "CreateStack":
		return s.createStack, append(content, "StackName", "ClientRequestToken", "DisableRollback", "OnFailure",
			"EnableTerminationProtection", "RetainExceptOnCreate", "DisableValidation", "DeploymentConfig")
	case "UpdateStack":
		return s.updateStack, append(content, "StackName", "ClientRequestToken", "DisableRollback", "UsePreviousTemplate",
			"RetainExceptOnCreate", "DisableValidation", "DeploymentConfig")
	case "CreateChangeSet":
		return s.createChangeSet, append(content, "StackName", "ChangeSetName", "ChangeSetType", "ClientToken", "Description",
			"UsePreviousTemplate", "OnStackFailure", "IncludeNestedStacks", "ImportExistingResources", "DisableValidation", "DeploymentConfig")
	case "ExecuteChangeSet":
		return s.executeChangeSet, []string{"ChangeSetName", "StackName", "ClientRequestToken", "DisableRollback", "RetainExceptOnCreate"}
	case "DeleteChangeSet":
		return s.deleteChangeSet, []string{"ChangeSetName", "StackName"}
	case "DeleteStack":
		return s.deleteStack, []string{"StackName", "ClientRequestToken", "RetainResources", "DeletionMode", "RoleARN", "DeploymentConfig"}
	case "CancelUpdateStack":
		return s.cancelUpdateStack, []string{"StackName", "ClientRequestToken"}
	case "ContinueUpdateRollback":
		return s.continueUpdateRollback, []string{"StackName", "ClientRequestToken", "ResourcesToSkip", "ForceRollback", "RoleARN"}
	case "RollbackStack":
		return s.rollbackStack, []string{"StackName", "ClientRequestToken", "RetainExceptOnCreate", "RoleARN", "DeploymentConfig"}
	case "UpdateTerminationProtection":
		return s.updateTerminationProtection, []string{"StackName", "EnableTerminationProtection"}
	}
	return nil, nil
}
