// SPDX-License-Identifier: MIT

package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// redraw is how often the live block shows how the time goes.
const redraw = 100 * time.Millisecond

// tallest is how many running stages the live block names.
const tallest = 8

// running is a stage at work.
type running struct {
	stage string
	start time.Time
	text  string // what it is doing, on one line; may be empty
}

// screen is standard error: lines that stay, and on a terminal the live block
// below them.
type screen struct {
	out    io.Writer
	live   bool
	colour bool
	width  func() int
	now    func() time.Time

	mu      sync.Mutex
	running []running // in order of start
	drawn   int       // lines of the live block on the terminal
	paused  bool
	closed  bool
	stop    chan struct{} // not nil while ticking
	stopped sync.WaitGroup
}

func newScreen(o Options) *screen {
	return &screen{
		out: o.Stderr, live: isLive(o), colour: hasColour(o), now: o.Now,
		width: func() int { return columns(o) },
	}
}

// wrap folds a text from outside to the width of the screen.
func (s *screen) wrap(first, text, next string) string {
	return fold(first, Sanitize(text), next, s.width())
}

// print writes text, which may have several lines, above the live block.
func (s *screen) print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(text + "\n")
}

// aside lets write, which writes elsewhere on what may be the same terminal, do
// so while the live block is not there.
func (s *screen) aside(write func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	paused := s.paused
	s.paused = true
	s.write("")
	err := write()
	s.paused = paused
	s.write("")
	return err
}

// start adds a stage to the live block.
func (s *screen) start(stage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = append(s.running, running{stage: stage, start: s.now()})
	if !s.live || s.closed {
		return
	}
	s.write("")
	if s.stop == nil {
		stop := make(chan struct{})
		s.stop = stop
		s.stopped.Go(func() { s.tick(stop) })
	}
}

// finish takes a stage out of the live block and prints a line about it.
func (s *screen) finish(stage, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = slices.DeleteFunc(s.running, func(r running) bool { return r.stage == stage })
	s.write(line)
}

// progress sets what a running stage is doing. It reports whether the stage is
// running and the text new.
func (s *screen) progress(stage, text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.running {
		if r := &s.running[i]; r.stage == stage && r.text != text {
			r.text = text
			if s.live {
				s.write("")
			}
			return true
		}
	}
	return false
}

// close takes the live block away for good.
func (s *screen) close() {
	s.mu.Lock()
	if s.live && !s.closed {
		s.closed = true
		s.write("")
	}
	if s.stop != nil {
		close(s.stop)
		s.stop = nil
	}
	s.mu.Unlock()
	s.stopped.Wait()
}

// pause takes the live block away, or brings it back.
func (s *screen) pause(paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = paused
	s.write("")
}

func (s *screen) tick(stop <-chan struct{}) {
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			s.mu.Lock()
			if len(s.running) > 0 {
				s.write("")
			}
			s.mu.Unlock()
		}
	}
}

// write replaces the live block by text, whole lines, and a new block below, in
// one go. An error of the terminal has nowhere to be told. mu is held.
func (s *screen) write(text string) {
	var b strings.Builder
	if s.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r\x1b[J", s.drawn) // up, to the left, erase below
	}
	b.WriteString(text)
	block := s.block()
	s.drawn = len(block)
	for _, line := range block {
		b.WriteString(line + "\n")
	}
	if b.Len() > 0 {
		io.WriteString(s.out, b.String())
	}
}

// block returns the lines of the live block.
func (s *screen) block() []string {
	if !s.live || s.closed || s.paused {
		return nil
	}
	var lines []string
	width := s.width() - 1 // so that no terminal wraps the line
	for i, r := range s.running {
		if i == tallest {
			lines = append(lines, s.dim(cut(fmt.Sprintf("> and %d more", len(s.running)-i), width)))
			break
		}
		line := fmt.Sprintf("> %-*s  %s", nameColumns-2, r.stage, span(s.now().Sub(r.start)))
		if r.text != "" {
			line += "  " + r.text
		}
		lines = append(lines, s.bold(clip(line, width)))
	}
	return lines
}
