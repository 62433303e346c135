// SPDX-License-Identifier: MIT

package cloudfront

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// functionResult is what functions return: a request, or a response if it has a
// status.
type functionResult struct {
	Method      string            `json:"method"`
	URI         *string           `json:"uri"`
	QueryString map[string]values `json:"querystring"`
	Headers     map[string]values `json:"headers"`
	Cookies     map[string]values `json:"cookies"`

	StatusCode        json.Number   `json:"statusCode"`
	StatusDescription string        `json:"statusDescription"`
	Body              *responseBody `json:"body"`
}

// text is a scalar of JSON: functions may give numbers for values.
type text string

// UnmarshalJSON reads a scalar.
func (t *text) UnmarshalJSON(data []byte) error {
	switch {
	case len(data) > 0 && data[0] == '"':
		return json.Unmarshal(data, (*string)(t))
	case len(data) > 0 && (data[0] == '{' || data[0] == '['):
		return fmt.Errorf("%s is no text", data)
	}
	*t = text(data)
	return nil
}

// responseBody is a body that a function makes: text, or an object that says how
// it is encoded.
type responseBody []byte

// UnmarshalJSON reads a body.
func (b *responseBody) UnmarshalJSON(data []byte) error {
	var plain string
	if json.Unmarshal(data, &plain) == nil {
		*b = responseBody(plain)
		return nil
	}
	var in struct{ Encoding, Data string }
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	switch in.Encoding {
	case "text":
		*b = responseBody(in.Data)
	case "base64":
		decoded, err := base64.StdEncoding.DecodeString(in.Data)
		if err != nil {
			return err
		}
		*b = decoded
	default:
		return fmt.Errorf("the encoding of a body is %q, not text or base64", in.Encoding)
	}
	return nil
}

// readResult reads what a function returned.
func readResult(data []byte) (functionResult, error) {
	var out functionResult
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '{' {
		return out, errors.New("it returned no request and no response")
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return out, fmt.Errorf("read what it returned: %w", err)
	}
	for name := range out.Headers {
		if name != strings.ToLower(name) {
			return out, fmt.Errorf("the header %q is not in lower case", name)
		}
	}
	return out, nil
}

// status is that of a response, 0 for a request.
func (r functionResult) status() (int, error) {
	if r.StatusCode == "" {
		return 0, nil
	}
	code, err := r.StatusCode.Int64()
	if err != nil || code < 200 || code > 599 { // 100 to 199 end no exchange
		return 0, fmt.Errorf("the status code %s is not between 200 and 599", r.StatusCode)
	}
	return int(code), nil
}

// header returns the headers that a function wants, with its cookies under name.
func (r functionResult) header(name string) http.Header {
	h := http.Header{}
	for _, key := range slices.Sorted(maps.Keys(r.Headers)) {
		for _, one := range r.Headers[key].all() {
			h.Add(key, string(one.Value))
		}
	}
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(r.Cookies)) {
		for _, one := range r.Cookies[key].all() {
			pair := key + "=" + string(one.Value)
			if name == "Set-Cookie" && one.Attributes != "" {
				pair += "; " + one.Attributes
			}
			pairs = append(pairs, pair)
		}
	}
	switch {
	case len(pairs) == 0:
	case name == "Cookie":
		h.Set(name, strings.Join(pairs, "; "))
	default:
		h[name] = pairs
	}
	return h
}

// query returns the query that a function wants; one that it did not touch
// stays as it was.
func (r functionResult) query(given eventRequest, raw string) string {
	if reflect.DeepEqual(r.QueryString, given.QueryString) {
		return raw
	}
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(r.QueryString)) {
		for _, one := range r.QueryString[key].all() {
			if one.Value == "" {
				pairs = append(pairs, key)
				continue
			}
			pairs = append(pairs, key+"="+string(one.Value))
		}
	}
	return strings.Join(pairs, "&")
}

// rewrite gives a viewer's request what a function returned.
func (r functionResult) rewrite(call *viewerCall, given eventRequest) error {
	if r.URI == nil || !strings.HasPrefix(*r.URI, "/") {
		return errors.New("the uri of the request does not begin with /")
	}
	if r.Method != call.method {
		return errors.New("the method of a request cannot be changed")
	}
	call.uri, call.query = *r.URI, r.query(given, call.query)
	call.header = r.header("Cookie")
	call.header.Del("Host")
	return nil
}
