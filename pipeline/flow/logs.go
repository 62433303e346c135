// SPDX-License-Identifier: MIT

package flow

import (
	"time"

	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// LogOptions say which log events a command is to show.
type LogOptions struct {
	Functions []string                   // names in sparta.yaml; none: all
	Since     time.Time                  // of the oldest event
	Pattern   string                     // filter pattern of CloudWatch Logs; empty: all
	Follow    bool                       // go on until the context ends
	Show      func(stage.LogEvent) error // takes each event
}

// Logs is the flowchart of `sparta logs`.
type Logs struct {
	*pipeline.Pipeline
	Shown pipeline.Result[int] // number of events
}

// NewLogs wires the flowchart.
func NewLogs(s Settings, o LogOptions) Logs {
	p := pipeline.New("logs")
	project := pipeline.Add(p, "read", &stage.Read{File: s.File, Options: s.Spec, NoSource: true})
	session := pipeline.Add(p, "connect", &stage.Connect{Project: project, Config: s.Config, Local: s.Local})
	shown := pipeline.Add(p, "tail", &stage.Tail{
		Project: project, Session: session, Functions: o.Functions, Since: o.Since, Pattern: o.Pattern,
		Follow: o.Follow, Pace: s.Pace.Most, Show: o.Show,
	})
	return Logs{Pipeline: p, Shown: shown}
}
