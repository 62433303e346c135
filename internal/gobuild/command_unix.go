// SPDX-License-Identifier: MIT

//go:build unix

package gobuild

import (
	"os/exec"
	"syscall"
	"time"
)

// interruptible makes the command's context end the whole process group: the go
// command is interrupted, so that it removes its temporary files, and after a
// grace period killed.
func interruptible(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 3 * time.Second
}

// reap kills what is left of the command's process group.
func reap(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // most often nothing is left
	}
}
