// SPDX-License-Identifier: MIT

// Package hello is the smallest service: one function that greets.
package hello

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/shim"
)

// Hello greets the name in the event: {"name": "Ada"}, or ?name=Ada in the
// query of the function's URL. Without a name it greets the world.
func Hello(event *json.RawMessage, ctx *shim.LambdaContext, w http.ResponseWriter, logger *zerolog.Logger) {
	var request struct {
		Name  string            `json:"name"`
		Query map[string]string `json:"queryStringParameters"`
	}
	if err := json.Unmarshal(*event, &request); err != nil {
		http.Error(w, "the event is no JSON object", http.StatusBadRequest)
		return
	}
	name := "world"
	for _, given := range []string{request.Name, request.Query["name"]} {
		if given != "" {
			name = given
		}
	}
	logger.Info().Str("name", name).Msg("greeting")
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"message": %q}`, "Hello, "+name+"!")
}
