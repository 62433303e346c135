// SPDX-License-Identifier: MIT

package wire

import (
	"net/http"
	"strings"
)

// WriteUnknown answers a request of a service that nobody models, in the
// protocol that its client is likely to speak: Smithy RPC v2 CBOR, a JSON
// protocol, or XML.
func WriteUnknown(w http.ResponseWriter, r *http.Request, err *Error) {
	content := r.Header.Get("Content-Type")
	_, target := r.Header["X-Amz-Target"]
	switch {
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		w.Header().Set("X-Amzn-Requestid", RequestID())
		w.WriteHeader(err.HTTPStatus())
		_, _ = w.Write(cborError(err)) // an error means that the client is gone
	case !target && (strings.HasPrefix(content, "application/x-www-form-urlencoded") || strings.Contains(content, "xml")):
		WriteQueryError(w, "https://sparta.invalid/", err)
	default:
		WriteJSONError(w, err)
	}
}

// cborError encodes the map {"__type": code, "message": text}; RFC 8949.
func cborError(err *Error) []byte {
	out := []byte{0xa2}
	for _, text := range []string{"__type", err.Code, "message", err.Message} {
		out = append(out, 0x79, byte(len(text)>>8), byte(len(text))) // text of a two-byte length
		out = append(out, text...)
	}
	return out
}
