// SPDX-License-Identifier: MIT

package gateway

import (
	"maps"
	"regexp"
	"slices"
)

// What an account lets through where nothing is said, in requests a second and
// at once ("Amazon API Gateway quotas").
const (
	AccountRate  = 10000
	AccountBurst = 5000
)

// NewLimit returns what two optional figures let through; nil if neither is
// said.
func NewLimit(rate *float64, burst *int) *Limit {
	if rate == nil && burst == nil {
		return nil
	}
	l := Limit{Rate: AccountRate, Burst: AccountBurst}
	if rate != nil {
		l.Rate = *rate
	}
	if burst != nil {
		l.Burst = *burst
	}
	return &l
}

var (
	variableName  = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	variableValue = regexp.MustCompile(`^[A-Za-z0-9._~:/?#&=,-]*$`)
)

// CheckVariables returns the fault of stage variables.
func CheckVariables(variables map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if !variableName.MatchString(name) || !variableValue.MatchString(variables[name]) {
			return BadRequest("Stage variable %s: names have letters, digits and _, values match %s", name, variableValue)
		}
	}
	return nil
}
