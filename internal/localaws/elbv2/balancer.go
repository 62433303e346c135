// SPDX-License-Identifier: MIT

package elbv2

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// balancer is a load balancer.
type balancer struct {
	Scope    arn.Scope
	Name, ID string
	Door     int // port of its door
	Created  time.Time
	Settings balancerSettings
}

// balancerSettings is what a template says of a load balancer.
type balancerSettings struct {
	Scheme         string // internet-facing or internal
	AddressType    string
	Subnets        []string
	SecurityGroups []string
	Attributes     map[string]string // those that are set
	Tags           map[string]string
}

func (b *balancer) fullName() string { return "app/" + b.Name + "/" + b.ID }

func (b *balancer) arn() string {
	return b.Scope.Regional(signing, "loadbalancer/"+b.fullName())
}

// host is the load balancer's DNS name: that of its door, with the port.
func (b *balancer) host() string { return fmt.Sprintf("127.0.0.1:%d", b.Door) }

var (
	balancerName  = lazy.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`)
	subnetID      = lazy.MustCompile(`^subnet-[a-z0-9]+$`)
	securityGroup = lazy.MustCompile(`^sg-[a-z0-9]+$`)
)

// check checks the settings as the page CreateLoadBalancer says.
func (b balancerSettings) check() error {
	seen := map[string]bool{}
	for _, id := range b.Subnets {
		switch {
		case !subnetID.MatchString(id):
			return wire.Errorf(400, "SubnetNotFound", "The subnet ID '%s' is not valid", id)
		case seen[id]:
			return wire.Errorf(400, "InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		seen[id] = true
	}
	if len(b.Subnets) < 2 {
		return invalid("At least two subnets in two different Availability Zones must be specified")
	}
	for _, id := range b.SecurityGroups {
		if !securityGroup.MatchString(id) {
			return wire.Errorf(400, "InvalidSecurityGroup", "The security group ID '%s' is not valid", id)
		}
	}
	return checkAttributes(b.Attributes)
}

// createBalancer makes a load balancer and opens its door; s.mu is held.
func (s *Service) createBalancer(scope arn.Scope, name string, settings balancerSettings) (*balancer, error) {
	if !balancerName.MatchString(name) || strings.HasPrefix(name, "internal-") {
		return nil, invalid("The load balancer name '%s' is not valid: it has up to 32 letters, digits and hyphens, none of these at its ends, and does not begin with internal-", name)
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	for _, other := range s.balancers {
		if other.Scope == scope && other.Name == name {
			return nil, wire.Errorf(400, "DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", name)
		}
	}
	b := &balancer{Scope: scope, Name: name, ID: newID(), Created: s.env.Now(), Settings: settings}
	var err error
	if b.Door, err = s.openBalancer(b); err != nil {
		return nil, err
	}
	s.balancers[b.arn()] = b
	s.changed()
	return b, nil
}

// updateBalancer gives a load balancer other settings; s.mu is held.
func (s *Service) updateBalancer(balancerARN string, settings balancerSettings) (*balancer, error) {
	b := s.balancers[balancerARN]
	if b == nil {
		return nil, noBalancer(balancerARN)
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	next := *b
	next.Settings = settings
	s.balancers[balancerARN] = &next
	s.changed()
	return &next, nil
}

// deleteBalancer removes a load balancer with its listeners and their rules;
// s.mu is held.
func (s *Service) deleteBalancer(balancerARN string) error {
	b := s.balancers[balancerARN]
	if b == nil {
		return nil
	}
	if b.Settings.attribute("deletion_protection.enabled") == "true" {
		return wire.Errorf(400, "OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled", balancerARN)
	}
	for _, l := range maps.Clone(s.listeners) {
		if l.Balancer == balancerARN {
			s.deleteListener(l.arn())
		}
	}
	delete(s.balancers, balancerARN)
	s.env.Doors.Close(b.doorName())
	s.changed()
	return nil
}
