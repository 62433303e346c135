// SPDX-License-Identifier: MIT

package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// JSON says how a service takes JSON requests, and how it refuses what is not
// modelled.
type JSON struct {
	Service  string // as messages name it, such as Kinesis
	Target   string // what the header X-Amz-Target begins with, such as Kinesis_20131202.
	Limit    int64  // how large a body may be, in bytes
	TooLarge string // code of the error for a larger one
	Invalid  string // code of the error for a parameter that is not modelled
}

// Decode reads the body of a request for an operation into in. A body that says
// nothing leaves in as it is; a member that in does not have is refused by name.
func (api JSON) Decode(w http.ResponseWriter, r *http.Request, operation string, in any) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, api.Limit))
	if err != nil {
		return Errorf(http.StatusRequestEntityTooLarge, api.TooLarge, "%v", err)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err = d.Decode(in)
	if err == nil || err == io.EOF {
		return nil
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return Errorf(http.StatusBadRequest, api.Invalid, "the embedded AWS does not model parameter %s of %s", field, operation)
	}
	return Errorf(http.StatusBadRequest, "SerializationException", "%v", err)
}

// Actions are the operations of a service S that are modelled, by name. C is what
// they are told of who asks.
type Actions[S, C any] map[string]Action[S, C]

// Action answers one operation; decode reads its input.
type Action[S, C any] func(s S, c C, decode func(in any) error) (any, error)

// Method makes an action of a method with typed input and output.
func Method[S, C, In, Out any](f func(S, C, In) (Out, error)) Action[S, C] {
	return func(s S, c C, decode func(any) error) (any, error) {
		var in In
		if err := decode(&in); err != nil {
			return nil, err
		}
		return f(s, c, in)
	}
}

// Answer has s answer a request. An operation that is not among the actions is
// refused by name.
func (a Actions[S, C]) Answer(api JSON, s S, c C, w http.ResponseWriter, r *http.Request) (any, error) {
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), api.Target)
	act := a[name]
	if act == nil {
		return nil, Errorf(http.StatusBadRequest, "UnknownOperationException", "the embedded AWS does not model operation %q of %s", name, api.Service)
	}
	return act(s, c, func(in any) error { return api.Decode(w, r, name, in) })
}

// Serve is Answer, and sends the answer or the error.
func (a Actions[S, C]) Serve(api JSON, s S, c C, w http.ResponseWriter, r *http.Request) {
	out, err := a.Answer(api, s, c, w, r)
	if err != nil {
		WriteJSONError(w, err)
		return
	}
	WriteJSON(w, http.StatusOK, out)
}
