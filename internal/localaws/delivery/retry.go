// SPDX-License-Identifier: MIT

package delivery

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Retry bounds how a delivery is repeated that fails for a reason that may pass.
type Retry struct {
	Attempts int           // after the first one
	Age      time.Duration // from the first attempt on
}

const (
	firstPause = time.Second
	maxPause   = 5 * time.Minute
)

// SendRetry delivers a message like Send and tries again, with growing pauses,
// while the failure may pass. It returns how often it tried again and, if that
// was in vain, the last error.
func (t *Table) SendRetry(ctx context.Context, m Message, r Retry) (retries int, err error) {
	began, pause := time.Now(), firstPause
	for {
		if err = t.Send(ctx, m); err == nil || !Transient(err) || retries >= r.Attempts {
			return retries, err
		}
		if time.Since(began)+pause > r.Age {
			return retries, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return retries, err
		}
		retries, pause = retries+1, min(2*pause, maxPause)
	}
}

// Transient reports whether a failure may pass by itself: throttling and
// failures of the service, but not what the caller has to change.
func Transient(err error) bool {
	e, ok := errors.AsType[*wire.Error](err)
	return !ok || e.HTTPStatus() >= 500 || e.HTTPStatus() == http.StatusTooManyRequests
}
