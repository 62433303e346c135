// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/sparta-up/sparta/internal/localaws/kafka"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// topicPatience is how long a test waits for what has to come.
const topicPatience = 20 * time.Second

// clusterARN is that of the only cluster of MSK in these tests.
const clusterARN = "arn:aws:kafka:us-east-1:000000000000:cluster/main/1a2b-1"

// brook is topic "t" of a broker, which is that of a cluster of MSK, and a function
// "worker". It lives in real time: it has connections.
type brook struct {
	*Service
	all    *fakes
	broker *kafka.Broker
	iam    bool // the cluster lets in roles only
	secret bool // the cluster lets in who has a secret only

	mu       sync.Mutex
	answer   func(e events.KafkaEvent) sandbox.Outcome // nil: success
	payloads []string
	news     chan struct{} // closed when the function is called
}

func (b *brook) Cluster(arn string) (kafka.Cluster, error) {
	if arn != clusterARN {
		return kafka.Cluster{}, errors.New("no such cluster")
	}
	return kafka.Cluster{Servers: []string{b.broker.Address()}, IAM: b.iam, Secret: b.secret}, nil
}

func openBrook(t *testing.T, b *brook) *brook {
	t.Helper()
	var err error
	if b.broker == nil {
		if b.broker, err = kafka.OpenBroker(kafka.BrokerOptions{Dir: t.TempDir(), ClusterID: "main", Log: zerolog.Nop()}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.broker.Close)
		if err := b.broker.CreateTopic(t.Context(), kafka.Topic{Name: "t", Partitions: 2}); err != nil {
			t.Fatal(err)
		}
	}
	if b.all == nil {
		b.all = &fakes{}
	}
	b.news = make(chan struct{})
	b.all.handle, b.all.clusters = b.handle, b
	b.Service = withFakes(t, b.all)
	return b
}

// brookWith is openBrook with a function that answers.
func brookWith(t *testing.T, answer func(events.KafkaEvent) sandbox.Outcome) *brook {
	t.Helper()
	b := openBrook(t, &brook{answer: answer})
	add(t, b.Service, "worker", nil)
	t.Cleanup(func() { _ = b.Close(context.Background()) })
	return b
}

func (b *brook) handle(_ context.Context, _ *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
	var e events.KafkaEvent
	if err := json.Unmarshal(in.Payload, &e); err != nil {
		return sandbox.Outcome{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.payloads = append(b.payloads, string(in.Payload))
	close(b.news)
	b.news = make(chan struct{})
	if b.answer == nil {
		return sandbox.Outcome{Payload: []byte("null")}, nil
	}
	return b.answer(e), nil
}

// valuesOf returns the values of an event's records, joined.
func valuesOf(e events.KafkaEvent) string {
	var list []string
	for _, records := range e.Records {
		for _, r := range records {
			text, _ := base64.StdEncoding.DecodeString(r.Value)
			list = append(list, string(text))
		}
	}
	return strings.Join(list, ",")
}

// seen returns the values of the batches so far.
func (b *brook) seen(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, payload := range b.payloads {
		var e events.KafkaEvent
		if err := json.Unmarshal([]byte(payload), &e); err != nil {
			t.Fatal(err)
		}
		list = append(list, valuesOf(e))
	}
	return list
}

// await waits for batches, in their order.
func (b *brook) await(t *testing.T, want ...string) {
	t.Helper()
	deadline := time.After(topicPatience)
	for {
		b.mu.Lock()
		got, news := b.seen(t), b.news
		b.mu.Unlock()
		if slices.Equal(got, want) {
			return
		}
		select {
		case <-news:
		case <-deadline:
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// put adds records to partition 0 of the topic.
func (b *brook) put(t *testing.T, values ...string) {
	t.Helper()
	var records []*kgo.Record
	for _, value := range values {
		records = append(records, &kgo.Record{Topic: "t", Value: []byte(value)})
	}
	b.produce(t, records...)
}

func (b *brook) produce(t *testing.T, records ...*kgo.Record) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.broker.Address()), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// told waits until the last result of a mapping has a text.
func (b *brook) told(t *testing.T, id, text string) {
	t.Helper()
	deadline := time.Now().Add(topicPatience)
	for {
		b.Service.mu.Lock()
		got := b.mappings[id].LastResult
		b.Service.mu.Unlock()
		if strings.Contains(got, text) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the last result is %q, want %q", got, text)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// topicMapping is what a caller says of a mapping of the topic.
func topicMapping(in mappingInput) newMapping {
	in.EventSourceArn, in.FunctionName = clusterARN, "worker"
	return newMapping{mappingInput: in, startInput: startInput{StartingPosition: stream.TrimHorizon}, newTopicInput: newTopicInput{Topics: []string{"t"}}}
}

func (b *brook) mapped(t *testing.T, in newMapping) *mapping {
	t.Helper()
	m, err := b.addMapping(here, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
