// SPDX-License-Identifier: MIT

package cloudwatch

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The bounds of a query's tree; ours.
const (
	maxDepth = 10
	maxItems = 1000
)

// tree makes the parameters of a query, such as Dimensions.member.1.Name, a tree
// of objects, lists and texts.
func tree(form url.Values) (map[string]any, error) {
	root := map[string]any{}
	for name, values := range form {
		path := strings.Split(name, ".")
		if len(path) > maxDepth || slices.Contains(path, "") {
			return nil, invalid("the parameter %q is malformed", name)
		}
		at := root
		for _, part := range path[:len(path)-1] {
			next, there := at[part].(map[string]any)
			if !there {
				if at[part] != nil {
					return nil, invalid("the parameter %q contradicts another one", name)
				}
				next = map[string]any{}
				at[part] = next
			}
			at = next
		}
		last := path[len(path)-1]
		if at[last] != nil {
			return nil, invalid("the parameter %q contradicts another one", name)
		}
		at[last] = values[len(values)-1]
	}
	for name, member := range root {
		value, err := lists(member)
		if err != nil {
			return nil, err
		}
		root[name] = value
	}
	return root, nil
}

// lists turns objects whose only member is "member" into lists.
func lists(value any) (any, error) {
	object, is := value.(map[string]any)
	if !is {
		return value, nil
	}
	if items, is := object["member"].(map[string]any); is && len(object) == 1 {
		return list(items)
	}
	for name, member := range object {
		converted, err := lists(member)
		if err != nil {
			return nil, err
		}
		object[name] = converted
	}
	return object, nil
}

// list orders the items 1, 2, ... of a list.
func list(items map[string]any) (any, error) {
	if len(items) > maxItems {
		return nil, invalid("a list has more than %d items", maxItems)
	}
	out := make([]any, len(items))
	for n := range out {
		item, there := items[strconv.Itoa(n+1)]
		if !there {
			return nil, invalid("the items of a list are not numbered from 1 to %d", len(items))
		}
		value, err := lists(item)
		if err != nil {
			return nil, err
		}
		out[n] = value
	}
	return out, nil
}
