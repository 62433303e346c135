// SPDX-License-Identifier: MIT

package pipeline_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sparta-up/sparta/pipeline"
)

type double struct{ Of pipeline.Result[int] }

func (d *double) Run(context.Context) (int, error) { return 2 * d.Of.Get(), nil }

type join struct {
	Left  pipeline.Result[int]
	Right pipeline.Result[string]
	Rest  []pipeline.Result[int]
	Limit int
}

func (j *join) Run(context.Context) (string, error) {
	text := fmt.Sprint(j.Left.Get(), j.Right.Get(), j.Limit)
	for _, r := range j.Rest {
		text += fmt.Sprint(",", r.Get())
	}
	return text, nil
}

func TestValuesFlowAlongTheArrows(t *testing.T) {
	t.Parallel()
	p := pipeline.New("flow")
	two := pipeline.Add(p, "two", newStep(returns(2)))
	four := pipeline.Add(p, "four", &double{Of: two})
	text := pipeline.Map(four, func(n int) string { return fmt.Sprintf("<%d>", n) })
	all := pipeline.Add(p, "join", &join{
		Left: two, Right: text, Rest: []pipeline.Result[int]{four, pipeline.Known(9), two}, Limit: 7,
	})
	reports, err := p.Run(t.Context(), pipeline.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := all.Get(), "2<4>7,4,9,2"; got != want {
		t.Errorf("result: got %q, want %q", got, want)
	}
	want := [][]string{nil, {"two"}, {"two", "four"}}
	for i, r := range reports {
		if diff := cmp.Diff(want[i], r.Inputs); diff != "" || r.Status != pipeline.Done {
			t.Errorf("report of %s: status %s, inputs (-want +got):\n%s", r.Name, r.Status, diff)
		}
	}
}

func TestMapCallsItsFunctionOnce(t *testing.T) {
	t.Parallel()
	calls := 0
	mapped := pipeline.Map(pipeline.Known(3), func(n int) int { calls++; return n + 1 })
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			if got := mapped.Get(); got != 4 {
				t.Errorf("got %d, want 4", got)
			}
		})
	}
	readers.Wait()
	if calls != 1 {
		t.Errorf("f was called %d times, want once", calls)
	}
}

// Each of the stages waits until all of them run: it ends only if they overlap.
func TestIndependentStagesOverlap(t *testing.T) {
	t.Parallel()
	const n = 16
	p := pipeline.New("overlap")
	var together sync.WaitGroup
	together.Add(n)
	for i := range n {
		pipeline.Add(p, fmt.Sprintf("s%d", i), newStep(func(context.Context) (int, error) {
			together.Done()
			together.Wait()
			return i, nil
		}))
	}
	if _, err := p.Run(t.Context(), pipeline.Options{}); err != nil {
		t.Fatal(err)
	}
}

func TestSlotsLimitHowManyRun(t *testing.T) {
	t.Parallel()
	for _, slots := range []int{1, 3} {
		t.Run(fmt.Sprint(slots), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := pipeline.New("slots")
				for i := range 12 {
					pipeline.Add(p, fmt.Sprintf("s%d", i), newStep(func(context.Context) (int, error) {
						time.Sleep(time.Second)
						return 0, nil
					}))
				}
				start := time.Now()
				reports, err := p.Run(t.Context(), pipeline.Options{Slots: slots})
				if err != nil {
					t.Fatal(err)
				}
				if got, want := time.Since(start), time.Duration(12/slots)*time.Second; got != want {
					t.Errorf("12 stages of 1 s took %s, want %s", got, want)
				}
				for _, r := range reports {
					if r.Duration != time.Second {
						t.Errorf("%s took %s, want 1s: waiting for a slot does not count", r.Name, r.Duration)
					}
				}
			})
		})
	}
}

func TestTimesAndCriticalPath(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lasts := func(d time.Duration, inputs ...pipeline.Result[int]) *step {
			return newStep(func(context.Context) (int, error) {
				time.Sleep(d)
				return 0, nil
			}, inputs...)
		}
		p := pipeline.New("times")
		a := pipeline.Add(p, "a", lasts(2*time.Second))
		b := pipeline.Add(p, "b", lasts(3*time.Second))
		c := pipeline.Add(p, "c", lasts(4*time.Second, a))
		pipeline.Add(p, "d", lasts(time.Second, b, c))
		pipeline.Add(p, "e", lasts(2*time.Second, b))
		start := time.Now()
		reports, err := p.Run(t.Context(), pipeline.Options{})
		if err != nil {
			t.Fatal(err)
		}
		type times struct{ Start, Duration time.Duration }
		want := []times{{0, 2}, {0, 3}, {2, 4}, {6, 1}, {3, 2}}
		for i, r := range reports {
			got := times{r.Start.Sub(start) / time.Second, r.Duration / time.Second}
			if got != want[i] {
				t.Errorf("%s: got %v, want %v", r.Name, got, want[i])
			}
		}
		if got, want := p.CriticalPath(reports), 7*time.Second; got != want {
			t.Errorf("critical path: got %s, want %s", got, want)
		}
		if got := time.Since(start); got != 7*time.Second {
			t.Errorf("the whole took %s, want its critical path", got)
		}
	})
}

func TestTheClockIsAnOption(t *testing.T) {
	t.Parallel()
	p := pipeline.New("clock")
	pipeline.Add(p, "a", newStep(returns(1)))
	clock := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	reports, err := p.Run(t.Context(), pipeline.Options{Now: func() time.Time {
		clock = clock.Add(time.Minute)
		return clock
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []pipeline.Report{{
		Name: "a", Status: pipeline.Done,
		Start: time.Date(2026, 11, 1, 12, 1, 0, 0, time.UTC), Duration: time.Minute,
	}}
	if diff := cmp.Diff(want, reports); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
}

type stageKey struct{}

// naming is an Observer that puts the stage's name in its context.
type naming struct{ journal }

func (n *naming) Started(ctx context.Context, name string) context.Context {
	n.journal.Started(ctx, name)
	return context.WithValue(ctx, stageKey{}, name)
}

func TestObserverSeesEveryStageAndLendsItsContext(t *testing.T) {
	t.Parallel()
	p := pipeline.New("observed")
	a := pipeline.Add(p, "a", newStep(func(ctx context.Context) (int, error) {
		if ctx.Value(stageKey{}) != "a" {
			t.Errorf("Run got a context that Started did not make")
		}
		return 1, nil
	}))
	b := pipeline.Add(p, "b", &skipped{Many: []pipeline.Result[int]{a}, why: "not needed"})
	pipeline.Add(p, "c", newStep(returns(3), b))
	observer := &naming{}
	if _, err := p.Run(t.Context(), pipeline.Options{Observer: observer}); err != nil {
		t.Fatal(err)
	}
	want := []string{"start a", "done a", "skipped b", "start c", "done c"}
	if diff := cmp.Diff(want, observer.all()); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
}

func TestEmptyPipeline(t *testing.T) {
	t.Parallel()
	p := pipeline.New("empty")
	reports, err := p.Run(t.Context(), pipeline.Options{})
	if len(reports) != 0 || err != nil || p.CriticalPath(reports) != 0 || p.Name() != "empty" {
		t.Errorf("got %v, %v of %q", reports, err, p.Name())
	}
}
