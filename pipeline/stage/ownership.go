// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sparta-up/sparta/internal/cfn"
)

type templateGetter interface {
	GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error)
}

// liveTemplate returns the template of a stack. It is nil if the stack's
// template is not in the form that Sparta writes, or if there is none.
func liveTemplate(ctx context.Context, client templateGetter, stack Stack) (*cfn.Template, error) {
	out, err := client.GetTemplate(ctx, &cloudformation.GetTemplateInput{
		StackName: &stack.ID, TemplateStage: types.TemplateStageOriginal,
	})
	if code, _ := apiError(err); code == "ValidationError" {
		return nil, nil // the stack never got as far as to have one
	}
	if err != nil {
		return nil, fmt.Errorf("get template of stack %q: %w", stack.Name, plain(err))
	}
	template, err := cfn.Parse([]byte(aws.ToString(out.TemplateBody)))
	if err != nil {
		return nil, nil // YAML, which Sparta never writes
	}
	return template, nil
}

// checkOwnership asks for consent before a stack is changed that Sparta did not
// make: the name may have been taken by something else. Whether it did shows in
// an output of the stack's template, which also a stack has that failed.
func checkOwnership(ctx context.Context, client templateGetter, stack Stack, confirm Confirm) error {
	switch {
	case stack.Live.Template != "", !stack.Exists(), stack.Status == types.StackStatusDeleteComplete,
		stack.Status == types.StackStatusReviewInProgress: // which has no template yet
		return nil
	}
	template, err := liveTemplate(ctx, client, stack)
	if err != nil {
		return err
	}
	if template != nil && template.Outputs[liveOutput] != nil {
		return nil
	}
	return confirm(ctx, fmt.Sprintf("stack %q exists and was not made by Sparta:", stack.Name),
		[]string{"stack " + stack.ID + " would be taken over"})
}

// retained returns the logical ids that outlive the stack.
func retained(t *cfn.Template) map[string]bool {
	ids := map[string]bool{}
	if t == nil {
		return ids
	}
	for id, r := range t.Resources {
		ids[id] = r.DeletionPolicy == "Retain" || r.DeletionPolicy == "RetainExceptOnCreate"
	}
	return ids
}

func isStateful(resourceType string) bool { return slices.Contains(stateful, resourceType) }
