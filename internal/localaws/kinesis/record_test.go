// SPDX-License-Identifier: MIT

package kinesis

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Whatever a file holds is refused, or records can be added to it and read.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"n":1,"t":1795756528104,"k":"key","d":"aGVsbG8="}` + "\n" + `{"n":2,"t":17957`))
	f.Add([]byte("\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "shard")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		sh := &shard{Created: 1}
		if sh.open(path) != nil {
			return
		}
		n := len(sh.records)
		if _, err := sh.append(path, "k", []byte("x"), time.Now()); err != nil {
			t.Fatal(err)
		}
		got, err := sh.read(path, n, 1, maxRead)
		if err != nil || len(got) != 1 || got[0].Key != "k" || string(got[0].Data) != "x" {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

// Every sequence number of a shard is recognized as one, no other is.
func TestIssued(t *testing.T) {
	t.Parallel()
	sh := &shard{Index: 17, Created: 1795756528, Last: 5, LastAt: 1795756529_000}
	for text, want := range map[string]bool{
		sh.first(): true, sh.latest(): true, sh.sequence(3, 1795756528): true,
		sh.sequence(6, 1795756528): false, (&shard{Index: 18, Created: sh.Created}).first(): false, (&shard{Index: 17, Created: 5}).first(): false,
		"": false, "0": false, "x": false, "-1": false, "12": false,
	} {
		if got := sh.issued(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}
