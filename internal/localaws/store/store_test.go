// SPDX-License-Identifier: MIT

package store_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/store"
)

// counter is a document that grows.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add(s *store.Store) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	s.Changed("counter") // with the lock held, as services do
}

func (c *counter) snapshot() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return json.Marshal(c.n)
}

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConcurrentChangesAreKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, c := open(t, dir), &counter{}
	s.Register("counter", c.snapshot)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				c.add(s)
			}
			if err := s.Flush(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	c.add(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var got int
	if err := open(t, dir).Load("counter", &got); err != nil || got != 1601 {
		t.Errorf("got %d, error %v, want 1601", got, err)
	}
	if rest, err := filepath.Glob(filepath.Join(dir, "counter.json.*")); err != nil || len(rest) > 0 {
		t.Errorf("temporary files are left: %v %v", rest, err)
	}
}

func TestChangesAreWrittenSoon(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, c := open(t, dir), &counter{}
	s.Register("counter", c.snapshot)
	c.add(s)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if data, err := os.ReadFile(filepath.Join(dir, "counter.json")); err == nil && string(data) == "1" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the change was not written")
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	got := 7
	if err := s.Load("absent", &got); err != nil || got != 7 {
		t.Errorf("got %d, error %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Load("broken", &got); err == nil || !strings.Contains(err.Error(), "broken.json") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestFailuresAreReported(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	s.Register("bad", func() ([]byte, error) { return nil, errors.New("cannot encode") })
	s.Changed("bad")
	if err := s.Flush(); err == nil || !strings.Contains(err.Error(), "keep bad: cannot encode") {
		t.Errorf("got %v", err)
	}
	if err := s.Close(); err == nil {
		t.Error("state that was lost must be reported when closing")
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	s := open(t, dir)
	sub, err := s.Dir("s3/x")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, sub} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v, error %v", path, info.Mode(), err)
		}
	}
}
