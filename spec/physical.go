// SPDX-License-Identifier: MIT

package spec

import (
	"crypto/sha256"
	"encoding/hex"
)

// FunctionName is the physical name of a function: service-function, cut with
// a hash to the 64 characters that Lambda takes (CreateFunction).
func FunctionName(service, function string) string {
	const most = 64
	name := service + "-" + function
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	tail := "-" + hex.EncodeToString(sum[:4])
	return name[:most-len(tail)] + tail
}
