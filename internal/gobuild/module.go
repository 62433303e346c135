// SPDX-License-Identifier: MIT

package gobuild

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
)

// Module is the Go module of a service, with the other members of its
// workspace if a go.work is in effect. It is safe for concurrent use; packages
// are read once, so a Module lives no longer than one command.
type Module struct {
	Root string // absolute directory of go.mod
	Path string // module path
	Dir  string // absolute directory in which relative handlers start

	// Lambda is the platform that functions and custom resources are compiled
	// for, whose build constraints count in Find. Its zero value stands for
	// linux/arm64. Set it before the first Find.
	Lambda Target

	env     goEnv
	flags   flags
	members []member // the module itself is the first
	work    *modfile.WorkFile
	workDir string // directory of go.work; "" without a workspace
	cwd     string // to show paths by

	mu       sync.Mutex
	packages map[packageKey]func() (*goPackage, error)
	checked  map[packageKey]func() (*checked, error)
}

// member is a module whose source the user edits.
type member struct {
	dir  string
	file *modfile.File
}

func (m member) path() string { return m.file.Module.Mod.Path }

// OpenModule returns the module that dir lies in: go.mod is looked for in dir
// and upward. It reads the environment and the Go settings of the process.
func OpenModule(dir string) (*Module, error) { return OpenModuleIn(dir, os.Environ()) }

// OpenModuleIn is OpenModule with a given environment (as of os.Environ), of
// which PATH, GOFLAGS, GOWORK, GOMODCACHE, GOPATH and GOENV count.
func OpenModuleIn(dir string, environ []string) (*Module, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open module: %w", err)
	}
	root := findUp(dir, "go.mod")
	if root == "" {
		return nil, advised{
			fmt.Errorf("go.mod: not found in %s or any parent directory", dir),
			"run `go mod init example.com/" + filepath.Base(dir) + "` there",
		}
	}
	m := &Module{Root: root, Dir: dir, env: newGoEnv(environ)}
	if m.cwd, err = os.Getwd(); err != nil {
		m.cwd = root
	}
	if m.flags, err = parseFlags(m.env.get("GOFLAGS")); err != nil {
		return nil, err
	}
	own, err := readMember(root)
	if err != nil {
		return nil, err
	}
	m.Path, m.members = own.path(), []member{own}
	m.packages = make(map[packageKey]func() (*goPackage, error))
	m.checked = make(map[packageKey]func() (*checked, error))
	return m, m.joinWorkspace()
}

// findUp returns the nearest directory, from dir upward, that holds a regular
// file of that name, or "".
func findUp(dir, name string) string {
	for {
		info, err := os.Stat(filepath.Join(dir, name))
		if err == nil && info.Mode().IsRegular() {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

func readMember(dir string) (member, error) {
	file := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		return member{}, fmt.Errorf("read module: %w", err)
	}
	parsed, err := modfile.Parse(file, text, nil)
	if err != nil {
		return member{}, fmt.Errorf("read module: %w", err)
	}
	if parsed.Module == nil || parsed.Module.Mod.Path == "" {
		return member{}, advised{fmt.Errorf("%s: has no module line", file), "run `go mod init` there"}
	}
	return member{dir: dir, file: parsed}, nil
}

// joinWorkspace reads the go.work in effect, if the module is one of its
// members; a go.work that leaves the module out is not for us.
func (m *Module) joinWorkspace() error {
	file := m.env.get("GOWORK")
	switch file {
	case "off":
		return nil
	case "":
		dir := findUp(m.Root, "go.work")
		if dir == "" {
			return nil
		}
		file = filepath.Join(dir, "go.work")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read workspace: %w", err)
	}
	work, err := modfile.ParseWork(file, text, nil)
	if err != nil {
		return fmt.Errorf("read workspace: %w", err)
	}
	var others []member
	found := false
	for _, use := range work.Use {
		dir := absolute(filepath.Dir(file), use.Path)
		if dir == m.Root {
			found = true
			continue
		}
		other, err := readMember(dir)
		if err != nil {
			return fmt.Errorf("read workspace %s: %w", m.show(file), err)
		}
		others = append(others, other)
	}
	if found {
		m.members, m.work, m.workDir = append(m.members, others...), work, filepath.Dir(file)
	}
	return nil
}

// absolute returns a path of go.mod or go.work, slash-separated and relative to
// dir or absolute, as a clean absolute path.
func absolute(dir, name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

// memberAt returns the member that the directory belongs to.
func (m *Module) memberAt(dir string) (member, error) {
	root := findUp(dir, "go.mod")
	for _, member := range m.members {
		if member.dir == root {
			return member, nil
		}
	}
	if root != "" {
		return member{}, fmt.Errorf("%s belongs to the module in %s, not to %s", m.show(dir), m.show(root), m.Path)
	}
	return member{}, fmt.Errorf("%s lies outside of module %s", m.show(dir), m.Path)
}

// importPath returns the import path of a directory of the member.
func (m member) importPath(dir string) (string, error) {
	rel, err := filepath.Rel(m.dir, dir)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", errors.New("outside of the module")
	}
	return path.Join(m.path(), filepath.ToSlash(rel)), nil
}

// show shortens an absolute path to one relative to the working directory if
// that is no detour.
func (m *Module) show(file string) string {
	rel, err := filepath.Rel(m.cwd, file)
	if err != nil || strings.HasPrefix(rel, "..") {
		return file
	}
	return rel
}

// Find returns the symbol that a handler names: <directory or import
// path>.<Go symbol>, where the last dot separates and a directory starts with a
// dot or a slash, relative to Dir. The error is a *SymbolError if the handler is
// at fault. Source that the target's build constraints exclude does not count.
func (m *Module) Find(ctx context.Context, handler string, use Use) (Symbol, error) {
	if err := ctx.Err(); err != nil {
		return Symbol{}, context.Cause(ctx)
	}
	place, name, err := splitHandler(handler)
	if err != nil {
		return Symbol{}, err
	}
	found, err := m.locate(place)
	if err != nil {
		return Symbol{}, err
	}
	pkg, err := m.load(found, m.targetOf(use))
	if err != nil {
		return Symbol{}, err
	}
	as := *pkg // in the words of this handler, whoever read the package first
	as.location = found
	symbol, err := m.classify(ctx, &as, name, use)
	symbol.Handler = handler
	return symbol, err
}

// exists reports whether the directory is there.
func exists(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode()&fs.ModeDir != 0
}
