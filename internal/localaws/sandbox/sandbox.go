// SPDX-License-Identifier: MIT

// Package sandbox runs the unpacked code of one Lambda function the way the
// Lambda execution environment does: it starts the runtime (node with an
// emulation of the managed NodeJS runtime, or the function's own bootstrap),
// serves it the Lambda Runtime API on a loopback port, hands it one event at a
// time, enforces the init and the function timeout, and kills what does not
// answer. It knows nothing of the Lambda service API: names, ARNs, environment
// and log groups are the caller's. It does not freeze the function's processes
// between events, and limits neither memory nor the size of /tmp.
//
// The statuses, messages and state machine of the Runtime API follow
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and the server
// in github.com/aws/aws-lambda-runtime-interface-emulator.
package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Config says what a Sandbox runs.
type Config struct {
	// Dir is the absolute directory of the unpacked code: LAMBDA_TASK_ROOT and
	// the working directory.
	Dir string
	// Opt is the absolute directory of the unpacked layers, which stands for
	// /opt; empty: there are none. PATH, LD_LIBRARY_PATH and NODE_PATH lead to
	// it, a bootstrap is also looked for in it, and AWS_LAMBDA_EXEC_WRAPPER may
	// name a program below /opt. Extensions in it are not started.
	Opt string
	// Temp is the function's own /tmp: TMPDIR, and TEMP and TMP on Windows.
	Temp string
	// Runtime is a Lambda runtime identifier: nodejs*.x or provided*.
	Runtime string
	// Handler is the function's Handler, such as index.hello.
	Handler string
	// Environ is the function's whole environment as NAME=value, made by the
	// caller. Start adds AWS_LAMBDA_RUNTIME_API, _HANDLER, LAMBDA_TASK_ROOT and
	// TMPDIR; nothing else of this process's environment reaches the function
	// but PATH, if Environ has none, and SystemRoot on Windows.
	Environ []string
	// Node is the path of the node program. If it is empty a function of a
	// nodejs runtime is run by the Go program beside its shim, ./bootstrap.
	Node string
	// InitTimeout limits the init phase; zero means 10 s. An init phase that
	// takes longer is begun again within the first event, under its deadline.
	InitTimeout time.Duration
	// Output, if set, receives each line of the function's stdout and stderr
	// without its line ending, one call at a time. Lines longer than 256 KiB
	// come in pieces. The slice is only valid during the call.
	Output func(line []byte)
}

const defaultInitTimeout = 10 * time.Second

// ErrClosed is returned by Invoke after Close.
var ErrClosed = errors.New("sandbox: closed")

// ErrBusy is returned by Invoke while another event is in work: an execution
// environment takes one at a time.
var ErrBusy = errors.New("sandbox: busy with another event")

// Sandbox is one execution environment. Its methods may be called from any
// goroutine. Whoever starts one must Close it.
type Sandbox struct {
	config  Config
	command command
	lines   *lines
	work    sync.Mutex // held by Invoke

	mu      sync.Mutex // guards what follows
	process *process
	closed  bool
}

// Start starts the runtime and returns without waiting for its init phase. A
// runtime that cannot be started, such as a missing bootstrap, is a failure of
// the function that Invoke reports; Start returns only our own errors: a
// runtime that is not modelled, or no loopback port.
func Start(config Config) (*Sandbox, error) {
	if config.InitTimeout == 0 {
		config.InitTimeout = defaultInitTimeout
	}
	command, err := commandOf(config)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{config: config, command: command, lines: newLines(config.Output)}
	if _, err := s.start(); err != nil {
		return nil, err
	}
	return s, nil
}

// commandOf says which program hosts a function.
func commandOf(config Config) (command, error) {
	switch {
	case strings.HasPrefix(config.Runtime, "provided"):
		return command{bootstrap: true}, nil
	case strings.HasPrefix(config.Runtime, "nodejs") && config.Node != "":
		return command{program: config.Node, args: nodeArguments(), stdin: runtimeModule}, nil
	case strings.HasPrefix(config.Runtime, "nodejs"):
		return command{bootstrap: true}, nil
	}
	return command{}, fmt.Errorf("start runtime %q: only nodejs and provided runtimes are modelled", config.Runtime)
}

// start replaces the sandbox's process by a new one.
func (s *Sandbox) start() (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	p, err := startProcess(s.config, s.command, s.lines)
	if err != nil {
		return nil, err
	}
	s.process = p
	return p, nil
}

// current returns the process that takes the next event, started anew if the
// last one is gone.
func (s *Sandbox) current() (*process, error) {
	s.mu.Lock()
	p, closed := s.process, s.closed
	s.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	if p.alive() || !p.served {
		return p, nil
	}
	p.close()
	return s.start()
}

// Alive reports whether the runtime process runs. A sandbox whose process died
// or was killed is not alive; it may be closed, or invoked again, which starts
// a new process in the same environment.
func (s *Sandbox) Alive() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.closed && s.process.alive()
}

// Close ends the environment: SIGTERM and up to 500 ms if the function
// registered an extension, as Lambda does, then every process of it is killed
// and waited for. An event in work fails. Close may be called again.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	p, closed := s.process, s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	p.shutdown()
	p.close()
	return nil
}
