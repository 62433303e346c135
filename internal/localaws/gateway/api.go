// SPDX-License-Identifier: MIT

package gateway

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
)

// API is what is kept of an API of either kind.
type API struct {
	Scope   arn.Scope
	ID      string
	Port    int // of its address on this machine
	Created time.Time
}

// Execution returns the ARN of something of the API, such as v1/GET/pets, as
// permissions name it.
func (a *API) Execution(rest string) string { return a.Scope.Regional("execute-api", a.ID+"/"+rest) }

// Endpoint returns the address of the API without a final slash.
func (a *API) Endpoint() string { return strings.TrimSuffix(door.URL(a.Port), "/") }

// Addresses returns the addresses of APIs by identifier.
func Addresses[A interface{ Endpoint() string }](apis map[string]A) map[string]string {
	list := make(map[string]string, len(apis))
	for id, a := range apis {
		list[id] = a.Endpoint()
	}
	return list
}

// NewID returns an identifier of n lower-case letters and digits, at most 26.
func NewID(n int) string { return strings.ToLower(rand.Text())[:n] }
