// SPDX-License-Identifier: MIT

package kafka

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// maxRequest is the size of a request, in bytes: the default of
// socket.request.max.bytes ("Broker Configs", Kafka documentation).
const maxRequest = 100 << 20

// guarded listens for the broker, which believes what a connection says of the
// size and kind of its requests: what is no Kafka, such as a browser, would take
// a gigabyte of memory or the process with it.
func guarded(network, address string) (net.Listener, error) {
	listener, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return guard{listener}, nil
}

type guard struct{ net.Listener }

func (g guard) Accept() (net.Conn, error) {
	conn, err := g.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &guardedConn{Conn: conn}, nil
}

// guardedConn reads requests whose head is right, and ends with an error before
// the first other one.
type guardedConn struct {
	net.Conn
	head   []byte // of the request that is read: not given to the caller yet
	left   int    // bytes of it behind the head
	broken error
}

// headSize is that of what comes first in a request: its size and its kind, of
// which the size does not count the four bytes of itself.
const headSize = 6

func (c *guardedConn) Read(p []byte) (int, error) {
	if c.broken != nil {
		return 0, c.broken
	}
	if len(c.head) == 0 && c.left == 0 {
		if c.broken = c.begin(); c.broken != nil {
			return 0, c.broken
		}
	}
	if len(c.head) > 0 {
		n := copy(p, c.head)
		c.head = c.head[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// begin reads the head of a request.
func (c *guardedConn) begin() error {
	head := make([]byte, headSize)
	if _, err := io.ReadFull(c.Conn, head); err != nil {
		return err
	}
	size, key := binary.BigEndian.Uint32(head), int16(binary.BigEndian.Uint16(head[4:]))
	const least = 8 // kind, version and number of a request
	switch {
	case size < least || size > maxRequest:
		return fmt.Errorf("read request of Kafka: %d bytes are not its size", size)
	case kmsg.RequestForKey(key) == nil:
		return fmt.Errorf("read request of Kafka: there is no kind %d", key)
	}
	c.head, c.left = head, int(size)-(headSize-4)
	return nil
}
