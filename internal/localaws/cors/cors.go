// SPDX-License-Identifier: MIT

// Package cors answers and marks cross-origin requests the way that the hosted
// HTTP front ends of AWS do: function URLs and HTTP APIs have the same settings.
package cors

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Settings say which cross-origin requests a browser may make. A nil *Settings
// means that CORS is not configured. It may be used concurrently.
type Settings struct {
	AllowCredentials bool
	AllowHeaders     []string
	AllowMethods     []string
	AllowOrigins     []string // a * within one stands for any text, as in https://*.example.com
	ExposeHeaders    []string
	MaxAge           int // seconds; sent if above 0
}

// Preflight reports whether r asks whether a cross-origin request is allowed.
func Preflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

// own are the headers that the front end sets itself where CORS is configured;
// what a function says in them is dropped.
var own = []string{
	"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers",
	"Access-Control-Allow-Methods", "Access-Control-Expose-Headers", "Access-Control-Max-Age",
}

// Clear removes what a function says in the headers that the front end sets
// itself.
func (s *Settings) Clear(h http.Header) {
	if s == nil {
		return
	}
	for _, name := range own {
		h.Del(name)
	}
}

// Mark sets the CORS headers of the answer to r.
func (s *Settings) Mark(h http.Header, r *http.Request) {
	if s == nil {
		return
	}
	s.Clear(h)
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
		return
	case slices.Contains(s.AllowOrigins, "*"):
		h.Set("Access-Control-Allow-Origin", "*")
	case s.allowsOrigin(origin):
		h.Set("Access-Control-Allow-Origin", origin)
		h.Add("Vary", "Origin")
	default:
		return
	}
	if s.AllowCredentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if len(s.ExposeHeaders) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(s.ExposeHeaders, ","))
	}
	if Preflight(r) {
		s.markPreflight(h)
	}
}

func (s *Settings) markPreflight(h http.Header) {
	if len(s.AllowMethods) > 0 {
		h.Set("Access-Control-Allow-Methods", strings.Join(s.AllowMethods, ","))
	}
	if len(s.AllowHeaders) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(s.AllowHeaders, ","))
	}
	if s.MaxAge > 0 {
		h.Set("Access-Control-Max-Age", strconv.Itoa(s.MaxAge))
	}
}

// allowsOrigin compares origins as browsers do.
func (s *Settings) allowsOrigin(origin string) bool {
	return slices.ContainsFunc(s.AllowOrigins, func(allowed string) bool {
		before, after, wild := strings.Cut(allowed, "*")
		if !wild {
			return strings.EqualFold(allowed, origin)
		}
		return len(origin) >= len(before)+len(after) && strings.HasPrefix(origin, before) && strings.HasSuffix(origin, after)
	})
}
