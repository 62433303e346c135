// SPDX-License-Identifier: MIT

package lambda

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
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

// preflight reports whether r asks whether a cross-origin request is allowed.
func preflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// corsHeaders are those that Lambda sets itself where CORS is configured; what
// the function says in them is dropped.
var corsHeaders = []string{
	"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers",
	"Access-Control-Allow-Methods", "Access-Control-Expose-Headers", "Access-Control-Max-Age",
}

// mark sets the CORS headers of the answer to r.
func (c *cors) mark(h http.Header, r *http.Request) {
	if c == nil {
		return
	}
	for _, name := range corsHeaders {
		h.Del(name)
	}
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
		return
	case slices.Contains(c.AllowOrigins, "*"):
		h.Set("Access-Control-Allow-Origin", "*")
	case c.allowsOrigin(origin):
		h.Set("Access-Control-Allow-Origin", origin)
		h.Add("Vary", "Origin")
	default:
		return
	}
	if c.AllowCredentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if len(c.ExposeHeaders) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(c.ExposeHeaders, ","))
	}
	if preflight(r) {
		c.markPreflight(h)
	}
}

func (c *cors) markPreflight(h http.Header) {
	if len(c.AllowMethods) > 0 {
		h.Set("Access-Control-Allow-Methods", strings.Join(c.AllowMethods, ","))
	}
	if len(c.AllowHeaders) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(c.AllowHeaders, ","))
	}
	if c.MaxAge > 0 {
		h.Set("Access-Control-Max-Age", strconv.Itoa(c.MaxAge))
	}
}

// allowsOrigin compares origins as browsers do; a * within one stands for any
// text, as in https://*.example.com.
func (c *cors) allowsOrigin(origin string) bool {
	return slices.ContainsFunc(c.AllowOrigins, func(allowed string) bool {
		before, after, wild := strings.Cut(allowed, "*")
		if !wild {
			return strings.EqualFold(allowed, origin)
		}
		return len(origin) >= len(before)+len(after) && strings.HasPrefix(origin, before) && strings.HasSuffix(origin, after)
	})
}
