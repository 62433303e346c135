// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sparta-up/sparta/internal/archive"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/shim/node"
	"github.com/sparta-up/sparta/spec"
)

// Archive is a zip file in the cache, named by its content.
type Archive struct {
	Path   string
	Digest string // SHA-256 in hex of the files' names, modes and contents
}

// Archives holds the zip of each function kind.
type Archives struct {
	App      map[string]Archive // by Lambda architecture
	Provider *Archive           // nil if the service has no custom resource
}

// Package zips each binary, together with the NodeJS shim where a function
// uses it. A zip of the same content that is in the cache is used again.
type Package struct {
	Project  pipeline.Result[Project]
	Binaries pipeline.Result[Binaries]
	Cache    string // directory
}

// Title returns the words of the box.
func (*Package) Title() string { return "ZIP Archive" }

// Skip leaves the stage out for a service without any Go code.
func (p *Package) Skip() string {
	if b := p.Binaries.Get(); len(b.App) == 0 && b.Provider == "" {
		return "no Go code"
	}
	return ""
}

// Run writes the zips.
func (p *Package) Run(ctx context.Context) (Archives, error) {
	binaries := p.Binaries.Get()
	archives := Archives{App: map[string]Archive{}}
	shims := shimNames(p.Project.Get().Service)
	for arch, path := range binaries.App {
		files, err := bootstrapFiles(path, shims)
		if err != nil {
			return Archives{}, err
		}
		if archives.App[arch], err = cachedZip(ctx, filepath.Join(p.Cache, "archives"), files); err != nil {
			return Archives{}, err
		}
	}
	if binaries.Provider == "" {
		return archives, nil
	}
	files, err := bootstrapFiles(binaries.Provider, nil)
	if err != nil {
		return Archives{}, err
	}
	provider, err := cachedZip(ctx, filepath.Join(p.Cache, "archives"), files)
	archives.Provider = &provider
	return archives, err
}

// shimNames returns the functions that the NodeJS shim hosts.
func shimNames(s *spec.Service) []string {
	var names []string
	for _, f := range s.Functions {
		if f.Shim() {
			names = append(names, f.Name)
		}
	}
	return names
}

// bootstrapFiles returns the content of a function's zip. The binary bears the
// name that provided.* runtimes start, and never the one of the shim's module:
// Node's loader would take it for JavaScript.
func bootstrapFiles(binary string, shims []string) ([]archive.File, error) {
	program, err := archive.Program("bootstrap", binary)
	if err != nil || len(shims) == 0 {
		return []archive.File{program}, err
	}
	return []archive.File{program, archive.Bytes("index.mjs", 0o644, node.Module(shims))}, nil
}

// cachedZip returns the zip of files in dir, which it writes only if it is not
// there yet.
func cachedZip(ctx context.Context, dir string, files []archive.File) (Archive, error) {
	digest, err := archive.Digest(ctx, files)
	if err != nil {
		return Archive{}, err
	}
	zip := Archive{Path: filepath.Join(dir, digest+".zip"), Digest: digest}
	if _, err := os.Stat(zip.Path); err == nil {
		return zip, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Archive{}, err
	}
	temp, err := os.CreateTemp(dir, "*.partial")
	if err != nil {
		return Archive{}, err
	}
	err = archive.Write(ctx, temp, files)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), zip.Path)
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // the write's error is what counts
		return Archive{}, fmt.Errorf("write archive: %w", err)
	}
	return zip, nil
}
