// SPDX-License-Identifier: MIT

package kafka

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
)

// spoken is a connection on which something was said.
type spoken struct {
	net.Conn
	*bytes.Reader
}

func (s spoken) Read(p []byte) (int, error) { return s.Reader.Read(p) }

// FuzzGuard: what the guard lets pass is what was sent, request by request, and
// never the head of one that is no request of Kafka.
func FuzzGuard(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\n"))
	f.Add([]byte("\x00\x00\x00\x08\x00\x12\x00\x00\x00\x00\x00\x01\x00\x00\x00\x08\x00\x03\x00\x00\x00\x00\x00\x02"))
	f.Fuzz(func(t *testing.T, data []byte) {
		passed, err := io.ReadAll(&guardedConn{Conn: spoken{Reader: bytes.NewReader(data)}})
		if !bytes.HasPrefix(data, passed) {
			t.Fatalf("%q became %q", data, passed)
		}
		if err == nil && len(passed) != len(data) && len(data)-len(passed) >= headSize {
			t.Errorf("%d of %d bytes passed without an error", len(passed), len(data))
		}
		for rest := passed; len(rest) > 0; {
			size := binary.BigEndian.Uint32(rest)
			if size > maxRequest {
				t.Fatalf("a request of %d bytes passed", size)
			}
			rest = rest[min(len(rest), int(size)+4):]
		}
	})
}
