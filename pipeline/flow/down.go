// SPDX-License-Identifier: MIT

package flow

import (
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// Down is the flowchart of `sparta down`.
type Down struct {
	*pipeline.Pipeline
	Project pipeline.Result[stage.Project]
	Session pipeline.Result[stage.Session]
	Emptied pipeline.Result[stage.Emptied]
	Outcome pipeline.Result[stage.Outcome]
}

// NewDown wires the flowchart.
func NewDown(s Settings) Down {
	p := pipeline.New("down")

	project := pipeline.Add(p, "read", &stage.Read{File: s.File, Options: s.Spec, NoSource: true})
	session := pipeline.Add(p, "connect", &stage.Connect{Project: project, Config: s.Config, Local: s.Local})
	stack := pipeline.Add(p, "survey", &stage.Survey{Project: project, Session: session})
	emptied := pipeline.Add(p, "empty", &stage.Empty{
		Session: session, Stack: stack, Confirm: s.Confirm, Follow: s.Follow, Pace: s.Pace,
	})
	operation := pipeline.Add(p, "delete", &stage.Delete{
		Session: session, Stack: stack, Emptied: emptied, Follow: s.Follow, Pace: s.Pace, Token: s.Token,
	})
	gone := pipeline.Add(p, "gone", &stage.Gone{
		Project: project, Session: session, Operation: operation, Follow: s.Follow, Pace: s.Pace,
	})
	outcome := pipeline.Add(p, "removeArtifacts", &stage.RemoveArtifacts{
		Project: project, Session: session, Stack: stack, Gone: gone, Name: s.Bucket,
	})
	return Down{Pipeline: p, Project: project, Session: session, Emptied: emptied, Outcome: outcome}
}
