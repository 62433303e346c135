// SPDX-License-Identifier: MIT

package access

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// Input is what a request says. Its body can still be read afterwards.
type Input struct {
	Operation string // such as SendMessage; "" of Routes
	Scope     arn.Scope

	prefix  string // of actions
	request *http.Request
	form    url.Values // of the query protocol, or of the URL
	members map[string]any
	parsed  bool
	decode  func(body []byte) map[string]any // nil: JSON
}

// maxBody is how much of a body is looked at, in bytes: the largest one, a
// function's zip in base64, has 70 MB.
const maxBody = 80 << 20

// Text returns a member that is text: of the path, the query or form, or the
// JSON body. It is "" if there is none.
func (in *Input) Text(name string) string {
	if value := in.request.PathValue(name); value != "" {
		return value
	}
	if value := in.form.Get(name); value != "" {
		return value
	}
	value, _ := in.Member(name).(string)
	return value
}

// Form returns the parameters of the query protocol or of the URL.
func (in *Input) Form() url.Values { return in.form }

// Path returns the path of the request, not decoded.
func (in *Input) Path() string { return in.request.URL.EscapedPath() }

// Method returns the HTTP method.
func (in *Input) Method() string { return in.request.Method }

// Member returns a member of the JSON body, as encoding/json decodes it into an
// any.
func (in *Input) Member(name string) any {
	if !in.parsed {
		in.parsed = true
		if body := peek(in.request); in.decode != nil {
			in.members = in.decode(body)
		} else {
			_ = json.Unmarshal(body, &in.members) // what is no object has no members
		}
	}
	return in.members[name]
}

// Members returns the objects of a list in the JSON body.
func (in *Input) Members(name string) []map[string]any {
	list, _ := in.Member(name).([]any)
	var objects []map[string]any
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

// peek reads the body and puts it back.
func peek(r *http.Request) []byte {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	rest := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), rest}
	if err != nil {
		return nil // the service finds out
	}
	return body
}
