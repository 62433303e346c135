// SPDX-License-Identifier: MIT

//go:build !unix

package stage

import (
	"os/exec"
	"time"
)

// groupProcesses bounds how long children may keep the pipes of a killed
// command open.
func groupProcesses(command *exec.Cmd) { command.WaitDelay = time.Second }

// endGroup does nothing: there are no process groups.
func endGroup(*exec.Cmd) {}
