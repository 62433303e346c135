// SPDX-License-Identifier: MIT

package cloudformation

import (
	"encoding/base64"
	"slices"
	"time"
)

// pageSize is how many entries one answer lists.
const pageSize = 100

// page returns the entries of a list that follow the one whose id the token
// names, and the token for the rest. Ids, and not offsets, make tokens, so that
// entries that are added in the meantime do not shift the pages.
func page[T any](list []T, token string, id func(T) string) (entries []T, next string, err error) {
	start := 0
	if token != "" {
		last, decodeErr := base64.RawURLEncoding.DecodeString(token)
		at := slices.IndexFunc(list, func(entry T) bool { return id(entry) == string(last) })
		if decodeErr != nil || at < 0 {
			return nil, "", invalidf("The token in NextToken is not valid or has expired")
		}
		start = at + 1
	}
	entries = list[start:]
	if len(entries) > pageSize {
		entries = entries[:pageSize]
		next = base64.RawURLEncoding.EncodeToString([]byte(id(entries[pageSize-1])))
	}
	return entries, next, nil
}

// stamp returns a time as the API writes it, and "" for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
