// SPDX-License-Identifier: MIT

package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// command says what hosts the function: its own bootstrap, or a program.
type command struct {
	bootstrap bool
	program   string
	args      []string
	stdin     string
}

// process is one run of the function's runtime, with the Runtime API that only
// it is told of.
type process struct {
	cmd     *exec.Cmd
	api     *runtimeAPI
	started time.Time
	output  *output
	served  bool          // an event has been brought to it; guarded by Sandbox.work
	exited  chan struct{} // closed when the process and its output have ended
	exit    string        // how it ended; valid once exited is closed
	peakMB  atomic.Int64
}

// startProcess starts the runtime. A program that cannot be started is a
// process that failed in its init phase.
func startProcess(config Config, c command, l *lines) (*process, error) {
	api, err := serveRuntimeAPI(config)
	if err != nil {
		return nil, err
	}
	p := &process{api: api, started: time.Now(), exited: make(chan struct{})}
	if c.bootstrap {
		c.program = filepath.Join(config.Dir, bootstrapName)
		if _, err := os.Stat(filepath.Join(config.Dir, "bootstrap")); err != nil && config.Opt != "" {
			c.program = filepath.Join(config.Opt, bootstrapName)
		}
	} else if wrapper := wrapperOf(config); wrapper != "" {
		c.program, c.args = inside(config, wrapper), append([]string{c.program}, c.args...)
	}
	if fault := p.spawn(config, c, l); fault != "" {
		p.exit = fault
		api.initFailed <- runtimeReply("", "Runtime.InvalidEntrypoint", fault)
		close(p.exited)
	}
	return p, nil
}

// wrapperOf returns the program that a function of a managed runtime wants to be
// started by ("Modifying the runtime environment", Lambda Developer Guide).
func wrapperOf(config Config) string {
	for _, variable := range config.Environ {
		if path, ok := strings.CutPrefix(variable, "AWS_LAMBDA_EXEC_WRAPPER="); ok {
			return path
		}
	}
	return ""
}

// spawn starts the program and the goroutine that waits for its end. It returns
// why the program cannot be started, or nothing.
func (p *process) spawn(config Config, c command, l *lines) (fault string) {
	if c.bootstrap {
		if err := prepareBootstrap(filepath.Dir(c.program)); err != nil {
			return err.Error()
		}
		if _, err := os.Stat(c.program); err != nil {
			return fmt.Sprintf("couldn't find valid bootstrap(s): [%s]", c.program)
		}
	}
	out, err := l.open()
	if err != nil {
		return err.Error()
	}
	cmd, err := run(config, c, environ(config, p.api.address), out)
	if err != nil {
		out.close()
		return err.Error()
	}
	p.cmd, p.output = cmd, out
	go p.wait()
	return ""
}

// How often, and with which pauses, a program is tried again that is busy.
const (
	busyAttempts = 20
	busyPause    = 50 * time.Millisecond
)

// run starts the program. One that was written a moment ago may be busy: a
// process that was forked meanwhile, for another function, holds the file open
// until it runs its own program (https://go.dev/issue/22315).
func run(config Config, c command, env []string, out *output) (*exec.Cmd, error) {
	for attempt := 0; ; attempt++ {
		cmd := exec.Command(c.program, c.args...)
		cmd.Dir, cmd.Env = config.Dir, env
		cmd.Stdout, cmd.Stderr = out.stdout.in, out.stderr.in
		if c.stdin != "" {
			cmd.Stdin = strings.NewReader(c.stdin)
		}
		setGroup(cmd)
		err := cmd.Start()
		if !errors.Is(err, syscall.ETXTBSY) || attempt == busyAttempts {
			return cmd, err
		}
		time.Sleep(busyPause)
	}
}

// wait reaps the process, kills what it left behind and lets the output end.
func (p *process) wait() {
	err := p.cmd.Wait()
	p.exit = "Runtime exited without providing a reason"
	if err != nil {
		p.exit = "Runtime exited with error: " + p.cmd.ProcessState.String()
	}
	killGroup(p.cmd)
	p.output.close()
	close(p.exited)
}

// alive reports whether the process runs.
func (p *process) alive() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// kill ends the process and all that it started, and waits for it.
func (p *process) kill() {
	if p.cmd != nil && p.alive() {
		p.peakMemoryMB()
		killGroup(p.cmd)
	}
	<-p.exited
}

// gracePeriod is what Lambda gives a function with an internal extension
// between SIGTERM and SIGKILL.
const gracePeriod = 500 * time.Millisecond

// shutdown ends the process as Lambda ends an environment.
func (p *process) shutdown() {
	if p.cmd != nil && p.api.extended() && terminate(p.cmd) {
		select {
		case <-p.exited:
		case <-time.After(gracePeriod):
		}
	}
	p.kill()
}

// close kills the process if it runs and takes its Runtime API away.
func (p *process) close() {
	p.kill()
	p.api.close()
}

// flush passes on every line that the process has written up to now.
func (p *process) flush() {
	if p.output != nil && p.alive() {
		p.output.flush()
	}
}

// peakMemoryMB returns the largest resident memory seen so far.
func (p *process) peakMemoryMB() int {
	if p.cmd != nil && p.alive() {
		p.peakMB.Store(max(p.peakMB.Load(), int64(residentPeakMB(p.cmd.Process.Pid))))
	}
	return int(p.peakMB.Load())
}
