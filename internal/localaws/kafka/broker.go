// SPDX-License-Identifier: MIT

package kafka

import (
	"fmt"
	"net"
	"strconv"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kfake"
)

// BrokerOptions say where and as what a broker runs.
type BrokerOptions struct {
	Dir       string // of its files; created if needed
	ClusterID string // as clients see it
	Port      int    // taken if it is free; 0: any
	Log       zerolog.Logger
}

// Broker is the only broker of a Kafka cluster, in this process. Its methods may
// be called concurrently.
type Broker struct {
	cluster *kfake.Cluster
	address string
}

// OpenBroker opens a broker with what its directory holds. Topics come into being
// when a client that asks for it names them, with one partition, or by
// CreateTopic. The caller closes the broker.
func OpenBroker(o BrokerOptions) (*Broker, error) {
	cluster, err := o.open(o.Port)
	if err != nil && o.Port != 0 {
		cluster, err = o.open(0)
	}
	if err != nil {
		return nil, fmt.Errorf("open Kafka broker: %w", err)
	}
	return &Broker{cluster, cluster.ListenAddrs()[0]}, nil
}

func (o BrokerOptions) open(port int) (*kfake.Cluster, error) {
	return kfake.NewCluster(
		kfake.Ports(port), kfake.DataDir(o.Dir), kfake.ClusterID(o.ClusterID), kfake.ListenFn(guarded),
		kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(1), kfake.WithLogger(logger{o.Log}),
	)
}

// Address returns host:port of the broker.
func (b *Broker) Address() string { return b.address }

// Port returns the port of the broker.
func (b *Broker) Port() int {
	_, text, _ := net.SplitHostPort(b.address)
	port, _ := strconv.Atoi(text) // a listener's
	return port
}

// Close ends the broker and writes what is not in its files yet. Closing twice is
// no error.
func (b *Broker) Close() { b.cluster.Close() }

// logger passes on what the broker says of failures.
type logger struct{ log zerolog.Logger }

func (l logger) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError, kfake.LogLevelWarn:
		l.log.Warn().Str("said", fmt.Sprintf(format, args...)).Msg("kafka broker")
	}
}
