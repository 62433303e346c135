// SPDX-License-Identifier: MIT

package cli

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// memory is how a command's garbage is collected: not before the heap has some
// size, and from then on when it has grown by a part of what is live.
type memory struct {
	heap    int // bytes
	percent int // as GOGC
	limit   int // of the whole process, bytes, while at most four fifths of it are live
}

// memoryOf is that of a command. Most end before they collect at all. Validate
// reads large files in little memory, and takes somewhat longer for them.
func memoryOf(command string) memory {
	if command == "validate" {
		return memory{heap: 16 << 20, percent: 20, limit: 30 << 20}
	}
	return memory{heap: 16 << 20, percent: 50, limit: math.MaxInt64}
}

// hold makes the collector keep to m until it is called off. A GOGC or
// GOMEMLIMIT of the user's has the last word.
func (m memory) hold(p Process) (stop func()) {
	if p.environ("GOGC") != "" || p.environ("GOMEMLIMIT") != "" {
		return func() {}
	}
	before, limit := debug.SetGCPercent(m.goal(0)), debug.SetMemoryLimit(int64(m.limit))
	var stopped atomic.Bool
	m.adjust(&stopped)
	return func() {
		stopped.Store(true)
		debug.SetGCPercent(before)
		debug.SetMemoryLimit(limit)
	}
}

// adjust sets what the next collection waits for, after each one.
func (m memory) adjust(stopped *atomic.Bool) {
	runtime.AddCleanup(new(*int), func(stopped *atomic.Bool) {
		if stopped.Load() {
			return
		}
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		live := int(sample[0].Value.Uint64())
		debug.SetGCPercent(m.goal(live))
		if live > m.limit/5*4 { // the collector would never rest
			debug.SetMemoryLimit(math.MaxInt64)
		}
		m.adjust(stopped)
	}, stopped)
}

// goal is the percentage of what is live that the heap may grow by. Go takes
// 4 MB for the least that is. What does not fit anyhow is not worth the time.
func (m memory) goal(live int) int {
	const least, most = 4 << 20, 50
	if live > 2*m.heap {
		return max(m.percent, most)
	}
	live = max(live, least)
	return max(m.percent, (m.heap-live)*100/live)
}
