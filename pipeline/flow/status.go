// SPDX-License-Identifier: MIT

package flow

import (
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// Status is the flowchart of `sparta status`.
type Status struct {
	*pipeline.Pipeline
	Stack     pipeline.Result[stage.Stack]
	Resources pipeline.Result[[]stage.Resource]
}

// NewStatus wires the flowchart.
func NewStatus(s Settings) Status {
	p := pipeline.New("status")
	project := pipeline.Add(p, "read", &stage.Read{File: s.File, Options: s.Spec, NoSource: true})
	session := pipeline.Add(p, "connect", &stage.Connect{Project: project, Config: s.Config, Local: s.Local})
	stack := pipeline.Add(p, "survey", &stage.Survey{Project: project, Session: session})
	resources := pipeline.Add(p, "inventory", &stage.Inventory{Session: session, Stack: stack})
	return Status{Pipeline: p, Stack: stack, Resources: resources}
}
