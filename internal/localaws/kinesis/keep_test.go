// SPDX-License-Identifier: MIT

package kinesis_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// files returns the files of records below dir, with their sizes.
func files(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	paths, err := filepath.Glob(filepath.Join(dir, "kinesis", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		out[path] = info.Size()
	}
	return out
}

func TestSurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	source := w.stream(t, "s", 1)
	w.ok(t, "RegisterStreamConsumer", object{"StreamARN": source, "ConsumerName": "fan"})
	first := w.put(t, "k", "a")
	it := w.iterator(t, "TRIM_HORIZON", nil)
	w.close(t)

	for path := range files(t, dir) { // a record that was being written when the process was killed
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = f.WriteString(`{"n":2,"t":1,"k":"half`)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	w = open(t, dir)
	if second := w.put(t, "k", "b"); second <= first {
		t.Errorf("%s after %s", second, first)
	}
	if got, _ := w.read(t, it); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v", got)
	}
	w.ok(t, "DescribeStreamConsumer", object{"StreamARN": source, "ConsumerName": "fan"})
	w.ok(t, "DeleteStream", object{"StreamName": "s", "EnforceConsumerDeletion": true})
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	w.stream(t, "s", 1)
	w.refused(t, "GetRecords", object{"ShardIterator": it}, "InvalidArgumentException", "is not one of the stream")
}

// What is gone does not fill the disk for good, and what is left stays readable.
func TestFilesShrink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := open(t, dir)
		w.stream(t, "s", 1)
		for i := range 24 {
			w.put(t, "k", string(rune('a'+i))+strings.Repeat("x", 200_000))
			time.Sleep(4 * time.Hour)
		}
		var size int64
		for _, n := range files(t, dir) {
			size += n
		}
		if size > 15*280_000 { // as much again as there is to read
			t.Errorf("%d bytes are kept", size)
		}
		got, _ := w.read(t, w.iterator(t, "TRIM_HORIZON", nil))
		for i := range got {
			got[i] = got[i][:1]
		}
		if want := []string{"s", "t", "u", "v", "w", "x"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		w.close(t)
		w = open(t, dir)
		if again, _ := w.read(t, w.iterator(t, "TRIM_HORIZON", nil)); len(again) != 6 {
			t.Errorf("%d records after opening again", len(again))
		}
	})
}
