// SPDX-License-Identifier: MIT

package stage

import (
	"bytes"
	"context"
	"fmt"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
)

// maxTemplate is the largest template that CloudFormation takes from S3, in
// bytes ("CloudFormation quotas").
const maxTemplate = 1 << 20

// TemplateObject is the final template and where it was uploaded.
type TemplateObject struct {
	Object   Object
	URL      string // for CloudFormation
	body     string // for CloudFormation instead of URL, if not empty
	Document cfn.Document
	Live     Live
	Current  bool // the stack runs exactly this template
}

// UploadTemplate completes the template with what the stack will run, which
// the next deployment reads back, and uploads it. A template that the stack
// already runs is left where it is.
type UploadTemplate struct {
	Project  pipeline.Result[Project]
	Document pipeline.Result[cfn.Document]
	Code     pipeline.Result[Code]
	Assets   pipeline.Result[Object]
	Bucket   pipeline.Result[Bucket]
	Stack    pipeline.Result[Stack]
}

// Title returns the words of the box.
func (*UploadTemplate) Title() string { return "Upload Template to S3" }

// Run uploads the template as canonical JSON.
func (u *UploadTemplate) Run(ctx context.Context) (TemplateObject, error) {
	bucket := u.Bucket.Get()
	template, body, err := sealed(u.Document.Get(), Artifacts{Bucket: bucket, Code: u.Code.Get(), Assets: u.Assets.Get()}, u.Stack.Get())
	if err != nil || template.Current {
		return template, err
	}
	template.Object, err = bucket.put(ctx, template.Object.Key, "application/json", bytes.NewReader(body))
	return template, err
}

// sealed returns the template with what the stack will run, where it belongs,
// and its bytes, which there are not if the stack runs it already.
func sealed(document cfn.Document, artifacts Artifacts, stack Stack) (TemplateObject, []byte, error) {
	result := TemplateObject{
		Document: document,
		Live:     Live{Template: document.Template.Hash(), Bucket: artifacts.Bucket.Name, Keys: artifacts.keys()},
	}
	if stack.Live.Template == result.Live.Template && succeededOrRolledBack(stack) {
		result.Current = true
		return result, nil, nil
	}
	if document.Template.Outputs[liveOutput] != nil {
		return TemplateObject{}, nil, fmt.Errorf("output %q is Sparta's own: give the output of %s another name",
			liveOutput, document.Origins["Outputs/"+liveOutput].By)
	}
	template := document.Template.Clone()
	if template.Outputs == nil {
		template.Outputs = map[string]*cfn.Output{}
	}
	template.Outputs[liveOutput] = &cfn.Output{Description: "What this stack runs, for the next sparta up", Value: result.Live.String()}
	body := template.JSON()
	if len(body) > maxTemplate {
		return TemplateObject{}, nil, withHint(fmt.Errorf("the template has %d bytes, more than CloudFormation's %d", len(body), maxTemplate),
			"split the service in two")
	}
	key := artifactKey(stack.Name, result.Live.Template, "template.json")
	result.Object, result.URL = Object{Bucket: artifacts.Bucket.Name, Key: key}, artifacts.Bucket.url(key)
	return result, body, nil
}

// Undo deletes the template if this run created it.
func (u *UploadTemplate) Undo(ctx context.Context, t TemplateObject) error {
	return u.Bucket.Get().remove(ctx, t.Object)
}

// succeededOrRolledBack reports whether the stack runs what its outputs say.
func succeededOrRolledBack(s Stack) bool {
	return transitionOf(s.Status).up == stepUpdate
}

// url returns the address that CloudFormation takes templates from.
func (b Bucket) url(key string) string {
	suffix := "amazonaws.com"
	if b.session.Partition == "aws-cn" {
		suffix = "amazonaws.com.cn"
	}
	return fmt.Sprintf("https://%s.s3.%s.%s/%s", b.Name, b.session.Region, suffix, key)
}
