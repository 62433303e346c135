// SPDX-License-Identifier: MIT

package s3

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// span is a run of bytes of an object.
type span struct{ start, length int64 }

// parseRange reads a Range header for an object of size bytes. Like S3 it
// ignores what it does not understand, several ranges included, and then
// returns the whole object; partial is false. A range that lies outside the
// object is an error.
func parseRange(header string, size int64) (s span, partial bool, err error) {
	whole := span{0, size}
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok || strings.Contains(spec, ",") {
		return whole, false, nil
	}
	first, last, ok := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok {
		return whole, false, nil
	}
	if first == "" {
		return suffix(last, size)
	}
	start, ok := digits(first)
	if !ok {
		return whole, false, nil
	}
	end := size - 1
	if last != "" {
		n, ok := digits(last)
		if !ok || n < start {
			return whole, false, nil
		}
		end = min(n, end)
	}
	if start >= size {
		return span{}, false, unsatisfiable()
	}
	return span{start, end - start + 1}, true, nil
}

// suffix is the last n bytes.
func suffix(text string, size int64) (span, bool, error) {
	n, ok := digits(text)
	switch {
	case !ok:
		return span{0, size}, false, nil
	case n == 0 || size == 0:
		return span{}, false, unsatisfiable()
	}
	n = min(n, size)
	return span{size - n, n}, true, nil
}

// digits parses a number without sign; one beyond int64 is as large as can be.
func digits(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		n = 1<<63 - 1
	}
	return n, true
}

func unsatisfiable() error {
	return wire.Errorf(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable")
}
