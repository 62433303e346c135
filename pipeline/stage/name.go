// SPDX-License-Identifier: MIT

package stage

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/spec"
)

// providerArchitecture is the architecture of the custom resource provider.
const providerArchitecture = "arm64"

func itoa(i int) string { return strconv.Itoa(i) }

// FunctionName returns the physical name of a function: service-function, cut
// with a hash to the 64 characters that Lambda takes (CreateFunction).
func FunctionName(service, function string) string {
	return shorten(service+"-"+function, 64)
}

// LogGroupName returns the log group of a function. It is the service's own
// rather than /aws/lambda/<name>, which Lambda would re-create after the stack
// is gone.
func LogGroupName(service, function string) string { return spec.LogGroupName(service, function) }

// shorten returns name if it fits, else its start and a hash of the whole.
func shorten(name string, most int) string {
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	tail := "-" + hex.EncodeToString(sum[:4])
	return name[:most-len(tail)] + tail
}

// sortedKeys returns the keys of m in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
