// SPDX-License-Identifier: MIT

// Package store keeps the state of the embedded AWS in a directory: one JSON
// document per service, written as a whole a moment after it changed, and
// directories for what is too large for a document.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// delay is how long a changed document may wait for further changes before it
// is written.
const delay = 50 * time.Millisecond

// Store is an open state directory. Its methods may be called concurrently.
type Store struct {
	dir string

	mu        sync.Mutex
	snapshots map[string]func() ([]byte, error)
	changed   map[string]bool
	timer     *time.Timer
	closed    bool
	failure   error

	writing sync.Mutex // held while documents are written
}

// Open opens dir, which is created if needed, readable by its owner only.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &Store{dir: dir, snapshots: map[string]func() ([]byte, error){}, changed: map[string]bool{}}, nil
}

// Dir returns the directory name below the store, created if needed.
func (s *Store) Dir(name string) (string, error) {
	dir := filepath.Join(s.dir, name)
	return dir, os.MkdirAll(dir, 0o700)
}

// Load decodes document name into v, which stays as it is if there is none.
func (s *Store) Load(name string, v any) error {
	data, err := os.ReadFile(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read %s: %w", s.path(name), err)
	}
	return nil
}

// Register names the function that encodes document name as JSON. It is called
// without any lock of the store held, and takes the service's own lock.
func (s *Store) Register(name string, snapshot func() ([]byte, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshots[name] = snapshot
}

// Changed says that document name has to be written. It does not block, so a
// service may call it with its own lock held.
func (s *Store) Changed(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed[name] = true
	if s.timer == nil && !s.closed {
		s.timer = time.AfterFunc(delay, func() { _ = s.Flush() })
	}
}

// Flush writes every changed document. It returns the first error since the
// store was opened: state that could not be kept is lost.
func (s *Store) Flush() error {
	s.writing.Lock()
	defer s.writing.Unlock()

	s.mu.Lock()
	pending := map[string]func() ([]byte, error){}
	for name := range s.changed {
		if snapshot := s.snapshots[name]; snapshot != nil {
			pending[name] = snapshot
		}
	}
	clear(s.changed)
	s.timer = nil
	s.mu.Unlock()

	var failure error
	for name, snapshot := range pending {
		data, err := snapshot()
		if err == nil {
			err = replaceFile(s.path(name), data)
		}
		if err != nil && failure == nil {
			failure = fmt.Errorf("keep %s: %w", name, err)
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure == nil {
		s.failure = failure
	}
	return s.failure
}

// Close writes what is pending. The store must not be used afterwards.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	return s.Flush()
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name+".json") }

// replaceFile writes data so that path holds either the old or the new content
// at any time.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
