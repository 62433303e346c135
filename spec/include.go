// SPDX-License-Identifier: MIT

package spec

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/sparta-up/sparta/internal/diag"
)

// maxInclude is how long a file may be that a variable names, in bytes.
const maxInclude = 64 << 10

// content is what a file holds, or why it can't be had.
type content struct {
	data   []byte
	reason string
}

// withKey matches the argument of ${file:...} that names a key of a document.
var withKey = regexp.MustCompile(`^(.+\.(?:ya?ml|json)):([^:]+)$`)

// file is the text of a file, without the white space around it, or the value
// of a key in a YAML or JSON file.
func (r *resolution) file(argument, written string) piece {
	name, key := argument, ""
	if m := withKey.FindStringSubmatch(argument); m != nil {
		name, key = strings.TrimSpace(m[1]), strings.TrimSpace(m[2])
	}
	if name == "" {
		return r.fault(diag.VariableForm, written, written+" names no file", "write ${file:./name.txt} or ${file:./name.yaml:key}")
	}
	if !r.chosen {
		return r.later("", false)
	}
	path := r.decoder.resolve(name)
	c, ok := r.files[path]
	if !ok {
		c = include(path)
		r.files[path] = c
	}
	if c.reason != "" {
		hint := ""
		if c.reason == "there is no such file" {
			hint = nearestEntry(path, false)
		}
		return r.fault(diag.VariableFile, written, shorten(name)+": "+c.reason, hint)
	}
	value := strings.TrimSpace(string(c.data))
	if key != "" {
		found, why := valueAt(c.data, strings.Split(key, "."))
		if why != "" {
			return r.fault(diag.VariableFile, written, shorten(name)+": "+why, "")
		}
		value = found
	}
	r.outside[written] = value
	r.plain, r.foreign = true, true
	return piece{text: value}
}

// include reads a file that is text and not long.
func include(path string) content {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return content{reason: "there is no such file"}
	case err != nil:
		return content{reason: reason(err)}
	case !info.Mode().IsRegular():
		return content{reason: "is no regular file"}
	}
	file, err := os.Open(path)
	if err != nil {
		return content{reason: reason(err)}
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxInclude+1))
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	switch {
	case err != nil:
		return content{reason: reason(err)}
	case len(data) > maxInclude:
		return content{reason: "is longer than " + strconv.Itoa(maxInclude>>10) + " KB"}
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return content{reason: "is not UTF-8 text"}
	}
	return content{data: data}
}

// valueAt is the text of the value at a path of keys in a YAML document, or why
// there is none.
func valueAt(data []byte, keys []string) (value, why string) {
	document, err := next(yaml.NewDecoder(bytes.NewReader(data)))
	if err != nil {
		return "", "is not YAML"
	}
	n := document.Content[0]
	for _, key := range keys {
		if n = entry(n, key); n == nil {
			return "", "has no key " + strconv.Quote(shorten(strings.Join(keys, ".")))
		}
	}
	if n.Kind != yaml.ScalarNode {
		return "", "the value of " + strconv.Quote(shorten(strings.Join(keys, "."))) + " is no text"
	}
	return n.Value, ""
}

// entry is the value of a key of a YAML mapping, or nil.
func entry(n *yaml.Node, key string) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			value := n.Content[i+1]
			for value.Kind == yaml.AliasNode {
				value = value.Alias
			}
			return value
		}
	}
	return nil
}
