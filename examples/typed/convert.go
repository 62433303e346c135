// SPDX-License-Identifier: MIT

// Package typed shows a handler with typed input and output, as aws-lambda-go
// takes them, on the OS-only runtime: no NodeJS in between.
package typed

import (
	"context"
	"errors"
)

// absoluteZero is the lowest temperature there is, in degrees Celsius.
const absoluteZero = -273.15

// Request is the event.
type Request struct {
	Celsius *float64 `json:"celsius"`
}

// Response is the same temperature on two other scales.
type Response struct {
	Fahrenheit float64 `json:"fahrenheit"`
	Kelvin     float64 `json:"kelvin"`
}

// Convert converts a temperature.
func Convert(_ context.Context, r Request) (Response, error) {
	switch {
	case r.Celsius == nil:
		return Response{}, errors.New(`the event needs "celsius"`)
	case *r.Celsius < absoluteZero:
		return Response{}, errors.New("nothing is colder than -273.15 degrees Celsius")
	}
	return Response{Fahrenheit: *r.Celsius*9/5 + 32, Kelvin: *r.Celsius - absoluteZero}, nil
}
