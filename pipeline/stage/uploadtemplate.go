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
	document, bucket, stack := u.Document.Get(), u.Bucket.Get(), u.Stack.Get()
	result := TemplateObject{
		Document: document,
		Live:     Live{Template: document.Template.Hash(), Bucket: bucket.Name, Keys: u.keys()},
	}
	if stack.Live.Template == result.Live.Template && succeededOrRolledBack(stack) {
		result.Current = true
		return result, nil
	}
	if document.Template.Outputs[liveOutput] != nil {
		return TemplateObject{}, fmt.Errorf("output %q is Sparta's own: give the output of %s another name",
			liveOutput, document.Origins["Outputs/"+liveOutput].By)
	}
	problems, err := existing{bucket.session.Clients.S3, bucket.session, u.Project.Get().Service, document.Template}.problems(ctx)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return TemplateObject{}, err
	}
	sealed := document.Template.Clone()
	if sealed.Outputs == nil {
		sealed.Outputs = map[string]*cfn.Output{}
	}
	sealed.Outputs[liveOutput] = &cfn.Output{Description: "What this stack runs, for the next sparta up", Value: result.Live.String()}
	body := sealed.JSON()
	if len(body) > maxTemplate {
		return TemplateObject{}, withHint(fmt.Errorf("the template has %d bytes, more than CloudFormation's %d", len(body), maxTemplate),
			"split the service in two")
	}
	key := artifactKey(u.Project.Get().Service.Name, result.Live.Template, "template.json")
	object, err := bucket.put(ctx, key, "application/json", bytes.NewReader(body))
	result.Object, result.URL = object, bucket.url(key)
	return result, err
}

// Undo deletes the template if this run created it.
func (u *UploadTemplate) Undo(ctx context.Context, t TemplateObject) error {
	return u.Bucket.Get().remove(ctx, t.Object)
}

func (u *UploadTemplate) keys() []string {
	var keys []string
	for _, o := range u.Code.Get().objects() {
		keys = append(keys, o.Key)
	}
	if assets := u.Assets.Get(); assets.Key != "" {
		keys = append(keys, assets.Key)
	}
	return keys
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
