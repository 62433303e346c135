// SPDX-License-Identifier: MIT

package flow_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// orders is a small user module: a function in plain Go, a custom resource and
// a site.
var orders = map[string]string{
	"go.mod": "module example.com/orders\n\ngo 1.26\n",
	"handlers/handlers.go": `package handlers

import "context"

// Version answers with the version of the code.
func Version(context.Context) (string, error) { return "v1", nil }

// Other is there to be told apart.
func Other(context.Context) (string, error) { return "other", nil }
`,
	"setup/setup.go": `package setup

import (
	"context"
	"errors"

	"github.com/sparta-up/sparta/customresource"
)

// Seed fails if it is told to.
func Seed(_ context.Context, r customresource.Request) (customresource.Response, error) {
	if r.Type != customresource.Delete && r.Properties["Fail"] == "yes" {
		return customresource.Response{}, errors.New("the table is full")
	}
	return customresource.Response{}, nil
}
`,
	"sparta.yaml": `serviceName: Orders
functions:
  version: {handler: ./handlers.Version, runtime: provided.al2023}
  other: {handler: ./handlers.Other, runtime: provided.al2023}
`,
}

const seedYAML = `customResources:
  Seed: {handler: ./setup.Seed, properties: {Fail: "no"}}
`

const siteYAML = `site: {dir: ./web}
`

// module is the directory of a user's module.
type module struct {
	t   *testing.T
	dir string
}

// newModule writes a clone of orders with more in its sparta.yaml.
func newModule(t *testing.T, more ...string) module {
	t.Helper()
	m := module{t, t.TempDir()}
	for name, text := range orders {
		m.write(name, text)
	}
	for _, text := range more {
		m.edit("sparta.yaml", "", text)
		if text == siteYAML {
			m.write("web/index.html", "<p>hello")
			m.write("web/style.css", "p {}")
		}
	}
	return m
}

func (m module) file() string { return filepath.Join(m.dir, "sparta.yaml") }

func (m module) write(name, text string) {
	m.t.Helper()
	path := filepath.Join(m.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// edit replaces a text in a file; an empty old one means its end.
func (m module) edit(name, old, replacement string) {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, filepath.FromSlash(name)))
	if err != nil {
		m.t.Fatal(err)
	}
	if old == "" {
		m.write(name, string(text)+replacement)
		return
	}
	if !strings.Contains(string(text), old) {
		m.t.Fatalf("%s has no %q", name, old)
	}
	m.write(name, strings.Replace(string(text), old, replacement, 1))
}
