// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
)

// nearTemplate is from which part of the largest template on that is said, in
// percent.
const nearTemplate = 80

// Sketch marshals the template without AWS and without compiling: names that
// only AWS knows are made up, and decorators are not run.
type Sketch struct {
	Project pipeline.Result[Project]
}

// Title returns the words of the box.
func (*Sketch) Title() string { return "Sketch the Template" }

// Draft is a template that was made without AWS.
type Draft struct {
	Document cfn.Document
	Warnings diag.List
}

// Run makes the template. It fails with a *diag.Fault if it is too large, and
// as Generate does.
func (s *Sketch) Run(context.Context) (Draft, error) {
	service := s.Project.Get().Service
	object := func(kind string) Object {
		// As long as the real ones.
		return Object{Bucket: ArtifactBucket(strings.Repeat("0", 12), "us-east-1"), Key: artifactKey(service.Name, strings.Repeat("0", 64), kind)}
	}
	roles := Roles{}
	for _, use := range s.Project.Get().roleUses() {
		roles[use.role] = use.role
		if !strings.HasPrefix(use.role, "arn:") {
			roles[use.role] = "arn:aws:iam::" + strings.Repeat("0", 12) + ":role/" + use.role
		}
	}
	code := Code{App: map[string]Object{}, Provider: object("zip")}
	for _, architecture := range architectures(service) {
		code.App[architecture] = object("zip")
	}
	document, err := marshal(service, roles, code, object("site.zip"))
	if err != nil {
		return Draft{}, err
	}
	size := document.Template.Size()
	switch {
	case size > maxTemplate:
		return Draft{}, diag.List{service.Problem(diag.TemplateSize,
			fmt.Sprintf("the template has %d bytes, %d more than CloudFormation takes", size, size-maxTemplate), "split the service in two", "resources")}.Err()
	case size*100 < maxTemplate*nearTemplate:
		return Draft{Document: document}, nil
	}
	warning := service.Problem(diag.NearLimit,
		fmt.Sprintf("the template has %d bytes: %d %% of the %d that CloudFormation takes", size, size*100/maxTemplate, maxTemplate), "split the service in two", "resources")
	warning.Severity = diag.Warning
	return Draft{Document: document, Warnings: diag.List{warning}}, nil
}
