// SPDX-License-Identifier: MIT

package stage

import (
	"bytes"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
)

// maxInline is the largest template that CloudFormation takes in a request, in
// bytes ("CloudFormation quotas").
const maxInline = 51_200

// Preview asks CloudFormation what a template would change: by a change set,
// which is deleted again. Of a service that is not deployed all is new, and
// nothing is asked.
type Preview struct {
	Project   pipeline.Result[Project]
	Session   pipeline.Result[Session]
	Stack     pipeline.Result[Stack]
	Document  pipeline.Result[cfn.Document]
	Artifacts pipeline.Result[Artifacts]
	Pace      Pace
	Token     string // unique to this run
}

// Title returns the words of the box.
func (*Preview) Title() string { return "Preview Changes" }

// Run returns the changes by logical id; none means that the stack is as the
// service says.
func (p *Preview) Run(ctx context.Context) ([]Change, error) {
	document, artifacts, stack := p.Document.Get(), p.Artifacts.Get(), p.Stack.Get()
	template, body, err := sealed(document, artifacts, stack)
	if err != nil || template.Current {
		return nil, err
	}
	switch transitionOf(stack.Status).up {
	case stepCreate, stepRecreate:
		return additions(document.Template), nil
	case stepUpdate:
	default:
		return nil, withHint(fmt.Errorf("stack %q is in %s: what would change can't be told before that is over", stack.Name, stack.Status),
			"`sparta up` goes on from there")
	}
	if len(body) <= maxInline {
		template.body = string(body)
		return p.ask(ctx, template)
	}
	if template.Object, err = artifacts.Bucket.put(ctx, template.Object.Key, "application/json", bytes.NewReader(body)); err != nil {
		return nil, err
	}
	defer func() {
		if err := artifacts.Bucket.remove(context.WithoutCancel(ctx), template.Object); err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Msg("the template stays in the artifact bucket")
		}
	}()
	return p.ask(ctx, template)
}

// ask makes a change set, reads it and deletes it.
func (p *Preview) ask(ctx context.Context, template TemplateObject) ([]Change, error) {
	c := &Converge{
		Project: p.Project, Session: p.Session, Stack: p.Stack, Template: pipeline.Known(template), Pace: p.Pace, Token: p.Token,
		values: true,
	}
	set, err := c.createChangeSet(ctx, p.Stack.Get(), types.ChangeSetTypeUpdate)
	if err != nil {
		return nil, err
	}
	if err := c.discard(context.WithoutCancel(ctx), set, types.ChangeSetTypeUpdate); err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("the unused change set stays behind")
	}
	return changesOf(set), nil
}
