// SPDX-License-Identifier: MIT

package site

import (
	"context"
	"sync"
)

// budget is how much may be under way at once, in units of 1 MiB of memory; as
// every piece of work costs at least one, it bounds the requests, too.
const budget = 32

// each does a piece of work for every item, many at a time within the budget,
// starting in order. The first failure ends the others and is returned.
func each[T any](ctx context.Context, items []T, cost func(T) int, do func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	free := make(chan struct{}, budget)
	var work sync.WaitGroup
	for _, item := range items {
		n := min(max(1, cost(item)), budget)
		for range n {
			select {
			case free <- struct{}{}:
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			break
		}
		work.Go(func() {
			if err := do(ctx, item); err != nil {
				cancel(err)
			}
			for range n {
				<-free
			}
		})
	}
	work.Wait()
	return context.Cause(ctx)
}
