// SPDX-License-Identifier: MIT

package gobuild

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// BuildError says that the go command did not compile the programs.
type BuildError struct {
	Output string // what the go command said, as it said it; may have many lines
	Err    error  // how it ended
}

// Error returns how the go command ended. The reason is in Output.
func (e *BuildError) Error() string { return fmt.Sprintf("go build: %v", e.Err) }

// Unwrap returns how the go command ended.
func (e *BuildError) Unwrap() error { return e.Err }

// Detail returns what the go command said.
func (e *BuildError) Detail() string { return e.Output }

// Hint returns what to do next where the output alone does not say it, or "".
func (e *BuildError) Hint() string {
	switch {
	case strings.Contains(e.Output, "missing go.sum entry"):
		return "run `go mod tidy`"
	case strings.Contains(e.Output, "requires go >= "):
		return "install a newer Go from https://go.dev/dl/ or set GOTOOLCHAIN=auto"
	case strings.Contains(e.Output, "dial tcp") || strings.Contains(e.Output, "proxy.golang.org"):
		return "modules that are not in the module cache need the network, or a GOPROXY that can be reached"
	}
	return ""
}

// missesModule reports whether no module of the workspace has a package.
func (e *BuildError) missesModule() bool {
	return strings.Contains(e.Output, "no required module provides package") || strings.Contains(e.Output, "cannot find module providing package")
}

// goCommand runs the go command and returns its standard output.
func (b *Builder) goCommand(ctx context.Context, dir string, environ, args []string) ([]byte, error) {
	env := b.Module.env
	if b.Environ != nil {
		env = newGoEnv(b.Environ)
	}
	command, err := env.command()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = dir
	cmd.Env = append(slices.Clone(env.environ), environ...)
	interruptible(cmd)
	var stdout bytes.Buffer
	said := &transcript{progress: b.Stderr}
	cmd.Stdout, cmd.Stderr = &stdout, said
	err = cmd.Run()
	reap(cmd)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, &BuildError{Output: said.text(), Err: err}
	}
	return stdout.Bytes(), nil
}

// downloading starts the lines that say what the go command fetches.
const downloading = "go: downloading "

// transcript collects what a command says on standard error, and passes on at
// once what it downloads.
type transcript struct {
	said     bytes.Buffer
	progress io.Writer // may be nil
	line     []byte    // not yet ended
}

// Write implements io.Writer.
func (t *transcript) Write(p []byte) (int, error) {
	t.line = append(t.line, p...)
	for {
		line, rest, ok := bytes.Cut(t.line, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		t.take(append(line, '\n'))
		t.line = bytes.Clone(rest)
	}
}

func (t *transcript) take(line []byte) {
	switch {
	case !bytes.HasPrefix(line, []byte(downloading)):
		t.said.Write(line)
	case t.progress != nil:
		_, _ = t.progress.Write(line) // progress that nobody reads is no fault of the build
	}
}

// text returns what was said, without downloads.
func (t *transcript) text() string { return t.said.String() + string(t.line) }
