// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sparta-up/sparta/pipeline"
)

// Stack is what is known of the service's stack before anything is changed.
type Stack struct {
	Name      string
	ID        string            // ARN; empty if there is no stack
	Status    types.StackStatus // empty if there is no stack
	Reason    string            // why the stack is in that status; may be empty
	Outputs   []Output          // without Sparta's own
	Live      Live              // what the stack runs, if Sparta made it
	Protected bool              // termination protection is on
}

// Exists reports whether CloudFormation has a stack of that name.
func (s Stack) Exists() bool { return s.ID != "" }

// Output is one output of a stack.
type Output struct {
	Name, Value, Description string
}

// Survey looks at the stack as it is: one DescribeStacks while the code is
// being built.
type Survey struct {
	Project pipeline.Result[Project]
	Session pipeline.Result[Session]
}

// Title returns the words of the box.
func (*Survey) Title() string { return "Survey the Stack" }

// Run describes the stack. A stack that does not exist is no error.
func (s *Survey) Run(ctx context.Context) (Stack, error) {
	client := s.Session.Get().Clients.CloudFormation
	return describeStack(ctx, client, s.Project.Get().Service.Name, s.Project.Get().Service.Name)
}

type stackDescriber interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
}

// describeStack looks a stack up by name or, for stacks that may be deleted, by
// id.
func describeStack(ctx context.Context, client stackDescriber, name, nameOrID string) (Stack, error) {
	out, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &nameOrID})
	if isMissingStack(err) {
		return Stack{Name: name}, nil
	}
	if err != nil {
		return Stack{}, fmt.Errorf("describe stack %q: %w", name, plain(err))
	}
	if len(out.Stacks) == 0 {
		return Stack{Name: name}, nil
	}
	found := out.Stacks[0]
	stack := Stack{
		Name:      name,
		ID:        aws.ToString(found.StackId),
		Status:    found.StackStatus,
		Reason:    aws.ToString(found.StackStatusReason),
		Protected: aws.ToBool(found.EnableTerminationProtection),
	}
	for _, o := range found.Outputs {
		if aws.ToString(o.OutputKey) == liveOutput {
			stack.Live = parseLive(aws.ToString(o.OutputValue))
			continue
		}
		stack.Outputs = append(stack.Outputs, Output{
			aws.ToString(o.OutputKey), aws.ToString(o.OutputValue), aws.ToString(o.Description),
		})
	}
	return stack, nil
}

// isMissingStack recognises the error of a stack that does not exist, which has
// no code of its own.
func isMissingStack(err error) bool {
	code, message := apiError(err)
	return code == "ValidationError" && strings.Contains(message, "does not exist")
}
