// SPDX-License-Identifier: MIT

package policy

import "sync"

// Cache keeps parsed documents by their text, so that each is parsed once. The
// zero value is ready to be used; its methods may be called concurrently.
type Cache struct {
	mu        sync.Mutex
	documents map[string]Document
}

// maxCached bounds a cache: policies that were replaced are left in it.
const maxCached = 1000

// Parse returns a document. It reports false if the text is none, as "" is.
func (c *Cache) Parse(text string) (Document, bool) {
	if text == "" {
		return Document{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.documents[text]; ok {
		return d, true
	}
	d, err := Parse([]byte(text))
	if err != nil {
		return Document{}, false
	}
	if c.documents == nil || len(c.documents) >= maxCached {
		c.documents = map[string]Document{}
	}
	c.documents[text] = d
	return d, true
}
