// SPDX-License-Identifier: MIT

package elbv2

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// answer returns a fixed response.
func (f *fixedResponse) answer() answer {
	status, _ := strconv.Atoi(f.StatusCode) // was checked
	kind := f.ContentType
	if kind == "" {
		kind = "text/plain"
	}
	return answer{status: status, headers: http.Header{"Content-Type": {kind + "; charset=utf-8"}}, body: []byte(f.MessageBody)}
}

// redirect sends a client elsewhere. What leads to another listener of the load
// balancer under the name that the client used leads to that listener's door.
func (v *visit) redirect(to redirect, r *http.Request) answer {
	name := r.Host
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		name = host
	}
	known := strings.NewReplacer(
		"#{protocol}", strings.ToLower(v.listener.Protocol), "#{host}", name, "#{port}", strconv.Itoa(v.listener.Port),
		"#{path}", strings.TrimPrefix(pathOf(r), "/"), "#{query}", r.URL.RawQuery,
	)
	protocol, host, port := strings.ToLower(known.Replace(to.Protocol)), known.Replace(to.Host), known.Replace(to.Port)
	place := protocol + "://" + net.JoinHostPort(strings.Trim(host, "[]"), port)
	if number, err := strconv.Atoi(port); err == nil && host == name {
		place = v.place(r, protocol, number, name, place)
	}
	location := place + known.Replace(to.Path)
	if query := known.Replace(to.Query); query != "" {
		location += "?" + query
	}
	status := http.StatusMovedPermanently
	if to.StatusCode == "HTTP_302" {
		status = http.StatusFound
	}
	a := page(status)
	a.headers.Set("Location", location)
	return a
}

// place returns where a listener of the load balancer is on this machine, or
// else what it would be on AWS.
func (v *visit) place(r *http.Request, protocol string, port int, name, elsewhere string) string {
	l := v.doors[port]
	switch {
	case l == nil || strings.ToLower(l.Settings.Protocol) != protocol:
		return elsewhere
	case port == v.listener.Port:
		return (&url.URL{Scheme: "http", Host: r.Host}).String()
	}
	return "http://" + net.JoinHostPort(strings.Trim(name, "[]"), strconv.Itoa(l.Door))
}
