// SPDX-License-Identifier: MIT

//go:build unix

package sandbox

import (
	"os/exec"
	"syscall"
)

const bootstrapName = "bootstrap"

// prepareBootstrap has nothing to do where a program needs no extension.
func prepareBootstrap(string) error { return nil }

// setGroup makes the process the leader of a process group of its own.
func setGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// killGroup kills every process of the group. A group that is gone already is
// what was wanted.
func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// terminate asks the process to end, and reports whether that is possible.
func terminate(cmd *exec.Cmd) bool {
	return cmd.Process.Signal(syscall.SIGTERM) == nil
}
