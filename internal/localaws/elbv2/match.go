// SPDX-License-Identifier: MIT

package elbv2

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/httpevent"
)

// meets reports whether a request meets all conditions ("Condition types for
// listener rules", User Guide for Application Load Balancers).
func meets(list []condition, r *http.Request) bool {
	return !slices.ContainsFunc(list, func(c condition) bool { return !c.meets(r) })
}

func (c condition) meets(r *http.Request) bool {
	switch {
	case c.PathPatternConfig != nil:
		return matchesOne(c.PathPatternConfig.Values, pathOf(r))
	case c.HostHeaderConfig != nil:
		return c.HostHeaderConfig.matchesHost(r.Host)
	case c.HttpRequestMethodConfig != nil:
		return slices.Contains(c.HttpRequestMethodConfig.Values, r.Method)
	case c.SourceIpConfig != nil:
		return comesFrom(c.SourceIpConfig.Values, r)
	case c.HttpHeaderConfig != nil:
		return slices.ContainsFunc(valuesOf(r, c.HttpHeaderConfig.HttpHeaderName), func(value string) bool {
			return matchesOne(lowered(c.HttpHeaderConfig.Values), strings.ToLower(value))
		})
	}
	return c.QueryStringConfig.meets(rawQuery(r.URL.RawQuery))
}

// matchesOne reports whether one of several patterns matches a text.
func matchesOne(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, text, false) })
}

func lowered(list []string) []string {
	out := make([]string, 0, len(list))
	for _, text := range list {
		out = append(out, strings.ToLower(text))
	}
	return out
}

// pathOf returns the path as the client wrote it.
func pathOf(r *http.Request) string {
	if path := r.URL.EscapedPath(); path != "" {
		return path
	}
	return "/"
}

// valuesOf returns the lines of a header, of which Host is one.
func valuesOf(r *http.Request, name string) []string {
	if strings.EqualFold(name, "Host") {
		return []string{r.Host}
	}
	return r.Header.Values(name)
}

// hostName returns the name that a Host header means: in lower case, without a
// port, and without localhost, below which every name is this machine.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".localhost")
}

func (v *values) matchesHost(host string) bool {
	return matchesOne(lowered(v.Values), hostName(host))
}

func comesFrom(blocks []string, r *http.Request) bool {
	source, err := netip.ParseAddr(httpevent.SourceIP(r))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(blocks, func(text string) bool {
		block, err := netip.ParsePrefix(text)
		return err == nil && block.Contains(source.Unmap())
	})
}

func (q *queryMatch) meets(parameters []pair) bool {
	return slices.ContainsFunc(parameters, func(sent pair) bool {
		return slices.ContainsFunc(q.Values, func(want pair) bool {
			return (want.Key == "" || matches(strings.ToLower(want.Key), strings.ToLower(sent.Key), true)) &&
				matches(strings.ToLower(want.Value), strings.ToLower(sent.Value), true)
		})
	})
}

// rawQuery splits a query into its parameters, which stay encoded.
func rawQuery(query string) []pair {
	var list []pair
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		list = append(list, pair{key, value})
	}
	return list
}

// named reports whether a pattern of hosts names a domain that somebody owns:
// its last two labels have no wildcard.
func named(pattern string) bool {
	labels := strings.Split(pattern, ".")
	if len(labels) < 2 {
		return false
	}
	return !strings.ContainsAny(strings.Join(labels[len(labels)-2:], "."), "*?") && labels[len(labels)-2] != ""
}
