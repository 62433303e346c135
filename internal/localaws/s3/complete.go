// SPDX-License-Identifier: MIT

package s3

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
)

type completed struct {
	XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
	Location     string
	Bucket       string
	Key          string
	ETag         string
	ChecksumType string    `xml:",omitempty"`
	Checksum     *sumValue `xml:",omitempty"`
}

// completeUpload follows the page CompleteMultipartUpload. The parts are put
// together without the lock; meanwhile the upload answers NoSuchUpload.
func (s *Service) completeUpload(r *request) error {
	body, err := r.document(8 << 20)
	if err != nil {
		return err
	}
	in, err := parseCompletion(body)
	if err != nil {
		return err
	}
	u, parts, err := s.claimUpload(r, in)
	if err != nil {
		return err
	}
	o, err := s.assemble(u, parts, r.Header)
	if err == nil {
		err = s.commit(r, o)
	}
	s.releaseUpload(r, u, err == nil)
	if err != nil {
		return err
	}
	r.xml(http.StatusOK, completed{
		Location: s.env.Endpoint() + "/" + r.bucket + "/" + encodeKey(r.key), Bucket: r.bucket, Key: r.key, ETag: o.ETag,
		ChecksumType: o.Checksum.Type, Checksum: o.Checksum.element(),
	})
	return nil
}

func (s *Service) claimUpload(r *request, in completion) (*upload, []*part, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, u, err := s.upload(r)
	if err != nil {
		return nil, nil, err
	}
	if err := mayWrite(r.Header, b.current(r.key)); err != nil {
		return nil, nil, err
	}
	parts, err := u.choose(in)
	if err != nil {
		return nil, nil, err
	}
	total := int64(0)
	for _, p := range parts {
		total += p.Size
	}
	if want := r.Header.Get("X-Amz-Mp-Object-Size"); want != "" && want != strconv.FormatInt(total, 10) {
		return nil, nil, invalidRequest("The provided 'x-amz-mp-object-size' header value %s does not match what was computed: %d", want, total)
	}
	u.completing = true
	return u, parts, nil
}

// releaseUpload ends the upload, or lets the client try again.
func (s *Service) releaseUpload(r *request, u *upload, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.completing = false
	if !done {
		return
	}
	if b := s.buckets[r.bucket]; b != nil {
		delete(b.Uploads, r.query.Get("uploadId"))
	}
	for _, p := range u.Parts {
		s.blobs.remove(p.Blob)
	}
	s.changed()
}

// assemble puts the parts into one blob and computes entity tag and checksum of
// the whole.
func (s *Service) assemble(u *upload, parts []*part, h http.Header) (*object, error) {
	o := &object{Headers: u.Headers, Meta: u.Meta, Tags: u.Tags}
	tags := md5.New()
	for _, p := range parts {
		raw, err := hex.DecodeString(p.ETag[1 : len(p.ETag)-1])
		if err != nil {
			return nil, err
		}
		tags.Write(raw)
	}
	o.ETag = fmt.Sprintf(`"%x-%d"`, tags.Sum(nil), len(parts))

	algorithm := u.Algorithm
	var whole hash.Hash
	if algorithm == "" {
		algorithm = fallback
	}
	if u.Kind != composite {
		whole = newHash(algorithm)
	}
	blob, size, err := s.concatenate(parts, whole)
	if err != nil {
		return nil, err
	}
	o.Blob, o.Size = blob, size
	if whole != nil {
		o.Checksum = checksum{Algorithm: algorithm, Value: encode(whole.Sum(nil)), Type: fullObject}
	} else if o.Checksum, err = combine(algorithm, parts); err != nil {
		s.blobs.remove(blob)
		return nil, err
	}
	if claimed := h.Get(checksumHeader(algorithm)); claimed != "" && claimed != o.Checksum.Value {
		s.blobs.remove(blob)
		return nil, invalidRequest("Value for %s header is invalid: it does not match the calculated checksum.", checksumHeader(algorithm))
	}
	return o, nil
}

func (s *Service) concatenate(parts []*part, whole hash.Hash) (blob string, size int64, err error) {
	blob, out, err := s.blobs.create()
	if err != nil {
		return "", 0, err
	}
	for _, p := range parts {
		if err = s.append(out, p, whole); err != nil {
			break
		}
		size += p.Size
	}
	if err = errors.Join(err, out.Close()); err != nil {
		s.blobs.remove(blob)
	}
	return blob, size, err
}

func (s *Service) append(out io.Writer, p *part, whole hash.Hash) error {
	in, err := s.blobs.open(p.Blob)
	if err != nil {
		return err
	}
	defer in.Close()
	if whole != nil {
		out = io.MultiWriter(out, whole)
	}
	_, err = io.Copy(out, in)
	return err
}

// combine computes a composite checksum: the hash of the parts' hashes.
func combine(algorithm string, parts []*part) (checksum, error) {
	h := newHash(algorithm)
	for _, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p.Checksum.Value)
		if err != nil {
			return checksum{}, err
		}
		h.Write(raw)
	}
	return checksum{Algorithm: algorithm, Value: encode(h.Sum(nil)) + "-" + strconv.Itoa(len(parts)), Type: composite}, nil
}

// receiveRange stores a range of an object as the body of a part; an empty
// header stands for the whole.
func (s *Service) receiveRange(from *Blob, header, algorithm string) (received, error) {
	part, partial, err := parseRange(header, from.size)
	if err != nil || header != "" && !partial {
		return received{}, invalidArgument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	}
	if algorithm == "" {
		algorithm = fallback
	}
	blob, out, err := s.blobs.create()
	if err != nil {
		return received{}, err
	}
	sum, digest := newHash(algorithm), md5.New()
	_, err = io.Copy(io.MultiWriter(out, sum, digest), io.NewSectionReader(from, part.start, part.length))
	if err = errors.Join(err, out.Close()); err != nil {
		s.blobs.remove(blob)
		return received{}, err
	}
	return received{blob: blob, size: part.length, md5: digest.Sum(nil), checksum: checksum{Algorithm: algorithm, Value: encode(sum.Sum(nil)), Type: fullObject}}, nil
}
