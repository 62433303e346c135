// SPDX-License-Identifier: MIT

package stream_test

import (
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "1", -1}, {"2", "10", -1}, {"10", "2", 1}, {"007", "7", 0}, {"0", "", 0},
		{"49680604625564009412775897509817069488831707341098319890", "49680604625564009412775897509818278414651322107711979538", -1},
	} {
		if got := stream.Compare(test.a, test.b); got != test.want {
			t.Errorf("compare %q with %q: got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
