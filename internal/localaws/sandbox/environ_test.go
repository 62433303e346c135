// SPDX-License-Identifier: MIT

package sandbox

import (
	"os"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Nothing of this process's environment reaches the function but PATH.
func TestEnviron(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows programs need more")
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	config := Config{
		Dir: "/code", Temp: "/tmp/f", Handler: "index.f",
		Environ: []string{"A=1", "A=2", "EMPTY=", "EQUALS=a=b", "_HANDLER=mine", "AWS_LAMBDA_RUNTIME_API=mine"},
	}
	want := []string{
		"A=2", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9", "EMPTY=", "EQUALS=a=b", "LAMBDA_TASK_ROOT=/code",
		"PATH=" + os.Getenv("PATH"), "TMPDIR=/tmp/f", "_HANDLER=index.f",
	}
	if diff := cmp.Diff(want, environ(config, "127.0.0.1:9")); diff != "" {
		t.Errorf("environment differs (-want +got):\n%s", diff)
	}
	config.Environ = []string{"PATH=/opt/bin"}
	if got := environ(config, "")[2]; got != "PATH=/opt/bin" {
		t.Errorf("PATH of the function = %q", got)
	}
}

// Layers are found by the search paths that Lambda sets, unless the function
// sets its own.
func TestEnvironOfLayers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths are written in another way")
	}
	t.Setenv("PATH", "/bin")
	config := Config{Dir: "/code", Opt: "/layers", Runtime: "nodejs24.x", Environ: []string{"NODE_PATH=/mine"}}
	want := []string{
		"AWS_LAMBDA_RUNTIME_API=", "LAMBDA_TASK_ROOT=/code", "LD_LIBRARY_PATH=/code:/code/lib:/layers/lib", "NODE_PATH=/mine", "PATH=/bin:/layers/bin", "TMPDIR=", "_HANDLER=",
	}
	if diff := cmp.Diff(want, environ(config, "")); diff != "" {
		t.Errorf("environment differs (-want +got):\n%s", diff)
	}
	config.Environ = nil
	if got, want := environ(config, "")[3], "NODE_PATH=/layers/nodejs/node24/node_modules:/layers/nodejs/node_modules"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for path, want := range map[string]string{"/opt/wrap": "/layers/wrap", "/var/task/wrap": "/code/wrap", "/usr/bin/env": "/usr/bin/env"} {
		if got := inside(config, path); got != want {
			t.Errorf("inside(%s) = %s, want %s", path, got, want)
		}
	}
}

func TestKnownErrorType(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"":                  "Function.Unknown",
		"Function.Broken":   "Function.Broken",
		"Runtime.ExitError": "Runtime.ExitError",
		"Runtime.":          "Runtime.Unknown",
		"Runtime.no":        "Runtime.Unknown",
		"Runtime.HTTP2":     "Runtime.Unknown",
		"errorString":       "Function.Unknown",
	} {
		if got := knownErrorType(header); got != want {
			t.Errorf("knownErrorType(%q) = %q, want %q", header, got, want)
		}
	}
}

func TestASCIIJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                   "",
		`{"a":"ü😀"}`:         `{"a":"\u00fc\ud83d\ude00"}`,
		"{\r\n\t\"a\": 1\n}": "{   \"a\": 1 }",
		"\x7f":               `\u007f`,
	} {
		if got := asciiJSON(text); got != want {
			t.Errorf("asciiJSON(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCloseWithoutProcess(t *testing.T) {
	t.Parallel()
	s, err := Start(Config{Dir: t.TempDir(), Temp: t.TempDir(), Runtime: "provided.al2023", Handler: "f"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Alive() {
		t.Error("alive without a bootstrap")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
