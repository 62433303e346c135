// SPDX-License-Identifier: MIT

package dynamodb

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// journal is the file that keeps the state: one record of JSON in each line.
// A write costs one line, whatever the size of its table; a line that is not
// complete, since the process was killed, is dropped, so that transactions are
// kept whole also across tables. When most of the file is out of date it is
// written anew. One file for each partition would make small tables cheap to
// rewrite, but transactions would need a journal anyway.
type journal struct {
	path string
	file *os.File
	size int64 // bytes in the file
	base int64 // bytes after it was last written anew
	tail []byte
	// compacting says that the file is being written anew: what is appended
	// meanwhile goes into tail too.
	compacting bool
}

// openJournal reads a journal, which is created if needed.
func openJournal(path string, apply func(record) error) (*journal, error) {
	unfinished, _ := filepath.Glob(path + ".*") // the pattern is well-formed
	for _, name := range unfinished {
		if err := os.Remove(name); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{path: path, file: file}
	if err := j.replay(apply); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), file.Close())
	}
	return j, nil
}

func (j *journal) replay(apply func(record) error) error {
	reader := bufio.NewReaderSize(j.file, 1<<20)
	for line := 1; ; line++ {
		data, err := reader.ReadBytes('\n')
		if err == io.EOF { // what is left was not written to its end
			break
		}
		if err != nil {
			return err
		}
		var r record
		if err := json.Unmarshal(data, &r); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if err := apply(r); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		j.size += int64(len(data))
	}
	j.base = j.size
	if err := j.file.Truncate(j.size); err != nil {
		return err
	}
	_, err := j.file.Seek(j.size, io.SeekStart)
	return err
}

// append writes a record. If that fails the file is as before.
func (j *journal) append(data []byte) error {
	data = append(data, '\n')
	n, err := j.file.Write(data)
	if err != nil {
		if n > 0 {
			_, seek := j.file.Seek(j.size, io.SeekStart)
			err = errors.Join(err, j.file.Truncate(j.size), seek)
		}
		return err
	}
	j.size += int64(n)
	if j.compacting {
		j.tail = append(j.tail, data...)
	}
	return nil
}

// slack is how much a file may grow before it is worth writing anew.
const slack = 8 << 20

// wasteful reports whether most of the file may be out of date.
func (j *journal) wasteful() bool { return !j.compacting && j.size > 2*j.base+slack }

// replace puts a file in the place of the journal's, after what was appended
// since compacting began was added to it.
func (j *journal) replace(file *os.File, size int64) error {
	n, err := file.Write(j.tail)
	if err == nil {
		err = os.Rename(file.Name(), j.path)
	}
	if err != nil {
		return err
	}
	old := j.file
	j.file, j.size, j.base = file, size+int64(n), size
	return old.Close()
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}
