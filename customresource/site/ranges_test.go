// SPDX-License-Identifier: MIT

package site

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sparta-up/sparta/customresource/internal/client"
)

func TestRanges(t *testing.T) {
	t.Parallel()
	data := make([]byte, 3*blockSize+17)
	_, _ = rand.NewChaCha8([32]byte{3}).Read(data)
	f := newFakeS3("b")
	f.put("b", "k", string(data))
	for _, size := range []int64{unknownSize, int64(len(data))} {
		r, err := openRanges(t.Context(), bucket{f, "b", testOwner}, "k", size)
		if err != nil {
			t.Fatal(err)
		}
		f.take()
		var readers sync.WaitGroup
		for range 8 {
			readers.Go(func() {
				got, err := io.ReadAll(io.NewSectionReader(r, 0, r.size))
				if err != nil || !bytes.Equal(got, data) {
					t.Errorf("read %d bytes: %v", len(got), err)
				}
			})
		}
		readers.Wait()
		if n := len(f.take("GetObject")); n > 4 {
			t.Errorf("%d requests for 4 blocks", n)
		}
		if n, err := r.ReadAt(make([]byte, 20), r.size-10); n != 10 || err != io.EOF {
			t.Errorf("read over the end: %d, %v", n, err)
		}
		if _, err := r.ReadAt(make([]byte, 1), -1); err == nil {
			t.Error("negative offset was taken")
		}
	}
}

func TestRangesForgetFailuresAndOldBlocks(t *testing.T) {
	t.Parallel()
	f := newFakeS3("b")
	f.put("b", "k", string(make([]byte, (maxBlocks+6)*blockSize)))
	r, err := openRanges(t.Context(), bucket{f, "b", testOwner}, "k", unknownSize)
	if err != nil {
		t.Fatal(err)
	}
	f.fault = func(string, string) error { return errors.New("cut") }
	if _, err := r.ReadAt(make([]byte, 1), 5*blockSize); err == nil {
		t.Error("no error")
	}
	f.fault = nil
	if _, err := io.Copy(io.Discard, io.NewSectionReader(r, 0, r.size)); err != nil {
		t.Errorf("after a failure: %v", err)
	}
	if n := r.recent.Len(); n != maxBlocks || len(r.blocks) != n {
		t.Errorf("%d blocks kept, want %d", n, maxBlocks)
	}
	f.put("b", "k", "changed meanwhile")
	if _, err := r.ReadAt(make([]byte, 1), 0); !client.HasCode(err, "PreconditionFailed") {
		t.Errorf("object that changed: got %v", err)
	}
}

func FuzzTotalSize(f *testing.F) {
	for _, seed := range []string{"bytes 0-99/1234", "bytes 0-99/*", "", "bytes */5", "0-1/2", "bytes 0-0/-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if size, err := totalSize(text); err == nil && size < 0 {
			t.Errorf("%q: %d", text, size)
		}
	})
}

func TestEach(t *testing.T) {
	t.Parallel()
	var now, most, sum atomic.Int64
	items := make([]int, 500)
	for i := range items {
		items[i] = i % 50
	}
	err := each(t.Context(), items, func(n int) int { return n }, func(_ context.Context, n int) error {
		cost := int64(min(max(1, n), budget))
		most.Store(max(most.Load(), now.Add(cost)))
		sum.Add(int64(n))
		now.Add(-cost)
		return nil
	})
	if err != nil || most.Load() > budget || sum.Load() != 500*49/2 {
		t.Errorf("got %v, at most %d at a time, sum %d", err, most.Load(), sum.Load())
	}

	var started atomic.Int64
	fault := errors.New("first")
	err = each(t.Context(), items, func(int) int { return 1 }, func(ctx context.Context, _ int) error {
		if started.Add(1) == 1 {
			return fault
		}
		<-ctx.Done()
		return fmt.Errorf("later: %w", ctx.Err())
	})
	if err != fault || started.Load() > budget+1 {
		t.Errorf("got %v after %d were started", err, started.Load())
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := each(ctx, items, func(int) int { return 1 }, func(context.Context, int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: got %v", err)
	}
}

func TestEscapeKey(t *testing.T) {
	t.Parallel()
	if got, want := escapeKey("größe/a+b c&d~.html"), "gr%C3%B6%C3%9Fe/a%2Bb%20c%26d~.html"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestIsMD5(t *testing.T) {
	t.Parallel()
	for etag, want := range map[string]bool{
		"d41d8cd98f00b204e9800998ecf8427e": true, "d41d8cd98f00b204e9800998ecf8427e-3": false,
		"": false, "D41D8CD98F00B204E9800998ECF8427E": false,
	} {
		if got := isMD5(etag); got != want {
			t.Errorf("%q: got %v", etag, got)
		}
	}
}
