// SPDX-License-Identifier: MIT

package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sparta-up/sparta/internal/diag"
)

// committed warns if git would commit what lies in .sparta, where Sparta hides
// it unless the user has told git otherwise.
func (s *session) committed() diag.List {
	dir := s.stateDir()
	if text, err := os.ReadFile(filepath.Join(dir, ".gitignore")); err != nil || string(text) == hidden {
		return nil // hidden, or nothing is there yet
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return nil
	}
	command := exec.CommandContext(s.ctx, git, "check-ignore", "--quiet", filepath.Join(dir, "local"))
	command.Dir, command.Env = s.serviceDir(), s.process.Environ
	// 1: not ignored; 128: in no repository.
	if exit, ok := errors.AsType[*exec.ExitError](command.Run()); !ok || exit.ExitCode() != 1 {
		return nil
	}
	return diag.List{{
		Position: diag.Position{File: ".sparta"}, Severity: diag.Warning, Code: diag.NotIgnored,
		Message: "git does not ignore this directory, which is of this machine only", Hint: "write .sparta/ into .gitignore",
	}}
}
