// SPDX-License-Identifier: MIT

package kafka_test

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/kafka"
)

// Topics, records and what groups have settled outlive a broker, and so does its
// port.
func TestBrokerKeeps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, dir, 0)
	port := b.Port()
	produce(t, b, "0:a:1", "0:a:2")
	r := follow(t, []string{b.Address()}, "g", oldest)
	r.await(t, "0:0", "0:1")
	r.stop(t)
	b.Close()
	b = open(t, dir, port)
	if b.Port() != port {
		t.Errorf("port %d became %d", port, b.Port())
	}
	produce(t, b, "0:a:3")
	follow(t, []string{b.Address()}, "g", oldest).await(t, "0:2")
	follow(t, []string{b.Address()}, "other", oldest).await(t, "0:0", "0:1", "0:2")
	if other := open(t, t.TempDir(), port); other.Port() == port {
		t.Error("a port that is taken was taken again")
	}
}

func TestTopics(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), 0)
	create := func(name string, partitions int) error {
		return b.CreateTopic(t.Context(), kafka.Topic{Name: name, Partitions: partitions})
	}
	if err := errors.Join(create("b", 2), create("a", 1)); err != nil {
		t.Fatal(err)
	}
	if err := create("a", 1); !errors.Is(err, kafka.ErrTopicExists) {
		t.Errorf("twice: %v", err)
	}
	for name, err := range map[string]error{
		"name": create("a b", 1), "partitions": create("c", 0),
		"fewer partitions": b.AddPartitions(t.Context(), kafka.Topic{Name: "b", Partitions: 1}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := b.AddPartitions(t.Context(), kafka.Topic{Name: "a", Partitions: 3}); err != nil {
		t.Error(err)
	}
	got, err := b.Topics(t.Context())
	if diff := cmp.Diff([]kafka.Topic{{Name: "a", Partitions: 3}, {Name: "b", Partitions: 2}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if err := b.DeleteTopic(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	if err := b.DeleteTopic(t.Context(), "a"); !errors.Is(err, kafka.ErrUnknownTopic) {
		t.Errorf("gone: %v", err)
	}
}

// What is no Kafka is cut off, and the broker goes on.
func TestBrokerSurvivesStrangers(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir(), 0)
	for _, said := range []string{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x00\x00\x00\x0a\x7f\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\x00\x00\x00\x00\x00\x03", "\x00\x00\x00\x0a\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00"} {
		conn, err := net.Dial("tcp", b.Address())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, said); err != nil {
			t.Error(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Error(err)
		}
		if n, err := conn.Read(make([]byte, 1)); n != 0 || errors.Is(err, io.ErrNoProgress) {
			t.Errorf("%q is answered: %v", said, err)
		} else if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			t.Errorf("%q is not cut off", said)
		}
		_ = conn.Close()
	}
	produce(t, b, "0:a:1")
}
