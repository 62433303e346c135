// SPDX-License-Identifier: MIT

package stage

import (
	"maps"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/spec"
)

// providerArchitecture is the architecture of the custom resource provider.
const providerArchitecture = "arm64"

func itoa(i int) string { return strconv.Itoa(i) }

// LogGroupName returns the log group of a function. It is the service's own
// rather than /aws/lambda/<name>, which Lambda would re-create after the stack
// is gone.
func LogGroupName(service, function string) string { return spec.LogGroupName(service, function) }

// sortedKeys returns the keys of m in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
