// SPDX-License-Identifier: MIT

package schema_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xeipuuv/gojsonschema"

	"github.com/sparta-up/sparta/schema"
)

func decode(t testing.TB) map[string]any {
	t.Helper()
	var s map[string]any
	if err := json.Unmarshal(schema.JSON, &s); err != nil {
		t.Fatalf("service.schema.json: %v", err)
	}
	return s
}

func TestIsDraft07(t *testing.T) {
	t.Parallel()
	if got, want := decode(t)["$schema"], "http://json-schema.org/draft-07/schema#"; got != want {
		t.Errorf("$schema is %v, want %v", got, want)
	}
	loader := gojsonschema.NewSchemaLoader()
	loader.Validate = true // against the meta-schema
	loader.AutoDetect = true
	if _, err := loader.Compile(gojsonschema.NewBytesLoader(schema.JSON)); err != nil {
		t.Errorf("compile: %v", err)
	}
}

// walk calls visit for every subschema that describes a value, with its place.
func walk(s map[string]any, place string, visit func(place string, s map[string]any)) {
	visit(place, s)
	for _, group := range []string{"properties", "definitions"} {
		properties, _ := s[group].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			walk(properties[name].(map[string]any), place+"/"+group+"/"+name, visit)
		}
	}
	for _, single := range []string{"items", "additionalProperties", "else"} {
		if sub, ok := s[single].(map[string]any); ok {
			walk(sub, place+"/"+single, visit)
		}
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	t.Parallel()
	walk(decode(t), "", func(place string, s map[string]any) {
		if s["$ref"] != nil {
			if len(s) != 1 {
				t.Errorf("%s: draft-07 ignores what stands beside $ref", place)
			}
			return
		}
		if strings.HasSuffix(place, "/else") {
			return
		}
		text, _ := s["description"].(string)
		if !strings.HasSuffix(text, ".") {
			t.Errorf("%s: description %q is no sentence", place, text)
		}
		last := place[strings.LastIndexByte(place, '/')+1:]
		named := last != "items" && last != "additionalProperties" && place != "" && last != "function" && last != "resource"
		if examples, _ := s["examples"].([]any); named && len(examples) == 0 {
			t.Errorf("%s: no example", place)
		}
	})
}

func TestEveryObjectIsClosed(t *testing.T) {
	t.Parallel()
	walk(decode(t), "", func(place string, s map[string]any) {
		if s["properties"] == nil {
			return
		}
		if closed, ok := s["additionalProperties"].(bool); !ok || closed {
			t.Errorf("%s: takes keys that it does not name", place)
		}
	})
}

// TestPatternsHaveMessages: a pattern means nothing to a reader.
func TestPatternsHaveMessages(t *testing.T) {
	t.Parallel()
	var check func(place string, v any)
	check = func(place string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if _, ok := v["pattern"].(string); ok && v["patternErrorMessage"] == nil {
				t.Errorf("%s: pattern without patternErrorMessage", place)
			}
			for k, sub := range v {
				check(place+"/"+k, sub)
			}
		case []any:
			for i, sub := range v {
				check(place+"/"+strconv.Itoa(i), sub)
			}
		}
	}
	check("", decode(t))
}

func TestExamplesAndDefaultsAreValid(t *testing.T) {
	t.Parallel()
	root := decode(t)
	walk(root, "", func(place string, s map[string]any) {
		values, _ := s["examples"].([]any)
		if d, ok := s["default"]; ok {
			values = append(slices.Clone(values), d)
		}
		if len(values) == 0 {
			return
		}
		alone := map[string]any{"definitions": root["definitions"], "allOf": []any{s}}
		compiled, err := gojsonschema.NewSchema(gojsonschema.NewGoLoader(alone))
		if err != nil {
			t.Fatalf("%s: %v", place, err)
		}
		for _, v := range values {
			result, err := compiled.Validate(gojsonschema.NewGoLoader(v))
			if err != nil {
				t.Fatalf("%s: %v", place, err)
			}
			if !result.Valid() {
				t.Errorf("%s: %v does not fit: %v", place, v, result.Errors())
			}
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, err := gojsonschema.NewSchema(gojsonschema.NewBytesLoader(schema.JSON)); err != nil {
			b.Fatal(err)
		}
	}
}
