// SPDX-License-Identifier: MIT

package delivery_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// receiver fails with each of its errors in turn, then takes what comes.
type receiver struct {
	errs []error
	got  []delivery.Message
	at   []time.Time
}

func (r *receiver) Deliver(_ context.Context, m delivery.Message) error {
	r.at = append(r.at, time.Now())
	if len(r.errs) > 0 {
		err := r.errs[0]
		r.errs = r.errs[1:]
		return err
	}
	r.got = append(r.got, m)
	return nil
}

func (r *receiver) Admits(delivery.Message) error {
	if len(r.errs) > 0 {
		return r.errs[0]
	}
	return nil
}

const queue = "arn:aws:sqs:us-east-1:000000000000:q"

func TestSendFindsTheService(t *testing.T) {
	t.Parallel()
	var table delivery.Table
	r := &receiver{}
	table.Add("sqs", r)
	if err := table.Send(t.Context(), delivery.Message{Target: queue, Body: []byte("x")}); err != nil || len(r.got) != 1 {
		t.Errorf("got %v, %d messages", err, len(r.got))
	}
	for _, target := range []string{"arn:aws:kinesis:us-east-1:000000000000:stream/s", "nonsense"} {
		if err := table.Send(t.Context(), delivery.Message{Target: target}); err == nil {
			t.Errorf("%s was accepted", target)
		}
		if err := table.Admits(delivery.Message{Target: target}); err == nil {
			t.Errorf("%s was admitted", target)
		}
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	busy, denied := wire.Errorf(429, "Throttled", "slow down"), wire.Errorf(403, "AccessDenied", "no")
	for _, test := range []struct {
		name    string
		errs    []error
		retry   delivery.Retry
		retries int
		want    error
		lasts   time.Duration
	}{
		{"at once", nil, delivery.Retry{Attempts: 3, Age: time.Hour}, 0, nil, 0},
		{"passes", []error{busy, errors.New("odd")}, delivery.Retry{Attempts: 3, Age: time.Hour}, 2, nil, 3 * time.Second},
		{"denied", []error{denied}, delivery.Retry{Attempts: 3, Age: time.Hour}, 0, denied, 0},
		{"attempts used up", []error{busy, busy, busy}, delivery.Retry{Attempts: 1, Age: time.Hour}, 1, busy, time.Second},
		{"too old", []error{busy, busy, busy}, delivery.Retry{Attempts: 9, Age: 2 * time.Second}, 1, busy, time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var table delivery.Table
				table.Add("sqs", &receiver{errs: test.errs})
				began := time.Now()
				retries, err := table.SendRetry(t.Context(), delivery.Message{Target: queue}, test.retry)
				if retries != test.retries || !errors.Is(err, test.want) || time.Since(began) != test.lasts {
					t.Errorf("got %d retries, %v, after %v", retries, err, time.Since(began))
				}
			})
		})
	}
}

func TestRetryEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		r := &receiver{}
		for range 20 {
			r.errs = append(r.errs, errors.New("down"))
		}
		var table delivery.Table
		table.Add("sqs", r)
		if _, err := table.SendRetry(ctx, delivery.Message{Target: queue}, delivery.Retry{Attempts: 185, Age: 24 * time.Hour}); err == nil {
			t.Error("no error")
		}
		if len(r.at) != 7 { // after 0, 1, 3, 7, 15, 31 and 63 seconds
			t.Errorf("tried %d times", len(r.at))
		}
	})
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	document, err := policy.Parse([]byte(`{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"SQS:SendMessage",
		"Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:topic"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	m := delivery.Message{Principal: "sns.amazonaws.com", Source: "arn:aws:sns:us-east-1:000000000000:topic", Target: queue}
	if !document.Allows(m.Question("sqs:SendMessage")) {
		t.Error("the topic is kept out")
	}
	m.Source += "-other"
	if document.Allows(m.Question("sqs:SendMessage")) {
		t.Error("another topic is let in")
	}
}
