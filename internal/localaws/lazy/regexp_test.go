// SPDX-License-Identifier: MIT

package lazy_test

import (
	"regexp"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// TestRegexp: it finds what the expression of the standard library finds, in
// many goroutines at once too.
func TestRegexp(t *testing.T) {
	t.Parallel()
	const expression = `^([a-z]{1,64})-([0-9]+)$`
	r, want := lazy.MustCompile(expression), regexp.MustCompile(expression)
	var all sync.WaitGroup
	for _, s := range []string{"orders-1", "orders", "", "-1", "a-12\n"} {
		all.Go(func() {
			if got := r.MatchString(s); got != want.MatchString(s) {
				t.Errorf("%q matches: %v", s, got)
			}
			if diff := cmp.Diff(want.FindStringSubmatch(s), r.FindStringSubmatch(s)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", s, diff)
			}
		})
	}
	all.Wait()
	if r.String() != expression {
		t.Errorf("expression is %q", r)
	}
}

// TestMustCompile: what is no expression does no harm until it is used.
func TestMustCompile(t *testing.T) {
	t.Parallel()
	r := lazy.MustCompile("(")
	defer func() {
		if recover() == nil {
			t.Error("no panic at its first use")
		}
	}()
	r.MatchString("")
}
