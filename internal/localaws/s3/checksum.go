// SPDX-License-Identifier: MIT

package s3

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"slices"
	"strings"
)

// The checksum types of the API reference.
const (
	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"
)

// fallback is the algorithm that S3 uses if the client asks for none.
const fallback = "CRC64NVME"

// checksum is a checksum that is kept with an object or part.
type checksum struct {
	Algorithm string `json:",omitempty"` // such as CRC32
	Value     string `json:",omitempty"` // base64, with -N for composite ones
	Type      string `json:",omitempty"`
}

// newHash returns the hash of an algorithm, or nil if it is not modelled: the
// API also knows XXHASH3, XXHASH64 and XXHASH128.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "CRC32":
		return crc32.NewIEEE()
	case "CRC32C":
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case fallback:
		return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) // the NVM Express polynomial, reflected
	case "SHA1":
		return sha1.New()
	case "SHA256":
		return sha256.New()
	case "SHA512":
		return sha512.New()
	case "MD5":
		return md5.New()
	}
	return nil
}

func encode(sum []byte) string { return base64.StdEncoding.EncodeToString(sum) }

// checksumHeader returns the canonical name of the header of an algorithm.
func checksumHeader(algorithm string) string {
	return http.CanonicalHeaderKey("x-amz-checksum-" + algorithm)
}

// set writes the checksum as headers of an answer.
func (c checksum) set(h http.Header) {
	if c.Algorithm != "" {
		h.Set(checksumHeader(c.Algorithm), c.Value)
		h.Set("X-Amz-Checksum-Type", c.Type)
	}
}

// claim is the checksum that a client says its body has.
type claim struct {
	algorithm string // "" if it says nothing
	value     string // base64; "" if it comes as a trailer
	trailer   string // canonical name of the trailer, or ""
}

// claimed reads the checksum from the headers of a request.
func claimed(h http.Header) (claim, error) {
	var found []claim
	for name := range h {
		suffix, ok := strings.CutPrefix(name, "X-Amz-Checksum-")
		if !ok || slices.Contains([]string{"Type", "Mode", "Algorithm"}, suffix) {
			continue
		}
		found = append(found, claim{algorithm: strings.ToUpper(suffix), value: h.Get(name)})
	}
	for name := range strings.SplitSeq(h.Get("X-Amz-Trailer"), ",") {
		name = http.CanonicalHeaderKey(strings.TrimSpace(name))
		if suffix, ok := strings.CutPrefix(name, "X-Amz-Checksum-"); ok {
			found = append(found, claim{algorithm: strings.ToUpper(suffix), trailer: name})
		}
	}
	switch len(found) {
	case 0:
		return claim{}, nil
	case 1:
		return found[0], found[0].check()
	}
	return claim{}, invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
}

// check reports whether algorithm and value are well formed.
func (c claim) check() error {
	h := newHash(c.algorithm)
	if h == nil {
		return notModelled("the checksum algorithm " + c.algorithm)
	}
	if sum, err := base64.StdEncoding.DecodeString(c.value); c.trailer == "" && (err != nil || len(sum) != h.Size()) {
		return invalidRequest("Value for %s header is invalid.", strings.ToLower(checksumHeader(c.algorithm)))
	}
	return nil
}
