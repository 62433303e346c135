// SPDX-License-Identifier: MIT

package flow

import (
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// Permissions is the flowchart of `sparta permissions`: nothing is built or
// called.
type Permissions struct {
	*pipeline.Pipeline
	Project pipeline.Result[stage.Project]
	List    pipeline.Result[stage.Permissions]
}

// NewPermissions wires the flowchart.
func NewPermissions(s Settings) Permissions {
	p := pipeline.New("permissions")
	project := pipeline.Add(p, "read", &stage.Read{File: s.File, Options: s.Spec, NoSource: true})
	draft := pipeline.Add(p, "sketch", &stage.Sketch{Project: project})
	list := pipeline.Add(p, "listPermissions", &stage.ListPermissions{Project: project, Draft: draft, Bucket: s.Bucket})
	return Permissions{Pipeline: p, Project: project, List: list}
}
