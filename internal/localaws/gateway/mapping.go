// SPDX-License-Identifier: MIT

package gateway

import (
	"net/url"
	"strings"
)

// Mapping is how a request came to an API by a domain name of one's own. Nil is
// a request that came to the API's own address.
type Mapping struct {
	Domain string // that was asked for, such as api.example.com
	Port   int    // of the domain name's address on this machine
	Key    string // what the path began with, without slashes around it; "" is nothing
	Stage  string // of the API; "": the first segment of the path behind the key names it
}

// Rest returns what follows the key in a percent-encoded path.
func (m *Mapping) Rest(path string) string {
	path = strings.TrimPrefix(path, "/")
	for end := len(m.Key); end <= len(path); end++ {
		if begin, err := url.PathUnescape(path[:end]); err == nil && begin == m.Key {
			return "/" + strings.TrimPrefix(path[end:], "/")
		}
	}
	return "/" // never: the path has the key
}

// Unmapped returns the fault of deleting something, such as "stage v1", which is
// a stage, while domain names lead to it; nil if there are none.
func Unmapped(what, kind string, domains []string) error {
	if len(domains) == 0 {
		return nil
	}
	return BadRequest("Deleting %s failed. Please remove all base path mappings related to the %s in your domains: %s", what, kind, strings.Join(domains, ", "))
}
