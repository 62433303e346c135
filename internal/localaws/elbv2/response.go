// SPDX-License-Identifier: MIT

package elbv2

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// answer is what a client gets.
type answer struct {
	status  int
	reason  string // of the status line; "" is the usual one
	headers http.Header
	body    []byte
}

// errAnswer is the error for a result that is no answer.
var errAnswer = errors.New("the result of the function is no response for a load balancer")

// fields are the headers of a result in their order. Those whose names differ in
// case are one header with several values.
type fields []pair

// UnmarshalJSON takes an object whose members are texts only.
func (f *fields) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	start, err := d.Token()
	if err != nil || start == nil {
		return err // null has none
	}
	if start != json.Delim('{') {
		return errAnswer
	}
	for d.More() {
		name, err := d.Token() // is text, in an object
		if err != nil {
			return err
		}
		var value *string
		if err := d.Decode(&value); err != nil || value == nil {
			return errAnswer
		}
		*f = append(*f, pair{fmt.Sprint(name), *value})
	}
	return nil
}

// parseAnswer reads the result of a function. Types are strict: a statusCode in
// quotation marks or a header that is a number makes the answer malformed. Of
// the members for headers only the one that the target group's attribute asks
// for counts.
func parseAnswer(payload []byte, multi bool) (answer, error) {
	var said struct {
		StatusCode        *int            `json:"statusCode"`
		StatusDescription string          `json:"statusDescription"`
		IsBase64Encoded   bool            `json:"isBase64Encoded"`
		Headers           json.RawMessage `json:"headers"`
		MultiValueHeaders json.RawMessage `json:"multiValueHeaders"`
		Body              *string         `json:"body"`
	}
	if err := json.Unmarshal(payload, &said); err != nil {
		return answer{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	if said.StatusCode == nil || *said.StatusCode < 200 || *said.StatusCode > 599 {
		return answer{}, fmt.Errorf("%w: it has no statusCode from 200 to 599", errAnswer)
	}
	headers, err := headersIn(said.Headers, said.MultiValueHeaders, multi)
	if err != nil {
		return answer{}, fmt.Errorf("%w: its headers are not text: %w", errAnswer, err)
	}
	if name, ok := validHeaders(headers); !ok {
		return answer{}, fmt.Errorf("%w: its header %q is not valid", errAnswer, name)
	}
	a := answer{status: *said.StatusCode, reason: reasonOf(*said.StatusCode, said.StatusDescription), headers: headers}
	if said.Body != nil {
		a.body = []byte(*said.Body)
	}
	if said.IsBase64Encoded {
		if a.body, err = base64.StdEncoding.DecodeString(string(a.body)); err != nil {
			return answer{}, fmt.Errorf("%w: its body is not base64", errAnswer)
		}
	}
	return a, nil
}

func headersIn(single, multiple json.RawMessage, multi bool) (http.Header, error) {
	h := http.Header{}
	if multi {
		var values map[string][]string
		if err := decodeIf(multiple, &values); err != nil {
			return nil, err
		}
		for name, list := range values {
			for _, value := range list {
				h.Add(name, value)
			}
		}
		return h, nil
	}
	var list fields
	if err := decodeIf(single, &list); err != nil {
		return nil, err
	}
	for _, f := range list {
		h.Add(f.Key, f.Value)
	}
	return h, nil
}

// validHeaders returns a header that HTTP does not have, and false; or true if
// there is none.
func validHeaders(h http.Header) (string, bool) {
	for name, values := range h {
		bad := slices.ContainsFunc(values, func(value string) bool {
			return strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
		})
		if bad || !headerName.MatchString(name) {
			return name, false
		}
	}
	return "", true
}

func decodeIf(data json.RawMessage, v any) error {
	if len(data) == 0 {
		return nil
	}
	return json.Unmarshal(data, v)
}

// reasonOf returns the reason of a statusDescription such as 200 OK, "" for the
// usual one.
func reasonOf(status int, description string) string {
	reason := strings.TrimPrefix(description, strconv.Itoa(status)+" ")
	if reason == http.StatusText(status) || strings.ContainsFunc(reason, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return reason
}

// hopByHop are headers that a load balancer makes itself.
var hopByHop = []string{"Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// write sends an answer.
func (a answer) write(w http.ResponseWriter, r *http.Request) {
	for _, name := range hopByHop {
		a.headers.Del(name)
	}
	if a.headers.Get("Content-Type") == "" {
		a.headers.Set("Content-Type", "application/octet-stream")
	}
	if a.headers.Get("Server") == "" {
		a.headers.Set("Server", "awselb/2.0")
	}
	if a.reason != "" && a.writeRaw(w, r) {
		return
	}
	maps.Copy(w.Header(), a.headers)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // an error means that the client is gone, or that the status has no body
}

// writeRaw sends an answer whose status line is not the usual one, which
// net/http's server cannot. It reports false if the connection is not its own.
func (a answer) writeRaw(w http.ResponseWriter, r *http.Request) bool {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return false
	}
	connection, buffer, err := hijacker.Hijack()
	if err != nil {
		return false
	}
	defer connection.Close()
	response := http.Response{
		Status: strconv.Itoa(a.status) + " " + a.reason, StatusCode: a.status, ProtoMajor: 1, ProtoMinor: 1, Header: a.headers,
		Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r, Close: true,
	}
	_ = response.Write(buffer) // an error means that the client is gone
	_ = buffer.Flush()
	return true
}

// page is an answer of the load balancer itself.
func page(status int) answer {
	title := strconv.Itoa(status)
	switch text := http.StatusText(status); {
	case status == http.StatusServiceUnavailable:
		title += " Service Temporarily Unavailable"
	case text != "":
		title += " " + text
	}
	lines := []string{"<html>", "<head><title>" + title + "</title></head>", "<body>", "<center><h1>" + title + "</h1></center>", "</body>", "</html>", ""}
	return answer{status: status, headers: http.Header{"Content-Type": {"text/html"}}, body: []byte(strings.Join(lines, "\r\n"))}
}
