// SPDX-License-Identifier: MIT

package lambda

import (
	"slices"
	"time"
)

// stocked returns how many environments of v were started ahead and are there.
func (p *pool) stocked(v *settings) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for e := range p.all {
		if e.ahead && e.settings == v {
			n++
		}
	}
	return n
}

// stock keeps an environment that was started ahead for the events to come. It
// reports false if the pool is closed.
func (p *pool) stock(key functionKey, e *environment) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		delete(p.all, e)
		return false
	}
	q := p.functions[key]
	if q == nil {
		q = &population{}
		p.functions[key] = q
	}
	e.ahead, e.idleSince = true, time.Now()
	q.idle = append(q.idle, e)
	return true
}

// surplus takes the idle environments of a function out that were started ahead
// and are more than the demand for their version. Busy ones become like those
// that were started for an event.
func (p *pool) surplus(key functionKey, demand map[*settings]int) []*environment {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.functions[key]
	if q == nil {
		return nil
	}
	left := map[*settings]int{}
	keep := func(e *environment) bool {
		left[e.settings]++
		return left[e.settings] <= demand[e.settings]
	}
	for e := range p.all {
		if e.ahead && e.key == key && !slices.Contains(q.idle, e) && !keep(e) {
			e.ahead = false
		}
	}
	var gone []*environment
	for _, e := range q.idle {
		if e.ahead && !keep(e) {
			gone = append(gone, e)
		}
	}
	return p.withdraw(func(e *environment) bool { return slices.Contains(gone, e) })
}
