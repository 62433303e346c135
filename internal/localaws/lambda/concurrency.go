// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"strconv"
)

type concurrencyInput struct{ ReservedConcurrentExecutions *int }

type concurrencyOutput struct{ ReservedConcurrentExecutions int }

func (s *Service) putConcurrency(_ context.Context, c call, in concurrencyInput) (any, error) {
	n := in.ReservedConcurrentExecutions
	if n == nil {
		return nil, invalidMember("", "reservedConcurrentExecutions", "Member must not be null")
	}
	if err := s.reserve(c, n); err != nil {
		return nil, err
	}
	return concurrencyOutput{*n}, nil
}

// reserve sets the reserved concurrency of a function, or removes it if n is
// nil.
func (s *Service) reserve(c call, n *int) error {
	if n != nil && *n < 0 {
		return invalidMember(strconv.Itoa(*n), "reservedConcurrentExecutions", "Member must have value greater than or equal to 0")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return err
	}
	f.Reserved = n
	s.changed()
	return nil
}

func (s *Service) getConcurrency(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	if f.Reserved == nil {
		return none{}, nil
	}
	return concurrencyOutput{*f.Reserved}, nil
}

func (s *Service) deleteConcurrency(_ context.Context, c call, _ none) (any, error) {
	return nil, s.reserve(c, nil)
}
