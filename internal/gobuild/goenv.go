// SPDX-License-Identifier: MIT

package gobuild

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// goEnv looks up variables as the go command does: in the environment first,
// then in the file that go env -w writes (https://pkg.go.dev/cmd/go, "The go
// env -w command"). Asking go env itself would cost a process.
type goEnv struct {
	environ []string
	file    map[string]string
}

func newGoEnv(environ []string) goEnv {
	e := goEnv{environ: environ}
	path := e.lookup("GOENV")
	if path == "off" {
		return e
	}
	if path == "" {
		dir := e.configDir()
		if dir == "" {
			return e
		}
		path = filepath.Join(dir, "go", "env")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return e // as the go command does: no file, no settings
	}
	e.file = make(map[string]string)
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && !strings.HasPrefix(name, "#") {
			e.file[name] = value
		}
	}
	return e
}

// configDir is os.UserConfigDir for the given environment.
func (e goEnv) configDir() string {
	switch runtime.GOOS {
	case "windows":
		return e.lookup("AppData")
	case "darwin", "ios":
		if home := e.lookup("HOME"); home != "" {
			return filepath.Join(home, "Library", "Application Support")
		}
		return ""
	}
	if dir := e.lookup("XDG_CONFIG_HOME"); dir != "" {
		return dir
	}
	if home := e.lookup("HOME"); home != "" {
		return filepath.Join(home, ".config")
	}
	return ""
}

// lookup returns a variable of the environment alone.
func (e goEnv) lookup(name string) string {
	for _, pair := range slices.Backward(e.environ) {
		key, value, _ := strings.Cut(pair, "=")
		if key == name || runtime.GOOS == "windows" && strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// get returns a variable of the go command.
func (e goEnv) get(name string) string {
	if value := e.lookup(name); value != "" {
		return value
	}
	return e.file[name]
}

// moduleCache returns the directory that downloaded modules are unpacked in, or
// "" if the environment doesn't say.
func (e goEnv) moduleCache() string {
	if dir := e.get("GOMODCACHE"); dir != "" {
		return dir
	}
	if path := e.get("GOPATH"); path != "" {
		return filepath.Join(filepath.SplitList(path)[0], "pkg", "mod")
	}
	home := e.lookup("HOME")
	if runtime.GOOS == "windows" {
		home = e.lookup("USERPROFILE")
	}
	if home == "" {
		return ""
	}
	return filepath.Join(home, "go", "pkg", "mod")
}

// command returns the path of the go command on the environment's PATH.
func (e goEnv) command() (string, error) {
	name := "go"
	if runtime.GOOS == "windows" {
		name = "go.exe"
	}
	for _, dir := range filepath.SplitList(e.lookup("PATH")) {
		if dir == "" || !filepath.IsAbs(dir) {
			continue // a program of the current directory is not trusted
		}
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0) {
			return path, nil
		}
	}
	return "", advised{errNoGo, "install Go 1.26 or newer from https://go.dev/dl/ and put its bin directory on PATH"}
}
