// SPDX-License-Identifier: MIT

package s3

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxObject is the largest body of one request: 5 GB as S3 counts them.
const maxObject = 5 << 30

// received is a body that was stored and is what its headers say.
type received struct {
	blob     string
	size     int64
	md5      []byte
	checksum checksum
}

func (b received) etag() string { return `"` + hex.EncodeToString(b.md5) + `"` }

// receive stores the body of a request in a new blob. want is the algorithm to
// use if the client claims no checksum; "" stands for the default of S3.
func (s *Service) receive(r *request, want string) (received, error) {
	if r.ContentLength < 0 && r.Header.Get("X-Amz-Decoded-Content-Length") == "" {
		return received{}, wire.Errorf(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	if r.ContentLength > maxObject {
		return received{}, tooLarge()
	}
	v, err := newVerifier(r, want)
	if err != nil {
		return received{}, err
	}
	blob, f, err := s.blobs.create()
	if err != nil {
		return received{}, err
	}
	n, err := v.copy(f)
	if err = errors.Join(err, f.Close()); err != nil {
		s.blobs.remove(blob)
		return received{}, err
	}
	kept := checksum{Algorithm: v.claim.algorithm, Value: encode(v.sum.Sum(nil)), Type: fullObject}
	return received{blob: blob, size: n, md5: v.md5.Sum(nil), checksum: kept}, nil
}

// document reads a small body and verifies it like that of an object.
func (r *request) document(limit int64) ([]byte, error) {
	if r.ContentLength > limit+4<<10 {
		return nil, tooLarge()
	}
	v, err := newVerifier(r, "CRC32")
	if err != nil {
		return nil, err
	}
	v.in = io.LimitReader(v.in, limit+1)
	var body bytes.Buffer
	if _, err := v.copy(&body); err != nil {
		return nil, err
	}
	if int64(body.Len()) > limit {
		return nil, tooLarge()
	}
	return body.Bytes(), nil
}

func tooLarge() error {
	return wire.Errorf(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
}

// verifier computes what the headers of a request say about its body.
type verifier struct {
	in      io.Reader
	chunks  *chunked // nil if the body is plain
	claim   claim
	size    int64 // as announced; -1 if unknown
	digest  string
	payload string // X-Amz-Content-Sha256 if it is a hash

	md5, sum, sha hash.Hash // sha is nil if payload is ""
}

var hexSHA256 = lazy.MustCompile(`^[0-9a-f]{64}$`)

func newVerifier(r *request, want string) (*verifier, error) {
	c, err := claimed(r.Header)
	if err != nil {
		return nil, err
	}
	if c.algorithm == "" {
		c.algorithm = cmp.Or(want, fallback)
	}
	v := &verifier{in: r.Body, claim: c, size: r.ContentLength, digest: r.Header.Get("Content-Md5"), md5: md5.New(), sum: newHash(c.algorithm)}
	if v.sum == nil {
		return nil, notModelled("the checksum algorithm " + c.algorithm)
	}
	if raw, err := base64.StdEncoding.DecodeString(v.digest); err != nil || len(raw) != 0 && len(raw) != md5.Size {
		return nil, wire.Errorf(http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid.")
	}
	hashed := r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case strings.HasPrefix(hashed, "STREAMING-") || isChunked(r.Header):
		v.chunks = newChunked(r.Body)
		v.in, v.size = v.chunks, -1
		if v.size, err = strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64); err != nil || v.size < 0 {
			return nil, wire.Errorf(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
		}
	case hexSHA256.MatchString(hashed):
		v.payload, v.sha = hashed, sha256.New()
	}
	return v, nil
}

// isChunked reports whether the content encoding includes aws-chunked.
func isChunked(h http.Header) bool {
	for encoding := range strings.SplitSeq(h.Get("Content-Encoding"), ",") {
		if strings.TrimSpace(encoding) == "aws-chunked" {
			return true
		}
	}
	return false
}

// copy writes the decoded body to out and then checks it.
func (v *verifier) copy(out io.Writer) (int64, error) {
	writers := []io.Writer{out, v.md5, v.sum}
	if v.sha != nil {
		writers = append(writers, v.sha)
	}
	n, err := io.CopyBuffer(io.MultiWriter(writers...), io.LimitReader(v.in, maxObject+1), make([]byte, 128<<10))
	switch {
	case errors.Is(err, errChunk):
		return n, wire.Errorf(http.StatusBadRequest, "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes: %v", err)
	case errors.Is(err, io.ErrUnexpectedEOF) || err == nil && v.size >= 0 && n != v.size && n <= maxObject:
		return n, wire.Errorf(http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	case err != nil:
		return n, err
	case n > maxObject:
		return n, tooLarge()
	}
	return n, v.verify()
}

func (v *verifier) verify() error {
	bad := func(what string) error {
		return wire.Errorf(http.StatusBadRequest, "BadDigest", "The %s you specified did not match what we received.", what)
	}
	if v.digest != "" && v.digest != encode(v.md5.Sum(nil)) {
		return bad("Content-MD5")
	}
	if v.sha != nil && v.payload != hex.EncodeToString(v.sha.Sum(nil)) {
		return wire.Errorf(http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	value := v.claim.value
	if v.claim.trailer != "" {
		if v.chunks == nil || v.chunks.trailer[v.claim.trailer] == "" {
			return wire.Errorf(http.StatusBadRequest, "MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.")
		}
		value = v.chunks.trailer[v.claim.trailer]
	}
	if value != "" && value != encode(v.sum.Sum(nil)) {
		return wire.Errorf(http.StatusBadRequest, "BadDigest", "The %s you specified did not match the calculated checksum.", v.claim.algorithm)
	}
	return nil
}
