// SPDX-License-Identifier: MIT

package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sparta-up/sparta/pipeline"
)

// fate is what happens to a stage of a random pipeline.
type fate int

const (
	succeed fate = iota
	skip
	fail
	panics
	keep
)

// world is a random pipeline and what was seen of it.
type world struct {
	mu       sync.Mutex
	ran      []int
	finished []int // stages whose Run returned a value, in that order
	undone   []int
	wrong    []string
}

func (w *world) note(list *[]int, i int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*list = append(*list, i)
}

func (w *world) complain(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

// random is one stage of a world. Its result is its index + 1.
type random struct {
	Inputs []pipeline.Result[int]

	world   *world
	index   int
	fate    fate
	lasts   time.Duration
	expects []int // results of the inputs
}

var errRandom = errors.New("random failure")

func (s *random) Skip() string {
	for i, in := range s.Inputs {
		if got := in.Get(); got != s.expects[i] {
			s.world.complain("stage %d: input %d is %d, want %d", s.index, i, got, s.expects[i])
		}
	}
	if s.fate == skip {
		return "by fate"
	}
	return ""
}

func (s *random) Run(ctx context.Context) (int, error) {
	s.world.note(&s.world.ran, s.index)
	// A channel of our own rather than a timer's: a select on those, in a bubble
	// and under the race detector, can crash the runtime of Go 1.26.
	over := make(chan struct{})
	timer := time.AfterFunc(s.lasts, func() { close(over) })
	defer timer.Stop()
	select {
	case <-over:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	switch s.fate {
	case fail:
		return 0, errRandom
	case keep:
		return 0, pipeline.Keep(errRandom)
	case panics:
		panic(errRandom)
	}
	return s.index + 1, nil
}

func (s *random) Undo(ctx context.Context, out int) error {
	if out != s.index+1 || ctx.Err() != nil {
		s.world.complain("undo of stage %d: got %d, context %v", s.index, out, ctx.Err())
	}
	s.world.note(&s.world.undone, s.index)
	return nil
}

// Finished records completion in the order in which the engine settles it.
func (w *world) Started(ctx context.Context, _ string) context.Context { return ctx }
func (w *world) Finished(r pipeline.Report) {
	if r.Status == pipeline.Done {
		var i int
		fmt.Sscanf(r.Name, "s%d", &i)
		w.note(&w.finished, i)
	}
}

// FuzzRandomPipelines runs pipelines of any shape with any mixture of failures
// and checks what the engine promises. Under synctest a deadlock is a failure.
func FuzzRandomPipelines(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) { checkRandomPipeline(t, rand.New(rand.NewPCG(seed, 1))) })
	})
}

func checkRandomPipeline(t *testing.T, r *rand.Rand) {
	w := &world{}
	p := pipeline.New("random")
	stages := addRandomStages(p, w, r)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if r.IntN(4) == 0 {
		after := time.Duration(r.IntN(60)) * time.Second
		timer := time.AfterFunc(after, cancel)
		defer timer.Stop()
	}
	reports, err := p.Run(ctx, pipeline.Options{Slots: r.IntN(4), Observer: w})
	for _, complaint := range w.wrong {
		t.Error(complaint)
	}
	checkReports(t, stages, reports, err, w)
	checkUndo(t, reports, err, w)
}

func addRandomStages(p *pipeline.Pipeline, w *world, r *rand.Rand) []*random {
	n := 1 + r.IntN(20)
	perfect := r.IntN(3) == 0
	var results []pipeline.Result[int]
	var stages []*random
	for i := range n {
		s := &random{world: w, index: i, lasts: time.Duration(r.IntN(10)) * time.Second}
		if dice := r.IntN(12); !perfect && dice < 5 {
			s.fate = fate(dice)
		}
		for range min(i, r.IntN(4)) {
			from := r.IntN(i)
			s.Inputs = append(s.Inputs, results[from])
			expect := from + 1
			if stages[from].fate == skip {
				expect = 0
			}
			s.expects = append(s.expects, expect)
		}
		stages = append(stages, s)
		results = append(results, pipeline.Add(p, fmt.Sprintf("s%d", i), s))
	}
	return stages
}

// checkReports checks that the statuses agree with each other, with the fates
// and with the error.
func checkReports(t *testing.T, stages []*random, reports []pipeline.Report, err error, w *world) {
	t.Helper()
	status := statuses(reports)
	failed := 0
	for i, r := range reports {
		for _, input := range r.Inputs {
			if s := status[input]; r.Status != pipeline.NotRun && s != pipeline.Done && s != pipeline.Skipped {
				t.Errorf("%s is %s although %s is %s", r.Name, r.Status, input, s)
			}
		}
		times := 0
		for _, ran := range w.ran {
			if ran == i {
				times++
			}
		}
		if want := map[bool]int{true: 1}[r.Status != pipeline.NotRun && r.Status != pipeline.Skipped]; times != want {
			t.Errorf("%s is %s but ran %d times", r.Name, r.Status, times)
		}
		if r.Status == pipeline.Done && stages[i].fate != succeed || r.Status == pipeline.Skipped && stages[i].fate != skip {
			t.Errorf("%s is %s against its fate %d", r.Name, r.Status, stages[i].fate)
		}
		if _, bug := errors.AsType[*pipeline.PanicError](r.Err); r.Status == pipeline.Failed && !bug {
			failed++ // a panic after cancellation is a failure too, but does not become the error
		}
		if err == nil && r.Status != pipeline.Done && r.Status != pipeline.Skipped {
			t.Errorf("%s is %s but there is no error", r.Name, r.Status)
		}
	}
	if failure, ok := errors.AsType[*pipeline.StageError](err); ok {
		if status[failure.Stage] != pipeline.Failed || !errors.Is(failure, errRandom) {
			t.Errorf("blamed %s, which is %s: %v", failure.Stage, status[failure.Stage], err)
		}
	} else if err != nil && (failed > 0 || !errors.Is(err, context.Canceled)) {
		t.Errorf("%d stages failed but the error is %v", failed, err)
	}
}

// checkUndo checks that exactly what was done is undone, in reverse, if there is
// an error that does not keep it.
func checkUndo(t *testing.T, reports []pipeline.Report, err error, w *world) {
	t.Helper()
	want := slices.Clone(w.finished)
	slices.Reverse(want)
	if err == nil || pipeline.Kept(err) {
		want = nil
	}
	if !sameButForTies(want, w.undone, reports) {
		t.Errorf("undone %v, want %v; error %v", w.undone, want, err)
	}
	for i, r := range reports {
		if r.Undone != slices.Contains(want, i) {
			t.Errorf("report of %s: undone is %v", r.Name, r.Undone)
		}
	}
}

// sameButForTies reports whether a and b are the same set in the same order of
// the time at which the stages ended. At the same instant either may be first,
// but a stage always comes before its inputs.
func sameButForTies(a, b []int, reports []pipeline.Report) bool {
	end := func(i int) time.Time { return reports[i].Start.Add(reports[i].Duration) }
	for i := range b {
		if i > 0 && end(b[i-1]).Before(end(b[i])) {
			return false
		}
		for _, earlier := range b[:i] {
			if slices.Contains(reports[b[i]].Inputs, fmt.Sprintf("s%d", earlier)) {
				return false
			}
		}
	}
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}
