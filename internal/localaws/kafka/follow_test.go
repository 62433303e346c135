// SPDX-License-Identifier: MIT

package kafka_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/kafka"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

var oldest = stream.Start{Position: stream.TrimHorizon}

func TestFollow(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), 0)
	if err := b.CreateTopic(t.Context(), kafka.Topic{Name: "t", Partitions: 2}); err != nil {
		t.Fatal(err)
	}
	produce(t, b, "0:a:1", "1:b:2", "0:a:3")
	r := follow(t, []string{b.Address()}, "g", oldest)
	r.await(t, "0:0", "0:1", "1:0")
	produce(t, b, "1:b:4")
	r.await(t, "0:0", "0:1", "1:0", "1:1")

	// Another group reads all, the same one what is new.
	follow(t, []string{b.Address()}, "h", oldest).await(t, "0:0", "0:1", "1:0", "1:1")
	r.stop(t)
	produce(t, b, "1:b:5")
	follow(t, []string{b.Address()}, "g", oldest).await(t, "1:2")
}

func TestFollowFromNowOn(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), 0)
	produce(t, b, "0:a:1")
	time.Sleep(2 * time.Millisecond) // times are those of a millisecond
	now := time.Now()
	produce(t, b, "0:a:2")
	r := follow(t, []string{b.Address()}, "g", stream.Start{Position: stream.Latest, At: now})
	r.await(t, "0:1")
}

// A topic that is there only later is read from its first record on.
func TestFollowWaitsForTopic(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), 0)
	r := follow(t, []string{b.Address()}, "g", stream.Start{Position: stream.Latest, At: time.Now()})
	r.until(t, func() bool { return len(r.troubles) > 0 && strings.Contains(r.troubles[0], "the topic does not exist") })
	produce(t, b, "0:a:1")
	r.await(t, "0:0")
}

// Two members share the partitions of a topic, and when one goes, the other takes
// over where it ended.
func TestFollowTogether(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), 0)
	if err := b.CreateTopic(t.Context(), kafka.Topic{Name: "t", Partitions: 2}); err != nil {
		t.Fatal(err)
	}
	one := follow(t, []string{b.Address()}, "g", oldest)
	two := follow(t, []string{b.Address()}, "g", oldest)
	produce(t, b, "0:a:1", "1:b:2", "0:a:3", "1:b:4")
	both := func() bool {
		two.mu.Lock()
		defer two.mu.Unlock()
		return len(one.got)+len(two.got) >= 4
	}
	deadline := time.Now().Add(patience)
	for one.mu.Lock(); !both() && time.Now().Before(deadline); one.mu.Lock() {
		one.mu.Unlock()
		time.Sleep(10 * time.Millisecond)
	}
	one.mu.Unlock()
	one.stop(t)
	produce(t, b, "0:a:5", "1:b:6")
	two.until(t, func() bool {
		n := 0
		for _, at := range two.got {
			if at == "0:2" || at == "1:2" {
				n++
			}
		}
		return n == 2
	})
}

func TestFollowElsewhere(t *testing.T) {
	t.Parallel()
	for _, server := range []string{"kafka.example.com:9092", "10.0.0.1:9092", "127.0.0.1", "localhost.example.com:9092"} {
		err := kafka.Follow(t.Context(), kafka.Subscription{Servers: []string{server}, Topic: "t", Group: "g"}, nil)
		if err == nil || !strings.Contains(err.Error(), "never leaves this machine") {
			t.Errorf("%s: got %v", server, err)
		}
	}
	r := follow(t, []string{"127.0.0.1:1"}, "g", oldest)
	r.until(t, func() bool {
		return len(r.troubles) > 0 && strings.HasPrefix(r.troubles[0], "Connection error. ") && strings.Contains(r.troubles[0], "127.0.0.1:1")
	})
	began := time.Now()
	r.stop(t)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
}
