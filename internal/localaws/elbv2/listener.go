// SPDX-License-Identifier: MIT

package elbv2

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// listener is a listener of a load balancer.
type listener struct {
	Balancer string // ARN
	ID       string
	Rule     string // id of the default rule
	Door     int    // port of its door
	Settings listenerSettings
}

// listenerSettings is what a template says of a listener.
type listenerSettings struct {
	Port           int // on AWS
	Protocol       string
	Certificates   []string `json:",omitempty"` // ARNs
	SecurityPolicy string   `json:",omitempty"`
	Actions        []action // of the default rule
}

func (l *listener) arn() string {
	return strings.Replace(l.Balancer, ":loadbalancer/", ":listener/", 1) + "/" + l.ID
}

// ruleARN returns the ARN of one of the listener's rules.
func (l *listener) ruleARN(id string) string {
	return strings.Replace(l.arn(), ":listener/", ":listener-rule/", 1) + "/" + id
}

// address returns the URL of the listener's door, without a final slash.
func (l *listener) address() string { return fmt.Sprintf("http://127.0.0.1:%d", l.Door) }

var (
	certificateARN = lazy.MustCompile(`^arn:[a-z-]+:(acm:[a-z0-9-]+:\d{12}:certificate/|iam::\d{12}:server-certificate/).+$`)
	policyName     = lazy.MustCompile(`^ELBSecurityPolicy-[A-Za-z0-9.-]+$`)
)

func (l listenerSettings) check() error {
	switch {
	case l.Port < 1 || l.Port > 65535:
		return invalid("A listener port must be specified")
	case l.Protocol == "":
		return invalid("A listener protocol must be specified")
	case l.Protocol != "HTTP" && l.Protocol != "HTTPS":
		return invalid("Listener protocol '%s' must be one of 'HTTP, HTTPS'", l.Protocol)
	case l.Protocol == "HTTPS" && len(l.Certificates) == 0:
		return invalid("A certificate must be specified for HTTPS listeners")
	case len(l.Certificates) > 1:
		return wire.Errorf(400, "TooManyCertificates", "A listener takes one default certificate; more are resources of their own")
	case l.Protocol == "HTTP" && len(l.Certificates) > 0:
		return invalid("Certificates cannot be specified for HTTP listeners")
	case l.Protocol == "HTTP" && l.SecurityPolicy != "":
		return invalid("A security policy cannot be specified for HTTP listeners")
	case l.SecurityPolicy != "" && !policyName.MatchString(l.SecurityPolicy):
		return wire.Errorf(400, "SSLPolicyNotFound", "SSL policy '%s' not found", l.SecurityPolicy)
	}
	for _, certificate := range l.Certificates {
		if !certificateARN.MatchString(certificate) {
			return wire.Errorf(400, "CertificateNotFound", "Certificate ARN '%s' is not valid", certificate)
		}
	}
	return nil
}

// prepare checks what a listener is to be; s.mu is held. listenerARN is "" for
// a new one.
func (s *Service) prepare(balancerARN, listenerARN string, settings listenerSettings) (listenerSettings, error) {
	if s.balancers[balancerARN] == nil {
		return settings, noBalancer(balancerARN)
	}
	if err := settings.check(); err != nil {
		return settings, err
	}
	for otherARN, other := range s.listeners {
		if otherARN != listenerARN && other.Balancer == balancerARN && other.Settings.Port == settings.Port {
			return settings, wire.Errorf(400, "DuplicateListener", "A listener already exists on this port for this load balancer '%s'", balancerARN)
		}
	}
	var err error
	if settings.Actions, err = s.completeActions(settings.Actions); err != nil {
		return settings, err
	}
	return settings, s.checkAssociation(balancerARN, settings.Actions)
}

// createListener makes a listener and opens its door; s.mu is held.
func (s *Service) createListener(balancerARN string, settings listenerSettings) (*listener, error) {
	settings, err := s.prepare(balancerARN, "", settings)
	if err != nil {
		return nil, err
	}
	l := &listener{Balancer: balancerARN, ID: newID(), Rule: newID(), Settings: settings}
	if l.Door, err = s.openListener(l); err != nil {
		return nil, err
	}
	s.listeners[l.arn()] = l
	s.changed()
	if settings.Protocol == "HTTPS" {
		s.deps.Notice(fmt.Sprintf("listener %d of load balancer %s speaks plain HTTP on this machine: %s", settings.Port, s.balancers[balancerARN].Name, l.address()))
	}
	return l, nil
}

// updateListener gives a listener other settings; s.mu is held.
func (s *Service) updateListener(listenerARN string, settings listenerSettings) (*listener, error) {
	l := s.listeners[listenerARN]
	if l == nil {
		return nil, noListener(listenerARN)
	}
	settings, err := s.prepare(l.Balancer, listenerARN, settings)
	if err != nil {
		return nil, err
	}
	next := *l
	next.Settings = settings
	s.listeners[listenerARN] = &next
	s.changed()
	return &next, nil
}

// deleteListener removes a listener with its rules; s.mu is held.
func (s *Service) deleteListener(listenerARN string) {
	l := s.listeners[listenerARN]
	if l == nil {
		return
	}
	delete(s.listeners, listenerARN)
	maps.DeleteFunc(s.rules, func(_ string, r *rule) bool { return r.Listener == listenerARN })
	s.env.Doors.Close(l.doorName())
	s.changed()
}

// listenersOf returns the listeners of a load balancer in the order in which
// they answer in its place: that on port 80, that on 443, then by port; s.mu is
// held.
func (s *Service) listenersOf(balancerARN string) []*listener {
	var list []*listener
	for _, l := range s.listeners {
		if l.Balancer == balancerARN {
			list = append(list, l)
		}
	}
	first := func(l *listener) int {
		if i := slices.Index([]int{80, 443}, l.Settings.Port); i >= 0 {
			return i
		}
		return l.Settings.Port + 2
	}
	slices.SortFunc(list, func(a, b *listener) int { return first(a) - first(b) })
	return list
}

// usersOf returns the load balancers that lead to a target group, each once;
// s.mu is held.
func (s *Service) usersOf(groupARN string) []string {
	found := map[string]bool{}
	for _, l := range s.listeners {
		if slices.Contains(targets(l.Settings.Actions), groupARN) {
			found[l.Balancer] = true
		}
	}
	for _, r := range s.rules {
		if l := s.listeners[r.Listener]; l != nil && slices.Contains(targets(r.Actions), groupARN) {
			found[l.Balancer] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// checkAssociation reports why actions of a load balancer may not lead to their
// target groups: those of another one; s.mu is held.
func (s *Service) checkAssociation(balancerARN string, list []action) error {
	for _, groupARN := range targets(list) {
		for _, user := range s.usersOf(groupARN) {
			if user != balancerARN {
				return wire.Errorf(400, "TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", groupARN)
			}
		}
	}
	return nil
}
