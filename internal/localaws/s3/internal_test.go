// SPDX-License-Identifier: MIT

package s3

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
)

func TestLocate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ host, path, bucket, key string }{
		{"127.0.0.1:4566", "/b/k/l", "b", "k/l"},
		{"127.0.0.1:4566", "/b", "b", ""},
		{"127.0.0.1:4566", "/b/", "b", ""},
		{"localhost", "/", "", ""},
		{"b.s3.amazonaws.com", "/k", "b", "k"},
		{"a.b.s3.us-east-1.amazonaws.com", "/k", "a.b", "k"},
		{"b.s3-eu-west-1.amazonaws.com", "/k", "b", "k"},
		{"b.s3.dualstack.ap-southeast-2.amazonaws.com:80", "/", "b", ""},
		{"B.S3.LOCALHOST:4566", "/K", "b", "K"},
		{"s3.us-gov-west-1.amazonaws.com", "/b/k", "b", "k"},
		{"s3.amazonaws.com", "/b//k", "b", "/k"},
		{"b.s3.cn-north-1.amazonaws.com.cn", "/k", "b", "k"},
	} {
		if bucket, key := Locate(test.host, test.path); bucket != test.bucket || key != test.key {
			t.Errorf("%s %s: got %q %q, want %q %q", test.host, test.path, bucket, key, test.bucket, test.key)
		}
	}
}

// After a kill between writing bytes and writing the state, what is missing is
// forgotten and what nobody knows is removed.
func TestReconcile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *Service {
		kept, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		s, err := New(service.Env{Store: kept, Doors: &door.Set{}, Now: time.Now, Log: zerolog.Nop()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	var names []string
	for range 3 {
		blob, f, err := s.blobs.create()
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		names = append(names, blob)
	}
	s.buckets["b"] = &bucket{Name: "b", Objects: map[string][]*object{
		"kept": {{Version: "2", Marker: true}, {Version: "1", Blob: names[0]}}, "lost": {{Version: "null", Blob: "00ff"}},
	}, Uploads: map[string]*upload{"u": {Parts: map[int]*part{1: {Blob: names[1]}, 2: {Blob: "00fe"}}}}}
	s.changed()
	if err := s.env.Store.Close(); err != nil {
		t.Fatal(err)
	}
	b := open().buckets["b"]
	if len(b.Objects) != 1 || len(b.Objects["kept"]) != 2 || len(b.Uploads["u"].Parts) != 1 {
		t.Errorf("got %d objects, %d versions, %d parts", len(b.Objects), len(b.Objects["kept"]), len(b.Uploads["u"].Parts))
	}
	files, err := filepath.Glob(filepath.Join(dir, "s3", "*", "*"))
	if err != nil || len(files) != 2 {
		t.Errorf("got files %v, error %v, want the two that are used", files, err)
	}
	if _, err := os.Stat(s.blobs.path(names[2])); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an unused blob is left: %v", err)
	}
}

// encodeChunks is the inverse of the decoder.
func encodeChunks(data []byte, size int, trailer string) []byte {
	var out bytes.Buffer
	for len(data) > 0 {
		n := min(size, len(data))
		fmt.Fprintf(&out, "%x;chunk-signature=ab\r\n%s\r\n", n, data[:n])
		data = data[n:]
	}
	out.WriteString("0\r\n" + trailer + "\r\n")
	return out.Bytes()
}

func FuzzChunked(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n0\r\n\r\n"), 3)
	f.Add([]byte("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"), 1)
	f.Add([]byte("-1\r\n"), 1)
	f.Add([]byte("ffffffffffffffff\r\n"), 1)
	f.Add([]byte("+5\r\nhello"), 100)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		// Whatever comes in: no panic, no more bytes out than in.
		if decoded, err := io.ReadAll(newChunked(bytes.NewReader(data))); err == nil && len(decoded) > len(data) {
			t.Errorf("%d bytes out of %d", len(decoded), len(data))
		}
		// Whatever is encoded comes back.
		size = max(1, size%4096)
		c := newChunked(bytes.NewReader(encodeChunks(data, size, "a-b:c\r\n")))
		if decoded, err := io.ReadAll(c); err != nil || !bytes.Equal(decoded, data) || c.trailer["A-B"] != "c" {
			t.Errorf("got %q, error %v, trailer %v", decoded, err, c.trailer)
		}
	})
}

func FuzzRange(f *testing.F) {
	for _, header := range []string{"bytes=0-1", "bytes=-1", "bytes=5-", "bytes=9-2", "bytes=99999999999999999999-", "bytes=1-2,3-4", "bytes=--1"} {
		f.Add(header, int64(10))
	}
	f.Fuzz(func(t *testing.T, header string, size int64) {
		size = max(size, 0)
		s, partial, err := parseRange(header, size)
		if err != nil {
			return
		}
		if s.start < 0 || s.length < 0 || s.start > size || s.length > size-s.start || partial && s.length == 0 {
			t.Errorf("%q of %d: got %+v, partial %v", header, size, s, partial)
		}
		if !partial && (s.start != 0 || s.length != size) {
			t.Errorf("%q of %d: a whole object is %+v", header, size, s)
		}
	})
}

func FuzzDeleteList(f *testing.F) {
	f.Add([]byte("<Delete><Object><Key>k</Key></Object></Delete>"))
	f.Add([]byte("<Delete><Quiet>true</Quiet><Object><Key>k</Key><VersionId>v</VersionId></Object></Delete>"))
	f.Add([]byte("<Delete/>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := parseDelete(body)
		if err == nil && (len(in.Objects) == 0 || len(in.Objects) > 1000 || in.Objects[0].Key == "") {
			t.Errorf("accepted %d keys", len(in.Objects))
		}
		if _, err := parseCompletion(body); err == nil && !strings.Contains(string(body), "CompleteMultipartUpload") {
			t.Error("accepted another document")
		}
	})
}
