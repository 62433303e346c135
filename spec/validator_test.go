// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xeipuuv/gojsonschema"
)

// TestValidator: of each file in testdata, the part of the schema that it needs
// finds in the part of it that the schema is about what the whole schema finds in
// the whole file.
func TestValidator(t *testing.T) {
	t.Parallel()
	whole := definition()
	text := gojsonschema.NewGoLoader(whole) // which copies it
	full, err := gojsonschema.NewSchema(text)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for name, data := range files(t) {
		s, text, problem := newSource("sparta.yaml", data)
		if problem != nil {
			continue
		}
		_, root, problem := s.convert(text)
		if problem != nil || root.kind != object {
			continue
		}
		checked++
		result, err := full.Validate(gojsonschema.NewRawLoader(root.value()))
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, batch} {
			got, err := newValidator(root).errors(root, size)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(said(result.Errors()), said(got)); diff != "" {
				t.Errorf("%s, %d entries at a time (-want +got):\n%s", name, size, diff)
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d files were checked", checked)
	}
}

// said are the errors as text, sorted, each once.
func said(errors []gojsonschema.ResultError) []string {
	var all []string
	for _, e := range errors {
		property, _ := e.Details()["property"].(string)
		all = append(all, strings.Join([]string{e.Context().String(), e.Type(), property}, " "))
	}
	slices.Sort(all)
	return slices.Compact(all)
}
