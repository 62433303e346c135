// SPDX-License-Identifier: MIT

package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cli"
)

const environments = `serviceName: orders-${environment}
functions:
  hello:
    handler: ./handlers.Hello
    environment: {LEVEL: "${env:LEVEL, info}"}
environments: {prod: {functions: {hello: {memory: 1024}}}}
`

// project makes a service and returns the path of its file.
func project(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{
		"sparta.yaml":       text,
		"go.mod":            "module example.com/orders\n\ngo 1.26\n",
		"handlers/hello.go": "package handlers\n\nimport \"context\"\n\nfunc Hello(context.Context) error { return nil }\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "sparta.yaml")
}

// sparta runs one command in this process.
func sparta(env []string, args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	code = cli.Main(cli.Process{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Toolkit: fstest.MapFS{},
		Environ: append(os.Environ(), env...),
	})
	return out.String(), errs.String(), code
}

func TestValidateEnvironment(t *testing.T) {
	t.Parallel()
	file := project(t, environments)
	tests := []struct {
		name   string
		args   []string
		code   int
		stdout string // part of it
		stderr string // part of it
	}{
		{"default", []string{"validate"}, 0, "orders-dev: valid\n  environment  dev\n", ""},
		{"chosen", []string{"validate", "-e", "prod"}, 0, "orders-prod: valid\n  environment  prod\n", ""},
		{"unknown", []string{"validate", "--environment", "prd"}, 2, "", "did you mean `prod`?"},
		{"printed", []string{"validate", "-e", "prod", "--print"}, 0, "memory: 1024", ""},
		{"printed as JSON", []string{"validate", "--print", "-o", "json"}, 2, "", "--print is YAML"},
		{"sarif of another command", []string{"down", "-o", "sarif"}, 2, "", "--output sarif goes with validate"},
		{"explain", []string{"explain", "sp0203"}, 0, "SP0203: below the minimum\n", ""},
		{"explain all", []string{"explain"}, 0, "SP0606  a wide permission\n", ""},
		{"explain as JSON", []string{"explain", "SP0203", "-o", "json"}, 0, `"code": "SP0203"`, ""},
		{"explain nothing", []string{"explain", "SP4711"}, 2, "", "no problem with the code SP4711"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			args := test.args
			if args[0] != "explain" {
				args = append(args, "-f", file)
			}
			stdout, stderr, code := sparta([]string{"LEVEL=debug"}, args...)
			if code != test.code || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr+stdout, test.stderr) {
				t.Errorf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", code, test.code, stdout, stderr)
			}
		})
	}
}

// TestValidatePrint: standard output is YAML and nothing else.
func TestValidatePrint(t *testing.T) {
	t.Parallel()
	file := project(t, environments)
	stdout, _, code := sparta([]string{"LEVEL=debug"}, "validate", "-e", "prod", "--print", "-f", file)
	want := "# " + file + ` in environment prod
serviceName: orders-prod
functions:
  hello:
    handler: ./handlers.Hello
    environment:
      LEVEL: debug
    memory: 1024
`
	if diff := cmp.Diff(want, stdout); diff != "" || code != 0 {
		t.Errorf("exit code %d, printed (-want +got):\n%s", code, diff)
	}
}

// TestValidateOutputs: the code of a problem is in every form of the result.
func TestValidateOutputs(t *testing.T) {
	t.Parallel()
	file := project(t, strings.Replace(environments, "memory: 1024", "memory: 64", 1))
	text, told, code := sparta(nil, "validate", "-f", file)
	if code != 2 || text != "" || !strings.Contains(told, "environments.prod.functions.hello.memory: 64 is below 128 MB [SP0203]") {
		t.Errorf("exit code %d, stdout %q, stderr:\n%s", code, text, told)
	}
	var object struct {
		Problems []struct {
			Code string
			Line int
		}
	}
	out, _, code := sparta(nil, "validate", "-o", "json", "-f", file)
	if err := json.Unmarshal([]byte(out), &object); err != nil || code != 2 {
		t.Fatalf("exit code %d, %v: %s", code, err, out)
	}
	if len(object.Problems) != 1 || object.Problems[0].Code != "SP0203" || object.Problems[0].Line != 6 {
		t.Errorf("problems are %+v", object.Problems)
	}
	var log struct {
		Version string
		Runs    []struct {
			Results []struct{ RuleID, Level string }
		}
	}
	for _, args := range [][]string{{"validate", "-o", "sarif", "-f", file}, {"validate", "-o", "sarif", "-f", project(t, environments)}} {
		out, _, code = sparta(nil, args...)
		if err := json.Unmarshal([]byte(out), &log); err != nil || log.Version != "2.1.0" {
			t.Fatalf("exit code %d, %v: %s", code, err, out)
		}
		if want := min(code, 1); len(log.Runs[0].Results) != want || want == 1 && log.Runs[0].Results[0].RuleID != "SP0203" {
			t.Errorf("exit code %d, results %+v", code, log.Runs[0].Results)
		}
	}
}
