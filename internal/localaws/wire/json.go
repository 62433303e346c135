// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/json"
	"net/http"
)

// WriteJSON answers a JSON or REST-JSON request with status and body.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Requestid", RequestID())
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body) // an error means that the client is gone
	}
}

// WriteJSONError answers a JSON or REST-JSON request with an error: the code is
// sent both in the header X-Amzn-Errortype and in the member __type, which
// serves the awsJson and the restJson protocols alike.
func WriteJSONError(w http.ResponseWriter, err error) {
	e := asError(err, "ServiceException")
	fault := "User"
	if e.HTTPStatus() >= 500 {
		fault = "Service"
	}
	w.Header().Set("X-Amzn-Errortype", e.Code)
	WriteJSON(w, e.HTTPStatus(), map[string]string{
		"__type": e.Code, "Type": fault, "message": e.Message, "Message": e.Message,
	})
}
