// SPDX-License-Identifier: MIT

//go:build unix

package stage

import (
	"os/exec"
	"syscall"
	"time"
)

// groupProcesses makes the end of the command's context kill the whole process
// group: a program's children must not outlive it.
func groupProcesses(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second // for what has left the group and keeps the pipes open
}

// endGroup kills what is left of the group, most often nothing.
func endGroup(command *exec.Cmd) {
	if command.Process != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	}
}
