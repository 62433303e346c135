// SPDX-License-Identifier: MIT

package stage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/sparta-up/sparta/pipeline"
)

// Resource is one resource of a stack, as CloudFormation has it.
type Resource struct {
	LogicalID  string
	PhysicalID string // empty before CloudFormation has made it
	Type       string // such as AWS::SQS::Queue
	Status     string // such as CREATE_COMPLETE
	Reason     string // why; may be empty
	Updated    time.Time
}

// Inventory lists what the service's stack consists of.
type Inventory struct {
	Session pipeline.Result[Session]
	Stack   pipeline.Result[Stack]
}

// Title returns the words of the box.
func (*Inventory) Title() string { return "List the Stack's Resources" }

// Run lists the resources by logical id. A stack that does not exist has none.
func (i *Inventory) Run(ctx context.Context) ([]Resource, error) {
	stack := i.Stack.Get()
	if !stack.Exists() {
		return nil, nil
	}
	var all []Resource
	pages := cloudformation.NewListStackResourcesPaginator(i.Session.Get().Clients.CloudFormation,
		&cloudformation.ListStackResourcesInput{StackName: &stack.ID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list resources of stack %q: %w", stack.Name, plain(err))
		}
		for _, r := range page.StackResourceSummaries {
			all = append(all, Resource{
				LogicalID: aws.ToString(r.LogicalResourceId), PhysicalID: aws.ToString(r.PhysicalResourceId),
				Type: aws.ToString(r.ResourceType), Status: string(r.ResourceStatus),
				Reason: aws.ToString(r.ResourceStatusReason), Updated: aws.ToTime(r.LastUpdatedTimestamp).UTC(),
			})
		}
	}
	slices.SortFunc(all, func(a, b Resource) int { return cmp.Compare(a.LogicalID, b.LogicalID) })
	return all, nil
}
