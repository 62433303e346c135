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
	"sync"
	"time"
)

// Set is the open doors. Its methods may be called concurrently.
type Set struct {
	mu    sync.Mutex
	doors map[string]*http.Server
}

// Open serves h on 127.0.0.1 under name, which must not be open already. It
// takes the preferred port if it is free, and any other port if it is not or if
// preferred is 0. It returns the port.
func (s *Set) Open(name string, preferred int, h http.Handler) (port int, err error) {
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
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	if s.doors == nil {
		s.doors = map[string]*http.Server{}
	}
	s.doors[name] = server
	go func() { _ = server.Serve(listener) }() // ends when the door is closed
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// URL returns the address of a door on port, with a final slash.
func URL(port int) string { return fmt.Sprintf("http://127.0.0.1:%d/", port) }

// Close closes one door. Closing a door that is not open is no error.
func (s *Set) Close(name string) {
	s.mu.Lock()
	server := s.doors[name]
	delete(s.doors, name)
	s.mu.Unlock()
	if server != nil {
		_ = server.Close()
	}
}

// Shutdown closes all doors and waits for the requests under way until ctx
// ends.
func (s *Set) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	doors := s.doors
	s.doors = nil
	s.mu.Unlock()
	var errs []error
	for _, server := range doors {
		errs = append(errs, server.Shutdown(ctx))
	}
	return errors.Join(errs...)
}
