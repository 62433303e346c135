// SPDX-License-Identifier: MIT

package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
)

// Editor returns the schema as yaml-language-server and the editors that use it
// want it: the same keys, values and texts as JSON, with what they need beyond
// that. An editor does not know what a tag such as !Ref stands for, and sees
// only the text or list that the tag has: where an intrinsic function may stand
// these are no mistake, and neither is a variable such as ${env:X} where its
// value may. Its messages are about a key instead of the whole map; its texts
// tell defaults; and its completion offers the examples of a map whose keys the
// writer chooses. Whatever JSON takes, Editor takes. Callers must not change the
// result.
func Editor() []byte { return editor() }

var editor = sync.OnceValue(func() []byte {
	var root tree
	if err := json.Unmarshal(JSON, &root); err != nil {
		panic(fmt.Sprintf("service.schema.json: %v", err))
	}
	delete(root, "title") // which would head every hover
	inline(root, root)
	prune(root)
	forEditor(root)
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		panic(fmt.Sprintf("service.schema.json: %v", err))
	}
	return b.Bytes()
})

// tree is a JSON object.
type tree = map[string]any

// forEditor changes a subschema and all that are in it.
func forEditor(s tree) {
	pointAtKeys(s)
	if takesIntrinsic(s) {
		allowTags(s)
	}
	offerKeys(s)
	offerExamples(s)
	tell(s)
	allowVariables(s)
	for _, group := range []string{"properties", "definitions"} {
		members, _ := s[group].(tree)
		for _, member := range members {
			if sub, ok := member.(tree); ok {
				forEditor(sub)
			}
		}
	}
	for _, single := range []string{"items", "additionalProperties", "else"} {
		if sub, ok := s[single].(tree); ok {
			forEditor(sub)
		}
	}
}
