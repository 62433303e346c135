// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// page is what a listing asks for.
type page struct {
	prefix    string
	delimiter string
	after     string // list only what comes after this key or common prefix
	most      int    // entries, common prefixes included
	encode    func(string) string
}

// page reads the parameters that all listings share.
func (r *request) page(after, most string) (page, error) {
	p := page{prefix: r.query.Get("prefix"), delimiter: r.query.Get("delimiter"), after: after, most: 1000, encode: func(s string) string { return s }}
	switch encoding := r.query.Get("encoding-type"); encoding {
	case "":
	case "url":
		p.encode = encodeKey
	default:
		return page{}, invalidArgument("Invalid Encoding Method specified in Request")
	}
	if text := r.query.Get(most); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return page{}, invalidArgument("Provided %s not an integer or within integer range", most)
		}
		p.most = min(n, 1000)
	}
	return p, nil
}

// encodeKey percent-encodes a key for a listing, slashes excepted.
func encodeKey(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(key), "+", "%20"), "%2F", "/")
}

// common returns the common prefix under which a listing shows the key, or "".
func (p page) common(key string) string {
	if p.delimiter == "" {
		return ""
	}
	head, _, found := strings.Cut(key[len(p.prefix):], p.delimiter)
	if !found {
		return ""
	}
	return p.prefix + head + p.delimiter
}

// walk calls visit for the keys and common prefixes of a page, in order, until
// it returns false; a common prefix comes once, with an empty key.
func (p page) walk(keys []string, visit func(key, common string) bool) {
	i := sort.SearchStrings(keys, max(p.prefix, p.after))
	for i < len(keys) && strings.HasPrefix(keys[i], p.prefix) {
		key := keys[i]
		i++
		if key <= p.after {
			continue
		}
		common := p.common(key)
		if common == "" {
			if !visit(key, "") {
				return
			}
			continue
		}
		if common != p.after && !visit("", common) {
			return
		}
		i += sort.Search(len(keys)-i, func(n int) bool { return !strings.HasPrefix(keys[i+n], common) }) // behind all keys below it
	}
}

type listedObject struct {
	Key          string
	LastModified string
	ETag         string
	Algorithm    string `xml:"ChecksumAlgorithm,omitempty"`
	ChecksumType string `xml:",omitempty"`
	Size         int64
	StorageClass string
	Owner        *owner `xml:",omitempty"`
}

type commonPrefix struct{ Prefix string }

// listing is the answer to ListObjects and ListObjectsV2, which differ in how
// they name where a page begins and ends.
type listing struct {
	XMLName        xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name           string
	Prefix         string
	Marker         *string `xml:",omitempty"`
	StartAfter     string  `xml:",omitempty"`
	Token          string  `xml:"ContinuationToken,omitempty"`
	NextToken      string  `xml:"NextContinuationToken,omitempty"`
	NextMarker     string  `xml:",omitempty"`
	KeyCount       *int    `xml:",omitempty"`
	MaxKeys        int
	Delimiter      string `xml:",omitempty"`
	EncodingType   string `xml:",omitempty"`
	IsTruncated    bool
	Contents       []listedObject `xml:",omitempty"`
	CommonPrefixes []commonPrefix `xml:",omitempty"`
}

// listObjects answers ListObjectsV2 (list-type=2) and ListObjects.
func (s *Service) listObjects(r *request) error {
	second := r.query.Get("list-type") == "2"
	after, err := r.startOfPage(second)
	if err != nil {
		return err
	}
	p, err := r.page(after, "max-keys")
	if err != nil {
		return err
	}
	out := listing{
		Name: r.bucket, Prefix: p.encode(p.prefix), MaxKeys: p.most, Delimiter: p.encode(p.delimiter), EncodingType: r.query.Get("encoding-type"),
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.lookup(r)
	if err != nil {
		return err
	}
	withOwner := !second || r.query.Get("fetch-owner") == "true"
	last := b.fill(&out, p, withOwner)
	if second {
		out.StartAfter, out.Token = p.encode(r.query.Get("start-after")), r.query.Get("continuation-token")
		out.KeyCount = new(len(out.Contents) + len(out.CommonPrefixes))
		if out.IsTruncated {
			out.NextToken = base64.URLEncoding.EncodeToString([]byte(last))
		}
	} else {
		out.Marker = new(p.encode(after))
		if out.IsTruncated && p.delimiter != "" {
			out.NextMarker = p.encode(last)
		}
	}
	r.xml(http.StatusOK, out)
	return nil
}

func (r *request) startOfPage(second bool) (string, error) {
	if !second {
		return r.query.Get("marker"), nil
	}
	if !r.query.Has("continuation-token") {
		return r.query.Get("start-after"), nil
	}
	token, err := base64.URLEncoding.DecodeString(r.query.Get("continuation-token"))
	if err != nil || len(token) == 0 {
		return "", invalidArgument("The continuation token provided is incorrect")
	}
	return string(token), nil
}

// fill lists the current objects of a bucket and returns the last entry.
func (b *bucket) fill(out *listing, p page, withOwner bool) (last string) {
	keys := b.keys()
	if p.most == 0 {
		return ""
	}
	// A common prefix counts only if it holds a key that is not deleted.
	current := func(key string) bool { return !b.current(key).Marker }
	if b.Versioning != "" {
		live := make([]string, 0, len(keys))
		for _, key := range keys {
			if current(key) {
				live = append(live, key)
			}
		}
		keys = live
	}
	p.walk(keys, func(key, common string) bool {
		if len(out.Contents)+len(out.CommonPrefixes) == p.most {
			out.IsTruncated = true
			return false
		}
		last = key + common
		if common != "" {
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{p.encode(common)})
			return true
		}
		out.Contents = append(out.Contents, b.entry(key, p, withOwner))
		return true
	})
	return last
}

func (b *bucket) entry(key string, p page, withOwner bool) listedObject {
	o := b.current(key)
	entry := listedObject{
		Key: p.encode(key), LastModified: stamp(o.Modified), ETag: o.ETag, Size: o.Size,
		Algorithm: o.Checksum.Algorithm, ChecksumType: o.Checksum.Type, StorageClass: o.class(),
	}
	if withOwner {
		entry.Owner = new(ownerOf(b.Account))
	}
	return entry
}

func (o *object) class() string {
	if class := o.Headers["X-Amz-Storage-Class"]; class != "" {
		return class
	}
	return "STANDARD"
}
