// SPDX-License-Identifier: MIT

package stage

import (
	"slices"
	"strings"
)

// liveOutput is the stack output in which Sparta keeps what the stack runs. An
// output needs no permission of its own and comes with DescribeStacks; a stack
// tag would be passed on to every resource, so that each new template would
// update all of them.
const liveOutput = "SpartaLive"

// Live is what a stack runs: the hash of its template and the objects in the
// artifact bucket that the template names.
type Live struct {
	Template string   // SHA-256 in hex of the template without this output; empty: unknown
	Bucket   string   // artifact bucket
	Keys     []string // object keys
}

// String encodes l as an output value: words separated by spaces.
func (l Live) String() string {
	words := append([]string{"template:" + l.Template, "bucket:" + l.Bucket}, l.Keys...)
	return strings.Join(words, " ")
}

// parseLive decodes an output value. A value of another form, from another
// version of Sparta, is as good as none.
func parseLive(s string) Live {
	words := strings.Fields(s)
	if len(words) < 2 {
		return Live{}
	}
	template, ok1 := strings.CutPrefix(words[0], "template:")
	bucket, ok2 := strings.CutPrefix(words[1], "bucket:")
	if !ok1 || !ok2 {
		return Live{}
	}
	return Live{Template: template, Bucket: bucket, Keys: words[2:]}
}

// has reports whether the stack's template names the object.
func (l Live) has(bucket, key string) bool {
	return l.Bucket == bucket && slices.Contains(l.Keys, key)
}
