// SPDX-License-Identifier: MIT

package schema_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xeipuuv/gojsonschema"

	"github.com/sparta-up/sparta/schema"
)

// TestEditorTakesMore: what the reader of sparta.yaml takes, editors take.
func TestEditorTakesMore(t *testing.T) {
	t.Parallel()
	var root, strict map[string]any
	if err := json.Unmarshal(schema.Editor(), &root); err != nil {
		t.Fatal(err)
	}
	strict = decode(t)
	loader := gojsonschema.NewSchemaLoader()
	loader.Validate, loader.AutoDetect = true, true
	if _, err := loader.Compile(gojsonschema.NewGoLoader(root)); err != nil {
		t.Fatalf("no draft-07 schema: %v", err)
	}
	checked := 0
	walk(strict, "", func(place string, s map[string]any) {
		at := follow(t, root, place)
		examples, _ := s["examples"].([]any)
		if len(examples) == 0 {
			return
		}
		compiled, err := gojsonschema.NewSchema(gojsonschema.NewGoLoader(map[string]any{
			"definitions": root["definitions"], "allOf": []any{at},
		}))
		if err != nil {
			t.Fatalf("%s: %v", place, err)
		}
		for _, example := range examples {
			checked++
			result, err := compiled.Validate(gojsonschema.NewGoLoader(example))
			if err != nil || !result.Valid() {
				t.Errorf("%s: %v does not fit: %v %v", place, example, err, result.Errors())
			}
		}
	})
	if checked < 70 {
		t.Errorf("checked %d examples: does the walk see them all?", checked)
	}
}

// follow finds the place of walk in another schema. What stood behind else
// stands before it for editors.
func follow(t *testing.T, s map[string]any, place string) map[string]any {
	t.Helper()
	for name := range strings.SplitSeq(strings.TrimPrefix(strings.ReplaceAll(place, "/else/", "/"), "/"), "/") {
		if name == "" {
			break
		}
		next, ok := s[name].(map[string]any)
		if !ok {
			t.Fatalf("editors have no %s", place)
		}
		s = next
	}
	return s
}

// TestTagsNeedSetting: the setting is what keeps tags from being underlined, so
// that what sparta init writes is needed.
func TestTagsNeedSetting(t *testing.T) {
	t.Parallel()
	s, root := startYAMLServer(t, editorSettings([]string{}))
	_, found := s.open(t, filepath.Join(root, "sparta.yaml"), modeline+"serviceName: x\noutputs: {A: !Ref B}\n")
	if len(found) != 1 || found[0].Message != "Unresolved tag: !Ref" {
		t.Errorf("got %v, want !Ref unresolved", found)
	}
}

// TestServiceBelowWorkspace: in a repository of several services an editor's
// workspace is above the directory of sparta.yaml.
func TestServiceBelowWorkspace(t *testing.T) {
	t.Parallel()
	s, root := startYAMLServer(t, editorSettings(schema.Tags()))
	service := filepath.Join(root, "services", "orders")
	if err := os.MkdirAll(filepath.Join(service, ".sparta"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(root, ".sparta", "service.schema.json"), filepath.Join(service, ".sparta", "service.schema.json")); err != nil {
		t.Fatal(err)
	}
	d, found := s.open(t, filepath.Join(service, "sparta.yaml"), modeline+"serviceName: x\nfunction: {}\n")
	if len(found) != 1 || d.covered(found[0].Range) != "function" {
		t.Errorf("got %v, want function underlined", found)
	}
}
