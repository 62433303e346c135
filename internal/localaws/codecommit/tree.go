// SPDX-License-Identifier: MIT

package codecommit

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// file is a file of a commit.
type file struct {
	mode string // as git has it, such as 100644
	blob string // id
}

// The modes of what a tree has, as git writes them.
const (
	modeDirectory  = "40000"
	modeNormal     = "100644"
	modeExecutable = "100755"
	modeSymlink    = "120000"
)

// modeNames are the modes of the API.
func modeNames() map[string]string {
	return map[string]string{"NORMAL": modeNormal, "EXECUTABLE": modeExecutable, "SYMLINK": modeSymlink}
}

// modeName returns how the API calls a mode.
func modeName(mode string) string {
	for name, m := range modeNames() {
		if m == mode {
			return name
		}
	}
	return "NORMAL"
}

// entry is a line of a tree.
type entry struct{ mode, name, id string }

// sortKey is by what git sorts a tree: directories as if their names ended with
// a slash.
func (e entry) sortKey() string {
	if e.mode == modeDirectory {
		return e.name + "/"
	}
	return e.name
}

// readTree returns the lines of a tree.
func (o objects) readTree(id string) ([]entry, error) {
	content, err := o.read(kindTree, id)
	if err != nil {
		return nil, err
	}
	var list []entry
	for len(content) > 0 {
		header, rest, ok := bytes.Cut(content, []byte{0})
		mode, name, spaced := strings.Cut(string(header), " ")
		if !ok || !spaced || len(rest) < 20 {
			return nil, fmt.Errorf("read tree %s: it is damaged", id)
		}
		list, content = append(list, entry{mode, name, hex.EncodeToString(rest[:20])}), rest[20:]
	}
	return list, nil
}

// files returns all files below a tree by their paths; prefix stands in front of
// them.
func (o objects) files(tree, prefix string, into map[string]file) error {
	list, err := o.readTree(tree)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.mode != modeDirectory {
			into[prefix+e.name] = file{e.mode, e.id}
			continue
		}
		if err := o.files(e.id, prefix+e.name+"/", into); err != nil {
			return err
		}
	}
	return nil
}

// writeTree keeps the trees of files and returns the id of the root.
func (o objects) writeTree(files map[string]file) (string, error) {
	var list []entry
	below := map[string]map[string]file{}
	for path, f := range files {
		name, rest, nested := strings.Cut(path, "/")
		if !nested {
			list = append(list, entry{f.mode, name, f.blob})
			continue
		}
		if below[name] == nil {
			below[name] = map[string]file{}
		}
		below[name][rest] = f
	}
	for _, name := range slices.Sorted(maps.Keys(below)) {
		id, err := o.writeTree(below[name])
		if err != nil {
			return "", err
		}
		list = append(list, entry{modeDirectory, name, id})
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	var b bytes.Buffer
	for _, e := range list {
		id, err := hex.DecodeString(e.id)
		if err != nil {
			return "", err
		}
		b.WriteString(e.mode + " " + e.name + "\x00")
		b.Write(id)
	}
	return o.write(kindTree, b.Bytes())
}

// checkPath returns an error unless a path names a file as git has it.
func checkPath(path string) error {
	if path == "" {
		return fail("PathRequired", "A file path is required")
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.EqualFold(part, ".git") || strings.ContainsAny(part, "\x00\\") {
			return fail("InvalidPath", "The specified path is not valid: %s", path)
		}
	}
	if len(path) > 4096 {
		return fail("InvalidPath", "The specified path is not valid: it is too long")
	}
	return nil
}

// room returns an error if a file cannot have its path, because a directory or a
// file of another name is there.
func room(files map[string]file, path string) error {
	for other := range files {
		if strings.HasPrefix(other, path+"/") {
			return fail("FileNameConflictsWithDirectoryName", "%s is the name of a directory", path)
		}
		if strings.HasPrefix(path, other+"/") {
			return fail("DirectoryNameConflictsWithFileName", "%s is the name of a file", other)
		}
	}
	return nil
}
