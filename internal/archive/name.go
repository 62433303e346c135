// SPDX-License-Identifier: MIT

package archive

import (
	"errors"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// CheckName returns why a name is not safe to write or to extract, or nil: it
// must be a relative, slash-separated path of valid UTF-8 that stays inside of
// its directory on every system, so it has no empty element, no "." or "..", no
// backslash, no control character and no drive letter at its start.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("name is empty")
	case !utf8.ValidString(name):
		return errors.New("name is not valid UTF-8")
	case len(name) > 65535:
		return errors.New("name is longer than 65535 bytes") // the zip format's limit
	case strings.ContainsRune(name, '\\'):
		return errors.New("name has a backslash")
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return errors.New("name has a control character")
	case name[0] == '/':
		return errors.New("name is an absolute path")
	case len(name) > 1 && name[1] == ':' && ('a' <= name[0]|0x20 && name[0]|0x20 <= 'z'):
		return errors.New("name starts with a drive letter")
	case name == "." || !fs.ValidPath(name):
		return errors.New("name has an empty, . or .. element")
	}
	return nil
}
