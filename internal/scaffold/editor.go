// SPDX-License-Identifier: MIT

package scaffold

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sparta-up/sparta/schema"
)

// schemaFile is where editors find the schema, relative to sparta.yaml. It is
// not committed: it belongs to the Sparta that is installed, so that it can't be
// out of date, and Refresh brings it into a fresh clone.
const schemaFile = ".sparta/service.schema.json"

// Refresh writes the schema for editors beside the service's file, if the file
// names it and it is missing or another version's, and keeps .sparta out of
// version control. It reports whether it wrote. Callers may go on without: only
// editors read it.
func Refresh(file string) (bool, error) {
	if !namesSchema(file) {
		return false, nil
	}
	return writeSchema(filepath.Dir(file))
}

// namesSchema reports whether the comments that a file begins with name the
// schema.
func namesSchema(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
		if strings.Contains(line, "yaml-language-server:") && strings.Contains(line, "$schema="+schemaFile) {
			return true
		}
	}
	return false
}

// writeSchema brings the schema up to date and reports whether it was not.
func writeSchema(dir string) (bool, error) {
	path := filepath.Join(dir, filepath.FromSlash(schemaFile))
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, schema.Editor()) {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return false, fmt.Errorf("write %s: %w", schemaFile, err)
	}
	ignore := filepath.Join(filepath.Dir(path), ".gitignore")
	if err := exclusive(ignore, "*\n"); err != nil && !errors.Is(err, fs.ErrExist) {
		return false, fmt.Errorf("write .sparta/.gitignore: %w", err)
	}
	if err := replace(path, schema.Editor()); err != nil {
		return false, fmt.Errorf("write %s: %w", schemaFile, err)
	}
	return true, nil
}

// replace writes a file of ours as a whole: an editor may be reading it.
func replace(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// makeEditorFiles writes the schema and, where no settings of VS Code are, the
// one that yaml-language-server needs to know CloudFormation's tags.
func makeEditorFiles(w *writer) error {
	if _, err := writeSchema(w.dir); err != nil {
		return err
	}
	w.result.Made = append(w.result.Made, schemaFile)
	settings, err := json.MarshalIndent(map[string]any{"yaml.customTags": schema.Tags()}, "", "  ")
	if err != nil {
		return err
	}
	const name = ".vscode/settings.json"
	if err := w.file(name, string(settings)+"\n"); err != nil {
		return err
	}
	there, err := os.ReadFile(filepath.Join(w.dir, filepath.FromSlash(name)))
	if err != nil || !bytes.Contains(there, []byte(`"yaml.customTags"`)) {
		w.note("editors report !Ref and its like unless the setting yaml.customTags lists them: `sparta schema --tags` prints its value")
	}
	return nil
}
