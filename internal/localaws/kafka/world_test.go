// SPDX-License-Identifier: MIT

package kafka_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/sparta-up/sparta/internal/localaws/kafka"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// patience is how long a test waits for what has to come.
const patience = 20 * time.Second

func open(t testing.TB, dir string, port int) *kafka.Broker {
	t.Helper()
	b, err := kafka.OpenBroker(kafka.BrokerOptions{Dir: dir, ClusterID: "test", Port: port, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// produce adds records, each partition:key:value, to topic t.
func produce(t testing.TB, b *kafka.Broker, list ...string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Address()), kgo.AllowAutoTopicCreation(), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, text := range list {
		parts := strings.SplitN(text, ":", 3)
		var partition int32
		if _, err := fmt.Sscan(parts[0], &partition); err != nil {
			t.Fatal(err)
		}
		r := &kgo.Record{Topic: "t", Partition: partition, Key: []byte(parts[1]), Value: []byte(parts[2])}
		if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// reader notes what it reads of topic t, and settles it.
type reader struct {
	cancel context.CancelFunc
	ended  chan error

	mu       sync.Mutex
	got      []string // partition:offset
	troubles []string
	news     chan struct{} // closed when there is something new
}

func follow(t testing.TB, servers []string, group string, start stream.Start) *reader {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &reader{cancel: cancel, ended: make(chan error, 1), news: make(chan struct{})}
	note := func(change func()) {
		r.mu.Lock()
		defer r.mu.Unlock()
		change()
		close(r.news)
		r.news = make(chan struct{})
	}
	go func() {
		r.ended <- kafka.Follow(ctx, kafka.Subscription{
			Servers: servers, Topic: "t", Group: group, Start: start,
			Trouble: func(err error) { note(func() { r.troubles = append(r.troubles, err.Error()) }) },
		}, func(ctx context.Context, p *kafka.Partition) {
			for ctx.Err() == nil {
				page, err := p.Read(ctx, stream.Request{After: p.Settled(), Most: 100, Wait: time.Second})
				if err != nil {
					t.Error(err)
				}
				for _, record := range page.Records {
					if err := p.Settle(record.Sequence); err != nil {
						t.Error(err)
					}
					note(func() { r.got = append(r.got, fmt.Sprint(p.ID, ":", record.Sequence)) })
				}
			}
		})
	}()
	t.Cleanup(func() { r.stop(t) })
	return r
}

// stop ends reading. Stopping twice is no error.
func (r *reader) stop(t testing.TB) {
	t.Helper()
	r.cancel()
	select {
	case err := <-r.ended:
		r.ended <- nil
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("reading does not end")
	}
}

// await waits until what is read, sorted, is want.
func (r *reader) await(t testing.TB, want ...string) {
	t.Helper()
	r.until(t, func() bool {
		got := slices.Sorted(slices.Values(r.got))
		return slices.Equal(got, want)
	})
}

func (r *reader) until(t testing.TB, fine func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		r.mu.Lock()
		ok, news := fine(), r.news
		r.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-news:
		case <-deadline:
			r.mu.Lock()
			defer r.mu.Unlock()
			t.Fatalf("read %v, troubles %q", r.got, r.troubles)
		}
	}
}
