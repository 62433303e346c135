// SPDX-License-Identifier: MIT

package gobuild

import (
	"errors"
	"fmt"
	"go/version"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// workspaceFile returns the go.work of the build: the user's modules and the
// toolkit's directory, or none if it is "". Replacements of a go.work of the
// user's are kept.
func (m *Module) workspaceFile(toolkitDir, toolkitGo string) ([]byte, error) {
	work := new(modfile.WorkFile)
	work.Syntax = new(modfile.FileSyntax)
	goVersion := newest(toolkitGo, m.goVersion())
	if err := work.AddGoStmt(goVersion); err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	for _, member := range m.members {
		if toolkitDir != "" && member.path() == toolkit {
			continue // ours wins, so that tool and run time agree
		}
		if err := work.AddUse(filepath.ToSlash(member.dir), ""); err != nil {
			return nil, fmt.Errorf("make workspace: %w", err)
		}
	}
	if toolkitDir != "" {
		if err := work.AddUse(filepath.ToSlash(toolkitDir), ""); err != nil {
			return nil, fmt.Errorf("make workspace: %w", err)
		}
	}
	if err := m.copyReplaces(work); err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	if err := m.copyDebug(work, goVersion); err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	work.Cleanup()
	return modfile.Format(work.Syntax), nil
}

// newest returns the latest of Go versions as in go.mod, without go before them.
func newest(versions ...string) string {
	latest := ""
	for _, v := range versions {
		if latest == "" || version.Compare("go"+v, "go"+latest) > 0 {
			latest = v
		}
	}
	return latest
}

// goVersion returns the version that the user's workspace needs.
func (m *Module) goVersion() string {
	var versions []string
	for _, member := range m.members {
		if member.file.Go != nil {
			versions = append(versions, member.file.Go.Version)
		}
	}
	if m.work != nil && m.work.Go != nil {
		versions = append(versions, m.work.Go.Version)
	}
	return newest(append(versions, "1.21")...)
}

func (m *Module) copyReplaces(work *modfile.WorkFile) error {
	if m.work == nil {
		return nil
	}
	for _, r := range m.work.Replace {
		to := r.New
		if r.Old.Path == toolkit {
			continue
		}
		if to.Version == "" {
			to.Path = filepath.ToSlash(absolute(m.workDir, to.Path))
		}
		if err := work.AddReplace(r.Old.Path, r.Old.Version, to.Path, to.Version); err != nil {
			return err
		}
	}
	return nil
}

// copyDebug keeps the run-time defaults that the module's own go line asks for:
// in a workspace they come from go.work (https://go.dev/doc/godebug).
func (m *Module) copyDebug(work *modfile.WorkFile, goVersion string) error {
	settings, hasDefault := m.members[0].file.Godebug, false
	if m.work != nil {
		settings = m.work.Godebug
	}
	for _, setting := range settings {
		hasDefault = hasDefault || setting.Key == "default"
		if err := work.AddGodebug(setting.Key, setting.Value); err != nil {
			return err
		}
	}
	own := m.members[0].file.Go
	if m.work != nil {
		own = m.work.Go
	}
	if hasDefault || own == nil || version.Lang("go"+own.Version) == version.Lang("go"+goVersion) {
		return nil
	}
	return work.AddGodebug("default", version.Lang("go"+own.Version))
}

// modWithoutToolkit returns the go.mod of a member without what it says of the
// toolkit, or nil if it says nothing. The workspace has the toolkit; yet the go
// command would look up the required version or the target of a replacement,
// neither of which need exist on this machine.
func (m member) modWithoutToolkit() ([]byte, error) {
	name := filepath.Join(m.dir, "go.mod")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse(name, text, nil)
	if err != nil {
		return nil, err
	}
	found := false
	for _, r := range m.file.Require {
		if r.Mod.Path == toolkit {
			found = true
			err = errors.Join(err, file.DropRequire(toolkit))
		}
	}
	for _, r := range m.file.Replace {
		if r.Old.Path == toolkit {
			found = true
			err = errors.Join(err, file.DropReplace(toolkit, r.Old.Version))
		}
	}
	if !found || err != nil {
		return nil, err
	}
	file.Cleanup()
	return file.Format()
}
