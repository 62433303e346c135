// SPDX-License-Identifier: MIT

package lambda

import (
	"slices"
	"strconv"

	crossorigin "github.com/sparta-up/sparta/internal/localaws/cors"
)

// cors are the settings by which Lambda itself answers and marks cross-origin
// requests to a function URL (Cors, API reference).
type cors struct {
	AllowCredentials bool     `json:",omitempty"`
	AllowHeaders     []string `json:",omitempty"`
	AllowMethods     []string `json:",omitempty"`
	AllowOrigins     []string `json:",omitempty"`
	ExposeHeaders    []string `json:",omitempty"`
	MaxAge           int      `json:",omitempty"` // seconds, at most a day
}

func (c *cors) check() error {
	if c == nil {
		return nil
	}
	if c.MaxAge < 0 || c.MaxAge > 86400 {
		return invalidMember(strconv.Itoa(c.MaxAge), "cors.maxAge", "Member must have value between 0 and 86400")
	}
	methods := []string{"GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*"}
	for _, method := range c.AllowMethods {
		if !slices.Contains(methods, method) {
			return invalidMember(method, "cors.allowMethods", "Member must satisfy enum value set: "+joined(methods))
		}
	}
	if c.AllowCredentials && slices.Contains(c.AllowOrigins, "*") {
		return invalidValue("AllowCredentials cannot be true when AllowOrigins is set to *")
	}
	return nil
}

// settings returns what answers and marks requests; nil without CORS.
func (c *cors) settings() *crossorigin.Settings { return (*crossorigin.Settings)(c) }
