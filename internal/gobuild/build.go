// SPDX-License-Identifier: MIT

package gobuild

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// Builder compiles the programs of a service. It is safe for concurrent use
// except for two builds of the same programs for the same target, which write
// the same files.
type Builder struct {
	Module  *Module
	Cache   string    // absolute directory for generated files and binaries; made if missing
	Toolkit fs.FS     // the source of github.com/sparta-up/sparta: go.mod, go.sum and the packages that users and programs import
	Environ []string  // as of os.Environ; nil: the module's
	Dir     string    // directory to run the go command in, which it shows paths relative to; "": the working directory
	Stderr  io.Writer // receives the go command's "go: downloading" lines as they come; may be nil
}

// Build compiles all programs for the target with one go build and returns
// their binaries in the order of the programs. The error is a *BuildError if the
// source does not compile. The user's tree is not written to; a build whose
// source did not change rewrites nothing in the cache either.
func (b *Builder) Build(ctx context.Context, target Target, programs []Program) ([]Binary, error) {
	plan, err := newPlan(b.Module, programs)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(b.Cache, "build", plan.key(target))
	packages := plan.toolkitPackages(programs, target)
	err = b.compile(ctx, plan, dir, packages, target)
	if fault, ok := errors.AsType[*BuildError](err); ok && fault.missesModule() {
		// A dependency of the user's may import more of the toolkit than the user does.
		if all := union(packages, publicPackages()); len(all) > len(packages) {
			err = b.compile(ctx, plan, dir, all, target)
		}
	}
	if err != nil {
		return nil, err
	}
	touch(dir)
	return binaries(dir, target, programs)
}

// union returns the sorted elements of both lists, each once.
func union(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// compile runs go build in a workspace that has the toolkit's packages.
func (b *Builder) compile(ctx context.Context, p *plan, dir string, packages []string, target Target) error {
	work, err := b.prepare(ctx, p, dir, packages, target)
	if err != nil {
		return err
	}
	args := []string{
		"build", "-overlay=" + filepath.Join(dir, "overlay.json"), "-trimpath", "-buildvcs=false",
		"-tags=" + strings.Join(b.Module.flags.tags, ","),
		"-ldflags=" + strings.Join(append([]string{"-s -w"}, b.Module.flags.ldflags...), " "),
		"-o", filepath.Join(dir, "bin") + string(filepath.Separator), "--",
	}
	environ := append(target.environ(b.Module.flags), "GOWORK="+work)
	_, err = b.goCommand(ctx, b.Dir, environ, append(args, p.mains...))
	return err
}

// key names the directory of a build: it depends on where the module is and on
// the programs, but not on the user's source, so that a rebuild finds what the
// last one made.
func (p *plan) key(target Target) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q\n", p.module.Root, p.module.Dir, target, p.module.flags.tags)
	for _, name := range sortedKeys(p.files) {
		if strings.Contains(name, string(filepath.Separator)+p.hidden+string(filepath.Separator)) {
			fmt.Fprintf(h, "%q %q\n", name, p.files[name])
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// prepare writes the overlay and the workspace, and returns the path of go.work.
func (b *Builder) prepare(ctx context.Context, p *plan, dir string, packages []string, target Target) (string, error) {
	toolkitDir, toolkitGo := "", ""
	if b.Module.Path != toolkit {
		var err error
		if toolkitDir, toolkitGo, err = b.unpack(ctx, packages, target); err != nil {
			return "", err
		}
		if err := p.hideToolkit(); err != nil {
			return "", err
		}
	}
	work, err := b.Module.workspaceFile(toolkitDir, toolkitGo)
	if err != nil {
		return "", err
	}
	if !exists(dir) {
		prune(filepath.Dir(dir))
	}
	file := filepath.Join(dir, "go.work")
	if err := writeIfChanged(file, work); err != nil {
		return "", fmt.Errorf("write workspace: %w", err)
	}
	if err := p.writeOverlay(dir); err != nil {
		return "", fmt.Errorf("write overlay: %w", err)
	}
	return file, nil
}

// unpack writes the toolkit with the requirements of the packages and returns
// its directory and Go version.
func (b *Builder) unpack(ctx context.Context, packages []string, target Target) (dir, goVersion string, err error) {
	files, err := toolkitFiles(b.Toolkit)
	if err != nil {
		return "", "", err
	}
	if files["go.mod"], err = b.reduceToolkit(ctx, files, packages, target); err != nil {
		return "", "", err
	}
	parsed, err := modfile.Parse("go.mod", files["go.mod"], nil)
	if err != nil {
		return "", "", fmt.Errorf("read toolkit: %w", err)
	}
	if parsed.Go != nil {
		goVersion = parsed.Go.Version
	}
	dir, err = unpackToolkit(b.Cache, files)
	return dir, goVersion, err
}

// binaries returns what the build made.
func binaries(dir string, target Target, programs []Program) ([]Binary, error) {
	suffix := ""
	if target.GOOS == "windows" {
		suffix = ".exe"
	}
	var list []Binary
	for _, program := range programs {
		file := filepath.Join(dir, "bin", program.Name+suffix)
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("go build: program %s is missing: %w", program.Name, err)
		}
		list = append(list, Binary{Program: program.Name, Target: target, Path: file})
	}
	return list, nil
}
