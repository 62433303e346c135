// SPDX-License-Identifier: MIT

package schema_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite what service.schema.json says of overlays")

// overlayOf makes the schema of an overlay out of that of the file: the same
// keys, none of them required, and null takes one away. Lists stay as they are,
// since an overlay replaces them.
func overlayOf(root map[string]any) map[string]any {
	properties := map[string]any{}
	for key, s := range root["properties"].(map[string]any) {
		if key != "environments" && key != "accounts" {
			properties[key] = partial(root, s.(map[string]any))
		}
	}
	return map[string]any{
		"description":          "What is different in this environment. Maps merge with those of the file, null takes a key away, all else replaces.",
		"examples":             []any{map[string]any{"defaults": map[string]any{"memory": 512.0}}},
		"type":                 []any{"object", "null"},
		"additionalProperties": false,
		"properties":           properties,
	}
}

func partial(root, s map[string]any) map[string]any {
	if ref, ok := s["$ref"].(string); ok {
		s = root["definitions"].(map[string]any)[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
	}
	one := maps.Clone(s)
	for _, key := range []string{"required", "oneOf", "not", "default", "minProperties"} {
		delete(one, key)
	}
	switch kind := one["type"].(type) {
	case string:
		one["type"] = []any{kind, "null"}
	case []any:
		one["type"] = append(slices.Clone(kind), "null")
	}
	if choices, ok := one["enum"].([]any); ok {
		one["enum"] = append(slices.Clone(choices), nil)
	}
	if properties, ok := one["properties"].(map[string]any); ok {
		inner := map[string]any{}
		for key, sub := range properties {
			inner[key] = partial(root, sub.(map[string]any))
		}
		one["properties"] = inner
	}
	for _, key := range []string{"additionalProperties", "else"} {
		if sub, ok := one[key].(map[string]any); ok {
			one[key] = partial(root, sub)
		}
	}
	return one
}

// TestOverlay holds what the schema says of environments against what it says
// of the file.
func TestOverlay(t *testing.T) {
	t.Parallel()
	const file, begin, end = "service.schema.json", "    \"overlay\": ", "\n  }\n}\n"
	root := decode(t)
	want := overlayOf(root)
	if *update {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("    ", "  ")
		if err := e.Encode(want); err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(text), begin)
		if err := os.WriteFile(file, []byte(head+begin+strings.TrimSpace(b.String())+end), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got := root["definitions"].(map[string]any)["overlay"]
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("overlays have another schema than the file; run: go test ./schema -run TestOverlay -update\n%s", diff)
	}
}
