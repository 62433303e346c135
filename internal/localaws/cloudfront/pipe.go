// SPDX-License-Identifier: MIT

package cloudfront

import (
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/s3"
)

// fromBucket asks S3, whose answer is read while it is written.
func (s *Service) fromBucket(r *http.Request, from s3.Sender) *answer {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	out, in := io.Pipe()
	w := &pipe{header: http.Header{}, body: in, head: make(chan *answer, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer w.end()
		s.deps.Buckets.ServeFor(w, r, from)
	}()
	a := <-w.head
	a.stream = &pipeEnd{PipeReader: out, done: done}
	return a
}

// pipe is an http.ResponseWriter whose response is read at the other end.
type pipe struct {
	header http.Header
	body   *io.PipeWriter
	head   chan *answer // gets the status and the headers
	once   sync.Once
}

func (p *pipe) Header() http.Header { return p.header }

func (p *pipe) WriteHeader(status int) {
	p.once.Do(func() { p.head <- &answer{status: status, header: p.header.Clone()} })
}

func (p *pipe) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	return p.body.Write(b)
}

// end closes the pipe when there is no more to come. A panic of who writes
// becomes an error of who reads.
func (p *pipe) end() {
	if cause := recover(); cause != nil {
		p.WriteHeader(http.StatusInternalServerError)
		_ = p.body.CloseWithError(fmt.Errorf("internal error: %v", cause))
		return
	}
	p.WriteHeader(http.StatusOK)
	_ = p.body.Close() // never fails
}

// pipeEnd is where a response is read. Close waits until nobody writes.
type pipeEnd struct {
	*io.PipeReader
	done chan struct{}
}

func (e *pipeEnd) Close() error {
	err := e.PipeReader.Close()
	<-e.done
	return err
}
