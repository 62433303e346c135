// SPDX-License-Identifier: MIT

package pipeline

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
)

// Add makes s a stage of p and returns its result. The name identifies the stage
// in reports, errors and the chart: a letter, then letters, digits, - and _.
//
// The inputs of s are read here, once: its exported fields of type [Result] or
// []Result. If s also implements [Skipper], [Undoer] or [Titler], that is used.
//
// Add panics, naming the stage and the field, if the wiring is wrong: s is no
// pointer to a struct, the name is taken or malformed, a Result is unset, belongs
// to another pipeline or stands where it would not be seen as an input, a method
// named Skip, Undo or Title does not fit its interface, or p has been run.
func Add[Out any](p *Pipeline, name string, s Stage[Out]) Result[Out] {
	n := p.add(name, s)
	out := new(Out)
	n.run = func(ctx context.Context) (err error) {
		*out, err = s.Run(ctx)
		return err
	}
	undoer, ok := s.(Undoer[Out])
	n.mustFit("Undo", ok, s)
	if ok {
		n.undo = func(ctx context.Context) error { return undoer.Undo(ctx, *out) }
	}
	p.nodes = append(p.nodes, n)
	return Result[Out]{from: n, value: func() Out { return *out }}
}

// add makes the node of a stage, except for what depends on its output type.
func (p *Pipeline) add(name string, s any) *node {
	n := &node{pipeline: p, name: name, title: name, done: make(chan struct{})}
	n.mustBeNew()
	n.findInputs(s)
	skipper, ok := s.(Skipper)
	n.mustFit("Skip", ok, s)
	n.skip = func() string { return "" }
	if ok {
		n.skip = skipper.Skip
	}
	titler, ok := s.(Titler)
	n.mustFit("Title", ok, s)
	if ok {
		n.title = titler.Title()
	}
	n.report = Report{Name: name}
	for _, input := range n.inputs {
		n.report.Inputs = append(n.report.Inputs, input.name)
	}
	return n
}

var wellFormed = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// mustBeNew panics if the pipeline can't take a stage of this name.
func (n *node) mustBeNew() {
	if n.pipeline.started {
		n.panicf("added after Run")
	}
	if !wellFormed.MatchString(n.name) || slices.Contains(reserved(), n.name) {
		n.panicf("the name must be a letter, then letters, digits, - or _, and no word of Mermaid")
	}
	for _, other := range n.pipeline.nodes {
		if other.name == n.name {
			n.panicf("the name is taken")
		}
	}
}

// mustFit panics if s has a method of an optional interface's name but does not
// implement it: the method would never be called.
func (n *node) mustFit(method string, implements bool, s any) {
	if _, exists := reflect.TypeOf(s).MethodByName(method); exists && !implements {
		n.panicf("method %s does not have the signature that the engine calls", method)
	}
}

func (n *node) panicf(format string, args ...any) {
	panic(fmt.Sprintf("pipeline: stage %q: ", n.name) + fmt.Sprintf(format, args...))
}
