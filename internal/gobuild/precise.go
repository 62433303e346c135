// SPDX-License-Identifier: MIT

package gobuild

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// checked is a package after type checking.
type checked struct {
	pkg  *types.Package
	errs []error
}

// judgePrecisely type checks the package and judges the symbol by its type. The
// user's own packages are checked from source without their function bodies;
// all others are imported from the export data that the go command has or makes
// for the build anyway.
func (m *Module) judgePrecisely(ctx context.Context, pkg *goPackage, name string, use Use) (verdict, string, error) {
	c, err := m.check(ctx, pkg)
	if err != nil {
		return verdict{}, "", err
	}
	object := c.pkg.Scope().Lookup(name)
	if object == nil {
		return verdict{}, "", fmt.Errorf("type check %s: %s is gone", pkg.shown, name)
	}
	v := judge(shapeOfType(object.Type(), 0), use)
	text := types.TypeString(object.Type(), func(p *types.Package) string { return p.Name() })
	if v.fits != maybe {
		return v, text, nil
	}
	if len(c.errs) > 0 {
		return v, text, &SymbolError{
			Message: fmt.Sprintf("type of %s: %v", name, c.errs[0]),
			Advice:  "make `go vet " + pkg.importPath + "` pass",
		}
	}
	return v, text, &SymbolError{Message: fmt.Sprintf("type of %s can't be told: %s", name, text)}
}

// check type checks a package once. A call that was cancelled is not kept.
func (m *Module) check(ctx context.Context, pkg *goPackage) (*checked, error) {
	key := packageKey{pkg.dir, pkg.target}
	m.mu.Lock()
	once, ok := m.checked[key]
	if !ok {
		once = sync.OnceValues(func() (*checked, error) { return m.typeCheck(ctx, pkg) })
		m.checked[key] = once
	}
	m.mu.Unlock()
	c, err := once()
	if err != nil {
		m.mu.Lock()
		delete(m.checked, key)
		m.mu.Unlock()
	}
	return c, err
}

func (m *Module) typeCheck(ctx context.Context, pkg *goPackage) (*checked, error) {
	own, outside := make(map[string]*goPackage), make(map[string]bool)
	m.collectImports(pkg, own, outside)
	exports, err := m.exportData(ctx, pkg.target, outside)
	if err != nil {
		return nil, err
	}
	source := &sourceImporter{own: own, done: make(map[string]*types.Package), fset: pkg.fset}
	source.compiled = importer.ForCompiler(pkg.fset, "gc", func(path string) (io.ReadCloser, error) {
		file, ok := exports[path]
		if !ok {
			return nil, fmt.Errorf("package %s: no export data", path)
		}
		return os.Open(file)
	})
	own[pkg.importPath] = pkg
	checkedPackage, errs := source.check(pkg)
	return &checked{pkg: checkedPackage, errs: errs}, nil
}

// collectImports walks the imports of the user's own packages.
func (m *Module) collectImports(pkg *goPackage, own map[string]*goPackage, outside map[string]bool) {
	for _, file := range pkg.files {
		for _, spec := range file.syntax.Imports {
			importPath, err := strconv.Unquote(spec.Path.Value)
			if err != nil || importPath == "unsafe" || own[importPath] != nil || outside[importPath] {
				continue
			}
			at, ok := m.locateMember(importPath)
			if !ok {
				outside[importPath] = true
				continue
			}
			if next, err := m.load(at, pkg.target); err == nil {
				own[importPath] = next
				m.collectImports(next, own, outside)
			}
		}
	}
}

// exportData asks the go command for the export data of packages and all they
// import. Packages of the toolkit are left out: the user's go.mod need not
// require them, and their types are told apart by name.
func (m *Module) exportData(ctx context.Context, target Target, paths map[string]bool) (map[string]string, error) {
	args := []string{"list", "-e", "-export", "-deps", "-json=ImportPath,Export", "-trimpath", "-tags=" + strings.Join(m.flags.tags, ","), "--"}
	before := len(args)
	for path := range paths {
		if _, ours := cutPath(path, toolkit); !ours {
			args = append(args, path)
		}
	}
	exports := make(map[string]string)
	if len(args) == before {
		return exports, nil
	}
	slices.Sort(args[before:])
	out, err := m.list(ctx, target, args)
	if err != nil {
		return nil, err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return exports, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Export != "" {
			exports[p.ImportPath] = p.Export
		}
	}
}

// list runs go list in a workspace of the user's modules, so that neither a
// go.mod that is not tidy nor its mention of the toolkit is in the way.
func (m *Module) list(ctx context.Context, target Target, args []string) ([]byte, error) {
	command, err := m.env.command()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sparta-check-")
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	defer os.RemoveAll(dir) // what stays behind is a few small files
	p := &plan{module: m, files: make(map[string][]byte)}
	if err := p.hideToolkit(); err != nil {
		return nil, err
	}
	work, err := m.workspaceFile("", "")
	if err == nil {
		err = errors.Join(writeIfChanged(filepath.Join(dir, "go.work"), work), p.writeOverlay(dir))
	}
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	cmd := exec.CommandContext(ctx, command, slices.Insert(args, 1, "-overlay="+filepath.Join(dir, "overlay.json"))...)
	cmd.Dir = m.Root
	cmd.Env = append(slices.Clone(m.env.environ), target.environ(m.flags)...)
	cmd.Env = append(cmd.Env, "GOWORK="+filepath.Join(dir, "go.work"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	interruptible(cmd)
	out, err := cmd.Output()
	reap(cmd)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, fmt.Errorf("go list: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}
