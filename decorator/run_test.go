// SPDX-License-Identifier: MIT

package decorator_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/decorator"
)

// TestMain makes the test binary the program that Sparta generates.
func TestMain(m *testing.M) {
	if os.Getenv("DECORATOR_HOST") == "1" {
		decorator.Main(decorator.Functions{
			"noisy": func(_ context.Context, t *decorator.Template) error {
				fmt.Println("printed by the decorator")
				fmt.Fprintln(os.Stdout, "and again")
				return t.Add("Topic", decorator.Resource{Type: "AWS::SNS::Topic"})
			},
			"fails":  func(context.Context, *decorator.Template) error { return errors.New("no luck") },
			"panics": func(context.Context, *decorator.Template) error { panic("oh dear") },
		})
	}
	os.Exit(m.Run())
}

func TestMainProgram(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, out, errOut string
		args                  []string
		code                  int
	}{
		{"works", "{}", "{\n  \"AWSTemplateFormatVersion\": \"2010-09-09\",\n  \"Resources\": {\n    \"Topic\": {\n      \"Type\": \"AWS::SNS::Topic\"\n    }\n  }\n}\n",
			"printed by the decorator\nand again\n", []string{"noisy"}, 0},
		{"fails", "{}", "", "decorator \"fails\": no luck\n", []string{"fails"}, 1},
		{"panics", "{}", "", "decorator \"panics\": panic: oh dear\n\ngoroutine ", []string{"panics"}, 1},
		{"unknown", "{}", "", "decorator \"nosy\": not one of fails, noisy, panics\n", []string{"nosy"}, 1},
		{"no name", "{}", "", "usage: exactly one argument", nil, 1},
		{"no template", "", "", "read template: template:1:1: empty: a JSON object is needed [SP0410]\n", []string{"noisy"}, 1},
		{"broken template", "{\"Resources\": 1}", "", "read template: template:1:2: Resources: a number where an object is needed [SP0410]\n", []string{"noisy"}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out, errOut strings.Builder
			program := exec.CommandContext(t.Context(), os.Args[0], test.args...)
			program.Env = append(os.Environ(), "DECORATOR_HOST=1")
			program.Stdin, program.Stdout, program.Stderr = strings.NewReader(test.in), &out, &errOut
			err := program.Run()
			if code := program.ProcessState.ExitCode(); code != test.code {
				t.Errorf("exit code: got %d (%v), want %d", code, err, test.code)
			}
			if out.String() != test.out {
				t.Errorf("output: got %q, want %q", out.String(), test.out)
			}
			if !strings.HasPrefix(errOut.String(), test.errOut) {
				t.Errorf("errors: got %q, want %q", errOut.String(), test.errOut)
			}
			if test.name == "panics" && !strings.Contains(errOut.String(), "run_test.go") {
				t.Errorf("stack does not lead to the decorator: %s", errOut.String())
			}
		})
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }
func (brokenPipe) Read([]byte) (int, error)  { return 0, errors.New("broken pipe") }

func TestRunReportsBrokenPipes(t *testing.T) {
	t.Parallel()
	f := decorator.Functions{"f": func(context.Context, *decorator.Template) error { return nil }}
	if err := f.Run(t.Context(), "f", strings.NewReader("{}"), brokenPipe{}); err == nil || err.Error() != "write template: broken pipe" {
		t.Errorf("write: got %v", err)
	}
	if err := f.Run(t.Context(), "f", brokenPipe{}, nil); err == nil || err.Error() != "read template: broken pipe" {
		t.Errorf("read: got %v", err)
	}
}
