// SPDX-License-Identifier: MIT

package flow

import (
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// Invoke is the flowchart of `sparta invoke`.
type Invoke struct {
	*pipeline.Pipeline
	Reply pipeline.Result[stage.Reply]
}

// NewInvoke wires the flowchart for one event, JSON in payload, to a function
// of the service.
func NewInvoke(s Settings, function string, payload []byte) Invoke {
	p := pipeline.New("invoke")
	project := pipeline.Add(p, "read", &stage.Read{File: s.File, Options: s.Spec, NoSource: true})
	session := pipeline.Add(p, "connect", &stage.Connect{Project: project, Config: s.Config, Local: s.Local})
	reply := pipeline.Add(p, "invoke", &stage.Invoke{Project: project, Session: session, Function: function, Payload: payload})
	return Invoke{Pipeline: p, Reply: reply}
}
