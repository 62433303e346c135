// SPDX-License-Identifier: MIT

package flow

import (
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// Validate is the flowchart of `sparta validate`: nothing is built or called.
type Validate struct {
	*pipeline.Pipeline
	Project pipeline.Result[stage.Project]
	Draft   pipeline.Result[stage.Draft]
}

// NewValidate wires the flowchart.
func NewValidate(s Settings) Validate {
	p := pipeline.New("validate")
	project := pipeline.Add(p, "read", &stage.Read{File: s.File, Options: s.Spec, Local: s.Local})
	draft := pipeline.Add(p, "sketch", &stage.Sketch{Project: project})
	return Validate{Pipeline: p, Project: project, Draft: draft}
}
