// SPDX-License-Identifier: MIT

package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/schema"
)

// TestWithoutOverlay: it is the whole schema but for one definition.
func TestWithoutOverlay(t *testing.T) {
	t.Parallel()
	var got map[string]any
	if err := json.Unmarshal(schema.WithoutOverlay(), &got); err != nil {
		t.Fatal(err)
	}
	want := decode(t)
	delete(want["definitions"].(map[string]any), "overlay")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
