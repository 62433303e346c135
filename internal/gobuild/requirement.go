// SPDX-License-Identifier: MIT

package gobuild

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// toolkitPackages returns the toolkit's packages that the build imports: those
// that serve the programs, those of their built-ins, and those that the user's
// packages, from the roots on, import themselves.
func (p *plan) toolkitPackages(programs []Program, target Target) []string {
	found := make(map[string]bool)
	for _, program := range programs {
		served, _ := served(program.Use)
		found[publicName(served)] = true
		for _, builtin := range program.Builtins {
			found[builtin.Package] = true
		}
	}
	own, outside := make(map[string]*goPackage), make(map[string]bool)
	for root := range p.roots {
		at, ok := p.module.locateMember(root)
		if !ok {
			continue
		}
		if pkg, err := p.module.load(at, target); err == nil {
			p.module.collectImports(pkg, own, outside)
		}
	}
	for importPath := range outside {
		if name := publicName(importPath); name != "" {
			found[name] = true
		}
	}
	return sortedKeys(found)
}

// reduceToolkit returns the toolkit's go.mod with only the requirements that
// the packages need, so that the versions in the user's own go.mod are not
// raised for the sake of what is not used. The go command computes the list
// once per toolkit; it is kept beside the unpacked toolkit.
func (b *Builder) reduceToolkit(ctx context.Context, files map[string][]byte, packages []string, target Target) ([]byte, error) {
	parsed, err := modfile.Parse("go.mod", files["go.mod"], nil)
	if err != nil {
		return nil, fmt.Errorf("read toolkit: %w", err)
	}
	if parsed.Module == nil || parsed.Module.Mod.Path != toolkit {
		return nil, fmt.Errorf("read toolkit: go.mod is not that of %s", toolkit)
	}
	if len(parsed.Require) == 0 {
		return files["go.mod"], nil
	}
	needed, err := b.neededModules(ctx, files, packages, target)
	if err != nil {
		return nil, err
	}
	for _, require := range slices.Clone(parsed.Require) {
		if !slices.Contains(needed, require.Mod) {
			if err := parsed.DropRequire(require.Mod.Path); err != nil {
				return nil, fmt.Errorf("reduce toolkit: %w", err)
			}
		}
	}
	parsed.Cleanup()
	return parsed.Format()
}

// neededModules returns the modules that supply the packages, at the toolkit's
// versions.
func (b *Builder) neededModules(ctx context.Context, files map[string][]byte, packages []string, target Target) ([]module.Version, error) {
	dir, err := unpackToolkit(b.Cache, files)
	if err != nil {
		return nil, err
	}
	args := []string{"list", "-deps", "-tags=lambda.norpc", "-f", `{{with .Module}}{{.Path}} {{.Version}}{{end}}`, "--"}
	for _, name := range packages {
		args = append(args, toolkit+"/"+name)
	}
	key := sha256.Sum256([]byte(strconv.Quote(target.String()) + strings.Join(args, "\n")))
	list := filepath.Join(b.Cache, "toolkit", filepath.Base(dir)+"-"+hex.EncodeToString(key[:8])+".txt")
	text, err := os.ReadFile(list)
	if err != nil {
		environ := append(target.environ(flags{}), "GOWORK=off")
		if text, err = b.goCommand(ctx, dir, environ, args); err != nil {
			return nil, fmt.Errorf("list toolkit modules: %w", err)
		}
		if err := writeIfChanged(list, text); err != nil {
			return nil, fmt.Errorf("list toolkit modules: %w", err)
		}
	}
	var modules []module.Version
	for line := range strings.Lines(string(text)) {
		if path, version, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			modules = append(modules, module.Version{Path: path, Version: version})
		}
	}
	return modules, nil
}
