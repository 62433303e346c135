// SPDX-License-Identifier: MIT

package kinesis

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sort"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// entry says where a record is. The records of a shard are lines of a file.
type entry struct {
	number uint64 // within the shard, from 1 on
	at     int64  // arrival, in ms since 1970
	offset int64  // of the line
	length int    // of the line, with its line feed
}

// line is a record as it is kept.
type line struct {
	Number uint64 `json:"n"`
	At     int64  `json:"t"`
	Key    string `json:"k"`
	Data   []byte `json:"d"`
}

// record is a record that was read.
type record struct {
	Sequence string
	Arrived  time.Time
	Key      string
	Data     []byte
}

// size is what counts towards limits: data and key, in bytes.
func (r line) size() int { return len(r.Key) + len(r.Data) }

// open reads where the records of the file at path are. What follows the last
// complete line was being written when the process was killed: it is cut off.
func (sh *shard) open(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(f, 1<<20)
	for {
		text, err := in.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		var l line
		if err == nil {
			err = json.Unmarshal(text, &l)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("read %s: %w", path, err), f.Close())
		}
		sh.records = append(sh.records, entry{l.Number, l.At, sh.size, len(text)})
		sh.size += int64(len(text))
		if l.Number > sh.Last {
			sh.Last, sh.LastAt = l.Number, l.At
		}
	}
	return errors.Join(f.Truncate(sh.size), f.Close())
}

// append adds a record and returns its sequence number. Arrival times do not go
// back, whatever the clock does.
func (sh *shard) append(path, key string, data []byte, now time.Time) (string, error) {
	l := line{Number: sh.Last + 1, At: max(now.UnixMilli(), sh.LastAt), Key: key, Data: data}
	text, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	text = append(text, '\n')
	_, err = f.WriteAt(text, sh.size)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	sh.records = append(sh.records, entry{l.Number, l.At, sh.size, len(text)})
	sh.size += int64(len(text))
	sh.Last, sh.LastAt = l.Number, l.At
	return sh.sequence(l.Number, l.At/1000), nil
}

// after returns the index of the first record with a greater sequence number.
func (sh *shard) after(sequence string) int {
	return sort.Search(len(sh.records), func(i int) bool {
		return stream.Compare(sh.sequence(sh.records[i].number, sh.records[i].at/1000), sequence) > 0
	})
}

// read returns records from an index on: as many as are wanted and as fit into
// a number of bytes, but at least one.
func (sh *shard) read(path string, from, most, bytesMost int) ([]record, error) {
	entries := sh.records[from:min(from+most, len(sh.records))]
	if len(entries) == 0 {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	var out []record
	size := 0
	for _, e := range entries {
		text := make([]byte, e.length)
		if _, err := f.ReadAt(text, e.offset); err != nil {
			return nil, err
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, err
		}
		if size += l.size(); size > bytesMost && len(out) > 0 {
			break
		}
		out = append(out, record{sh.sequence(l.Number, l.At/1000), time.UnixMilli(l.At).UTC(), l.Key, l.Data})
	}
	return out, nil
}

// slack is how many bytes of records that are gone a file may hold.
const slack = 1 << 20

// expire forgets the records that arrived before a time. Their bytes are removed
// once they are more than what is left.
func (sh *shard) expire(path string, oldest time.Time) error {
	n := sort.Search(len(sh.records), func(i int) bool { return sh.records[i].at >= oldest.UnixMilli() })
	if n == 0 {
		return nil
	}
	sh.records = slices.Clone(sh.records[n:])
	gone := sh.size
	if len(sh.records) > 0 {
		gone = sh.records[0].offset
	}
	if gone < sh.size && (gone < slack || gone < sh.size/2) {
		return nil
	}
	return sh.compact(path, gone)
}

// compact removes the first bytes of the file.
func (sh *shard) compact(path string, gone int64) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	kept := bytes.Clone(data[gone:sh.size])
	next := path + ".new"
	if err := os.WriteFile(next, kept, 0o600); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	for i := range sh.records {
		sh.records[i].offset -= gone
	}
	sh.size = int64(len(kept))
	return nil
}

// expire forgets the records of a stream that are older than its retention
// period; s.mu is held.
func (s *Service) expire(d *dataStream) error {
	oldest := s.env.Now().Add(-time.Duration(d.RetentionHours) * time.Hour)
	for _, sh := range d.Shards {
		if err := sh.expire(s.file(d, sh), oldest); err != nil {
			return err
		}
	}
	return nil
}
