// SPDX-License-Identifier: MIT

package cloudwatch

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	model     = "GraniteServiceVersion20100801"
	namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/"
	rpcPath   = "/service/" + model + "/operation/"
	cborType  = "application/cbor"
)

// maxRequest bounds a request, in bytes.
const maxRequest = 1 << 20

// ServeAPI answers one request in the protocol that it comes in: Smithy RPC v2
// with CBOR, as today's clients speak, AWS JSON 1.0, or the query protocol of
// older ones.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	name, rpc := strings.CutPrefix(r.URL.Path, rpcPath)
	target, isJSON := strings.CutPrefix(r.Header.Get("X-Amz-Target"), model+".")
	switch {
	case rpc:
		s.serveCBOR(w, r, scope, name)
	case isJSON:
		s.serveJSON(w, r, scope, target)
	default:
		s.serveQuery(w, r, scope)
	}
}

func (s *Service) serveCBOR(w http.ResponseWriter, r *http.Request, scope arn.Scope, name string) {
	var out map[string]any
	in, err := readCBOR(r.Body)
	if _, known := s.actions[name]; err == nil || !known { // an operation that there is not may come compressed
		out, err = s.answer(scope, name, in)
	}
	status := http.StatusOK
	if err != nil {
		e := faultOf(err)
		status, out = e.HTTPStatus(), map[string]any{"__type": "com.amazonaws.cloudwatch#" + e.Code, "message": e.Message}
		w.Header().Set("X-Amzn-Query-Error", e.Code+";Sender")
	}
	w.Header().Set("Content-Type", cborType)
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	w.Header().Set("X-Amzn-Requestid", wire.RequestID())
	w.WriteHeader(status)
	_, _ = w.Write(cbor.Encode(toCBOR(out))) // an error means that the client is gone
}

func readCBOR(body io.Reader) (map[string]any, error) {
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, malformed(err)
	}
	if len(data) == 0 {
		return map[string]any{}, nil
	}
	value, err := cbor.Decode(data)
	if err != nil {
		return nil, malformed(err)
	}
	in, isMap := fromCBOR(value).(map[string]any)
	if !isMap {
		return nil, malformed(errors.New("the body is no map"))
	}
	return in, nil
}

func (s *Service) serveJSON(w http.ResponseWriter, r *http.Request, scope arn.Scope, name string) {
	in := map[string]any{}
	err := json.NewDecoder(r.Body).Decode(&in)
	if err == io.EOF {
		err = nil
	}
	var out map[string]any
	if err != nil {
		err = malformed(err)
	} else {
		out, err = s.answer(scope, name, in)
	}
	if err != nil {
		e := faultOf(err)
		w.Header().Set("X-Amzn-Query-Error", e.Code+";Sender")
		wire.WriteJSONError(w, e)
		return
	}
	wire.WriteJSON(w, http.StatusOK, toJSON(out))
}

func (s *Service) serveQuery(w http.ResponseWriter, r *http.Request, scope arn.Scope) {
	form, err := wire.QueryForm(r)
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	name := form.Get("Action")
	form.Del("Action")
	form.Del("Version")
	in, err := tree(form)
	var out map[string]any
	if err == nil {
		out, err = s.answer(scope, name, in)
	}
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	var result any
	if out != nil {
		result = element(out)
	}
	wire.WriteQuery(w, namespace, name, result)
}

func malformed(err error) error { return wire.Errorf(400, "SerializationException", "%v", err) }

func faultOf(err error) *wire.Error {
	if e, ok := err.(*wire.Error); ok { //nolint:errorlint // a wrapped error has more to say than its cause
		return e
	}
	return wire.Errorf(http.StatusInternalServerError, "InternalServiceError", "%v", err)
}

// fromCBOR returns a value as encoding/json would have it. Times, which no input
// has, become what they are tagged on.
func fromCBOR(value cbor.Value) any {
	switch v := value.(type) {
	case cbor.Map:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = fromCBOR(member)
		}
		return out
	case cbor.List:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = fromCBOR(item)
		}
		return out
	case cbor.String:
		return string(v)
	case cbor.Bool:
		return bool(v)
	case cbor.Float32:
		return float64(v)
	case cbor.Float64:
		return float64(v)
	case cbor.Uint, cbor.NegInt:
		n, err := cbor.AsInt64(v)
		if err != nil {
			return nil
		}
		return float64(n)
	case *cbor.Tag:
		return fromCBOR(v.Value)
	}
	return nil
}

func toCBOR(value any) cbor.Value {
	switch v := value.(type) {
	case map[string]any:
		out := make(cbor.Map, len(v))
		for name, member := range v {
			out[name] = toCBOR(member)
		}
		return out
	case []any:
		out := make(cbor.List, len(v))
		for i, item := range v {
			out[i] = toCBOR(item)
		}
		return out
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case int:
		return cbor.Uint(max(0, v)) // no member is negative
	case float64:
		return cbor.Float64(v)
	case time.Time:
		return &cbor.Tag{ID: 1, Value: cbor.Float64(seconds(v))}
	}
	return &cbor.Nil{}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func toJSON(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = toJSON(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = toJSON(item)
		}
		return out
	case time.Time:
		return seconds(v)
	}
	return value
}

// element writes a tree as the query protocol does: members as elements, the
// items of a list as elements called member.
type element map[string]any

// MarshalXML writes the members within start.
func (e element) MarshalXML(enc *xml.Encoder, start xml.StartElement) error {
	if err := enc.EncodeToken(start); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if err := encode(enc, name, e[name]); err != nil {
			return err
		}
	}
	return enc.EncodeToken(start.End())
}

func encode(enc *xml.Encoder, name string, value any) error {
	start := xml.StartElement{Name: xml.Name{Local: name}}
	switch v := value.(type) {
	case map[string]any:
		return element(v).MarshalXML(enc, start)
	case []any:
		if err := enc.EncodeToken(start); err != nil {
			return err
		}
		for _, item := range v {
			if err := encode(enc, "member", item); err != nil {
				return err
			}
		}
		return enc.EncodeToken(start.End())
	case time.Time:
		return enc.EncodeElement(v.UTC().Format("2006-01-02T15:04:05.000Z"), start)
	}
	return enc.EncodeElement(value, start)
}
