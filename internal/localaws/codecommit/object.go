// SPDX-License-Identifier: MIT

package codecommit

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// objects are the loose objects of a repository, in the form that git itself
// gives them below .git/objects ("Git Internals - Git Objects").
type objects struct{ dir string }

// The kinds of objects.
const (
	kindBlob   = "blob"
	kindTree   = "tree"
	kindCommit = "commit"
)

var errNoObject = errors.New("there is no such object")

func (o objects) path(id string) string { return filepath.Join(o.dir, id[:2], id[2:]) }

// write keeps an object and returns its id, the SHA-1 of its kind, its length
// and its content.
func (o objects) write(kind string, content []byte) (string, error) {
	raw := append([]byte(kind+" "+strconv.Itoa(len(content))+"\x00"), content...)
	sum := sha1.Sum(raw)
	id := hex.EncodeToString(sum[:])
	path := o.path(id)
	if _, err := os.Stat(path); err == nil {
		return id, nil
	}
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	// Written aside and renamed: half an object would be taken for the whole.
	if err := os.WriteFile(path+".new", b.Bytes(), 0o600); err != nil {
		return "", err
	}
	return id, os.Rename(path+".new", path)
}

// read returns the content of an object of a kind. It returns errNoObject if
// there is none.
func (o objects) read(kind, id string) ([]byte, error) {
	if !objectID.MatchString(id) {
		return nil, errNoObject
	}
	f, err := os.Open(o.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoObject
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := zlib.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read object %s: %w", id, err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read object %s: %w", id, err)
	}
	header, content, _ := bytes.Cut(raw, []byte{0})
	if found, _, _ := bytes.Cut(header, []byte(" ")); string(found) != kind {
		return nil, errNoObject
	}
	return content, nil
}
