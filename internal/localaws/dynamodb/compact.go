// SPDX-License-Identifier: MIT

package dynamodb

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// picture is the state at one moment. Its items are shared with the tables,
// which copy the nodes of their trees before they change them.
type picture struct {
	tables  []table
	streams []kept
	states  []streamState
	tokens  []token
}

// compact writes the journal anew in the background; s.mu is held.
func (s *Service) compact() {
	if s.stopped.Err() != nil {
		return
	}
	s.forget()
	p := picture{tokens: slices.Collect(maps.Values(s.tokens))}
	for _, t := range s.byID {
		p.tables = append(p.tables, table{definition: t.definition, items: t.items.Copy()})
	}
	for _, st := range s.streams {
		p.states = append(p.states, st.streamState)
		p.streams = append(p.streams, kept{st.ARN, slices.Clone(st.changes)})
	}
	s.journal.compacting, s.journal.tail = true, nil
	s.work.Go(func() {
		if err := s.rewrite(p); err != nil {
			s.env.Log.Error().Err(err).Msg("compact journal of dynamodb")
		}
	})
}

// rewrite writes a picture into a new file and puts it in the journal's place.
func (s *Service) rewrite(p picture) error {
	file, err := os.CreateTemp(filepath.Dir(s.journal.path), "journal.*")
	size := int64(0)
	if err == nil {
		size, err = p.writeTo(file)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		err = s.journal.replace(file, size)
	}
	s.journal.compacting, s.journal.tail = false, nil
	if err != nil && file != nil {
		s.journal.base = s.journal.size // not again at once
		err = errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return err
}

// chunk is how many items or changes one line of a compacted journal has.
const chunk = 100

// writeTo writes the records that make the state again.
func (p picture) writeTo(w io.Writer) (size int64, err error) {
	out := bufio.NewWriterSize(w, 1<<20)
	write := func(r record) {
		if err != nil {
			return
		}
		var data []byte
		if data, err = json.Marshal(r); err == nil {
			size += int64(len(data)) + 1
			_, err = out.Write(append(data, '\n'))
		}
	}
	for _, state := range p.states {
		write(record{Stream: &state})
	}
	for _, k := range p.streams {
		for changes := range slices.Chunk(k.Changes, chunk) {
			write(record{Kept: &kept{k.Stream, changes}})
		}
	}
	for _, t := range p.tables {
		write(record{Table: t.definition})
		var writes []itemWrite
		t.items.Scan(func(_ string, item attribute.Item) bool {
			if writes = append(writes, itemWrite{Table: t.ID, Put: item}); len(writes) == chunk {
				write(record{Writes: writes})
				writes = nil
			}
			return err == nil
		})
		if writes != nil {
			write(record{Writes: writes})
		}
	}
	for _, t := range p.tokens {
		write(record{Token: &t})
	}
	return size, errors.Join(err, out.Flush())
}

// forget drops the streams, changes and tokens whose time is over; s.mu is held.
func (s *Service) forget() {
	now := s.env.Now()
	for name, st := range s.streams {
		if st.trim(now); !st.Closed.IsZero() && now.Sub(st.Closed) >= retention {
			delete(s.streams, name)
		}
	}
	maps.DeleteFunc(s.tokens, func(_ string, t token) bool { return now.Sub(t.At) >= tokenLife })
}
