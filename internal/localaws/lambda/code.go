// SPDX-License-Identifier: MIT

package lambda

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxUnzipped is the greatest size of a function's code, unpacked, in bytes
// (Lambda quotas).
const maxUnzipped = 262144000

// codeInput says where a function's zip comes from.
type codeInput struct {
	ZipFile                          []byte // the zip itself
	S3Bucket, S3Key, S3ObjectVersion string
}

// code is a zip that has been unpacked.
type code struct {
	sha256 string // base64
	size   int64  // bytes
}

// fetch gets a zip, checks it and unpacks it.
func (s *Service) fetch(ctx context.Context, scope arn.Scope, in codeInput) (code, error) {
	switch {
	case len(in.ZipFile) > 0 && in.S3Bucket+in.S3Key != "":
		return code{}, invalidValue("Please do not provide other FunctionCode parameters when providing a ZipFile.")
	case len(in.ZipFile) > 0:
		return s.code.put(bytes.NewReader(in.ZipFile), int64(len(in.ZipFile)))
	case in.S3Bucket == "" || in.S3Key == "":
		return code{}, invalidValue("Please provide a source for function code.")
	}
	blob, err := s.deps.OpenObject(ctx, scope.Account, in.S3Bucket, in.S3Key, in.S3ObjectVersion)
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return code{}, invalidValue("Error occurred while GetObject. S3 Error Code: %s. S3 Error Message: %s", e.Code, e.Message)
	}
	if err != nil {
		return code{}, err
	}
	c, err := s.code.put(blob, blob.Size())
	return c, errors.Join(err, blob.Close())
}

// codeStore holds each zip once, by its hash: the directory <hash> has code.zip
// and, unpacked and read-only, task.
type codeStore struct {
	dir    string
	layers string // of the directories that stand for /opt
}

// openCodeStore opens the store and removes the code that nothing uses.
func openCodeStore(st *store.Store, used map[string]bool) (codeStore, error) {
	dir, err := st.Dir("lambda/code")
	if err != nil {
		return codeStore{}, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return codeStore{}, err
	}
	keep := map[string]bool{}
	for hash := range used {
		keep[hexOf(hash)] = true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return codeStore{}, err
	}
	layers, err := st.Dir("lambda/opt")
	if err != nil {
		return codeStore{}, err
	}
	if layers, err = filepath.Abs(layers); err != nil {
		return codeStore{}, err
	}
	c := codeStore{dir, layers}
	if err := c.empty(); err != nil {
		return codeStore{}, err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if !keep[entry.Name()] {
			err = errors.Join(setDirModes(path, 0o700), os.RemoveAll(path))
		} else {
			err = setDirModes(c.taskOf(path), 0o555)
		}
		if err != nil {
			return codeStore{}, err
		}
	}
	return c, nil
}

// empty removes the directories that stand for /opt; they are made again when
// they are needed.
func (c codeStore) empty() error {
	entries, err := os.ReadDir(c.layers)
	for _, entry := range entries {
		path := filepath.Join(c.layers, entry.Name())
		err = errors.Join(err, setDirModes(path, 0o700), os.RemoveAll(path))
	}
	return err
}

// put stores a zip unless it is there already.
func (c codeStore) put(zip io.ReaderAt, size int64) (code, error) {
	if size > maxUnzipped {
		return code{}, invalidValue("Unzipped size must be smaller than %d bytes", maxUnzipped)
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(zip, 0, size)); err != nil {
		return code{}, err
	}
	got := code{base64.StdEncoding.EncodeToString(h.Sum(nil)), size}
	final := filepath.Join(c.dir, hexOf(got.sha256))
	if _, err := os.Stat(final); err == nil {
		return got, nil
	}
	fresh, err := os.MkdirTemp(c.dir, "new-")
	if err != nil {
		return code{}, err
	}
	if err = c.fill(fresh, zip, size); err == nil {
		err = os.Rename(fresh, final)
		if _, there := os.Stat(final); there == nil && err != nil {
			err = errors.Join(setDirModes(fresh, 0o700), os.RemoveAll(fresh)) // another call was faster
		}
		return got, err
	}
	return code{}, errors.Join(err, setDirModes(fresh, 0o700), os.RemoveAll(fresh))
}

func (c codeStore) fill(dir string, zip io.ReaderAt, size int64) error {
	task := c.taskOf(dir)
	if err := os.Mkdir(task, 0o755); err != nil {
		return err
	}
	if err := unpack(zip, size, task, maxUnzipped); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "code.zip"))
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.NewSectionReader(zip, 0, size))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return setDirModes(task, 0o555)
}

func (c codeStore) taskOf(dir string) string { return filepath.Join(dir, "task") }

// task returns the directory of the unpacked code.
func (c codeStore) task(sha256 string) string { return c.taskOf(filepath.Join(c.dir, hexOf(sha256))) }

// close makes the directories writable again, so that whoever owns the state
// directory can remove it.
func (c codeStore) close() error {
	return errors.Join(setDirModes(c.dir, 0o700), setDirModes(c.layers, 0o700))
}

// setDirModes sets the permissions of a directory and of those in it.
func setDirModes(dir string, mode fs.FileMode) error {
	if err := os.Chmod(dir, mode|0o700); err != nil { // to be able to look into it
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			if err := setDirModes(filepath.Join(dir, entry.Name()), mode); err != nil {
				return err
			}
		}
	}
	return os.Chmod(dir, mode)
}

// ServeInternal answers GET /_sparta/lambda/code/<hash>.zip, the place that
// GetFunction names as Code.Location.
func (s *Service) ServeInternal(w http.ResponseWriter, r *http.Request) {
	hash, ok := strings.CutPrefix(r.URL.Path, codePath)
	hash, zip := strings.CutSuffix(hash, ".zip")
	if _, err := hex.DecodeString(hash); err != nil || !ok || !zip || len(hash) != 2*sha256.Size {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	http.ServeFile(w, r, filepath.Join(s.code.dir, hash, "code.zip"))
}

const codePath = "/_sparta/lambda/code/"

// location returns the URL of a zip.
func (s *Service) location(sha256 string) string {
	return strings.TrimSuffix(s.env.Endpoint(), "/") + codePath + hexOf(sha256) + ".zip"
}

// hexOf returns a base64 hash as a file name.
func hexOf(sha256 string) string {
	b, _ := base64.StdEncoding.DecodeString(sha256) // our own encoding
	return hex.EncodeToString(b)
}
