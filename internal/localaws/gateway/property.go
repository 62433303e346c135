// SPDX-License-Identifier: MIT

package gateway

import "github.com/sparta-up/sparta/internal/localaws/shape"

// EndpointType is the rule of an endpoint type of REST APIs and their domain
// names.
func EndpointType(path string, value any) []string {
	if value == "PRIVATE" {
		return []string{path + ": the embedded AWS does not model private APIs"}
	}
	return shape.Enum("REGIONAL", "EDGE")(path, value)
}
