// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
)

// decorating returns the stage for a list of decorators in YAML flow style and
// programs beside sparta.yaml.
func decorating(t *testing.T, programs map[string]string, decorators ...string) *Decorate {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	files := map[string]string{"sparta.yaml": ordersYAML + "decorators:\n  - " + strings.Join(decorators, "\n  - ") + "\n"}
	maps.Copy(files, programs)
	s := serviceIn(t, files)
	d := document(t, nil)
	d.Origins["Resources/Queue"] = cfn.Origin{By: "resources.Queue", Position: s.Position("resources", "Queue")}
	return &Decorate{
		Project: projectOf(s), Document: pipeline.Known(d), Binaries: pipeline.Known(Binaries{}),
		Environ: []string{"PATH=" + os.Getenv("PATH"), "TEAM=orders"},
	}
}

// adding is a program that adds a queue of a logical id with a line of sed: the
// template is one line of JSON with the Resources first.
func adding(id string) string {
	return "#!/bin/sh\nsed 's/\"Resources\":{/\"Resources\":{\"" + id + "\":{\"Type\":\"AWS::SQS::Queue\"},/'\n"
}

func TestDecorate(t *testing.T) {
	t.Parallel()
	d := decorating(t, map[string]string{
		"tools/one.sh": adding("One"),
		"two.sh":       "#!/bin/sh\necho working >&2\nsed \"s/\\\"AWS::SQS::Queue\\\"}/\\\"AWS::SQS::Queue\\\",\\\"Metadata\\\":{\\\"Team\\\":\\\"$TEAM\\\"}}/\"\n",
	}, "{name: one, exec: [./tools/one.sh]}", "{name: two, exec: [sh, two.sh]}", "{name: three, patch: {Resources: {One: {DeletionPolicy: Retain}}}}")
	got, err := d.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Resources":{"One":{"DeletionPolicy":"Retain","Metadata":{"Team":"orders"},"Type":"AWS::SQS::Queue"},` +
		`"Queue":{"Type":"AWS::SQS::Queue"}}}`
	if text := string(got.Template.JSON()); !strings.Contains(text, `"One":{"DeletionPolicy":"Retain"`) || !strings.Contains(text, `"Team":"orders"`) {
		t.Errorf("got %s, want %s or the like: each decorator sees what those before it did", text, want)
	}
	if by := got.Origins["Resources/One"].String(); by != `decorator "one" (sparta.yaml:6:5)` && !strings.Contains(by, `decorator "one"`) {
		t.Errorf("One comes from %s", by)
	}
	if d.Document.Get().Template.Resources["One"] != nil {
		t.Error("the template that was handed in has been changed")
	}
}

func TestDecorateFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		programs   map[string]string
		decorators []string
		says       []string
		hint       string
	}{
		{
			"exit 1", map[string]string{"d.sh": "#!/bin/sh\necho the table is missing >&2\nexit 1\n"}, []string{"{name: d, exec: [./d.sh]}"},
			[]string{`decorator "d": exit status 1: the table is missing [SP`}, "the stack has not been touched",
		},
		{
			"no JSON", map[string]string{"d.sh": "#!/bin/sh\necho done\n"}, []string{"{name: d, exec: [./d.sh]}"},
			[]string{`decorator "d": it printed no template`}, "use standard error for messages",
		},
		{"nothing", map[string]string{"d.sh": "#!/bin/sh\n"}, []string{"{name: d, exec: [./d.sh]}"}, []string{"it printed no template"}, "standard output"},
		{
			"hangs", map[string]string{"d.sh": "#!/bin/sh\necho soon >&2\nsleep 600\n"}, []string{"{name: d, exec: [./d.sh], timeout: 1s}"},
			[]string{`decorator "d": it did not end within 1s`, "soon"}, "give it more time with `timeout`",
		},
		{
			"missing program", nil, []string{"{name: d, exec: [no-such-program-anywhere]}"},
			[]string{`decorator "d": program "no-such-program-anywhere" is not there`}, "paths start at the directory of sparta.yaml",
		},
		{
			"huge output", map[string]string{"d.sh": "#!/bin/sh\nhead -c 5000000 /dev/zero\n"}, []string{"{name: d, exec: [./d.sh]}"},
			[]string{`decorator "d": it printed more than 4194304 bytes`}, "the stack has not been touched",
		},
		{
			"two decorators clash", map[string]string{"d.sh": adding("Extra")},
			[]string{"{name: d, exec: [./d.sh]}", "{name: e, patch: {Resources: {Extra: {Type: AWS::SNS::Topic}}}}"},
			[]string{`resource "Extra"`, `decorator "d"`, `decorator "e"`}, "",
		},
		{
			"two decorators write one value", nil,
			[]string{"{name: d, patch: {Resources: {Queue: {Properties: {DelaySeconds: 1}}}}}", "{name: e, patch: {Resources: {Queue: {Properties: {DelaySeconds: 2}}}}}"},
			[]string{"DelaySeconds", `decorator "d"`, `decorator "e"`}, "let only one of them set it",
		},
		{
			"another type", nil, []string{"{name: d, patch: {Resources: {Queue: {Type: AWS::SNS::Topic}}}}"},
			[]string{`resource "Queue"`, "resources.Queue", `decorator "d"`}, "",
		},
		{
			"invalid result", nil, []string{"{name: d, patch: {Outputs: {Table: {Value: {Ref: Tabel}}}}}"},
			[]string{`decorator "d"`, "Tabel"}, "",
		},
		{
			"no resources left", nil, []string{"{name: d, patch: {Resources: {Queue: null}}}"}, []string{`decorator "d"`, "at least one resource"}, "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, err := decorating(t, test.programs, test.decorators...).Run(t.Context())
			wantError(t, err, test.says...)
			found, ok := errors.AsType[*diag.Fault](err)
			if !ok {
				t.Fatalf("got %#v, want a fault with a place", err)
			}
			last := found.Problems[0]
			if want := 5 + len(test.decorators); last.Position.Line != want || !strings.Contains(last.Hint, test.hint) || last.Source == "" {
				t.Errorf("got line %d, hint %q, source %q, want line %d with %q", last.Position.Line, last.Hint, last.Source, want, test.hint)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestDecorateTellsEachFault: a template with two faults is two problems, each
// of which names the decorator, the place and the code once.
func TestDecorateTellsEachFault(t *testing.T) {
	t.Parallel()
	_, err := decorating(t, nil, "{name: d, patch: {Resources: {X: {Type: AWS::SNS::Topic, DependsOn: Nope, Properties: {TopicName: {Ref: Nada}}}}}}").Run(t.Context())
	found, ok := errors.AsType[*diag.Fault](err)
	if !ok || len(found.Problems) != 2 {
		t.Fatalf("got %v, want two problems", err)
	}
	for i, want := range []string{`decorator "d": Resources.X.DependsOn.0: resource "Nope"`, `decorator "d": Resources.X.Properties.TopicName`} {
		got := found.Problems[i].String()
		if !strings.Contains(got, want) || strings.Count(got, "decorator \"") != 1 || strings.Count(got, "[SP") != 1 || strings.Count(got, "sparta.yaml") != 1 {
			t.Errorf("got %q, want %q and everything once", got, want)
		}
	}
	_, err = decorating(t, map[string]string{"d.sh": "#!/bin/sh\necho done\n"}, "{name: d, exec: [./d.sh]}").Run(t.Context())
	wantError(t, err, `decorator "d": it printed no template: line 1, column 1: invalid character`)
	if text := err.Error(); strings.Count(text, "[SP") != 1 {
		t.Errorf("got %q, want one code", text)
	}
}

func TestDecorateNotExecutable(t *testing.T) {
	t.Parallel()
	d := decorating(t, map[string]string{"d.sh": "#!/bin/sh\n"}, "{name: d, exec: [./d.sh]}")
	must(t, os.Chmod(filepath.Join(d.Project.Get().Service.Dir, "d.sh"), 0o644))
	_, err := d.Run(t.Context())
	wantError(t, err, `decorator "d": program "./d.sh" is not executable`)
	must(t, os.Remove(filepath.Join(d.Project.Get().Service.Dir, "d.sh")))
	_, err = d.Run(t.Context())
	wantError(t, err, `decorator "d": program "./d.sh" is not there`)
}

func TestDecorateInterrupted(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, interrupted)
	defer cancel()
	_, err := decorating(t, map[string]string{"d.sh": "#!/bin/sh\nsleep 600\n"}, "{name: d, exec: [./d.sh]}").Run(ctx)
	if !errors.Is(err, interrupted) {
		t.Errorf("got %v", err)
	}
	if _, fault := errors.AsType[*diag.Fault](err); fault {
		t.Error("an interrupt is told as a fault of sparta.yaml")
	}
}

// TestManifest: the site is told every output that is known before its content
// is there.
func TestManifest(t *testing.T) {
	t.Parallel()
	queue := func(properties map[string]any, after ...string) *cfn.Resource {
		return &cfn.Resource{Type: "AWS::SQS::Queue", Properties: properties, DependsOn: after}
	}
	d := document(t, func(template *cfn.Template) {
		template.Resources["SiteContent"] = &cfn.Resource{Type: "Custom::SpartaSite"}
		template.Resources["After"] = queue(nil, "SiteContent")
		template.Resources["Later"] = queue(map[string]any{"QueueName": cfn.Sub("${After.QueueName}-2")})
		template.Outputs = map[string]*cfn.Output{
			"Plain":       {Value: "v1"},
			"Queue":       {Value: cfn.Ref("Queue")},
			"Content":     {Value: cfn.GetAtt("SiteContent", "Files")},
			"After":       {Value: cfn.Ref("After")},
			"Later":       {Value: cfn.Sub("https://${Later}")},
			"Conditional": {Value: "x", Condition: "Sometimes"},
		}
		template.Conditions = map[string]any{"Sometimes": cfn.Equals("a", cfn.Ref("AWS::Region"))}
	})
	before := string(d.Template.JSON())
	stage := &Decorate{Project: projectOf(service(t, ordersYAML)), Document: pipeline.Known(d), Binaries: pipeline.Known(Binaries{})}
	got, err := stage.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"Outputs": map[string]any{"Plain": "v1", "Queue": map[string]any{"Ref": "Queue"}}}
	if diff := cmp.Diff(want, got.Template.Resources["SiteContent"].Properties); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if after := string(d.Template.JSON()); after != before {
		t.Errorf("the template that was handed in has been changed to %s", after)
	}
}
