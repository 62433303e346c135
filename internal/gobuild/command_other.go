// SPDX-License-Identifier: MIT

//go:build !unix

package gobuild

import (
	"os/exec"
	"time"
)

// interruptible bounds how long a killed command's children may hold its pipes.
func interruptible(cmd *exec.Cmd) { cmd.WaitDelay = 3 * time.Second }

// reap does nothing: there are no process groups.
func reap(*exec.Cmd) {}
