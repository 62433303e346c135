// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// changeSet is a finished change set.
type changeSet struct {
	id, stackID string // ARNs: names could meanwhile mean another one
	empty       bool   // there is nothing to change
	changes     []types.ResourceChange
}

// createChangeSet creates a change set and waits until CloudFormation has
// worked it out.
func (c *Converge) createChangeSet(ctx context.Context, stack Stack, kind types.ChangeSetType) (changeSet, error) {
	template := c.Template.Get()
	input := &cloudformation.CreateChangeSetInput{
		StackName: &stack.Name, ChangeSetName: clientToken("sparta", c.Token), ChangeSetType: kind,
		TemplateURL: &template.URL, Capabilities: capabilities(template.Document.Template), ClientToken: &c.Token,
	}
	if template.body != "" {
		input.TemplateURL, input.TemplateBody = nil, &template.body
	}
	created, err := c.client().CreateChangeSet(ctx, input)
	if err != nil {
		return changeSet{}, fmt.Errorf("create change set for stack %q: %w", stack.Name, plain(err))
	}
	set := changeSet{id: aws.ToString(created.Id), stackID: aws.ToString(created.StackId)}
	for n := 0; ; n++ {
		described, err := c.client().DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{
			ChangeSetName: &set.id, StackName: &set.stackID, IncludePropertyValues: &c.values,
		})
		if err != nil {
			return changeSet{}, c.giveUp(ctx, set, kind, describeChangeSetError(ctx, err))
		}
		switch described.Status {
		case types.ChangeSetStatusCreateComplete:
			set, err = c.readChanges(ctx, set, described)
			if err != nil {
				return changeSet{}, c.giveUp(ctx, set, kind, err)
			}
			return set, nil
		case types.ChangeSetStatusFailed:
			return c.failedChangeSet(ctx, set, kind, aws.ToString(described.StatusReason))
		}
		if err := c.Pace.wait(ctx, n); err != nil {
			return changeSet{}, c.giveUp(ctx, set, kind, err)
		}
	}
}

func describeChangeSetError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("describe change set: %w", plain(err))
}

func (c *Converge) readChanges(ctx context.Context, set changeSet, page *cloudformation.DescribeChangeSetOutput) (changeSet, error) {
	for {
		for _, change := range page.Changes {
			if change.ResourceChange != nil {
				set.changes = append(set.changes, *change.ResourceChange)
			}
		}
		if page.NextToken == nil {
			return set, nil
		}
		next, err := c.client().DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{
			ChangeSetName: &set.id, StackName: &set.stackID, NextToken: page.NextToken, IncludePropertyValues: &c.values,
		})
		if err != nil {
			return set, describeChangeSetError(ctx, err)
		}
		page = next
	}
}

// isNoChange recognises the reason of a change set that failed only because
// the stack is as the template says.
func isNoChange(reason string) bool {
	return strings.HasPrefix(reason, "The submitted information didn't contain changes.") ||
		strings.HasPrefix(reason, "No updates are to be performed.")
}

// failedChangeSet tells an empty change set from a faulty template, whose
// change set it removes again.
func (c *Converge) failedChangeSet(ctx context.Context, set changeSet, kind types.ChangeSetType, reason string) (changeSet, error) {
	if isNoChange(reason) {
		set.empty = true
		return set, nil
	}
	err := c.explainRefusal(ctx, set, reason)
	if discardErr := c.discard(context.WithoutCancel(ctx), set, kind); discardErr != nil {
		err = fmt.Errorf("%w; %w", err, discardErr)
	}
	return changeSet{}, err
}

// explainRefusal returns the error for a change set that CloudFormation
// refused. Findings of its early validation are only told by DescribeEvents.
func (c *Converge) explainRefusal(ctx context.Context, set changeSet, reason string) error {
	if !strings.Contains(reason, "AWS::EarlyValidation") {
		return c.refusal(reason)
	}
	out, err := c.client().DescribeEvents(ctx, &cloudformation.DescribeEventsInput{
		ChangeSetName: &set.id, Filters: &types.EventFilter{FailedEvents: aws.Bool(true)},
	})
	if err != nil {
		return withHint(fmt.Errorf("CloudFormation refused the change set: %s", reason),
			"cloudformation:DescribeEvents is needed to read the details: %v", plain(err))
	}
	for _, e := range out.OperationEvents {
		if e.EventType == types.EventTypeValidationError {
			return c.blame()(Event{
				LogicalID: aws.ToString(e.LogicalResourceId), Type: aws.ToString(e.ResourceType),
				Status: string(e.EventType), Reason: aws.ToString(e.ValidationStatusReason),
			})
		}
	}
	return c.refusal(reason)
}

// refusal returns the error for a reason, placed where the resource stands that
// the reason names by its id, or by a type that CloudFormation does not have.
func (c *Converge) refusal(reason string) error {
	template := c.Template.Get().Document.Template
	id := ""
	if found := namedResource.FindStringSubmatch(reason); found != nil {
		id = found[1]
	} else if found := unknownType.FindStringSubmatch(reason); found != nil {
		for _, name := range slices.Sorted(maps.Keys(template.Resources)) {
			if template.Resources[name].Type == found[1] {
				id = name
				break
			}
		}
	}
	resource := template.Resources[id]
	if resource == nil {
		return fmt.Errorf("CloudFormation refused the change set: %s", reason)
	}
	return c.blame()(Event{LogicalID: id, Type: resource.Type, Status: "VALIDATION_ERROR", Reason: reason})
}

// How reasons name resources: the embedded CloudFormation by "(resource Id)",
// AWS by "Template format error: Unrecognized resource types: [Type, ...]".
var (
	namedResource = regexp.MustCompile(`\(resource (\w+)\)`)
	unknownType   = regexp.MustCompile(`Unrecognized resource types: \[([^,\]]+)`)
)

// stateful lists the resource types whose deletion loses data that can't be
// made again from the service's sources.
var stateful = []string{
	"AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::RDS::DBInstance", "AWS::RDS::DBCluster",
	"AWS::EFS::FileSystem", "AWS::SQS::Queue", "AWS::Kinesis::Stream", "AWS::Cognito::UserPool", "AWS::ElastiCache::ReplicationGroup",
	"AWS::OpenSearchService::Domain", "AWS::SecretsManager::Secret", "AWS::KMS::Key", "AWS::CodeCommit::Repository", "AWS::ECR::Repository",
}

// losses returns what the change set would delete or replace of stateful
// resources, a line each.
func (s changeSet) losses() []string {
	var lines []string
	for _, c := range changesOf(s) {
		if c.LosesData {
			verb := "replace"
			if c.Kind == ChangeRemove {
				verb = "delete"
			}
			lines = append(lines, fmt.Sprintf("%s %s (%s, %s)", verb, c.LogicalID, c.Type, c.PhysicalID))
		}
	}
	return lines
}
