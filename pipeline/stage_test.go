// SPDX-License-Identifier: MIT

package pipeline_test

import (
	"context"
	"slices"
	"sync"

	"github.com/sparta-up/sparta/pipeline"
)

// step is a stage made of a function.
type step struct {
	Many []pipeline.Result[int]

	do func(ctx context.Context) (int, error)
}

func (s *step) Run(ctx context.Context) (int, error) { return s.do(ctx) }

// newStep returns a stage that depends on the inputs and does do.
func newStep(do func(ctx context.Context) (int, error), inputs ...pipeline.Result[int]) *step {
	return &step{Many: inputs, do: do}
}

// undoable is a stage that can be undone.
type undoable struct {
	Many []pipeline.Result[int]

	do   func(ctx context.Context) (int, error)
	undo func(ctx context.Context, out int) error
}

func (s *undoable) Run(ctx context.Context) (int, error)    { return s.do(ctx) }
func (s *undoable) Undo(ctx context.Context, out int) error { return s.undo(ctx, out) }

// returns makes a Run that returns n.
func returns(n int) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { return n, nil }
}

// fails makes a Run that returns err.
func fails(err error) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { return 0, err }
}

// waits is a Run that ends when it is cancelled, saying only that.
func waits(ctx context.Context) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

// journal records words from several goroutines.
type journal struct {
	mu    sync.Mutex
	words []string
}

func (j *journal) add(word string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.words = append(j.words, word)
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.words)
}

func (j *journal) Started(ctx context.Context, name string) context.Context {
	j.add("start " + name)
	return ctx
}

func (j *journal) Finished(r pipeline.Report) { j.add(r.Status.String() + " " + r.Name) }

func (j *journal) Undone(r pipeline.Report) {
	if r.UndoErr != nil {
		j.add("not undone " + r.Name)
		return
	}
	j.add("undone " + r.Name)
}

// statuses returns the status of every stage by name.
func statuses(reports []pipeline.Report) map[string]pipeline.Status {
	m := map[string]pipeline.Status{}
	for _, r := range reports {
		m[r.Name] = r.Status
	}
	return m
}
