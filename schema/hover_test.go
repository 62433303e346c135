// SPDX-License-Identifier: MIT

package schema_test

import (
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/schema"
)

// TestHover points at every key of a file that has them all, and wants the
// text of the schema.
func TestHover(t *testing.T) {
	t.Parallel()
	everything := readFile(t, "testdata/everything.yaml")
	s, root := startYAMLServer(t, editorSettings(schema.Tags()))
	d, found := s.open(t, filepath.Join(root, "sparta.yaml"), modeline+everything)
	for _, f := range found {
		t.Errorf("underlined in a right file: %q: %s", d.covered(f.Range), f.Message)
	}
	strict := decode(t)
	asked := map[uintptr]bool{} // by subschema
	var ask func(at map[string]any, lines []string, first, indent int)
	ask = func(at map[string]any, lines []string, first, indent int) {
		for i, line := range lines {
			key, _, isKey := strings.Cut(strings.TrimLeft(line, " -"), ":")
			if column := strings.Index(line, key); isKey && column == indent {
				sub := member(strict, at, key)
				if text, ok := sub["description"].(string); ok {
					asked[reflect.ValueOf(sub).Pointer()] = true
					got := strings.NewReplacer(`\*`, "*", `\_`, "_").Replace(d.hover(t, position{first + i, column + 1}))
					if !strings.HasPrefix(got, text) {
						t.Errorf("%s in line %d: hover %q, want %q", key, first+i+1, got, text)
					}
					if value, ok := sub["default"]; ok && !strings.Contains(got, "Default: `") {
						t.Errorf("%s: hover %q does not tell the default %v", key, got, value)
					}
				}
				end := i + 1
				for end < len(lines) && (strings.HasPrefix(lines[end], strings.Repeat(" ", indent+1))) {
					end++
				}
				if deeper := end > i+1; deeper && sub != nil {
					ask(sub, lines[i+1:end], first+i+1, indentOf(lines[i+1]))
				}
			}
		}
	}
	ask(strict, strings.Split(everything, "\n"), 1, 0)
	walk(strict, "", func(place string, s map[string]any) {
		sub := resolve(strict, s)
		above, _ := path.Split(place)
		isKey := strings.HasSuffix(above, "/properties/") && !strings.HasPrefix(place, "/definitions/overlay")
		if isKey && !asked[reflect.ValueOf(sub).Pointer()] {
			t.Errorf("everything.yaml has no %s in block style", place)
		}
	})
}

// indentOf returns the column of a line's key.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " -")) }

// member returns the schema of a key in a map, or in the maps of a list.
func member(root, at map[string]any, key string) map[string]any {
	at = resolve(root, at)
	if items := resolve(root, at["items"]); items["properties"] != nil {
		at = items
	}
	if other := resolve(root, at["else"]); other["properties"] != nil {
		at = other
	}
	properties, _ := at["properties"].(map[string]any)
	if sub := resolve(root, properties[key]); sub != nil {
		return sub
	}
	return resolve(root, at["additionalProperties"])
}

// resolve follows a reference.
func resolve(root map[string]any, s any) map[string]any {
	sub, _ := s.(map[string]any)
	if ref, ok := sub["$ref"].(string); ok {
		sub, _ = root["definitions"].(map[string]any)[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
	}
	return sub
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
