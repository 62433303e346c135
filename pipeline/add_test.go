// SPDX-License-Identifier: MIT

package pipeline_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sparta-up/sparta/pipeline"
)

type plainFunc func(context.Context) (int, error)

func (f plainFunc) Run(ctx context.Context) (int, error) { return f(ctx) }

type byValue struct{}

func (byValue) Run(context.Context) (int, error) { return 0, nil }

type runs struct{}

func (*runs) Run(context.Context) (int, error) { return 0, nil }

type (
	private struct {
		runs
		//lint:ignore U1000 Add must refuse it
		in pipeline.Result[int]
	}
	privateSlice struct {
		runs
		//lint:ignore U1000 as above
		in []pipeline.Result[int]
	}
	pointer struct {
		runs
		In *pipeline.Result[int]
	}
	mapped struct {
		runs
		In map[string]pipeline.Result[int]
	}
	array struct {
		runs
		In [2]pipeline.Result[int]
	}
	deepSlice struct {
		runs
		In [][]pipeline.Result[int]
	}
	nested struct {
		runs
		In struct{ A pipeline.Result[int] }
	}
	recursive struct {
		runs
		Tree tree
		Self *recursive
	}
	tree     struct{ Kids []tree }
	badUndo  struct{ runs }
	badSkip  struct{ runs }
	badTitle struct{ runs }
)

func (*badUndo) Undo(context.Context, string) error { return nil }
func (*badSkip) Skip() bool                         { return true }
func (*badTitle) Title(string) string               { return "" }

func TestAddPanicsOnWrongWiring(t *testing.T) {
	t.Parallel()
	foreign := pipeline.Add(pipeline.New("other"), "elsewhere", &runs{})
	var unset pipeline.Result[int]
	tests := map[string]struct {
		stage pipeline.Stage[int]
		name  string
		want  string
	}{
		"unset field":      {&double{}, "s", `pipeline: stage "s": field Of: the Result is not set`},
		"unset element":    {newStep(nil, pipeline.Known(1), unset), "s", `pipeline: stage "s": field Many[1]: the Result is not set`},
		"map of unset":     {&double{Of: pipeline.Map(unset, func(n int) int { return n })}, "s", `pipeline: stage "s": field Of: the Result is not set`},
		"other pipeline":   {&double{Of: foreign}, "s", `pipeline: stage "s": field Of: the Result is that of stage "elsewhere" of another pipeline`},
		"unexported":       {&private{in: pipeline.Known(1)}, "s", `pipeline: stage "s": field in: a Result in an unexported field is not seen as an input`},
		"unexported slice": {&privateSlice{}, "s", `pipeline: stage "s": field in: a Result in an unexported field is not seen as an input`},
		"pointer":          {&pointer{}, "s", `pipeline: stage "s": field In: a Result inside *pipeline.Result[int] is not seen as an input`},
		"map":              {&mapped{}, "s", `pipeline: stage "s": field In: a Result inside map[string]pipeline.Result[int] is not seen as an input`},
		"array":            {&array{}, "s", `pipeline: stage "s": field In: a Result inside [2]pipeline.Result[int] is not seen as an input`},
		"slice of slices":  {&deepSlice{}, "s", `pipeline: stage "s": field In: a Result inside [][]pipeline.Result[int] is not seen as an input`},
		"nested":           {&nested{}, "s", `pipeline: stage "s": field In: a Result inside struct { A pipeline.Result[int] } is not seen as an input`},
		"function":         {plainFunc(returns(1)), "s", `pipeline: stage "s": a stage is a pointer to a struct, not pipeline_test.plainFunc`},
		"struct by value":  {byValue{}, "s", `pipeline: stage "s": a stage is a pointer to a struct, not pipeline_test.byValue`},
		"nil":              {nil, "s", `pipeline: stage "s": a stage is a pointer to a struct, not <nil>`},
		"nil pointer":      {(*runs)(nil), "s", `pipeline: stage "s": a stage is a pointer to a struct, not *pipeline_test.runs`},
		"name taken":       {&runs{}, "taken", `pipeline: stage "taken": the name is taken`},
		"no name":          {&runs{}, "", `pipeline: stage "": the name must be a letter, then letters, digits, - or _, and no word of Mermaid`},
		"name with space":  {&runs{}, "a b", `pipeline: stage "a b": the name must be a letter, then letters, digits, - or _, and no word of Mermaid`},
		"word of Mermaid":  {&runs{}, "end", `pipeline: stage "end": the name must be a letter, then letters, digits, - or _, and no word of Mermaid`},
		"Undo":             {&badUndo{}, "s", `pipeline: stage "s": method Undo does not have the signature that the engine calls`},
		"Skip":             {&badSkip{}, "s", `pipeline: stage "s": method Skip does not have the signature that the engine calls`},
		"Title":            {&badTitle{}, "s", `pipeline: stage "s": method Title does not have the signature that the engine calls`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pipeline.New("up")
			pipeline.Add(p, "taken", &runs{})
			mustPanic(t, test.want, func() { pipeline.Add(p, test.name, test.stage) })
		})
	}
}

func TestAddTakesWhatIsNoInput(t *testing.T) {
	t.Parallel()
	p := pipeline.New("up")
	pipeline.Add(p, "tree", &recursive{})
	pipeline.Add(p, "none", newStep(returns(1)))
	reports, err := p.Run(t.Context(), pipeline.Options{})
	if err != nil || len(reports) != 2 || len(reports[0].Inputs)+len(reports[1].Inputs) != 0 {
		t.Errorf("got %v, %v", reports, err)
	}
}

func TestAPipelineRunsOnce(t *testing.T) {
	t.Parallel()
	p := pipeline.New("up")
	if _, err := p.Run(t.Context(), pipeline.Options{}); err != nil {
		t.Fatal(err)
	}
	mustPanic(t, "pipeline: second Run of pipeline up", func() { p.Run(t.Context(), pipeline.Options{}) })
	mustPanic(t, `pipeline: stage "late": added after Run`, func() { pipeline.Add(p, "late", &runs{}) })
}

func TestOneProducerIsOneInput(t *testing.T) {
	t.Parallel()
	p := pipeline.New("up")
	a := pipeline.Add(p, "a", newStep(returns(1)))
	b := pipeline.Map(a, func(n int) int { return n + 1 })
	pipeline.Add(p, "sum", newStep(returns(0), a, b, a, pipeline.Known(3)))
	reports, err := p.Run(t.Context(), pipeline.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a"}, reports[1].Inputs); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
}
