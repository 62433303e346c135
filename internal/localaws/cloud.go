// SPDX-License-Identifier: MIT

// Package localaws is the embedded AWS: one HTTP server on 127.0.0.1 that speaks
// the wire protocols of the services which a Sparta stack uses, so that the
// unmodified SDK and the aws command work against it. Its state lives in one
// directory and survives between processes. One process at a time owns that
// directory and serves; others attach to it. It is a rehearsal stage for one
// machine: signatures are not checked, IAM policies restrict functions, the
// roles of services and who has the credentials of a role, but nobody else, and
// what is not modelled is refused by
// name.
package localaws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/logs"
)

// Options say where and as whom the embedded AWS runs.
type Options struct {
	Dir     string            // state directory, such as .sparta/local; created if needed
	Account string            // twelve digits; "" means 000000000000
	Region  string            // "" means us-east-1
	Node    string            // path of the node program; "" means there is none
	Log     zerolog.Logger    // what the services log
	Notice  func(text string) // takes one-time notes for the user; nil drops them
	Heard   func(logs.Record) // takes each log event that is written, from many goroutines; may be nil
}

// Cloud is the embedded AWS, served by this process or by another one. Its
// methods may be called concurrently.
type Cloud struct {
	endpoint string
	owner    *owner // nil if another process serves
}

// patience is how long Open waits for a process that holds the directory and
// does not answer: it may be starting or ending.
const patience = 10 * time.Second

var accountPattern = lazy.MustCompile(`^[0-9]{12}$`)

// Open serves the embedded AWS whose state is in o.Dir, or attaches to the
// process that does. The caller closes it.
func Open(ctx context.Context, o Options) (*Cloud, error) {
	o.Account, o.Region = cmp.Or(o.Account, "000000000000"), cmp.Or(o.Region, "us-east-1")
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	if !accountPattern.MatchString(o.Account) {
		return nil, fmt.Errorf("open embedded AWS: the account %q is not a number of twelve digits", o.Account)
	}
	if o.Dir == "" {
		return nil, errors.New("open embedded AWS: no directory is given")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("open embedded AWS: %w", err)
	}
	o.Dir = dir
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open embedded AWS: %w", err)
	}
	return ownOrAttach(ctx, o)
}

func ownOrAttach(ctx context.Context, o Options) (*Cloud, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("another process holds the directory and does not answer"))
	defer cancel()
	lock := flock.New(filepath.Join(o.Dir, "lock"))
	for {
		locked, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", o.Dir, err)
		}
		if locked {
			own, err := serve(o, lock)
			if err != nil {
				return nil, &brokenError{dir: o.Dir, cause: errors.Join(err, lock.Unlock())}
			}
			return &Cloud{endpoint: own.endpoint, owner: own}, nil
		}
		if endpoint, err := attach(ctx, o.Dir); err == nil {
			return &Cloud{endpoint: endpoint}, nil
		}
		select {
		case <-ctx.Done():
			return nil, &heldError{dir: o.Dir, cause: context.Cause(ctx)}
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// brokenError says that the embedded AWS could not start on what the directory
// holds.
type brokenError struct {
	dir   string
	cause error
}

func (e *brokenError) Error() string {
	return fmt.Sprintf("open embedded AWS in %s: %v", e.dir, e.cause)
}

func (e *brokenError) Unwrap() error { return e.cause }

// Hint says how to begin anew.
func (e *brokenError) Hint() string {
	return fmt.Sprintf("if its state is damaged, remove %s to begin with an empty one: what was deployed with --local is gone then", e.dir)
}

// heldError says that the directory is in the hands of a process that does not
// answer.
type heldError struct {
	dir   string
	cause error
}

func (e *heldError) Error() string {
	return fmt.Sprintf("open embedded AWS in %s: %v", e.dir, e.cause)
}

func (e *heldError) Unwrap() error { return e.cause }

// Hint says what to do.
func (e *heldError) Hint() string {
	if s, err := readServer(e.dir); err == nil {
		return fmt.Sprintf("end process %d, which serves this directory, and try again", s.PID)
	}
	return "end the other sparta process that uses this directory and try again"
}

// Endpoint returns the base URL of all services, such as
// http://127.0.0.1:4566, for AWS_ENDPOINT_URL.
func (c *Cloud) Endpoint() string { return c.endpoint }

// Attached reports whether another process serves.
func (c *Cloud) Attached() bool { return c.owner == nil }

// Close ends the services and their child processes and keeps the state. What
// is not done when ctx ends is cut off. An attached Cloud leaves the other
// process alone. Closing twice is no error.
func (c *Cloud) Close(ctx context.Context) error {
	if c.owner == nil {
		return nil
	}
	return c.owner.close(ctx)
}
