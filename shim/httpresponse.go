// SPDX-License-Identifier: MIT

package shim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// httpResult is the result of an HTTP event. Which fields it has depends on the
// event's shape.
type httpResult struct {
	StatusCode        int                 `json:"statusCode"`
	StatusDescription string              `json:"statusDescription,omitempty"`
	Headers           map[string]string   `json:"headers,omitempty"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders,omitempty"`
	Cookies           []string            `json:"cookies,omitempty"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// respond writes a response in the layout of the event.
func (e *httpEvent) respond(w *recorder) ([]byte, error) {
	w.finish(e.method())
	out := httpResult{StatusCode: w.status}
	switch e.shape {
	case payloadV2:
		out.Headers, out.Cookies = flatten(w.sent)
	case payloadV1:
		out.MultiValueHeaders = w.sent
	case loadBalancerMulti:
		out.MultiValueHeaders = w.sent
		out.StatusDescription = describe(w.status)
	case loadBalancer:
		out.Headers = spread(w.sent)
		out.StatusDescription = describe(w.status)
	}
	out.Body, out.IsBase64Encoded = encodeBody(w.body.Bytes())
	result, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encode response: %w", err)
	}
	return result, nil
}

// flatten joins the values of each header; cookies cannot be joined.
func flatten(header http.Header) (joined map[string]string, cookies []string) {
	joined = make(map[string]string, len(header))
	for name, values := range header {
		if name == "Set-Cookie" {
			cookies = values
			continue
		}
		joined[name] = strings.Join(values, ",")
	}
	return joined, cookies
}

// spread joins the values of each header. Where only one value can be told, the
// second and later cookies go under names that differ in case.
func spread(header http.Header) map[string]string {
	joined, cookies := flatten(header)
	for i, cookie := range cookies {
		joined[recase("Set-Cookie", i)] = cookie
	}
	return joined
}

// recase returns the n-th of the spellings of a name that differ in the case of
// letters, beginning with the name itself.
func recase(name string, n int) string {
	spelled := []byte(name)
	for i := range spelled {
		if letter := spelled[i] | 0x20; letter < 'a' || letter > 'z' {
			continue
		}
		if n&1 == 1 {
			spelled[i] ^= 0x20
		}
		n >>= 1
	}
	return string(spelled)
}

// describe returns the status line of a load balancer's response, such as 200 OK.
func describe(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// encodeBody returns the body as the text of a JSON string: itself if it is
// UTF-8, else base64.
func encodeBody(body []byte) (text string, isBase64 bool) {
	if utf8.Valid(body) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}
