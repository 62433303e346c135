// SPDX-License-Identifier: MIT

package customresource

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	sendAttempts = 5
	sendDelay    = 200 * time.Millisecond // before the second attempt; doubles
	sendTimeout  = 10 * time.Second       // of one attempt
)

// doer is the part of *http.Client that sends answers.
type doer interface {
	Do(*http.Request) (*http.Response, error)
}

// errNotRetried marks an answer that was refused for good.
var errNotRetried = errors.New("not retried")

// send puts body to the pre-signed URL and tries again, with growing delays,
// what may pass. Errors do not hold the URL: whoever has it can answer in our
// place.
func send(ctx context.Context, client doer, target string, body []byte) error {
	delay := sendDelay
	for attempt := 1; ; attempt++ {
		err := sendOnce(ctx, client, target, body)
		if err == nil {
			return nil
		}
		if attempt == sendAttempts || errors.Is(err, errNotRetried) {
			return fmt.Errorf("send response: %w", err)
		}
		select {
		case <-time.After(delay):
			delay *= 2
		case <-ctx.Done():
			return fmt.Errorf("send response: %w, then %w", err, context.Cause(ctx))
		}
	}
}

func sendOnce(ctx context.Context, client doer, target string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, target, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("malformed response URL: %w", errNotRetried)
	}
	response, err := client.Do(request)
	if fault, ok := errors.AsType[*url.Error](err); ok {
		return fault.Err
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // lets the connection be used again
	switch code := response.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code >= 500, code == http.StatusRequestTimeout, code == http.StatusTooManyRequests:
		return fmt.Errorf("status %d", code)
	default:
		return fmt.Errorf("status %d: %w", code, errNotRetried)
	}
}

// newSender returns a client that does not follow redirects, which would lead
// the answer away from CloudFormation.
func newSender() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
