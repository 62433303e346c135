// SPDX-License-Identifier: MIT

package stage

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLive(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		value string
		want  Live
	}{
		{"nothing", "", Live{}},
		{"another form", "v9 abc", Live{}},
		{"without objects", "template:abc bucket:b", Live{Template: "abc", Bucket: "b", Keys: []string{}}},
		{"with objects", "template:abc bucket:b s/1.zip s/2.zip", Live{Template: "abc", Bucket: "b", Keys: []string{"s/1.zip", "s/2.zip"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := parseLive(test.value)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if test.want.Template != "" && got.String() != test.value {
				t.Errorf("got %q, want %q", got.String(), test.value)
			}
		})
	}
	live := parseLive("template:abc bucket:b s/1.zip")
	if !live.has("b", "s/1.zip") || live.has("c", "s/1.zip") || live.has("b", "s/2.zip") {
		t.Errorf("has: an object is live only in its own bucket and under its own key")
	}
}
