// SPDX-License-Identifier: MIT

package logs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// stream is a log stream as it is kept. Its events are lines of a file:
//
//	<time in ms> <ingestion time in ms> <message as JSON string>
type stream struct {
	Name     string
	File     string // within the directory of its group
	Created  int64  // ms since 1970, as all times here
	First    int64  // of the events; 0 without events
	Last     int64
	Ingested int64
	Bytes    int64 // of the messages
	Shuffled bool  // some event is older than one written before it

	writing sync.Mutex // held while the file is written; taken before Service.mu
}

// overhead is what CloudWatch Logs counts for each event beside its message
// (PutLogEvents, API reference).
const overhead = 26

// maxLine bounds a line of a stream's file: a message of 1 MB whose every byte
// is escaped, and the two times.
const maxLine = 6<<20 + 64

// append writes events to the end of the file and returns where each begins;
// st.writing is held.
func (st *stream) append(dir string, events []Event, now int64) (offsets []int64, err error) {
	var b bytes.Buffer
	for _, e := range events {
		offsets = append(offsets, int64(b.Len()))
		b.Write(strconv.AppendInt(nil, e.Time.UnixMilli(), 10))
		b.WriteByte(' ')
		b.Write(strconv.AppendInt(nil, now, 10))
		b.WriteByte(' ')
		message, err := json.Marshal(e.Message)
		if err != nil {
			return nil, err
		}
		b.Write(message)
		b.WriteByte('\n')
	}
	f, err := os.OpenFile(filepath.Join(dir, st.File), os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := endLine(f); err != nil {
		return nil, err
	}
	end, err := f.Seek(0, io.SeekEnd)
	for i := range offsets {
		offsets[i] += end
	}
	if err == nil {
		_, err = f.Write(b.Bytes())
	}
	return offsets, err
}

// endLine completes a last line that a killed process has left unfinished; as
// it is no event, readers skip it.
func endLine(f *os.File) error {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	var last [1]byte
	if _, err := f.ReadAt(last[:], info.Size()-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = f.Write([]byte{'\n'})
	return err
}

// record is one event that was read.
type record struct {
	stream   string
	time     int64
	ingested int64
	message  string
	offset   int64 // of its line in the file
}

// scan calls each for every event of a file from offset on, in the order they
// were written, until it returns false. It returns the offset behind the last
// complete line. A file that is not there has no events.
func scan(path string, offset int64, each func(record) bool) (int64, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return offset, nil
	}
	if err != nil {
		return offset, err
	}
	defer func() { _ = f.Close() }() // only read
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return offset, err
	}
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	lines.Split(completeLines)
	for lines.Scan() {
		r, ok := parseLine(lines.Bytes())
		r.offset = offset
		offset += int64(len(lines.Bytes())) + 1
		if ok && !each(r) {
			return offset, nil
		}
	}
	return offset, lines.Err()
}

// completeLines is a bufio.SplitFunc that leaves out a last line without line
// feed: it is still being written.
func completeLines(data []byte, _ bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
}

func parseLine(line []byte) (record, bool) {
	var r record
	at, rest, _ := bytes.Cut(line, []byte{' '})
	ingested, message, ok := bytes.Cut(rest, []byte{' '})
	if !ok {
		return r, false
	}
	var err1, err2 error
	r.time, err1 = strconv.ParseInt(string(at), 10, 64)
	r.ingested, err2 = strconv.ParseInt(string(ingested), 10, 64)
	if errors.Join(err1, err2, json.Unmarshal(message, &r.message)) != nil {
		return record{}, false
	}
	return r, true
}
