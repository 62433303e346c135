// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// processes is the key of a script's running programs.
type processes struct{}

// process is a program that a script talks to while it runs.
type process struct {
	command        *exec.Cmd
	stdout, stderr *watched
	ended          chan struct{} // closed when command.Wait has returned
}

// watched is what a program has written, for whoever waits for some of it.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed at the next write
}

func newWatched() *watched { return &watched{more: make(chan struct{})} }

// Write keeps p.
func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.more)
	w.more = make(chan struct{})
	return w.text.Write(p)
}

// look returns the text so far and a channel that is closed when there is more.
func (w *watched) look() (string, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String(), w.more
}

func running(ts *testscript.TestScript) map[string]*process {
	return ts.Value(processes{}).(map[string]*process)
}

func named(ts *testscript.TestScript, name string) *process {
	p := running(ts)[name]
	if p == nil {
		ts.Fatalf("no process %q was started", name)
	}
	return p
}

// start is "start NAME PROGRAM ARG...": it runs while the script goes on.
func start(ts *testscript.TestScript, _ bool, args []string) {
	program, err := lookPath(ts.Getenv("PATH"), args[1])
	ts.Check(err)
	p := &process{command: exec.Command(program, args[2:]...), stdout: newWatched(), stderr: newWatched(), ended: make(chan struct{})}
	p.command.Dir, p.command.Env = ts.MkAbs("."), environment(ts)
	p.command.Stdout, p.command.Stderr = p.stdout, p.stderr
	ts.Check(p.command.Start())
	go func() {
		defer close(p.ended)
		_ = p.command.Wait() // the exit code is in ProcessState
	}()
	running(ts)[args[0]] = p
	ts.Defer(func() {
		_ = p.command.Process.Kill()
		<-p.ended
	})
}

// await is "await NAME PATTERN [VARIABLE]": it waits until the program has
// written a match, on either output. The variable becomes what the group of the
// pattern matches.
func await(ts *testscript.TestScript, _ bool, args []string) {
	p, pattern := named(ts, args[0]), regexp.MustCompile("(?m)"+args[1])
	timeout := time.After(patience(ts))
	for over := false; ; {
		stdout, moreOut := p.stdout.look()
		stderr, moreErr := p.stderr.look()
		for _, text := range []string{stdout, stderr} {
			if match := pattern.FindStringSubmatch(text); match != nil {
				if len(args) > 2 {
					ts.Setenv(args[2], match[1])
				}
				return
			}
		}
		if over {
			ts.Fatalf("%s has written no match of %q:\n%s%s", args[0], args[1], stdout, stderr)
		}
		select {
		case <-moreOut:
		case <-moreErr:
		case <-p.ended:
			over = true
		case <-timeout:
			over = true
		}
	}
}

// existsSoon is "exists-soon FILE": it waits for a program to make the file.
func existsSoon(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(patience(ts)); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("nobody makes %s", args[0])
		}
	}
}

// interrupt is "interrupt NAME": what Ctrl-C sends.
func interrupt(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(named(ts, args[0]).command.Process.Signal(os.Interrupt))
}

// ends is "ends NAME CODE": it waits for the end of the program, whose outputs
// become those of the script.
func ends(ts *testscript.TestScript, _ bool, args []string) {
	p := named(ts, args[0])
	select {
	case <-p.ended:
	case <-time.After(patience(ts)):
		ts.Fatalf("%s does not end:\n%s", args[0], p.stderr.text.String())
	}
	_, err := io.Copy(ts.Stdout(), &p.stdout.text)
	ts.Check(err)
	_, err = io.Copy(ts.Stderr(), &p.stderr.text)
	ts.Check(err)
	if got := strconv.Itoa(p.command.ProcessState.ExitCode()); got != args[1] {
		ts.Fatalf("%s: exit code %s, want %s", args[0], got, args[1])
	}
}

// environment returns the variables of the script that programs look at.
func environment(ts *testscript.TestScript) []string {
	var all []string
	for _, name := range inherited {
		if value := ts.Getenv(name); value != "" {
			all = append(all, name+"="+value)
		}
	}
	return all
}

var inherited = strings.Fields(`PATH HOME TMPDIR XDG_CACHE_HOME LocalAppData SystemRoot WORK
	GOCACHE GOMODCACHE GOPROXY GOFLAGS GOSUMDB GONOSUMDB GOTOOLCHAIN
	AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_EC2_METADATA_DISABLED
	AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION REALPATH`)

func lookPath(path, program string) (string, error) {
	for dir := range strings.SplitSeq(path, string(os.PathListSeparator)) {
		if found, err := exec.LookPath(dir + string(os.PathSeparator) + program); err == nil {
			return found, nil
		}
	}
	return "", errors.New(program + " is not in PATH")
}
