// SPDX-License-Identifier: MIT

// Package schedule calls back when schedules fall due.
package schedule

import (
	"sync"
	"time"
)

// Agenda calls functions when they are due. Its methods may be called
// concurrently, also from the functions; Close must be called in the end.
type Agenda struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]*entry
	closed  bool
	running sync.WaitGroup
}

// entry is something to be done.
type entry struct {
	due   time.Time
	next  func(after time.Time) (time.Time, bool)
	do    func(due time.Time)
	timer *time.Timer
}

// NewAgenda returns an empty agenda; now is the clock.
func NewAgenda(now func() time.Time) *Agenda {
	return &Agenda{now: now, entries: map[string]*entry{}}
}

// look is how long a timer sleeps at most: clocks are set and machines sleep.
const look = time.Minute

// Set has do called, in a goroutine of its own, at each of the times that next
// returns for the one before, the present at first. It replaces what was set
// for the same key. Times that pass while the machine sleeps count once, late.
func (a *Agenda) Set(key string, next func(after time.Time) (time.Time, bool), do func(due time.Time)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.remove(key)
	due, ok := next(a.now())
	if !ok || a.closed {
		return
	}
	e := &entry{due: due, next: next, do: do}
	a.entries[key] = e
	e.timer = time.AfterFunc(a.pause(e), func() { a.wake(key, e) })
}

// pause returns how long an entry sleeps; a.mu is held.
func (a *Agenda) pause(e *entry) time.Duration {
	return max(0, min(e.due.Sub(a.now()), look))
}

// wake runs an entry that is due and lets it sleep again.
func (a *Agenda) wake(key string, e *entry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.entries[key] != e {
		return
	}
	now := a.now()
	if !now.Before(e.due) {
		due := e.due
		a.running.Go(func() { e.do(due) })
		after := due
		if now.Sub(due) > look { // slept through some: they are not made up for
			after = now
		}
		next, ok := e.next(after)
		if !ok {
			delete(a.entries, key)
			return
		}
		e.due = next
	}
	e.timer.Reset(a.pause(e))
}

// Remove forgets what was set for a key. What is running goes on.
func (a *Agenda) Remove(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.remove(key)
}

func (a *Agenda) remove(key string) {
	if e := a.entries[key]; e != nil {
		e.timer.Stop()
		delete(a.entries, key)
	}
}

// Close forgets everything and waits for what is running.
func (a *Agenda) Close() {
	a.mu.Lock()
	a.closed = true
	for key := range a.entries {
		a.remove(key)
	}
	a.mu.Unlock()
	a.running.Wait()
}
