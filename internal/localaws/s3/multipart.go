// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type uploadStarted struct {
	XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
	Bucket   string
	Key      string
	UploadID string `xml:"UploadId"`
}

// createUpload follows the page CreateMultipartUpload.
func (s *Service) createUpload(r *request) error {
	if err := s.refuseUnmodelled(r); err != nil {
		return err
	}
	described, err := newObject(r.Header)
	if err != nil {
		return err
	}
	u := &upload{Key: r.key, Headers: described.Headers, Meta: described.Meta, Tags: described.Tags, Initiated: s.env.Now().UTC()}
	u.Algorithm, u.Kind, err = checksumPlan(r.Header)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(r)
	if err != nil {
		return err
	}
	if b.Uploads == nil {
		b.Uploads = map[string]*upload{}
	}
	id := newBlob()
	b.Uploads[id] = u
	s.changed()
	if u.Algorithm != "" {
		r.w.Header().Set("X-Amz-Checksum-Algorithm", u.Algorithm)
		r.w.Header().Set("X-Amz-Checksum-Type", u.Kind)
	}
	r.xml(http.StatusOK, uploadStarted{Bucket: r.bucket, Key: r.key, UploadID: id})
	return nil
}

// checksumPlan reads algorithm and type of the checksum that the whole upload
// is to have; from the S3 User Guide, "Checking object integrity: Full object
// and composite checksum types".
func checksumPlan(h http.Header) (algorithm, kind string, err error) {
	algorithm, kind = strings.ToUpper(h.Get("X-Amz-Checksum-Algorithm")), h.Get("X-Amz-Checksum-Type")
	switch {
	case algorithm == "" && kind != "":
		return "", "", invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
	case algorithm == "":
		return "", "", nil
	case newHash(algorithm) == nil:
		return "", "", notModelled("the checksum algorithm " + algorithm)
	case kind == "" && algorithm == fallback:
		return algorithm, fullObject, nil
	case kind == "":
		return algorithm, composite, nil
	}
	full := strings.HasPrefix(algorithm, "CRC") // only CRCs of parts can be combined
	if kind == composite && algorithm == fallback || kind == fullObject && !full || kind != composite && kind != fullObject {
		return "", "", invalidRequest("The %s checksum type cannot be used with the %s checksum algorithm.", kind, strings.ToLower(algorithm))
	}
	return algorithm, kind, nil
}

// upload returns the upload that a request names. The caller holds the lock.
func (s *Service) upload(r *request) (*bucket, *upload, error) {
	b, err := s.lookup(r)
	if err != nil {
		return nil, nil, err
	}
	u := b.Uploads[r.query.Get("uploadId")]
	if u == nil || u.Key != r.key || u.completing {
		return nil, nil, noSuchUpload()
	}
	return b, u, nil
}

func (r *request) partNumber() (int, error) {
	n, err := strconv.Atoi(r.query.Get("partNumber"))
	if err != nil || n < 1 || n > 10000 {
		return 0, invalidArgument("Part number must be an integer between 1 and 10000, inclusive")
	}
	return n, nil
}

// uploadPart follows the page UploadPart.
func (s *Service) uploadPart(r *request) error {
	number, err := r.partNumber()
	if err != nil {
		return err
	}
	s.mu.RLock()
	_, u, err := s.upload(r)
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	c, err := claimed(r.Header)
	if err != nil {
		return err
	}
	if u.Algorithm != "" && c.algorithm != "" && c.algorithm != u.Algorithm {
		return invalidRequest("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s", strings.ToLower(u.Algorithm), strings.ToLower(c.algorithm))
	}
	body, err := s.receive(r, u.Algorithm)
	if err != nil {
		return err
	}
	p := &part{Blob: body.blob, Size: body.size, ETag: body.etag(), Checksum: body.checksum}
	if err := s.addPart(r, number, p); err != nil {
		return err
	}
	r.w.Header().Set("ETag", p.ETag)
	r.w.Header().Set(checksumHeader(p.Checksum.Algorithm), p.Checksum.Value)
	return r.empty(http.StatusOK)
}

// addPart stores a part, in place of an earlier one of the same number.
func (s *Service) addPart(r *request, number int, p *part) error {
	p.Modified = s.env.Now().UTC()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, u, err := s.upload(r)
	if err != nil {
		s.blobs.remove(p.Blob)
		return err
	}
	if old := u.Parts[number]; old != nil {
		s.blobs.remove(old.Blob)
	}
	if u.Parts == nil {
		u.Parts = map[int]*part{}
	}
	u.Parts[number] = p
	s.changed()
	return nil
}

// copyPart follows the page UploadPartCopy: it reads a range of another object
// as the body of a part.
func (s *Service) copyPart(r *request) error {
	number, err := r.partNumber()
	if err != nil {
		return err
	}
	s.mu.RLock()
	_, u, err := s.upload(r)
	var from source
	var blob *Blob
	if err == nil {
		if from, err = s.source(r); err == nil {
			f, failure := s.blobs.open(from.object.Blob)
			blob, err = &Blob{file: f, size: from.object.Size}, failure
		}
	}
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	defer blob.Close()
	body, err := s.receiveRange(blob, r.Header.Get("X-Amz-Copy-Source-Range"), u.Algorithm)
	if err != nil {
		return err
	}
	p := &part{Blob: body.blob, Size: body.size, ETag: body.etag(), Checksum: body.checksum}
	if err := s.addPart(r, number, p); err != nil {
		return err
	}
	r.xml(http.StatusOK, copyResult{XMLName: xml.Name{Space: namespace, Local: "CopyPartResult"}, LastModified: stamp(p.Modified), ETag: p.ETag, Checksum: p.Checksum.element()})
	return nil
}

// abortUpload removes an upload and its parts.
func (s *Service) abortUpload(r *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, u, err := s.upload(r)
	if err != nil {
		return err
	}
	delete(b.Uploads, r.query.Get("uploadId"))
	for _, p := range u.Parts {
		s.blobs.remove(p.Blob)
	}
	s.changed()
	return r.empty(http.StatusNoContent)
}

// completion is the body of CompleteMultipartUpload.
type completion struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Parts   []struct {
		PartNumber int
		ETag       string
		Sums       []sumValue `xml:",any"`
	} `xml:"Part"`
}

func parseCompletion(body []byte) (completion, error) {
	var in completion
	if xml.Unmarshal(body, &in) != nil || len(in.Parts) == 0 || len(in.Parts) > 10000 {
		return completion{}, malformedXML()
	}
	return in, nil
}

// choose returns the parts in the order of the completion, checked against it.
func (u *upload) choose(in completion) ([]*part, error) {
	const smallest = 5 << 20
	for i, want := range in.Parts[1:] {
		if want.PartNumber <= in.Parts[i].PartNumber {
			return nil, wire.Errorf(http.StatusBadRequest, "InvalidPartOrder", "The list of parts was not in ascending order. The parts list must be specified in order by part number.")
		}
	}
	var chosen []*part
	for i, want := range in.Parts {
		p := u.Parts[want.PartNumber]
		if p == nil || !matches(want.ETag, p.ETag) || !p.Checksum.among(want.Sums) {
			return nil, wire.Errorf(http.StatusBadRequest, "InvalidPart", "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.")
		}
		if p.Size < smallest && i < len(in.Parts)-1 {
			return nil, wire.Errorf(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

// among reports whether none of the checksums that a client lists differs.
func (c checksum) among(sums []sumValue) bool {
	return !slices.ContainsFunc(sums, func(sum sumValue) bool {
		return sum.XMLName.Local == "Checksum"+c.Algorithm && sum.Value != c.Value
	})
}
