// SPDX-License-Identifier: MIT

package schema_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sparta-up/sparta/schema"
)

// serverVersion is the yaml-language-server that the tests talk to: the newest
// that runs on node 20.
const serverVersion = "1.25.0"

// modeline is what sparta.yaml begins with.
const modeline = "# yaml-language-server: $schema=.sparta/service.schema.json\n"

// startYAMLServer runs yaml-language-server in a workspace that has the
// schema, and returns both. Without node and npm, or without the registry where
// it is not installed yet, the test is skipped; CI must have them.
func startYAMLServer(t *testing.T, settings map[string]any) (*server, string) {
	t.Helper()
	absent := t.Skip
	if os.Getenv("CI") != "" {
		absent = t.Fatal
	}
	node, err := exec.LookPath("node")
	if err != nil {
		absent("no node on the PATH")
	}
	installed := yamlServer()
	switch {
	case installed.absent != "":
		absent(installed.absent)
	case installed.err != nil:
		t.Fatal(installed.err)
	}
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, ".sparta"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, ".sparta", "service.schema.json"), schema.Editor(), 0o644); err != nil {
		t.Fatal(err)
	}
	s := start(t, exec.CommandContext(context.WithoutCancel(t.Context()), node, installed.script, "--stdio"), settings)
	s.initialize(t, root)
	return s, root
}

// program is where the server is, or why it is not.
type program struct {
	script string
	absent string // what this machine lacks
	err    error
}

// yamlServer installs the server into the user's cache directory once.
var yamlServer = sync.OnceValue(func() program {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cache = filepath.Join(cache, "sparta-editor-test")
	home := filepath.Join(cache, "yaml-language-server-"+serverVersion)
	script := filepath.Join("node_modules", "yaml-language-server", "bin", "yaml-language-server")
	if _, err := os.Stat(filepath.Join(home, script)); err == nil {
		return program{script: filepath.Join(home, script)}
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return program{absent: "no npm on the PATH"}
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return program{err: err}
	}
	fresh, err := os.MkdirTemp(cache, "install-")
	if err != nil {
		return program{err: err}
	}
	defer os.RemoveAll(fresh)
	ctx, cancel := context.WithTimeout(context.Background(), 45*time.Second)
	defer cancel()
	install := exec.CommandContext(ctx, npm, "install", "--prefix", fresh, "--no-audit", "--no-fund", "--ignore-scripts", "yaml-language-server@"+serverVersion)
	install.Dir = fresh
	if out, err := install.CombinedOutput(); err != nil {
		err = fmt.Errorf("npm install: %w: %s", err, strings.TrimSpace(string(out)))
		if os.Getenv("CI") == "" {
			return program{absent: err.Error()}
		}
		return program{err: err}
	}
	// Whoever renames first wins; another's is as good.
	if err := os.Rename(fresh, home); err != nil {
		if _, err := os.Stat(filepath.Join(home, script)); err != nil {
			return program{err: err}
		}
	}
	return program{script: filepath.Join(home, script)}
})

// editorSettings are what sparta init writes for editors, and no network.
func editorSettings(tags []string) map[string]any {
	return map[string]any{"yaml": map[string]any{
		"validate": true, "hover": true, "completion": true,
		"schemaStore": map[string]any{"enable": false},
		"customTags":  tags,
	}}
}
