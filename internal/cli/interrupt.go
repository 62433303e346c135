// SPDX-License-Identifier: MIT

package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible returns a context that the first SIGINT or SIGTERM cancels
// with errInterrupted, and a channel that the second one closes. A third one
// ends the process as usual.
func interruptible(parent context.Context) (ctx context.Context, detach <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals, left := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case <-signals:
			cancel(errInterrupted)
		case <-done:
			return
		}
		select {
		case <-signals:
			close(left)
		case <-done:
		}
		signal.Stop(signals)
	}()
	return ctx, left, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
