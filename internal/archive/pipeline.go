// SPDX-License-Identifier: MIT

package archive

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"

	"github.com/klauspost/compress/flate"
)

const (
	chunkSize  = 512 << 10 // bytes of content that are compressed at once
	window     = 32 << 10  // how far back deflate can refer
	maxWorkers = 8         // bounds the memory on large machines
)

// chunk is a part of a file: compressed on its own, with the end of the part
// before it as dictionary, and ended at a byte border, so that the parts joined
// are one deflate stream. Parts are cut by size only; therefore the bytes don't
// depend on who compresses what.
type chunk struct {
	raw    []byte
	before []byte // the end of the previous chunk of the file
	packed []byte
	method uint16
	level  int
	first  bool
	last   bool
	err    error
	done   chan struct{} // closed when packed or err is set
	buffer bytes.Buffer
}

// pipeline reads, compresses and delivers chunks. At most cap(free) chunks
// exist.
type pipeline struct {
	order chan *chunk // in the order of the archive
	work  chan *chunk
	free  chan *chunk
	group sync.WaitGroup
}

// startPipeline starts a reader and several compressors. They end when ctx is
// done or everything was delivered.
func startPipeline(ctx context.Context, files []File) *pipeline {
	workers := min(runtime.GOMAXPROCS(0), maxWorkers)
	slots := 2*workers + 2
	p := &pipeline{order: make(chan *chunk, slots), work: make(chan *chunk, slots), free: make(chan *chunk, slots)}
	for range slots {
		p.free <- &chunk{}
	}
	p.group.Go(func() {
		defer close(p.order)
		defer close(p.work)
		for _, file := range files {
			if !p.read(ctx, file) {
				return
			}
		}
	})
	for range workers {
		p.group.Go(p.compress)
	}
	return p
}

// wait returns when all goroutines have ended; the context must be done or
// everything delivered.
func (p *pipeline) wait() { p.group.Wait() }

// next returns the next chunk in order.
func (p *pipeline) next(ctx context.Context) (*chunk, error) {
	c, ok := <-p.order
	if !ok {
		return nil, cmp.Or(context.Cause(ctx), io.ErrUnexpectedEOF)
	}
	<-c.done
	return c, c.err
}

// release gives a chunk back.
func (p *pipeline) release(c *chunk) { p.free <- c }

// take returns a free chunk, or nil when ctx is done.
func (p *pipeline) take(ctx context.Context) *chunk {
	select {
	case c := <-p.free:
		c.raw, c.before, c.packed, c.err = c.raw[:0], c.before[:0], nil, nil
		c.first, c.last, c.done = false, false, make(chan struct{})
		return c
	case <-ctx.Done():
		return nil
	}
}

// read cuts a file into chunks. It returns false when no more is to be read; an
// error is delivered as the last chunk.
func (p *pipeline) read(ctx context.Context, file File) bool {
	r, err := file.Open()
	if err != nil {
		return p.fail(ctx, err)
	}
	defer r.Close()
	var tail []byte
	for remaining := file.Size; ; {
		c := p.take(ctx)
		if c == nil {
			return false
		}
		size := min(remaining, chunkSize)
		c.first, c.last = remaining == file.Size, remaining == size
		if remaining -= size; c.fill(r, int(size)) != nil {
			c.err = cmp.Or(context.Cause(ctx), c.err)
			close(c.done)
			p.order <- c
			return false
		}
		c.method, c.level = methodOf(file.Name, c.first && c.last)
		c.before = append(c.before, tail...)
		tail = append(tail[:0], c.raw[max(0, len(c.raw)-window):]...)
		p.order <- c
		p.work <- c
		if c.last {
			return true
		}
	}
}

// fill reads size bytes of content and, for the last chunk, makes sure that no
// more follow.
func (c *chunk) fill(r io.Reader, size int) error {
	c.raw = slices.Grow(c.raw[:0], size)[:size]
	if _, c.err = io.ReadFull(r, c.raw); errors.Is(c.err, io.EOF) || errors.Is(c.err, io.ErrUnexpectedEOF) {
		c.err = errChanged
	}
	if c.err == nil && c.last {
		if n, _ := io.ReadFull(r, make([]byte, 1)); n > 0 {
			c.err = errChanged
		}
	}
	return c.err
}

// methodOf returns how content is packed. What is compressed already is stored,
// or, if it is longer than a chunk, put into deflate's stored blocks: the format
// wants the checksum of a stored file before its data, that of a deflated one
// may follow.
func methodOf(name string, whole bool) (method uint16, level int) {
	switch {
	case !compressed(name):
		return zip.Deflate, deflateLevel
	case whole:
		return zip.Store, 0
	}
	return zip.Deflate, flate.NoCompression
}

// fail delivers an error in place of a file.
func (p *pipeline) fail(ctx context.Context, err error) bool {
	if c := p.take(ctx); c != nil {
		c.err = err
		close(c.done)
		p.order <- c
	}
	return false
}

// compress packs chunks until there are no more.
func (p *pipeline) compress() {
	deflaters := make(map[int]*flate.Writer)
	for c := range p.work {
		deflater := deflaters[c.level]
		if deflater == nil {
			deflater, c.err = flate.NewWriter(io.Discard, c.level)
			deflaters[c.level] = deflater
		}
		if c.err == nil {
			c.pack(deflater)
		}
		close(c.done)
	}
}

// pack fills packed. A file of one chunk that does not get smaller is stored.
func (c *chunk) pack(deflater *flate.Writer) {
	if c.method == zip.Store {
		c.packed = c.raw
		return
	}
	c.buffer.Reset()
	deflater.ResetDict(&c.buffer, c.before) // plain Reset would keep the last dictionary
	_, err := deflater.Write(c.raw)
	if c.last {
		err = errors.Join(err, deflater.Close())
	} else {
		err = errors.Join(err, deflater.Flush())
	}
	c.packed, c.err = c.buffer.Bytes(), err
	if c.first && c.last && len(c.packed) >= len(c.raw) {
		c.packed, c.method = c.raw, zip.Store
	}
}
