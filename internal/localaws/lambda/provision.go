// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// provision is the provisioned concurrency of a version or an alias. It is
// guarded by Service.mu.
type provision struct {
	Requested int
	Modified  string

	status  string // not kept: environments start again with the process
	reason  string
	settled chan struct{} // closed when status is no longer in progress
}

// The statuses of provisioned concurrency.
const (
	provisionInProgress = "IN_PROGRESS"
	provisionReady      = "READY"
	provisionFailed     = "FAILED"
)

// initFailed is the reason of a provision whose environments do not start
// (GetProvisionedConcurrencyConfig, API reference).
const initFailed = "FUNCTION_ERROR_INIT_FAILURE"

// begin sets a provision in progress.
func (p *provision) begin() {
	if p.settled == nil || p.status != provisionInProgress {
		p.settled = make(chan struct{})
	}
	p.status, p.reason = provisionInProgress, ""
}

func (p *provision) end(reason string) {
	p.status, p.reason = provisionReady, reason
	if reason != "" {
		p.status = provisionFailed
	}
	close(p.settled)
}

// versions returns how many environments of each version a qualifier that asks
// for n stands for: an alias with two versions divides them as it does its
// events.
func (f *function) versions(qualifier string, n int) map[*settings]int {
	shares := map[*settings]int{}
	if a := f.Aliases[qualifier]; a != nil {
		for second, weight := range a.Weights {
			shares[f.version(second)] = int(math.Round(weight * float64(n)))
			n -= shares[f.version(second)]
		}
	}
	if v := f.version(qualifier); v != nil {
		shares[v] += n
	}
	return shares
}

// demand returns how many environments of each version are to be there.
func (f *function) demand() map[*settings]int {
	demand := map[*settings]int{}
	if f == nil {
		return demand
	}
	for qualifier, p := range f.Provisioned {
		for v, n := range f.versions(qualifier, p.Requested) {
			demand[v] += n
		}
	}
	return demand
}

// supplyAll starts the environments that functions of the last process had.
func (s *Service) supplyAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, f := range s.functions {
		if len(f.Provisioned) > 0 {
			s.supply(key)
		}
	}
}

// supply has the environments of a function, in the background, become as many
// as are provisioned; s.mu is held.
func (s *Service) supply(key functionKey) {
	if s.stopped.Err() != nil {
		return
	}
	if f := s.functions[key]; f != nil {
		for _, p := range f.Provisioned {
			p.begin()
		}
	}
	s.supplies[key]++
	if s.supplies[key] == 1 { // else the one under way looks again
		s.work.Go(func() { s.supplier(key) })
	}
}

// resupply makes up for an environment that is lost.
func (s *Service) resupply(key functionKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.functions[key]; f != nil && len(f.Provisioned) > 0 {
		s.supply(key)
	}
}

// supplier works until what it has done is what is wanted.
func (s *Service) supplier(key functionKey) {
	for {
		s.mu.Lock()
		seen, f := s.supplies[key], s.functions[key]
		demand := f.demand()
		s.mu.Unlock()
		failures := s.provide(key, f, demand)
		s.mu.Lock()
		if s.supplies[key] == seen {
			delete(s.supplies, key)
			if f := s.functions[key]; f != nil {
				f.provided(failures)
			}
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}

// provided ends the provisions of a function; failures are those of versions.
func (f *function) provided(failures map[*settings]string) {
	for qualifier, p := range f.Provisioned {
		reason := ""
		for v := range f.versions(qualifier, p.Requested) {
			reason = max(reason, failures[v])
		}
		if p.status == provisionInProgress {
			p.end(reason)
		}
	}
}

// atOnce is how many environments of a version start at a time.
const atOnce = 4

// provide closes the environments that are too many and starts those that are
// missing. It returns why a version has fewer than it should.
func (s *Service) provide(key functionKey, f *function, demand map[*settings]int) map[*settings]string {
	s.pool.discard(s.pool.surplus(key, demand))
	var mu sync.Mutex
	failures := map[*settings]string{}
	fail := func(v *settings, reason string) {
		mu.Lock()
		defer mu.Unlock()
		failures[v] = reason
	}
	var starts sync.WaitGroup
	for v, n := range demand {
		missing := n - s.pool.stocked(v)
		for worker := range min(missing, atOnce) {
			starts.Go(func() {
				for i := worker; i < missing; i += atOnce {
					if reason := s.stock(key, f.Scope, v); reason != "" {
						fail(v, reason)
						return
					}
				}
			})
		}
	}
	starts.Wait()
	return failures
}

// stock starts one environment ahead. It returns why that was in vain.
func (s *Service) stock(key functionKey, scope arn.Scope, v *settings) (reason string) {
	e, init, err := s.start(s.stopped, scope, key.name, v, provisionedType)
	if err == nil && init.ErrorType != "" {
		s.pool.drop(e)
		err = fmt.Errorf("the init phase ended with %s", init.ErrorType)
		s.pool.discard([]*environment{e})
	}
	if err != nil {
		s.env.Log.Warn().Err(err).Str("function", key.name).Msg("did not start a provisioned environment")
		return initFailed
	}
	if !s.pool.stock(key, e) {
		s.pool.discard([]*environment{e})
		return initFailed
	}
	return ""
}

// awaitSupply waits until the environments of a qualifier are there. It returns an
// error if they do not start.
func (s *Service) awaitSupply(ctx context.Context, key functionKey, qualifier string) error {
	for {
		s.mu.Lock()
		var p *provision
		if f := s.functions[key]; f != nil {
			p = f.Provisioned[qualifier]
		}
		if p == nil || p.status == provisionReady {
			s.mu.Unlock()
			return nil
		}
		status, reason, done := p.status, p.reason, p.settled
		s.mu.Unlock()
		if status == provisionFailed {
			return fmt.Errorf("provisioned concurrency of %s:%s: %s", key.name, qualifier, reason)
		}
		select {
		case <-done:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.stopped.Done():
			return errUnavailable()
		}
	}
}

// allotted returns how many of its environments a provision has; s.mu is held.
func (s *Service) allotted(f *function, qualifier string) int {
	n := 0
	for v, share := range f.versions(qualifier, f.Provisioned[qualifier].Requested) {
		n += min(s.pool.stocked(v), share)
	}
	return n
}
