// SPDX-License-Identifier: MIT

package sandbox

import (
	"bytes"
	"crypto/rand"
	"os"
	"sync"
	"time"
)

// lineLimit is the length in bytes at which a line is passed on in pieces, the
// size of a CloudWatch Logs event.
const lineLimit = 256 << 10

// lines makes lines of what the function's processes write and passes them on
// one at a time.
type lines struct {
	mu   sync.Mutex // held while a line is passed on
	pass func(line []byte)
}

func newLines(pass func([]byte)) *lines {
	if pass == nil {
		pass = func([]byte) {}
	}
	return &lines{pass: pass}
}

func (l *lines) emit(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pass(bytes.TrimSuffix(line, []byte{'\r'}))
}

// output is stdout and stderr of one process.
type output struct {
	stdout, stderr *stream
}

func (l *lines) open() (*output, error) {
	stdout, err := l.stream()
	if err != nil {
		return nil, err
	}
	stderr, err := l.stream()
	if err != nil {
		stdout.close()
		return nil, err
	}
	return &output{stdout, stderr}, nil
}

// flush passes on every line written up to now.
func (o *output) flush() {
	o.stdout.flush()
	o.stderr.flush()
}

// close passes on what is left and closes the pipes.
func (o *output) close() {
	o.stdout.close()
	o.stderr.close()
}

// stream is one pipe from the function to us. Its reading goroutine ends when
// both ends of the pipe are closed.
type stream struct {
	in, out *os.File
	split   splitter
	marks   chan struct{} // one value for each mark that came through
	ended   chan struct{}
}

func (l *lines) stream() (*stream, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s := &stream{
		in: in, out: out,
		split: splitter{emit: l.emit, mark: []byte("\x00" + rand.Text() + "\x00")},
		marks: make(chan struct{}, 1),
		ended: make(chan struct{}),
	}
	go s.read()
	return s, nil
}

func (s *stream) read() {
	defer close(s.ended)
	chunk := make([]byte, 32<<10)
	for {
		n, err := s.out.Read(chunk)
		for range s.split.write(chunk[:n]) {
			s.marks <- struct{}{}
		}
		if err != nil {
			s.split.end()
			return
		}
	}
}

// drainLimit bounds the wait for output that a surviving process holds back.
const drainLimit = 500 * time.Millisecond

// flush writes a mark into the pipe and waits until it comes out at the other
// end: all that the function wrote before has then been passed on.
func (s *stream) flush() {
	if _, err := s.in.Write(s.split.mark); err != nil {
		return
	}
	select {
	case <-s.marks:
	case <-s.ended:
	}
}

// close passes on what is left. A process that escaped its group and still
// holds the pipe is not waited for.
func (s *stream) close() {
	_ = s.in.Close()
	select {
	case <-s.ended:
	case <-time.After(drainLimit):
	}
	_ = s.out.Close()
}

// splitter cuts what is written to it into lines, whatever the borders of the
// writes are, and takes marks out.
type splitter struct {
	emit func(line []byte)
	mark []byte
	rest []byte // the begin of a line
}

// write passes on the lines that p completes and returns the marks in it. At a
// mark also the begun line is passed on.
func (s *splitter) write(p []byte) (marks int) {
	s.rest = append(s.rest, p...)
	for {
		before, after, found := bytes.Cut(s.rest, s.mark)
		if !found || len(s.mark) == 0 {
			break
		}
		marks++
		s.lines(before, true)
		s.rest = append(s.rest[:0], after...)
	}
	s.rest = append(s.rest[:0], s.lines(s.rest, false)...)
	return marks
}

// end passes on the begun line.
func (s *splitter) end() {
	s.lines(s.rest, true)
	s.rest = nil
}

// lines passes on the lines in p and returns the begin of the last one, or
// passes that on too if all is set.
func (s *splitter) lines(p []byte, all bool) (rest []byte) {
	for len(p) > 0 {
		i := bytes.IndexByte(p[:min(len(p), lineLimit+1)], '\n')
		switch {
		case i >= 0:
			s.emit(p[:i])
			p = p[i+1:]
		case len(p) >= lineLimit+len(s.mark):
			s.emit(p[:lineLimit])
			p = p[lineLimit:]
		case all:
			s.emit(p[:min(len(p), lineLimit)])
			p = p[min(len(p), lineLimit):]
		default:
			return p
		}
	}
	return nil
}
