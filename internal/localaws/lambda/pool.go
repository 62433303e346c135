// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	// maxBusy bounds how many events of one function are in work at a time on
	// one machine; further ones wait.
	maxBusy = 50
	// maxIdle bounds how many environments of all functions wait for an event.
	maxIdle = 32
	// idleTime is how long an environment waits for an event before it is closed.
	idleTime = 5 * time.Minute
)

// pool holds the execution environments. An environment serves one version of
// one function, and one event at a time; it is used again until the version's
// settings change, it dies or it has been idle for long.
type pool struct {
	temp   string // directory of their directories for /tmp
	launch func(sandbox.Config) (runner, error)
	log    zerolog.Logger

	mu        sync.Mutex
	functions map[functionKey]*population
	all       map[*environment]struct{}
	freed     chan struct{} // closed and replaced when an environment was given back
	closed    bool

	done    chan struct{} // ends sweep
	sweeper sync.WaitGroup
	active  sync.WaitGroup // environments at work
}

// population is the environments of one function.
type population struct {
	busy int
	idle []*environment // the one used last is at the end
}

func newPool(st *store.Store, log zerolog.Logger, launch func(sandbox.Config) (runner, error)) (*pool, error) {
	dir, err := st.Dir("lambda/tmp")
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries { // of a process that was killed
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return nil, err
		}
	}
	p := &pool{
		temp: dir, launch: launch, log: log, functions: map[functionKey]*population{}, all: map[*environment]struct{}{},
		freed: make(chan struct{}), done: make(chan struct{}),
	}
	p.sweeper.Go(p.sweep)
	return p, nil
}

func errThrottled() error {
	return wire.Errorf(http.StatusTooManyRequests, "TooManyRequestsException", "Rate Exceeded.")
}

func errUnavailable() error {
	return wire.Errorf(http.StatusServiceUnavailable, "ServiceUnavailableException", "%v", errClosed)
}

// acquire returns an environment for the settings v of a function: an idle one,
// or nil if a new one has to be made. Either way a place is taken, which release
// gives back. Beyond the reserved concurrency it throttles, beyond maxBusy it
// waits.
func (p *pool) acquire(ctx context.Context, key functionKey, v *settings, reserved *int) (*environment, error) {
	for {
		e, wait, err := p.take(key, v, reserved)
		if wait == nil {
			return e, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// take is acquire without waiting: wait is set if all places are taken.
func (p *pool) take(key functionKey, v *settings, reserved *int) (e *environment, wait <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, errUnavailable()
	}
	q := p.functions[key]
	if q == nil {
		q = &population{}
		p.functions[key] = q
	}
	if reserved != nil && q.busy >= *reserved {
		return nil, nil, errThrottled()
	}
	if q.busy >= maxBusy {
		return nil, p.freed, nil
	}
	q.busy++
	p.active.Add(1)
	return q.pick(v), nil, nil
}

// pick takes an idle environment of v out: one that was started ahead, if there
// is one, or that which was used last.
func (q *population) pick(v *settings) *environment {
	at := -1
	for i, e := range q.idle {
		if e.settings == v && (at < 0 || e.ahead || !q.idle[at].ahead) {
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	e := q.idle[at]
	q.idle = slices.Delete(q.idle, at, at+1)
	return e
}

// adopt takes a new environment into the pool; the place for it was acquired.
func (p *pool) adopt(e *environment) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errUnavailable()
	}
	p.all[e] = struct{}{}
	return nil
}

// drop takes an environment out of the pool that never came to work.
func (p *pool) drop(e *environment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, e)
}

// release gives back the place that acquire took. The environment, if there is
// one, is kept for the next event if reuse is set, else closed. It reports
// whether that was one which had been started ahead.
func (p *pool) release(key functionKey, e *environment, reuse bool) (lost bool) {
	defer p.active.Done()
	p.mu.Lock()
	q := p.functions[key]
	q.busy--
	close(p.freed)
	p.freed = make(chan struct{})
	var surplus []*environment
	switch {
	case e == nil:
	case reuse && !p.closed:
		e.idleSince = time.Now()
		q.idle = append(q.idle, e)
		surplus = p.overflow()
	default:
		delete(p.all, e)
		surplus, lost = []*environment{e}, e.ahead
	}
	p.forget(key)
	p.mu.Unlock()
	p.discard(surplus)
	return lost
}

// overflow takes the environments out that were idle longest when there are
// more than maxIdle, those started ahead aside; p.mu is held.
func (p *pool) overflow() []*environment {
	var idle []*environment
	for _, q := range p.functions {
		for _, e := range q.idle {
			if !e.ahead {
				idle = append(idle, e)
			}
		}
	}
	if len(idle) <= maxIdle {
		return nil
	}
	slices.SortFunc(idle, func(a, b *environment) int { return a.idleSince.Compare(b.idleSince) })
	surplus := idle[:len(idle)-maxIdle]
	return p.withdraw(func(e *environment) bool { return slices.Contains(surplus, e) })
}

// withdraw takes the idle environments out that out selects; p.mu is held.
func (p *pool) withdraw(out func(*environment) bool) []*environment {
	var gone []*environment
	for key, q := range p.functions {
		q.idle = slices.DeleteFunc(q.idle, func(e *environment) bool {
			if !out(e) {
				return false
			}
			gone = append(gone, e)
			delete(p.all, e)
			return true
		})
		p.forget(key)
	}
	return gone
}

// forget drops a population that is empty; p.mu is held.
func (p *pool) forget(key functionKey) {
	if q := p.functions[key]; q != nil && q.busy == 0 && len(q.idle) == 0 {
		delete(p.functions, key)
	}
}

// retire closes the idle environments of a function whose settings are no
// longer current. Busy ones are closed when they are released.
func (p *pool) retire(key functionKey, current func(functionKey, *settings) bool) {
	p.mu.Lock()
	var candidates []*environment
	if q := p.functions[key]; q != nil {
		candidates = slices.Clone(q.idle)
	}
	p.mu.Unlock()
	candidates = slices.DeleteFunc(candidates, func(e *environment) bool { return current(key, e.settings) })
	p.mu.Lock()
	gone := p.withdraw(func(e *environment) bool { return slices.Contains(candidates, e) })
	p.mu.Unlock()
	p.discard(gone)
}

// sweep closes the environments that have been idle for long, unless they were
// started ahead.
func (p *pool) sweep() {
	tick := time.NewTicker(idleTime / 10)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			p.mu.Lock()
			gone := p.withdraw(func(e *environment) bool { return !e.ahead && now.Sub(e.idleSince) >= idleTime })
			p.mu.Unlock()
			p.discard(gone)
		case <-p.done:
			return
		}
	}
}

// close waits for the events in work until ctx ends, then closes everything.
func (p *pool) close(ctx context.Context) error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	gone := p.withdraw(func(*environment) bool { return true })
	p.mu.Unlock()
	close(p.done)
	err := closeAll(gone)

	finished := make(chan struct{})
	go func() { p.active.Wait(); close(finished) }() // ends: what is in work is killed below
	select {
	case <-finished:
	case <-ctx.Done():
		err = errors.Join(err, p.kill())
		<-finished
	}
	p.sweeper.Wait()
	return err
}

// kill closes the environments that are in work.
func (p *pool) kill() error {
	p.mu.Lock()
	var busy []*environment
	for e := range p.all {
		busy = append(busy, e)
	}
	p.mu.Unlock()
	return closeAll(busy)
}

// discard closes environments that nobody waits for.
func (p *pool) discard(list []*environment) {
	if err := closeAll(list); err != nil {
		p.log.Warn().Err(err).Msg("left an execution environment behind")
	}
}

func closeAll(list []*environment) error {
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, e := range list {
		wg.Go(func() { errs[i] = e.close() })
	}
	wg.Wait()
	return errors.Join(errs...)
}
