// SPDX-License-Identifier: MIT

package cli

import (
	"testing"
	"testing/synctest"
	"time"
)

// A second interrupt leaves the functions that are at work a second to end.
func TestGrace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		second time.Duration // when the second interrupt comes; 0 for never
		want   time.Duration
	}{{"one interrupt", 0, 10 * time.Second}, {"two", 2 * time.Second, 3 * time.Second}, {"two, late", 9500 * time.Millisecond, 10 * time.Second}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				detach := make(chan struct{})
				ctx, cancel := grace(t.Context(), detach)
				defer cancel()
				if test.second > 0 {
					time.AfterFunc(test.second, func() { close(detach) })
				}
				began := time.Now()
				<-ctx.Done()
				if got := time.Since(began); got != test.want {
					t.Errorf("ended after %v, want %v", got, test.want)
				}
			})
		})
	}
}
