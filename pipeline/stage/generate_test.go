// SPDX-License-Identifier: MIT

package stage

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
)

var update = flag.Bool("update", false, "rewrite the golden templates in testdata")

// generate marshals a service with fixed objects.
func generate(t *testing.T, s *spec.Service) (cfn.Document, error) {
	t.Helper()
	const bucket = "sparta-artifacts-123456789012-eu-west-1-an"
	object := func(name string) Object { return Object{Bucket: bucket, Key: s.Name + "/" + name} }
	g := &Generate{
		Project: projectOf(s),
		Roles:   pipeline.Known(Roles{"auditor": "arn:aws:iam::123456789012:role/teams/auditor"}),
		Code: pipeline.Known(Code{
			App: map[string]Object{"arm64": object("app-arm64.zip"), "x86_64": object("app-x86_64.zip")}, Provider: object("provider.zip"),
		}),
		Assets: pipeline.Known(object("assets.site.zip")),
	}
	return g.Run(t.Context())
}

// decorated is the template that goes to CloudFormation, but for the decorators
// in Go, which the flow tests run.
func decorated(t *testing.T, s *spec.Service) *cfn.Template {
	t.Helper()
	d, err := generate(t, s)
	if err != nil {
		t.Fatal(err)
	}
	others := *s
	others.Decorators = nil
	for _, one := range s.Decorators {
		if one.Handler == "" {
			others.Decorators = append(others.Decorators, one)
		}
	}
	stage := &Decorate{
		Project: projectOf(&others), Document: pipeline.Known(d), Binaries: pipeline.Known(Binaries{}),
		Environ: []string{"PATH=" + os.Getenv("PATH")},
	}
	if d, err = stage.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d.Template
}

// goldenServices are the sparta.yaml files of the examples and of testdata, by
// the name of their golden template, which is that of their directory.
func goldenServices(t *testing.T) map[string]string {
	t.Helper()
	services := map[string]string{}
	for _, pattern := range []string{"../../examples/*/sparta.yaml", "testdata/*/sparta.yaml"} {
		files, err := filepath.Glob(filepath.FromSlash(pattern))
		must(t, err)
		for _, file := range files {
			name := filepath.Base(filepath.Dir(file))
			if services[name] != "" {
				t.Fatalf("two golden services with the name %s", name)
			}
			services[name] = file
		}
	}
	if len(services) < 5 {
		t.Fatalf("found %d services", len(services))
	}
	return services
}

func goldenService(t *testing.T, name string) *spec.Service {
	t.Helper()
	s, problems := spec.Read(goldenServices(t)[name], spec.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGenerateGolden(t *testing.T) {
	t.Parallel()
	for name := range goldenServices(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := string(decorated(t, goldenService(t, name)).Indent())
			file := filepath.Join("testdata", name+".template.json")
			if *update {
				must(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			must(t, err)
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the template has changed; if that is meant: go test ./pipeline/stage -update\n%s", diff)
			}
		})
	}
}

// TestGeneratedIDs: package spec knows the logical id of all that is generated,
// and of nothing else.
func TestGeneratedIDs(t *testing.T) {
	t.Parallel()
	for name := range goldenServices(t) {
		s := goldenService(t, name)
		d, err := generate(t, s)
		must(t, err)
		want := s.GeneratedIDs()
		for _, r := range s.CustomResources {
			want = append(want, r.Name)
		}
		want = append(want, sortedKeys(s.Resources)...)
		slices.Sort(want)
		if diff := cmp.Diff(want, sortedKeys(d.Template.Resources)); diff != "" {
			t.Errorf("%s: logical ids (-known +generated):\n%s", name, diff)
		}
	}
}

// lintOptions leave out what is the linter's age rather than the template's
// fault, each with its reason.
var lintOptions = []string{"--regions", "us-east-1", "eu-west-1", "--include-checks", "I"}

// TestGenerateLints holds the golden templates against a judge that nobody here
// wrote.
func TestGenerateLints(t *testing.T) {
	t.Parallel()
	linter, err := exec.LookPath("cfn-lint")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("cfn-lint is not installed")
	}
	must(t, err)
	templates, err := filepath.Glob("testdata/*.template.json")
	must(t, err)
	if len(templates) != len(goldenServices(t)) {
		t.Fatalf("%d templates for %d services", len(templates), len(goldenServices(t)))
	}
	arguments := append(append([]string{}, lintOptions...), "--")
	output, err := exec.CommandContext(t.Context(), linter, append(arguments, templates...)...).CombinedOutput()
	if err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, output)
	}
}

// TestGenerateOrder: what a function becomes does not depend on where it stands
// in the file, nor on its neighbours.
func TestGenerateOrder(t *testing.T) {
	t.Parallel()
	one := "  one: {handler: ./h.One, url: true, environment: {AA: \"1\", BB: \"2\"}, tags: {x: \"1\", y: \"2\"}}\n"
	two := "  two: {handler: ./h.Two, architecture: x86_64}\n"
	parse := func(functions string) *cfn.Template {
		return decorated(t, service(t, "serviceName: orders\nfunctions:\n"+functions))
	}
	forward, backward, alone := parse(one+two), parse(two+one), parse(one)
	if forward.Hash() != backward.Hash() {
		t.Errorf("the order of functions changes the template:\n%s", cmp.Diff(string(forward.Indent()), string(backward.Indent())))
	}
	for id, r := range alone.Resources {
		if diff := cmp.Diff(r, forward.Resources[id]); diff != "" {
			t.Errorf("%s depends on its neighbour:\n%s", id, diff)
		}
	}
	for range 20 {
		if parse(one+two).Hash() != forward.Hash() {
			t.Fatal("the same file makes different templates")
		}
	}
}

// TestGenerateClashes: a logical id that both sparta.yaml and Sparta use names
// both.
func TestGenerateClashes(t *testing.T) {
	t.Parallel()
	s := service(t, "serviceName: orders\nfunctions:\n  one: {handler: ./h.One}\n")
	tests := []struct {
		name string
		edit func(*spec.Service)
		says []string
	}{
		{"a resource", func(s *spec.Service) {
			s.Resources = map[string]any{"OneFunction": map[string]any{"Type": "AWS::SQS::Queue"}}
		}, []string{`resource "OneFunction"`, "resources.OneFunction", "functions.one"}},
		{"an output", func(s *spec.Service) {
			s.Functions[0].URL = &spec.FunctionURL{Auth: "NONE"}
			s.Outputs = map[string]any{"OneUrl": map[string]any{"Value": "x"}}
		}, []string{`output "OneUrl"`, "outputs.OneUrl", "functions.one"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			copied := *s
			copied.Functions = append([]spec.Function{}, s.Functions...)
			test.edit(&copied)
			_, err := generate(t, &copied)
			wantError(t, err, test.says...)
			if hintOf(err) == "" {
				t.Error("no hint")
			}
		})
	}
}

// TestGenerateFunction: the properties that make a function run.
func TestGenerateFunction(t *testing.T) {
	t.Parallel()
	s := service(t, `serviceName: orders
functions:
  plain: {handler: ./h.A, runtime: provided.al2023, timeout: 7s, memory: 512}
  shimmed: {handler: ./h.B}
  static: {handler: ./h.C, role: auditor}
  imported: {handler: ./h.D, role: !ImportValue role}
`)
	d, err := generate(t, s)
	must(t, err)
	resources := d.Template.Resources
	property := func(id, name string) string {
		text, err := json.Marshal(resources[id].Properties[name])
		must(t, err)
		return string(text)
	}
	tests := []struct{ id, property, want string }{
		{"PlainFunction", "Handler", `"plain"`},
		{"PlainFunction", "Runtime", `"provided.al2023"`},
		{"PlainFunction", "Timeout", `7`},
		{"PlainFunction", "MemorySize", `512`},
		{"PlainFunction", "Role", `{"Fn::GetAtt":["PlainRole","Arn"]}`},
		{"ShimmedFunction", "Handler", `"index.shimmed"`},
		{"StaticFunction", "Role", `"arn:aws:iam::123456789012:role/teams/auditor"`},
		{"ImportedFunction", "Role", `{"Fn::ImportValue":"role"}`},
		{"ShimmedFunction", "Architectures", `["arm64"]`},
	}
	for _, test := range tests {
		if got := property(test.id, test.property); got != test.want {
			t.Errorf("%s.%s: got %s, want %s", test.id, test.property, got, test.want)
		}
	}
	for id := range maps.Keys(resources) {
		if id == "StaticRole" || id == "ImportedRole" {
			t.Errorf("a function with a role of its own has %s too", id)
		}
	}
}
