// SPDX-License-Identifier: MIT

package s3

import (
	"bufio"
	"errors"
	"io"
	"net/textproto"
	"strconv"
	"strings"
)

// errChunk is the fault of a body that is not aws-chunked as announced.
var errChunk = errors.New("the aws-chunked body is malformed")

// chunked decodes the content encoding aws-chunked, signed or not, with its
// trailers, as the S3 User Guide describes under "Signature calculations for
// the authorization header: transferring payload in multiple chunks". Chunk
// signatures are not checked.
type chunked struct {
	in      *bufio.Reader
	left    int64 // of the present chunk
	begun   bool
	err     error             // io.EOF after the last chunk
	trailer map[string]string // by canonical name, complete after io.EOF
}

func newChunked(r io.Reader) *chunked {
	return &chunked{in: bufio.NewReaderSize(r, 64<<10), trailer: map[string]string{}}
}

// Read returns decoded bytes.
func (c *chunked) Read(p []byte) (int, error) {
	for c.err == nil && c.left == 0 {
		c.err = c.next()
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.in.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if err != nil {
		c.err = unexpected(err)
	}
	return n, c.err
}

// next reads the header of a chunk, and everything after the last one.
func (c *chunked) next() error {
	if c.begun {
		if line, err := c.line(); err != nil || line != "" {
			return errors.Join(errChunk, err)
		}
	}
	c.begun = true
	line, err := c.line()
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(line, ";") // the rest is the chunk's signature
	c.left, err = strconv.ParseInt(size, 16, 64)
	if err != nil || c.left < 0 || size[0] == '+' {
		return errChunk
	}
	if c.left > 0 {
		return nil
	}
	return c.trailers()
}

func (c *chunked) trailers() error {
	for len(c.trailer) <= 16 {
		line, err := c.line()
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		if line == "" { // some clients end the body without the last empty line
			return io.EOF
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return errChunk
		}
		c.trailer[textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return errChunk
}

// line reads up to CR LF, which it drops. A lone LF ends a line too: the
// trailing signature part of some clients does so.
func (c *chunked) line() (string, error) {
	line, err := c.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull) || len(line) > 4<<10:
		return "", errChunk
	case err != nil:
		return strings.TrimSuffix(string(line), "\r"), unexpected(err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
