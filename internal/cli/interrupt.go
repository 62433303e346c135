// SPDX-License-Identifier: MIT

package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// How long the embedded AWS may take to end what is under way, and how long
// after a second interrupt.
const (
	patience   = 10 * time.Second
	impatience = time.Second
)

// grace returns a context for the end of the embedded AWS: it lasts for
// patience, or for impatience once detach is closed.
func grace(parent context.Context, detach <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(parent, patience)
	go func() {
		select {
		case <-detach:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(impatience):
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

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
