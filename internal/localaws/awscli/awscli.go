// SPDX-License-Identifier: MIT

// Package awscli runs the aws command in tests: a judge of the embedded AWS that
// nobody here wrote. Most of what a run takes is to load the command, so one that
// is written in Python is loaded once for all tests of a package.
package awscli

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// CLI is the aws command with the settings that a test gives it. It knows no
// configuration of the machine.
type CLI struct {
	Endpoint string   // base URL of all services
	Key      string   // access key; "" means test
	Dir      string   // working directory and home; "" means an empty one
	Environ  []string // further variables, as NAME=value; the last of a name counts
}

// Output is what a run gave.
type Output struct {
	Stdout, Stderr string
	Code           int // 0: it worked
}

// Text is what a run printed, on both outputs.
func (o Output) Text() string { return o.Stdout + o.Stderr }

// Need skips the test if there is no aws command, and fails it in CI.
func Need(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("aws"); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("the aws command is not installed")
	}
	t.Skip("the aws command is not installed")
}

// call is one run, as serve.py gets it.
type call struct {
	Args    []string          `json:"args"`
	Environ map[string]string `json:"environ"`
	Dir     string            `json:"dir"`
}

// Run runs the command, which has to exist. That it fails is no failure of the
// test.
func (c CLI) Run(t testing.TB, args ...string) Output {
	t.Helper()
	// The command does not heed the variable for every service.
	in := call{Args: append([]string{"--endpoint-url", c.Endpoint}, args...), Dir: c.Dir, Environ: map[string]string{
		"PATH": os.Getenv("PATH"), "AWS_ENDPOINT_URL": c.Endpoint, "AWS_ACCESS_KEY_ID": c.Key, "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "LC_ALL": "C.UTF-8",
	}}
	if in.Dir == "" {
		in.Dir = t.TempDir()
	}
	if c.Key == "" {
		in.Environ["AWS_ACCESS_KEY_ID"] = "test"
	}
	in.Environ["HOME"] = in.Dir
	for _, variable := range c.Environ {
		name, value, _ := strings.Cut(variable, "=")
		in.Environ[name] = value
	}
	run := direct
	if s := loaded(); s != nil {
		run = s.run
	}
	out, err := run(t.Context(), in)
	if err != nil {
		t.Fatalf("aws %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// JSON runs a command that has to work and decodes what it prints; a nil out
// drops that.
func (c CLI) JSON(t testing.TB, out any, args ...string) {
	t.Helper()
	got := c.Run(t, args...)
	if got.Code != 0 {
		t.Fatalf("aws %s: exit %d\n%s", strings.Join(args, " "), got.Code, got.Stderr)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal([]byte(got.Stdout), out); err != nil {
		t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, got.Stdout)
	}
}

// loaded is the command that is loaded, or nil if it can't be kept so.
var loaded = sync.OnceValue(func() *server {
	s, err := load()
	if err != nil && !errors.Is(err, errNotPython) {
		panic(err)
	}
	return s
})
