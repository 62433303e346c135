// SPDX-License-Identifier: MIT

// Package pipeline runs stages in the order of the data that flows between
// them, in parallel where the data allows it. A stage is a struct with a Run
// method; what Run will return is a [Result], and the fields of type Result of
// another stage are that stage's inputs. So the wiring of a pipeline is its
// flowchart, every arrow is written once, the compiler checks its type, and a
// cycle cannot be written:
//
//	binary  := pipeline.Add(p, "compile", &Compile{Service: service})
//	archive := pipeline.Add(p, "package", &Package{Binary: binary})
//	object  := pipeline.Add(p, "upload",  &Upload{Archive: archive, Bucket: bucket})
//
// The first failure cancels what is running, keeps what depends on it from
// starting, and undoes what had finished, latest first.
package pipeline

import (
	"context"
	"time"
)

// Pipeline is a set of stages and the flow of data between them. Make one with
// [New], fill it with [Add], then call [Pipeline.Run] once. A Pipeline must not
// be added to from several goroutines at once.
type Pipeline struct {
	name    string
	nodes   []*node // in order of Add, which is a topological order
	started bool
}

// New returns an empty pipeline. The name, such as "up", says what the stages
// do together; it begins the error of a pipeline that was stopped from outside.
func New(name string) *Pipeline { return &Pipeline{name: name} }

// Name returns the name given to [New].
func (p *Pipeline) Name() string { return p.name }

// node is one stage of a pipeline together with its inputs and its outcome.
type node struct {
	pipeline *Pipeline
	name     string
	title    string
	inputs   []*node // each producer once, in order of the stage's fields

	run  func(ctx context.Context) error
	skip func() string                   // never nil
	undo func(ctx context.Context) error // nil if the stage has nothing to undo

	report Report        // complete once done is closed, but for what undo adds
	hasOut bool          // there is a result; written before done is closed
	done   chan struct{} // closed when the stage has come to its end
}

// mustHaveResult panics unless the stage has finished and made its result.
func (n *node) mustHaveResult() {
	select {
	case <-n.done:
		if !n.hasOut {
			panic("pipeline: Get of the result of stage " + n.name + ", which made none")
		}
	default:
		panic("pipeline: Get of the result of stage " + n.name + " before it has one")
	}
}

// CriticalPath returns how long the pipeline would have taken with nothing but
// the stages' own time: the largest sum of durations along any chain of inputs.
// The reports are those that Run returned.
func (p *Pipeline) CriticalPath(reports []Report) time.Duration {
	took := make(map[string]time.Duration, len(reports))
	for _, r := range reports {
		took[r.Name] = r.Duration
	}
	var longest time.Duration
	end := make(map[*node]time.Duration, len(p.nodes))
	for _, n := range p.nodes {
		for _, input := range n.inputs {
			end[n] = max(end[n], end[input])
		}
		end[n] += took[n.name]
		longest = max(longest, end[n])
	}
	return longest
}
