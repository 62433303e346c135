// SPDX-License-Identifier: MIT

// Package kafka is the Kafka of the embedded AWS: a broker in this process, for
// the clusters of MSK, and the reader of topics behind event source mappings.
//
// The broker is that of the franz-go project (kfake), on 127.0.0.1. Its topics,
// records and committed offsets are kept in files. It takes neither TLS nor SASL:
// whoever is on this machine may do everything. The reader takes brokers on
// loopback addresses only, this one or any other.
package kafka

import (
	"context"
	"fmt"
	"net"

	"github.com/sparta-up/sparta/internal/localaws/door"
)

// Cluster is what an event source mapping has to know of a cluster of MSK.
type Cluster struct {
	Servers    []string // host:port of its brokers
	Serverless bool
	// IAM says that clients have to be let in by IAM: nobody gets in without an
	// identity.
	IAM bool
	// Secret says that nobody gets in without a password or a certificate.
	Secret bool
}

// IsLocal reports whether a server, host:port, is on this machine by its very
// name: a loopback address or localhost. No resolver is asked.
func IsLocal(server string) bool {
	host, _, err := net.SplitHostPort(server)
	return err == nil && door.IsLocal(host)
}

// foreignError says that a broker is not on this machine.
type foreignError struct{ server string }

func (e *foreignError) Error() string {
	return fmt.Sprintf("the broker %s is not on a loopback address: the embedded AWS never leaves this machine", e.server)
}

// Hint says what to do about a broker that names itself otherwise than it is
// called.
func (e *foreignError) Hint() string {
	return "set advertised.listeners of the broker to the address at which it is called, such as PLAINTEXT://127.0.0.1:9092"
}

// dial connects to brokers on this machine: also to those that another broker
// names.
func dial(ctx context.Context, network, server string) (net.Conn, error) {
	if !IsLocal(server) {
		return nil, &foreignError{server}
	}
	var d net.Dialer
	return d.DialContext(ctx, network, server)
}
