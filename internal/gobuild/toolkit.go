// SPDX-License-Identifier: MIT

package gobuild

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// toolkitFiles returns the toolkit's files that a build needs: all but tests
// and test data, with their content.
func toolkitFiles(source fs.FS) (map[string][]byte, error) {
	if source == nil {
		return nil, errors.New("read toolkit: none given")
	}
	files := make(map[string][]byte)
	err := fs.WalkDir(source, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == "testdata" || entry.Name() == ".git" {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		files[name], err = fs.ReadFile(source, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read toolkit: %w", err)
	}
	if files["go.mod"] == nil {
		return nil, errors.New("read toolkit: go.mod is missing")
	}
	return files, nil
}

// digestFiles returns a name for the content of files.
func digestFiles(files map[string][]byte) string {
	h := sha256.New()
	for _, name := range sortedKeys(files) {
		fmt.Fprintf(h, "%q %d\n", name, len(files[name]))
		h.Write(files[name])
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// unpackToolkit writes files to a directory named after their content, unless
// it is there. The directory appears whole or not at all.
func unpackToolkit(cache string, files map[string][]byte) (string, error) {
	dir := filepath.Join(cache, "toolkit", digestFiles(files))
	if exists(dir) {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("unpack toolkit: %w", err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), "unpack-")
	if err != nil {
		return "", fmt.Errorf("unpack toolkit: %w", err)
	}
	defer os.RemoveAll(temp) // nothing is left of it if the rename succeeds
	for _, name := range sortedKeys(files) {
		if !fs.ValidPath(name) {
			return "", fmt.Errorf("unpack toolkit: name %q is not valid", name)
		}
		file := filepath.Join(temp, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return "", fmt.Errorf("unpack toolkit: %w", err)
		}
		if err := os.WriteFile(file, files[name], 0o644); err != nil {
			return "", fmt.Errorf("unpack toolkit: %w", err)
		}
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return "", fmt.Errorf("unpack toolkit: %w", err)
	}
	if err := os.Rename(temp, dir); err != nil && !exists(dir) {
		return "", fmt.Errorf("unpack toolkit: %w", err)
	}
	return dir, nil
}

// publicName returns the toolkit package of an import path, such as shim, or "".
func publicName(importPath string) string {
	rest, ok := cutPath(importPath, toolkit)
	if !ok || rest == "" {
		return ""
	}
	return path.Clean(rest)
}

// publicPackages returns the toolkit's packages that user code may import. The
// built-in custom resources below customresource are not among them: they need
// modules that nobody should get who does not use them.
func publicPackages() []string { return []string{"customresource", "decorator", "shim"} }
