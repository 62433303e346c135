// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
)

// listedVersion is a version or a delete marker; the name of its element tells
// which.
type listedVersion struct {
	XMLName      xml.Name
	Key          string
	VersionID    string `xml:"VersionId"`
	IsLatest     bool
	LastModified string
	ETag         string `xml:",omitempty"`
	Size         *int64 `xml:",omitempty"`
	StorageClass string `xml:",omitempty"`
	Owner        owner
}

type versionListing struct {
	XMLName         xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListVersionsResult"`
	Name            string
	Prefix          string
	KeyMarker       string
	VersionIDMarker string `xml:"VersionIdMarker"`
	NextKeyMarker   string `xml:",omitempty"`
	NextVersionID   string `xml:"NextVersionIdMarker,omitempty"`
	MaxKeys         int
	Delimiter       string `xml:",omitempty"`
	EncodingType    string `xml:",omitempty"`
	IsTruncated     bool
	Entries         []listedVersion
	CommonPrefixes  []commonPrefix `xml:",omitempty"`
}

// listVersions follows the page ListObjectVersions.
func (s *Service) listVersions(r *request) error {
	keyMarker, versionMarker := r.query.Get("key-marker"), r.query.Get("version-id-marker")
	if keyMarker == "" && versionMarker != "" {
		return invalidArgument("A version-id marker cannot be specified without a key marker.")
	}
	p, err := r.page(keyMarker, "max-keys")
	if err != nil {
		return err
	}
	out := versionListing{
		Name: r.bucket, Prefix: p.encode(p.prefix), KeyMarker: p.encode(keyMarker), VersionIDMarker: versionMarker,
		MaxKeys: p.most, Delimiter: p.encode(p.delimiter), EncodingType: r.query.Get("encoding-type"),
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.lookup(r)
	if err != nil {
		return err
	}
	b.fillVersions(&out, p, versionMarker)
	r.xml(http.StatusOK, out)
	return nil
}

// fillVersions lists what remains of the versions of the marker's key, then
// those of the keys behind it.
func (b *bucket) fillVersions(out *versionListing, p page, versionMarker string) {
	if p.most == 0 {
		return
	}
	full := func() bool { return len(out.Entries)+len(out.CommonPrefixes) == p.most }
	add := func(key string, versions []*object, first int) bool {
		for i, o := range versions[first:] {
			if full() {
				out.IsTruncated = true
				return false
			}
			out.Entries = append(out.Entries, b.versionEntry(p.encode(key), o, first+i == 0))
			out.NextKeyMarker, out.NextVersionID = p.encode(key), o.Version
		}
		return true
	}
	if versionMarker != "" {
		versions := b.Objects[p.after]
		i := slices.IndexFunc(versions, func(o *object) bool { return o.Version == versionMarker })
		if i >= 0 && !add(p.after, versions, i+1) {
			return
		}
	}
	p.walk(b.keys(), func(key, common string) bool {
		if common == "" {
			return add(key, b.Objects[key], 0)
		}
		if full() {
			out.IsTruncated = true
			return false
		}
		out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{p.encode(common)})
		out.NextKeyMarker, out.NextVersionID = p.encode(common), ""
		return true
	})
	if !out.IsTruncated {
		out.NextKeyMarker, out.NextVersionID = "", ""
	}
}

func (b *bucket) versionEntry(key string, o *object, latest bool) listedVersion {
	entry := listedVersion{
		XMLName: xml.Name{Local: "Version"}, Key: key, VersionID: o.Version, IsLatest: latest,
		LastModified: stamp(o.Modified), Owner: ownerOf(b.Account),
	}
	if o.Marker {
		entry.XMLName.Local = "DeleteMarker"
		return entry
	}
	entry.ETag, entry.Size, entry.StorageClass = o.ETag, &o.Size, o.class()
	return entry
}
