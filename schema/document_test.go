// SPDX-License-Identifier: MIT

package schema_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// position is a place in a document: line and UTF-16 column from 0.
type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type span struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

// diagnostic is what the server underlines.
type diagnostic struct {
	Range   span   `json:"range"`
	Message string `json:"message"`
}

// proposal is one item of a completion.
type proposal struct {
	Label         string          `json:"label"`
	InsertText    string          `json:"insertText"`
	Documentation json.RawMessage `json:"documentation"`
}

// text returns the documentation, whether it is plain or markup.
func (p proposal) text() string { return markup(p.Documentation) }

func markup(raw json.RawMessage) string {
	var content struct{ Value string }
	if json.Unmarshal(raw, &content) == nil {
		return content.Value
	}
	var text string
	_ = json.Unmarshal(raw, &text) // neither: no text
	return text
}

// document is a text that the server has open.
type document struct {
	server *server
	uri    string
	text   string
}

func fileURI(path string) string {
	path = filepath.ToSlash(path)
	if runtime.GOOS == "windows" {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// initialize makes the server ready for a workspace.
func (s *server) initialize(t *testing.T, root string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	markdown := []string{"markdown", "plaintext"}
	_, err := s.call(ctx, "initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": fileURI(root),
		"workspaceFolders": []any{map[string]any{"uri": fileURI(root), "name": "test"}},
		"capabilities": map[string]any{
			"workspace": map[string]any{"configuration": true, "workspaceFolders": true},
			"textDocument": map[string]any{
				"completion":         map[string]any{"completionItem": map[string]any{"documentationFormat": markdown, "snippetSupport": true}},
				"hover":              map[string]any{"contentFormat": markdown},
				"publishDiagnostics": map[string]any{},
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.notify("initialized", map[string]any{}); err != nil {
		t.Fatal(err)
	}
}

// open shows the server a text as the file at path and returns what it
// underlines.
func (s *server) open(t *testing.T, path, text string) (*document, []diagnostic) {
	t.Helper()
	d := &document{s, fileURI(path), text}
	published := make(chan []diagnostic, 16)
	s.mu.Lock()
	s.findings[d.uri] = published
	s.mu.Unlock()
	err := s.notify("textDocument/didOpen", map[string]any{
		"textDocument": map[string]any{"uri": d.uri, "languageId": "yaml", "version": 1, "text": text},
	})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case found := <-published:
		return d, found
	case <-time.After(20 * time.Second):
		t.Fatalf("no diagnostics for %s", path)
		return nil, nil
	}
}

func (s *server) publish(params json.RawMessage) {
	var p struct {
		URI         string
		Diagnostics []diagnostic
	}
	if json.Unmarshal(params, &p) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for uri, found := range s.findings {
		if same(uri, p.URI) {
			found <- p.Diagnostics
		}
	}
}

// same compares URIs, which servers may escape in another way.
func same(a, b string) bool {
	left, errLeft := url.PathUnescape(a)
	right, errRight := url.PathUnescape(b)
	return errLeft == nil && errRight == nil && strings.EqualFold(left, right)
}

// at asks about a place. The result is null where the server has no answer.
func (d *document) at(t *testing.T, method string, p position, result any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	raw, err := d.server.call(ctx, method, map[string]any{
		"textDocument": map[string]any{"uri": d.uri}, "position": p,
	})
	if err == nil {
		err = json.Unmarshal(raw, result)
	}
	if err != nil {
		t.Fatalf("%s at %v: %v", method, p, err)
	}
}

func (d *document) complete(t *testing.T, p position) []proposal {
	t.Helper()
	var list struct{ Items []proposal }
	d.at(t, "textDocument/completion", p, &list)
	return list.Items
}

func (d *document) hover(t *testing.T, p position) string {
	t.Helper()
	var answer *struct{ Contents json.RawMessage }
	d.at(t, "textDocument/hover", p, &answer)
	if answer == nil {
		return ""
	}
	return markup(answer.Contents)
}

// covered returns the text that a range covers, on one line. The range may
// include the line's end.
func (d *document) covered(r span) string {
	lines := strings.Split(d.text, "\n")
	if r.Start.Line != r.End.Line || r.Start.Line >= len(lines) {
		return fmt.Sprintf("%v", r)
	}
	line := lines[r.Start.Line]
	return line[min(r.Start.Character, len(line)):min(r.End.Character, len(line))]
}

// cursor takes the mark | out of a text and returns its place.
func cursor(t *testing.T, text string) (string, position) {
	t.Helper()
	before, after, ok := strings.Cut(text, "|")
	if !ok {
		t.Fatalf("no | in %q", text)
	}
	line := strings.Count(before, "\n")
	return before + after, position{line, len(before) - strings.LastIndexByte(before, '\n') - 1}
}
