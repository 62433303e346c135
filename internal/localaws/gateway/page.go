// SPDX-License-Identifier: MIT

package gateway

import (
	"slices"
	"strconv"
)

// Paging is how an API shows long lists in parts.
type Paging struct {
	Token, Size string // names of the query parameters
	Items, Next string // names of the members of the answer: the list, and the token of what follows
	Default     int    // items in a part where the caller does not say; 0: all
	Most        int    // that the caller may ask for; 0: any number
}

// Parameters returns the query parameters of a list, with others that it has.
func (p Paging) Parameters(others ...string) []string {
	return slices.Concat(others, []string{p.Size, p.Token})
}

// Page returns the part of list that a request asks for.
func (p Paging) Page(c Request, list []map[string]any) (any, error) {
	start, size := 0, len(list)
	if p.Default > 0 {
		size = p.Default
	}
	for name, n := range map[string]*int{p.Token: &start, p.Size: &size} {
		text := c.Query.Get(name)
		if text == "" {
			continue
		}
		v, err := strconv.Atoi(text)
		if err != nil || v < 0 || name == p.Size && (v == 0 || p.Most > 0 && v > p.Most) {
			return nil, BadRequest("Invalid %s parameter: %s", name, text)
		}
		*n = v
	}
	start = min(start, len(list))
	end := start + min(size, len(list)-start)
	out := map[string]any{p.Items: list[start:end]}
	if end < len(list) {
		out[p.Next] = strconv.Itoa(end)
	}
	return out, nil
}
