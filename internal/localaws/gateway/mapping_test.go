// SPDX-License-Identifier: MIT

package gateway_test

import (
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

func TestMappingRest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ key, path, want string }{
		{"", "/", "/"}, {"", "", "/"}, {"", "/a/b", "/a/b"}, {"", "/a%2Fb", "/a%2Fb"},
		{"v1", "/v1", "/"}, {"v1", "/v1/", "/"}, {"v1", "/v1/a%20b", "/a%20b"}, {"a/b", "/a/b/c", "/c"},
		{"orders", "/ordersandmore", "/andmore"}, {"v1", "/%76%31/a", "/a"}, {"it's", "/it%27s/a", "/a"},
		{"v1", "/v2/a", "/"}, {"v1", "/%zz", "/"},
	} {
		if got := (&gateway.Mapping{Key: test.key}).Rest(test.path); got != test.want {
			t.Errorf("%q of %q: got %q, want %q", test.path, test.key, got, test.want)
		}
	}
}

func TestUnmapped(t *testing.T) {
	t.Parallel()
	if err := gateway.Unmapped("API", "API", nil); err != nil {
		t.Errorf("got %v", err)
	}
	err := gateway.Unmapped("stage v1", "stage", []string{"a.example", "b.example"})
	if err == nil || !strings.Contains(err.Error(), "Deleting stage v1 failed. Please remove all base path mappings related to the stage in your domains: a.example, b.example") {
		t.Errorf("got %v", err)
	}
}

// What the path of a request holds never panics, and what is left begins with a
// slash.
func FuzzMappingRest(f *testing.F) {
	f.Add("v1", "/v1/%20")
	f.Fuzz(func(t *testing.T, key, path string) {
		if got := (&gateway.Mapping{Key: key}).Rest(path); !strings.HasPrefix(got, "/") {
			t.Errorf("got %q", got)
		}
	})
}
