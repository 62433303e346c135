// SPDX-License-Identifier: MIT

package sandbox

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// bootstrapName has the extension without which Windows starts no program.
const bootstrapName = "bootstrap.exe"

// prepareBootstrap gives the bootstrap of the unpacked code its extension.
func prepareBootstrap(dir string) error {
	exe := filepath.Join(dir, bootstrapName)
	if _, err := os.Stat(exe); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Link(filepath.Join(dir, "bootstrap"), exe)
}

// setGroup makes the process the leader of a process group of its own.
func setGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// killGroup kills the process and those that it started. Processes that are
// gone already are what was wanted.
func killGroup(cmd *exec.Cmd) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	_ = cmd.Process.Kill()
}

// terminate reports that Windows has no SIGTERM.
func terminate(*exec.Cmd) bool { return false }
