// SPDX-License-Identifier: MIT

// Package scaffold makes the files of a new service: sparta.yaml for the
// handlers that a Go module has, or a whole service where there is none; and
// what editors need to complete and check sparta.yaml. It never overwrites a
// file of the user's.
package scaffold

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sparta-up/sparta/internal/gobuild"
)

// Result tells what Init has done. Paths are relative to the directory and
// have slashes.
type Result struct {
	Service   string     // name of the service
	Functions []Function // what sparta.yaml proposes, in its order
	Made      []string   // files that were written
	Kept      []string   // files that would have been written and were there
	Next      []string   // commands to go on with, in order
	Notes     []string   // what else to know, one sentence each
}

// Function is one function of the new sparta.yaml.
type Function struct {
	Name    string // in sparta.yaml
	Handler string // such as ./handlers.Hello
	URL     bool   // whether it has an HTTPS address
	Source  string // kind of the event source that it was given, such as sqs; "" if it was given none

	source source
}

// Init makes a service in the directory, which is made if it is not there, from
// the environment of the process (as of os.Environ). In a Go module it proposes
// the handlers that it finds at and below the directory; elsewhere it makes a
// module. Where no handler is found it adds one, with a test. A sparta.yaml that
// is there already is an error.
func Init(ctx context.Context, dir string, environ []string) (Result, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Result{}, err
	}
	if err := vacant(dir); err != nil {
		return Result{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Result{}, err
	}
	w := &writer{dir: dir}
	inModule := moduleAbove(dir)
	if !inModule {
		if err := makeModule(w); err != nil {
			return w.result, err
		}
	}
	module, err := gobuild.OpenModuleIn(dir, environ)
	if err != nil {
		return w.result, err
	}
	if err := makeService(ctx, w, module); err != nil {
		return w.result, err
	}
	w.suggest()
	return w.result, nil
}

// vacant refuses a directory that has a service, and what is no directory.
func vacant(dir string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("make a service: %s is no directory", dir)
	}
	for _, name := range []string{"sparta.yaml", "sparta.yml"} {
		_, err := os.Lstat(filepath.Join(dir, name))
		switch {
		case err == nil:
			return &existsError{name}
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

// existsError refuses to make what is there.
type existsError struct{ name string }

func (e *existsError) Error() string { return e.name + ": is there already and is not overwritten" }

// Hint says what the file there is good for.
func (e *existsError) Hint() string {
	return "edit it; `sparta validate` checks it, and writes the schema for editors anew"
}

// moduleAbove reports whether the directory lies in a Go module.
func moduleAbove(dir string) bool {
	for {
		if info, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && info.Mode().IsRegular() {
			return true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return false
		}
		dir = parent
	}
}

// makeModule writes go.mod and .gitignore.
func makeModule(w *writer) error {
	w.newModule = true
	w.tidy = hasGo(w.dir)
	if err := w.file("go.mod", goMod(w.dir)); err != nil {
		return err
	}
	return w.file(".gitignore", ".sparta/\n")
}

// hasGo reports whether there is a Go file at or below the directory.
func hasGo(dir string) bool {
	found := false
	_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if found = found || err == nil && filepath.Ext(path) == ".go"; found {
			return fs.SkipAll
		}
		return nil // what can't be read has none for us
	})
	return found
}

// makeService writes sparta.yaml, last, and what stands beside it.
func makeService(ctx context.Context, w *writer, module *gobuild.Module) error {
	candidates, err := module.Candidates(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		w.note(fmt.Sprintf("left out what can't be read: %v", err))
	}
	chosen, others := choose(candidates, module.Path)
	service := serviceName(module, w.newModule)
	functions := nameFunctions(chosen, service)
	if len(functions) == 0 {
		starter, err := makeStarter(w)
		if err != nil {
			return err
		}
		functions = []Function{starter}
	}
	w.result.Service, w.result.Functions = service, functions
	if note := assumed(functions); note != "" {
		w.note(note)
	}
	if err := makeEditorFiles(w); err != nil {
		return err
	}
	return w.file("sparta.yaml", document(service, functions, others))
}
