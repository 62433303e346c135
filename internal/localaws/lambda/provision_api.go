// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type provisionInput struct{ ProvisionedConcurrentExecutions *int }

type provisionOutput struct {
	FunctionArn                              string `json:",omitempty"` // in lists
	RequestedProvisionedConcurrentExecutions int
	AvailableProvisionedConcurrentExecutions int
	AllocatedProvisionedConcurrentExecutions int
	Status                                   string
	StatusReason                             string `json:",omitempty"`
	LastModified                             string
}

// provisionOutput shows the provision of a qualifier; s.mu is held.
func (s *Service) provisionOutput(f *function, qualifier string) provisionOutput {
	p := f.Provisioned[qualifier]
	there := s.allotted(f, qualifier)
	out := provisionOutput{
		RequestedProvisionedConcurrentExecutions: p.Requested, AllocatedProvisionedConcurrentExecutions: there,
		Status: p.status, StatusReason: p.reason, LastModified: p.Modified,
	}
	if p.status == provisionReady {
		out.AvailableProvisionedConcurrentExecutions = there
	}
	return out
}

func (s *Service) putProvision(_ context.Context, c call, in provisionInput) (any, error) {
	if in.ProvisionedConcurrentExecutions == nil {
		return nil, invalidMember("", "provisionedConcurrentExecutions", "Member must not be null")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.find(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	qualifier, n := c.function.qualifier, *in.ProvisionedConcurrentExecutions
	if err := f.mayProvision(qualifier, n); err != nil {
		return nil, err
	}
	if f.Provisioned == nil {
		f.Provisioned = map[string]*provision{}
	}
	if f.Provisioned[qualifier] == nil {
		f.Provisioned[qualifier] = &provision{}
	}
	p := f.Provisioned[qualifier]
	p.Requested, p.Modified = n, s.env.Now().UTC().Format(time.RFC3339)
	s.supply(f.key())
	s.changed()
	return s.provisionOutput(f, qualifier), nil
}

// mayProvision returns the error of a request for n environments.
func (f *function) mayProvision(qualifier string, n int) error {
	if n < 1 {
		return invalidMember(strconv.Itoa(n), "provisionedConcurrentExecutions", "Member must have value greater than or equal to 1")
	}
	v := f.version(qualifier)
	if v == f.Latest {
		return invalidValue("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
	}
	total := n
	for other, p := range f.Provisioned {
		if other == qualifier {
			continue
		}
		total += p.Requested
		switch a, b := f.Aliases[qualifier], f.Aliases[other]; {
		case a != nil && b == nil && a.leadsTo(other):
			return conflict("Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version")
		case a == nil && b != nil && b.leadsTo(qualifier):
			return conflict("Version is pointed by a Provisioned Concurrency alias")
		}
	}
	if f.Reserved != nil && total > *f.Reserved {
		return invalidValue("Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function")
	}
	if total > maxBusy {
		return unmodelled("provisioned concurrency of " + strconv.Itoa(total) + " for one function: one machine runs " + strconv.Itoa(maxBusy) + " environments of a function at most")
	}
	return nil
}

func errNoProvision() error {
	return wire.Errorf(http.StatusNotFound, "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function")
}

// getProvision answers GetProvisionedConcurrencyConfig, and
// ListProvisionedConcurrencyConfigs, which has the same path.
func (s *Service) getProvision(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.query.Get("List") == "ALL" {
		return s.listProvisions(c)
	}
	f, _, err := s.find(c.scope, c.function)
	switch {
	case err != nil:
		return nil, err
	case f.Provisioned[c.function.qualifier] == nil:
		return nil, errNoProvision()
	}
	return s.provisionOutput(f, c.function.qualifier), nil
}

type listProvisionsOutput struct {
	ProvisionedConcurrencyConfigs []provisionOutput
	NextMarker                    string `json:",omitempty"`
}

// listProvisions lists the provisions of a function; s.mu is held.
func (s *Service) listProvisions(c call) (any, error) {
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	list := []provisionOutput{}
	for _, qualifier := range slices.Sorted(maps.Keys(f.Provisioned)) {
		out := s.provisionOutput(f, qualifier)
		out.FunctionArn = f.arn(qualifier)
		list = append(list, out)
	}
	list, next, err := page(list, c.query)
	return listProvisionsOutput{list, next}, err
}

func (s *Service) deleteProvision(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.find(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	if f.Provisioned[c.function.qualifier] != nil {
		s.unprovision(f, c.function.qualifier)
		s.changed()
	}
	return nil, nil
}

// unprovision forgets the provision of a qualifier; s.mu is held.
func (s *Service) unprovision(f *function, qualifier string) {
	p := f.Provisioned[qualifier]
	if p == nil {
		return
	}
	delete(f.Provisioned, qualifier)
	if p.status == provisionInProgress {
		p.end("")
	}
	s.supply(f.key())
}

// provisionedProperty is ProvisionedConcurrencyConfig of AWS::Lambda::Alias and
// AWS::Lambda::Version.
type provisionedProperty struct {
	ProvisionedConcurrencyConfig *provisionInput
}

func provisionedShape() shape.Rule {
	return shape.Object(shape.Fields{"ProvisionedConcurrentExecutions": shape.Integer(1, 1<<31-1)}, "ProvisionedConcurrentExecutions")
}

// apply makes the provision of what c names what the property says, and waits
// until its environments are there.
func (p provisionedProperty) apply(ctx context.Context, s *Service, c call) error {
	var err error
	if p.ProvisionedConcurrencyConfig == nil {
		_, err = s.deleteProvision(ctx, c, none{})
		return err
	}
	if _, err = s.putProvision(ctx, c, *p.ProvisionedConcurrencyConfig); err != nil {
		return err
	}
	return s.awaitSupply(ctx, keyOf(c.scope, c.function.name), c.function.qualifier)
}
