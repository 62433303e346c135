// SPDX-License-Identifier: MIT

package ses

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
)

// content is a text of SendEmail with its character set.
type content struct{ data, charset string }

// content reads one, such as Message.Subject. The parameters are in UTF-8; the
// character set is that of the mail: seven bits unless it is named.
func (c call) content(name string) (content, error) {
	text := content{c.Get(name + ".Data"), c.Get(name + ".Charset")}
	switch strings.ToUpper(text.charset) {
	case "UTF-8", "UTF8":
		text.charset = "UTF-8"
	case "", "US-ASCII", "ASCII":
		text.charset = "US-ASCII"
		text.data = strings.Map(func(r rune) rune {
			if r > '~' {
				return '?'
			}
			return r
		}, text.data)
	default:
		return text, invalid("the embedded AWS does not model the charset %s of %s", text.charset, name)
	}
	return text, nil
}

// given reports whether a text is there; it may be empty.
func (c call) given(name string) bool { return c.Has(name + ".Data") }

// compose makes the mail that SendEmail describes.
func (c call) compose() (message, error) {
	subject, err := c.content("Message.Subject")
	if err != nil {
		return message{}, err
	}
	var m message
	add := func(name string, values ...string) {
		if value := strings.Join(values, ", "); value != "" {
			m.fields = append(m.fields, field{name, value})
		}
	}
	for name, values := range map[string][]string{"Source": {c.Get("Source")}, "ReplyToAddresses": c.list("ReplyToAddresses")} {
		if strings.ContainsAny(strings.Join(values, ""), "\r\n") {
			return m, invalid("%s: there is a line break in it", name)
		}
	}
	add("From", c.Get("Source"))
	add("Reply-To", c.list("ReplyToAddresses")...)
	add("To", c.list("Destination.ToAddresses")...)
	add("Cc", c.list("Destination.CcAddresses")...)
	m.fields = append(m.fields, field{"Subject", mime.QEncoding.Encode(subject.charset, subject.data)})
	add("MIME-Version", "1.0")
	return m, c.composeBody(&m)
}

// composeBody adds text, HTML, or both as alternatives.
func (c call) composeBody(m *message) error {
	var parts []textproto.MIMEHeader
	var texts []string
	for _, part := range []struct{ name, kind string }{{"Text", "text/plain"}, {"Html", "text/html"}} {
		name := "Message.Body." + part.name
		if !c.given(name) {
			continue
		}
		text, err := c.content(name)
		if err != nil {
			return err
		}
		parts = append(parts, textproto.MIMEHeader{
			"Content-Type": {part.kind + "; charset=" + text.charset}, "Content-Transfer-Encoding": {"quoted-printable"},
		})
		texts = append(texts, text.data)
	}
	var b bytes.Buffer
	switch len(parts) {
	case 0:
		return invalid("Message.Body: text or HTML is needed")
	case 1:
		for _, name := range []string{"Content-Type", "Content-Transfer-Encoding"} {
			m.fields = append(m.fields, field{name, parts[0].Get(name)})
		}
		w := quotedprintable.NewWriter(&b)
		_, err := w.Write([]byte(texts[0]))
		if err = errors.Join(err, w.Close()); err != nil {
			return err
		}
	default:
		if err := alternatives(m, &b, parts, texts); err != nil {
			return err
		}
	}
	m.body = b.Bytes()
	return nil
}

func alternatives(m *message, b *bytes.Buffer, parts []textproto.MIMEHeader, texts []string) error {
	w := multipart.NewWriter(b)
	m.fields = append(m.fields, field{"Content-Type", fmt.Sprintf("multipart/alternative; boundary=%q", w.Boundary())})
	for i, header := range parts {
		part, err := w.CreatePart(header)
		if err != nil {
			return err
		}
		q := quotedprintable.NewWriter(part)
		_, err = q.Write([]byte(texts[i]))
		if err = errors.Join(err, q.Close()); err != nil {
			return err
		}
	}
	return w.Close()
}
