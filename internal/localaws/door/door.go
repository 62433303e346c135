// SPDX-License-Identifier: MIT

// Package door opens the HTTP listeners through which browsers and programs
// reach what the embedded AWS hosts: one port on 127.0.0.1 for each function
// URL and each website, so that paths, cookies and links work as on AWS.
package door

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Set is the open doors. Its methods may be called concurrently.
type Set struct {
	mu    sync.Mutex
	doors map[string]*served
}

// served is an open door.
type served struct {
	server *http.Server
	done   chan struct{} // closed when the listener is no longer served
}

// Open serves h on 127.0.0.1 under name, which must not be open already. It
// takes the preferred port if it is free, and any other port if it is not or if
// preferred is 0. It returns the port. Requests whose Host header names another
// machine are refused, so that no web page can reach a door under a name of its
// own (DNS rebinding).
func (s *Set) Open(name string, preferred int, h http.Handler) (port int, err error) {
	return s.OpenFor(name, preferred, h, IsLocal)
}

// OpenFor is Open for a door that answers to more hosts than this machine: to
// those Host headers that admits accepts. It is for names that the user gave
// the door, which no web page of others can bear.
func (s *Set) OpenFor(name string, preferred int, h http.Handler, admits func(host string) bool) (port int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, open := s.doors[name]; open {
		return 0, fmt.Errorf("open door %q: it is open already", name)
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", preferred))
	if err != nil && preferred != 0 {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return 0, err
	}
	d := &served{server: &http.Server{Handler: guarded(h, admits), ReadHeaderTimeout: 10 * time.Second}, done: make(chan struct{})}
	if s.doors == nil {
		s.doors = map[string]*served{}
	}
	s.doors[name] = d
	go func() {
		defer close(d.done)
		_ = d.server.Serve(listener) // ends when the door is closed
	}()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// URL returns the address of a door on port, with a final slash.
func URL(port int) string { return fmt.Sprintf("http://127.0.0.1:%d/", port) }

// IsOpen reports whether a door is open.
func (s *Set) IsOpen(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, open := s.doors[name]
	return open
}

// Close closes one door. Closing a door that is not open is no error.
func (s *Set) Close(name string) {
	s.mu.Lock()
	d := s.doors[name]
	delete(s.doors, name)
	s.mu.Unlock()
	if d != nil {
		_ = d.server.Close()
		<-d.done
	}
}

// Shutdown closes all doors and waits for the requests under way until ctx
// ends; those that are not done by then are cut off.
func (s *Set) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	doors := s.doors
	s.doors = nil
	s.mu.Unlock()
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		errs []error
	)
	for _, d := range doors {
		wg.Go(func() {
			err := d.server.Shutdown(ctx)
			if err != nil {
				_ = d.server.Close()
			}
			<-d.done
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Loopback passes on the requests whose Host header names this machine and
// answers the others with 403.
func Loopback(h http.Handler) http.Handler { return guarded(h, IsLocal) }

func guarded(h http.Handler, admits func(host string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !admits(r.Host) {
			http.Error(w, "this server answers to 127.0.0.1 and localhost only", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// IsLocal reports whether a Host header, with or without a port, names this
// machine: a loopback address, localhost or a name below localhost.
func IsLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return addr.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
