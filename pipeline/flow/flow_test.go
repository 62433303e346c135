// SPDX-License-Identifier: MIT

package flow_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/pipeline/flow"
)

var update = flag.Bool("update", false, "rewrite the golden charts and the documents that show them")

// charts are the flowcharts by command.
var charts = map[string]interface{ WriteMermaid(io.Writer) error }{
	"up":          flow.NewUp(flow.Settings{}),
	"down":        flow.NewDown(flow.Settings{}),
	"validate":    flow.NewValidate(flow.Settings{}),
	"invoke":      flow.NewInvoke(flow.Settings{}, "", nil),
	"diff":        flow.NewDiff(flow.Settings{}),
	"status":      flow.NewStatus(flow.Settings{}),
	"logs":        flow.NewLogs(flow.Settings{}, flow.LogOptions{}),
	"permissions": flow.NewPermissions(flow.Settings{}),
}

func chart(t *testing.T, name string) string {
	t.Helper()
	var b bytes.Buffer
	if err := charts[name].WriteMermaid(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCharts(t *testing.T) {
	t.Parallel()
	for name := range charts {
		t.Run(name, func(t *testing.T) {
			got := chart(t, name)
			file := filepath.Join("testdata", name+".mmd")
			if *update {
				write(t, file, got)
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the chart has changed; if that is meant: go test ./pipeline/flow -update\n%s", diff)
			}
		})
	}
}

// TestDocuments holds the charts that the documents show against the running
// ones, so that a picture can't lie.
func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"../../README.md", "../../ARCHITECTURE.md"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			const begin, end = "```mermaid\n", "```"
			before, rest, ok := strings.Cut(string(text), begin)
			shown, after, closed := strings.Cut(rest, end)
			if !ok || !closed {
				t.Fatal("shows no chart")
			}
			want := chart(t, "up")
			if *update && shown != want {
				write(t, file, before+begin+want+end+after)
				return
			}
			if diff := cmp.Diff(want, shown); diff != "" {
				t.Errorf("shows another chart than the one that runs; run: go test ./pipeline/flow -update\n%s", diff)
			}
		})
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
