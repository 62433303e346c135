// SPDX-License-Identifier: MIT

// Package weather tells the weather, as far as it knows it.
package weather

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/shim"
)

// forecasts is the weather by city.
var forecasts = map[string]string{"athens": "sunny", "sparta": "dry and stern", "thebes": "cloudy"}

// Forecast tells the weather of the city in the path.
func Forecast(event *json.RawMessage, _ *shim.LambdaContext, w http.ResponseWriter, logger *zerolog.Logger) {
	var request struct {
		Parameters map[string]string `json:"pathParameters"`
	}
	if err := json.Unmarshal(*event, &request); err != nil {
		http.Error(w, "the event is no request", http.StatusBadRequest)
		return
	}
	city := request.Parameters["city"]
	weather, ok := forecasts[city]
	logger.Info().Str("city", city).Bool("known", ok).Msg("asked for the weather")
	if !ok {
		http.Error(w, "nobody knows the weather of "+city, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"city": %q, "weather": %q}`, city, weather)
}

// Health says that the service is there.
func Health(_ *json.RawMessage, _ *shim.LambdaContext, w http.ResponseWriter, _ *zerolog.Logger) {
	fmt.Fprintln(w, "well")
}
