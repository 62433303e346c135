// SPDX-License-Identifier: MIT

package spec_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/schema"
	"github.com/sparta-up/sparta/spec"
)

// TestEditorTags: the tags that editors are told of are those that sparta.yaml
// may have, in each form.
func TestEditorTags(t *testing.T) {
	t.Parallel()
	for _, tag := range schema.Tags() {
		name, form, _ := strings.Cut(tag, " ")
		accepted := false
		for _, value := range map[string][]string{
			"scalar": {"x", "x.y"}, "mapping": {"{Name: x}"}, "sequence": {"[x]", "[x, {y: z}]", "[x, y]", "[x, y, z]"},
		}[form] {
			text := "serviceName: x\nresources:\n  A:\n    Type: AWS::X::Y\n    Properties: {P: " + name + " " + value + "}\n"
			_, problems := spec.Parse(filepath.Join(t.TempDir(), "sparta.yaml"), []byte(text), spec.Options{})
			said := render(problems)
			accepted = accepted || !strings.Contains(said, "takes") && !strings.Contains(said, "unknown tag")
		}
		if !accepted {
			t.Errorf("%s is for editors, and a fault in sparta.yaml", tag)
		}
	}
	names := schemaTree(t)["definitions"].(tree)["intrinsicName"].(tree)["enum"].([]any)
	for _, name := range names {
		tag := "!" + strings.TrimPrefix(name.(string), "Fn::") + " "
		if !slices.ContainsFunc(schema.Tags(), func(s string) bool { return strings.HasPrefix(s, tag) }) {
			t.Errorf("editors are not told of %s", tag)
		}
	}
}
