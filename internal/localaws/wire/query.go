// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"crypto/rand"
	"encoding/hex"
)

// RequestID returns a new random id in the form of a UUID.
func RequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand.Read aborts the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
}

// QueryForm returns the parameters of an AWS query request, whose action is
// the parameter Action. Lists arrive as Name.member.1, Name.member.2, ...
func QueryForm(r *http.Request) (url.Values, error) { return LargeQueryForm(r, 4<<20) }

// LargeQueryForm is QueryForm for services that take bodies of up to limit
// bytes.
func LargeQueryForm(r *http.Request, limit int64) (url.Values, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, limit)
	if err := r.ParseForm(); err != nil {
		return nil, Errorf(http.StatusBadRequest, "MalformedQueryString", "%v", err)
	}
	return r.Form, nil
}

// WriteQuery answers an AWS query request: result becomes the element
// <ActionResult> inside <ActionResponse xmlns="namespace">. A nil result writes
// no result element.
func WriteQuery(w http.ResponseWriter, namespace, action string, result any) {
	id := RequestID()
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", id)
	enc := xml.NewEncoder(w)
	name := xml.Name{Local: action + "Response"}
	_ = enc.EncodeToken(xml.StartElement{Name: name, Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}}})
	if result != nil {
		_ = enc.EncodeElement(result, xml.StartElement{Name: xml.Name{Local: action + "Result"}})
	}
	metadata := struct {
		RequestID string `xml:"RequestId"`
	}{id}
	_ = enc.EncodeElement(metadata, xml.StartElement{Name: xml.Name{Local: "ResponseMetadata"}})
	_ = enc.EncodeToken(xml.EndElement{Name: name})
	_ = enc.Flush() // an error means that the client is gone
}

// WriteQueryError answers an AWS query request with an error. Errors that are
// no *Error become InternalFailure with status 500.
func WriteQueryError(w http.ResponseWriter, namespace string, err error) {
	e := asError(err, "InternalFailure")
	id := RequestID()
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", id)
	w.WriteHeader(e.HTTPStatus())
	fault := "Sender"
	if e.HTTPStatus() >= 500 {
		fault = "Receiver"
	}
	body := struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Type      string   `xml:"Error>Type"`
		Code      string   `xml:"Error>Code"`
		Message   string   `xml:"Error>Message"`
		RequestID string   `xml:"RequestId"`
	}{Namespace: namespace, Type: fault, Code: e.Code, Message: e.Message, RequestID: id}
	_ = xml.NewEncoder(w).Encode(body)
}

func asError(err error, fallback string) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Status: http.StatusInternalServerError, Code: fallback, Message: err.Error()}
}
