// SPDX-License-Identifier: MIT

package elbv2

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func (b *balancer) doorName() string { return "elbv2/" + b.arn() }
func (l *listener) doorName() string { return "elbv2/" + l.arn() }

// openBalancer opens the door of a load balancer.
func (s *Service) openBalancer(b *balancer) (int, error) {
	balancerARN := b.arn()
	port, err := s.env.Doors.OpenFor(b.doorName(), b.Door, s.visitor(func() *listener { return s.first(balancerARN) }), s.admitter(balancerARN))
	if err != nil {
		return 0, fmt.Errorf("open load balancer %s: %w", b.Name, err)
	}
	return port, nil
}

// openListener opens the door of a listener.
func (s *Service) openListener(l *listener) (int, error) {
	listenerARN := l.arn()
	port, err := s.env.Doors.OpenFor(l.doorName(), l.Door, s.visitor(func() *listener { return s.listeners[listenerARN] }), s.admitter(l.Balancer))
	if err != nil {
		return 0, fmt.Errorf("open listener on port %d: %w", l.Settings.Port, err)
	}
	return port, nil
}

// first returns the listener that answers in the place of a load balancer, nil
// if there is none; s.mu is held.
func (s *Service) first(balancerARN string) *listener {
	if list := s.listenersOf(balancerARN); len(list) > 0 {
		return list[0]
	}
	return nil
}

// admitter tells the Host headers that the doors of a load balancer answer to:
// those of this machine, and those that a rule names.
func (s *Service) admitter(balancerARN string) func(host string) bool {
	return func(host string) bool { return door.IsLocal(host) || s.names(balancerARN, host) }
}

// names reports whether a rule of a load balancer names a host.
func (s *Service) names(balancerARN, host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		if l := s.listeners[r.Listener]; l == nil || l.Balancer != balancerARN {
			continue
		}
		for _, c := range r.Conditions {
			if c.HostHeaderConfig == nil {
				continue
			}
			for _, pattern := range c.HostHeaderConfig.Values {
				if named(pattern) && matches(strings.ToLower(pattern), hostName(host), false) {
					return true
				}
			}
		}
	}
	return false
}

// openDoors opens all doors, on the ports they had if these are free; s.mu is
// held.
func (s *Service) openDoors() error {
	for balancerARN, b := range s.balancers {
		port, err := s.openBalancer(b)
		if err != nil {
			return err
		}
		if port != b.Door {
			next := *b
			next.Door = port
			s.balancers[balancerARN] = &next
			s.moved("load balancer "+b.Name, next.host(), b.Door)
		}
	}
	for listenerARN, l := range s.listeners {
		port, err := s.openListener(l)
		if err != nil {
			return err
		}
		if port != l.Door {
			next := *l
			next.Door = port
			s.listeners[listenerARN] = &next
			s.moved(fmt.Sprintf("listener %d of load balancer %s", l.Settings.Port, s.balancers[l.Balancer].Name), next.address(), l.Door)
		}
	}
	return nil
}

func (s *Service) moved(what, address string, from int) {
	s.deps.Notice(fmt.Sprintf("the address of %s is now %s: port %d is in use", what, address, from))
	s.env.Store.Changed(document)
}

// Addresses returns the addresses of the listeners by ARN, without a final
// slash.
func (s *Service) Addresses() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := map[string]string{}
	for listenerARN, l := range s.listeners {
		list[listenerARN] = l.address()
	}
	return list
}

// ServeInternal answers /_sparta/elasticloadbalancing/addresses with the
// addresses of all listeners by ARN.
func (s *Service) ServeInternal(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/"+signing+"/addresses") {
		http.NotFound(w, r)
		return
	}
	wire.WriteJSON(w, http.StatusOK, s.Addresses())
}

// balancerURL is a URL that a template makes of a DNSName: with https, or with
// the port of a listener behind that of the door.
var balancerURL = lazy.MustCompile(`(https?)://127\.0\.0\.1:(\d+)(?::(\d+)|\b)`)

// Address returns a text in which the URLs of load balancers are those of the
// doors of the listeners that they lead to.
func (s *Service) Address(text string) string {
	if !strings.Contains(text, "://127.0.0.1:") {
		return text
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return balancerURL.ReplaceAllStringFunc(text, func(found string) string {
		parts := balancerURL.FindStringSubmatch(found)
		port := parts[3]
		if port == "" && parts[1] == "https" {
			port = "443"
		}
		if l := s.behind(parts[2], port); l != nil {
			return l.address()
		}
		return found
	})
}

// behind returns the listener on a port of the load balancer with a door, nil if
// there is none; s.mu is held.
func (s *Service) behind(balancerDoor, port string) *listener {
	if port == "" {
		return nil // the door itself is right
	}
	for _, l := range s.listeners {
		b := s.balancers[l.Balancer]
		if b != nil && strconv.Itoa(b.Door) == balancerDoor && strconv.Itoa(l.Settings.Port) == port {
			return l
		}
	}
	return nil
}
