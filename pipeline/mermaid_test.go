// SPDX-License-Identifier: MIT

package pipeline_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sparta-up/sparta/pipeline"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// titled is a stage with words of its own.
type titled struct {
	runs
	Many  []pipeline.Result[int]
	words string
}

func (s *titled) Title() string { return s.words }

func drawn() *pipeline.Pipeline {
	p := pipeline.New("drawn")
	box := func(name, words string, inputs ...pipeline.Result[int]) pipeline.Result[int] {
		return pipeline.Add(p, name, &titled{Many: inputs, words: words})
	}
	roles := box("verifyRoles", "Verify Static IAM Roles")
	compile := box("compile", "Cross Compile App for AWS Linux", roles)
	assets := box("package-assets", "Conditionally ZIP S3 Site Assets", roles, roles)
	part := pipeline.Map(compile, func(n int) int { return n })
	upload := box("upload", "Create/Update Stack", part, assets, pipeline.Known(1), compile)
	box("quoted", `Say "no" [to] #1 <b> & (go)`, upload, roles)
	box("slanted", "/tmp/")
	box("lines", "two\nlines", upload)
	pipeline.Add(p, "untitled", newStep(returns(1), upload))
	return p
}

func TestMermaid(t *testing.T) {
	t.Parallel()
	var first, second bytes.Buffer
	if err := errors.Join(drawn().WriteMermaid(&first), drawn().WriteMermaid(&second)); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Error("the same wiring gave two charts")
	}
	golden := filepath.Join("testdata", t.Name()+".mmd")
	if *update {
		if err := os.WriteFile(golden, first.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), first.String()); diff != "" {
		t.Errorf("chart (-want +got); refresh with go test ./pipeline -update:\n%s", diff)
	}
}

func TestMermaidOfNothing(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := pipeline.New("empty").WriteMermaid(&b); err != nil || b.String() != "graph TD\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestMermaidReturnsTheWritersError(t *testing.T) {
	t.Parallel()
	if err := drawn().WriteMermaid(fullDisk{}); err == nil || err.Error() != "no space left" {
		t.Errorf("got %v", err)
	}
}
