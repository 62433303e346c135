// SPDX-License-Identifier: MIT

// Package elbv2 is the Elastic Load Balancing of the embedded AWS: application
// load balancers whose target groups hold functions, with their CloudFormation
// types and the part of their API that describes them.
//
// Each listener has a door on loopback (package door), and each load balancer
// one more that answers in the place of the listener on port 80, else on 443,
// else on the lowest port: its DNSName is that door, such as 127.0.0.1:40123.
//
// There are no networks: subnets, security groups and the address type are
// checked for their form and shown, and anybody on this machine comes in,
// whatever the scheme. HTTPS listeners are served over plain HTTP: their
// certificates and security policy are checked for their form, and functions
// are told https. Timeouts and the other attributes in noEffect have none. What
// would behave differently is refused by name: other kinds of load balancers
// and of targets, authentication, stickiness, access logs, transforms, changes
// through the API.
package elbv2

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "elbv2" // the name of the state document in the store
	namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"
	principal = "elasticloadbalancing.amazonaws.com"
	signing   = "elasticloadbalancing" // the name of the service in ARNs, actions and signatures
)

// Deps is what load balancers need around them.
type Deps struct {
	// Functions runs the targets.
	Functions gateway.Functions
	// Notice tells the user something once. It may be nil.
	Notice func(text string)
}

// Service is Elastic Load Balancing. Its methods may be called concurrently.
type Service struct {
	env        service.Env
	deps       Deps
	caller     *gateway.Caller
	operations map[string]operation
	needs      access.Table

	mu        sync.Mutex // guards what follows; values that pointers lead to are replaced, not changed
	balancers map[string]*balancer
	groups    map[string]*group
	listeners map[string]*listener
	rules     map[string]*rule
	checks    map[string]*check // of target groups that are checked
	work      sync.WaitGroup    // goroutines of checks
	closed    bool
}

// state is what the document holds.
type state struct {
	Balancers []*balancer
	Groups    []*group
	Listeners []*listener
	Rules     []*rule
}

// New opens the load balancers that env.Store keeps, each at its door.
func New(env service.Env, deps Deps) (*Service, error) {
	if deps.Notice == nil {
		deps.Notice = func(string) {}
	}
	s := &Service{
		env: env, deps: deps, caller: gateway.NewCaller(deps.Functions), operations: operations(), needs: needs(),
		balancers: map[string]*balancer{}, groups: map[string]*group{}, listeners: map[string]*listener{}, rules: map[string]*rule{},
		checks: map[string]*check{},
	}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("open elbv2: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.openDoors(); err != nil {
		return nil, err
	}
	s.watch()
	return s, nil
}

func (s *Service) load() error {
	var kept state
	if err := s.env.Store.Load(document, &kept); err != nil {
		return err
	}
	for _, b := range kept.Balancers {
		s.balancers[b.arn()] = b
	}
	for _, g := range kept.Groups {
		s.groups[g.arn()] = g
	}
	for _, l := range kept.Listeners {
		s.listeners[l.arn()] = l
	}
	for _, r := range kept.Rules {
		s.rules[r.arn()] = r
	}
	s.env.Store.Register(document, s.snapshot)
	return nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(state{sorted(s.balancers), sorted(s.groups), sorted(s.listeners), sorted(s.rules)})
}

// changed has the state written and the health checks follow it; s.mu is held.
func (s *Service) changed() {
	s.env.Store.Changed(document)
	s.watch()
}

// Close ends the health checks, and waits for the calls of functions under way
// until ctx ends. The doors stay open until env.Doors is shut down.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.watch()
	s.mu.Unlock()
	s.caller.Close(ctx)
	s.work.Wait()
	return nil
}

// ResourceTypes returns the CloudFormation types that are modelled.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::ElasticLoadBalancingV2::LoadBalancer": balancerType{s},
		"AWS::ElasticLoadBalancingV2::TargetGroup":  groupType{s},
		"AWS::ElasticLoadBalancingV2::Listener":     listenerType{s},
		"AWS::ElasticLoadBalancingV2::ListenerRule": ruleType{s},
	}
}

// newID returns an identifier as ARNs end with it: 16 hexadecimal digits.
func newID() string { return strings.ReplaceAll(wire.RequestID(), "-", "")[:16] }
