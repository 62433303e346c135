// SPDX-License-Identifier: MIT

package s3

import (
	"cmp"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

type listedPart struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
	Checksum     *sumValue `xml:",omitempty"`
}

// listParts follows the page ListParts.
func (s *Service) listParts(r *request) error {
	p, err := r.page("", "max-parts")
	if err != nil {
		return err
	}
	marker := 0
	if text := r.query.Get("part-number-marker"); text != "" {
		if marker, err = strconv.Atoi(text); err != nil {
			return invalidArgument("Provided part-number-marker not an integer or within integer range")
		}
	}
	out := struct {
		XMLName           xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListPartsResult"`
		Bucket            string
		Key               string
		UploadID          string `xml:"UploadId"`
		PartNumberMarker  int
		NextMarker        int `xml:"NextPartNumberMarker,omitempty"`
		MaxParts          int
		IsTruncated       bool
		Parts             []listedPart `xml:"Part,omitempty"`
		Initiator, Owner  owner
		StorageClass      string
		ChecksumAlgorithm string `xml:",omitempty"`
		ChecksumType      string `xml:",omitempty"`
	}{Bucket: r.bucket, Key: r.key, UploadID: r.query.Get("uploadId"), PartNumberMarker: marker, MaxParts: p.most, StorageClass: "STANDARD"}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, u, err := s.upload(r)
	if err != nil {
		return err
	}
	out.Initiator, out.Owner = ownerOf(b.Account), ownerOf(b.Account)
	out.ChecksumAlgorithm, out.ChecksumType = u.Algorithm, u.Kind
	for _, number := range slices.Sorted(maps.Keys(u.Parts)) {
		if number <= marker {
			continue
		}
		if len(out.Parts) == p.most {
			out.IsTruncated = true
			break
		}
		part := u.Parts[number]
		out.Parts = append(out.Parts, listedPart{number, stamp(part.Modified), part.ETag, part.Size, part.Checksum.element()})
		out.NextMarker = number
	}
	r.xml(http.StatusOK, out)
	return nil
}

type listedUpload struct {
	Key               string
	UploadID          string `xml:"UploadId"`
	Initiator, Owner  owner
	StorageClass      string
	Initiated         string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
}

// listUploads follows the page ListMultipartUploads.
func (s *Service) listUploads(r *request) error {
	keyMarker, idMarker := r.query.Get("key-marker"), r.query.Get("upload-id-marker")
	p, err := r.page(keyMarker, "max-uploads")
	if err != nil {
		return err
	}
	out := struct {
		XMLName            xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
		Bucket             string
		KeyMarker          string
		UploadIDMarker     string `xml:"UploadIdMarker"`
		NextKeyMarker      string `xml:",omitempty"`
		NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
		Prefix             string
		Delimiter          string `xml:",omitempty"`
		EncodingType       string `xml:",omitempty"`
		MaxUploads         int
		IsTruncated        bool
		Uploads            []listedUpload `xml:"Upload,omitempty"`
		CommonPrefixes     []commonPrefix `xml:",omitempty"`
	}{
		Bucket: r.bucket, KeyMarker: p.encode(keyMarker), UploadIDMarker: idMarker, Prefix: p.encode(p.prefix),
		Delimiter: p.encode(p.delimiter), EncodingType: r.query.Get("encoding-type"), MaxUploads: p.most,
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.lookup(r)
	if err != nil {
		return err
	}
	ids := b.uploadsByKey()
	if idMarker != "" { // the rest of the marker's key comes first
		p.after = ""
	}
	p.walk(slices.Sorted(maps.Keys(ids)), func(key, common string) bool {
		if key+common < keyMarker {
			return true
		}
		if common != "" {
			if out.IsTruncated = len(out.Uploads)+len(out.CommonPrefixes) == p.most; !out.IsTruncated {
				out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{p.encode(common)})
				out.NextKeyMarker, out.NextUploadIDMarker = p.encode(common), ""
			}
			return !out.IsTruncated
		}
		for _, id := range ids[key] {
			if key == keyMarker && id <= idMarker {
				continue
			}
			if len(out.Uploads)+len(out.CommonPrefixes) == p.most {
				out.IsTruncated = true
				return false
			}
			u := b.Uploads[id]
			out.Uploads = append(out.Uploads, listedUpload{p.encode(key), id, ownerOf(b.Account), ownerOf(b.Account), "STANDARD", stamp(u.Initiated), u.Algorithm, u.Kind})
			out.NextKeyMarker, out.NextUploadIDMarker = p.encode(key), id
		}
		return true
	})
	if !out.IsTruncated {
		out.NextKeyMarker, out.NextUploadIDMarker = "", ""
	}
	r.xml(http.StatusOK, out)
	return nil
}

// uploadsByKey returns the ids of the uploads of each key, sorted.
func (b *bucket) uploadsByKey() map[string][]string {
	ids := map[string][]string{}
	for id, u := range b.Uploads {
		ids[u.Key] = append(ids[u.Key], id)
	}
	for _, list := range ids {
		slices.SortFunc(list, cmp.Compare)
	}
	return ids
}
