// SPDX-License-Identifier: MIT

package logs

import (
	"bufio"
	"cmp"
	"container/heap"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
)

// view is what a reader has to know of a stream. It is taken under the lock;
// the file is then read without it.
type view struct {
	name, path  string
	first, last int64
	shuffled    bool
}

func (s *Service) view(g *group, st *stream) view {
	return view{st.Name, filepath.Join(s.dir(g), st.File), st.First, st.Last, st.Shuffled}
}

// compare orders events by time, then stream, then place in the stream.
func compare(a, b record) int {
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.stream, b.stream), cmp.Compare(a.offset, b.offset))
}

// records returns the events of a stream ordered by time.
func (v view) records() iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		if v.shuffled {
			v.sorted(yield)
			return
		}
		stopped := false
		_, err := scan(v.path, 0, func(r record) bool {
			r.stream = v.name
			stopped = !yield(r, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(record{}, err)
		}
	}
}

// sorted yields the events of a stream that was not written in order. It holds
// the place of each event in memory, but not its message.
func (v view) sorted(yield func(record, error) bool) {
	var index []record
	_, err := scan(v.path, 0, func(r record) bool {
		index = append(index, record{time: r.time, offset: r.offset})
		return true
	})
	if err != nil {
		yield(record{}, err)
		return
	}
	slices.SortStableFunc(index, compare)
	f, err := os.Open(v.path)
	if err != nil {
		yield(record{}, err)
		return
	}
	defer func() { _ = f.Close() }() // only read
	for _, at := range index {
		line, err := bufio.NewReader(io.NewSectionReader(f, at.offset, maxLine)).ReadBytes('\n')
		if err != nil {
			yield(record{}, err)
			return
		}
		r, _ := parseLine(line[:len(line)-1])
		r.stream, r.offset = v.name, at.offset
		if !yield(r, nil) {
			return
		}
	}
}

// source is a stream in a merge. Until its file is opened its next event is
// known by a lower bound only.
type source struct {
	view view
	head record
	next func() (record, error, bool)
	stop func()
}

type sources []*source

func (q sources) Len() int           { return len(q) }
func (q sources) Less(i, j int) bool { return compare(q[i].head, q[j].head) < 0 }
func (q sources) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *sources) Push(x any)        { *q = append(*q, x.(*source)) }
func (q *sources) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// merge returns the events of several streams from one time to another, both
// inclusive, ordered by compare. A file is opened only when its first event is
// due.
func merge(views []view, from, to int64) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		var queue sources
		for _, v := range views {
			if v.last >= from && v.first <= to {
				queue = append(queue, &source{view: v, head: record{time: v.first, stream: v.name, offset: -1}})
			}
		}
		heap.Init(&queue)
		defer func() {
			for _, src := range queue {
				src.close()
			}
		}()
		for len(queue) > 0 {
			src := queue[0]
			due := src.head
			if due.time > to {
				return
			}
			err := src.advance()
			if err == io.EOF {
				heap.Pop(&queue)
				src.close()
			} else {
				heap.Fix(&queue, 0)
			}
			switch {
			case err != nil && err != io.EOF:
				yield(record{}, err)
				return
			case due.offset >= 0 && due.time >= from && !yield(due, nil):
				return
			}
		}
	}
}

// advance reads the next event into head; at the end it returns io.EOF.
func (src *source) advance() error {
	if src.next == nil {
		src.next, src.stop = iter.Pull2(src.view.records())
	}
	r, err, ok := src.next()
	if !ok {
		return io.EOF
	}
	src.head = r
	return err
}

func (src *source) close() {
	if src.stop != nil {
		src.stop()
	}
}
