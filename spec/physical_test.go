// SPDX-License-Identifier: MIT

package spec_test

import (
	"strings"
	"testing"

	"github.com/sparta-up/sparta/spec"
)

func TestFunctionName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, service, function, want string
	}{
		{"fits", "Mail-Dev", "hello", "Mail-Dev-hello"},
		{"64 characters", strings.Repeat("a", 58), "hello", strings.Repeat("a", 58) + "-hello"},
		{"too long", strings.Repeat("a", 59), "hello", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := spec.FunctionName(test.service, test.function)
			if len(got) > 64 {
				t.Errorf("got %d characters", len(got))
			}
			if test.name != "too long" && got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	long := strings.Repeat("a", 60)
	if spec.FunctionName(long, "one") == spec.FunctionName(long, "two") {
		t.Error("two functions got one name")
	}
}
