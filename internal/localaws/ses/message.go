// SPDX-License-Identifier: MIT

package ses

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"
)

// message is a mail: header fields and all that follows them, with CR LF at the
// end of each line of the header.
type message struct {
	fields []field
	body   []byte
}

// field is one field of a header.
type field struct {
	name string
	raw  string // value as it stands in the mail, maybe folded, without the last line end
}

// parseMessage splits a mail (RFC 5322, section 2). Lines may end with LF alone.
// A line that is no header field ends the header.
func parseMessage(data []byte) message {
	var m message
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		text := strings.TrimSuffix(string(line), "\r")
		switch {
		case text == "":
			m.body = rest
			return m
		case (text[0] == ' ' || text[0] == '\t') && len(m.fields) > 0:
			m.fields[len(m.fields)-1].raw += "\r\n" + text
		default:
			name, value, ok := strings.Cut(text, ":")
			if name = strings.TrimRight(name, " \t"); !ok || !isFieldName(name) {
				m.body = data
				return m
			}
			m.fields = append(m.fields, field{name, strings.TrimLeft(value, " \t")})
		}
		data = rest
	}
	return m
}

// isFieldName reports whether name has printable characters only.
func isFieldName(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] > '~' {
			return false
		}
	}
	return name != ""
}

// value returns the value in one line.
func (f field) value() string { return strings.ReplaceAll(f.raw, "\r\n", "") }

// get returns the first value of a field, or "".
func (m message) get(name string) string {
	for _, f := range m.fields {
		if strings.EqualFold(f.name, name) {
			return strings.TrimSpace(f.value())
		}
	}
	return ""
}

// prepend returns the mail with a field put before all others.
func (m message) prepend(name, value string) message {
	m.fields = append([]field{{name, value}}, m.fields...)
	return m
}

// without returns the mail without the fields of a name.
func (m message) without(name string) message {
	var kept []field
	for _, f := range m.fields {
		if !strings.EqualFold(f.name, name) {
			kept = append(kept, f)
		}
	}
	m.fields = kept
	return m
}

// bytes returns the mail as it is stored.
func (m message) bytes() []byte {
	var b bytes.Buffer
	for _, f := range m.fields {
		b.WriteString(f.name + ": " + f.raw + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(m.body)
	return b.Bytes()
}

// decoded returns a value with its encoded words as text (RFC 2047). What cannot
// be decoded stays.
func decoded(value string) string {
	var d mime.WordDecoder
	if text, err := d.DecodeHeader(value); err == nil {
		return text
	}
	return value
}

// addresses returns the addresses of a field as a person would write them; a
// field that is no list of addresses counts as one.
func (m message) addresses(name string) []string {
	value := m.get(name)
	if value == "" {
		return nil
	}
	list, err := mail.ParseAddressList(value)
	if err != nil {
		return []string{decoded(value)}
	}
	var out []string
	for _, a := range list {
		if a.Name == "" {
			out = append(out, a.Address)
			continue
		}
		out = append(out, quoted(a.Name)+" <"+a.Address+">")
	}
	return out
}

// quoted puts a display name in quotes if it has special characters.
func quoted(name string) string {
	if !strings.ContainsAny(name, `()<>[]:;@\,."`) {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// bare returns the addresses of a field without names.
func (m message) bare(name string) []string {
	list, err := mail.ParseAddressList(m.get(name))
	if err != nil {
		return nil
	}
	var out []string
	for _, a := range list {
		out = append(out, a.Address)
	}
	return out
}
