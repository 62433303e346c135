// SPDX-License-Identifier: MIT

package spec

import (
	"slices"

	"github.com/sparta-up/sparta/internal/diag"
)

// url decodes a function URL: nil without one.
func (d *decoder) url(n *node) *FunctionURL {
	if !usable(n) || n.json() == "false" {
		return nil
	}
	u := &FunctionURL{Auth: "NONE"}
	if d.literal(n.field("auth")) == "iam" {
		u.Auth = "AWS_IAM"
	}
	u.Stream = d.literal(n.field("mode")) == "stream"
	u.CORS = d.cors(n.field("cors"))
	if u.CORS != nil && u.CORS.AllowCredentials && slices.Contains(u.CORS.AllowOrigins, "*") {
		d.warn(n.field("cors").field("credentials"), diag.CredentialsForAll, "every web page may use its visitor's credentials", "list the origins that may")
	}
	return u
}

// cors decodes who may call a function URL or an API from a web page.
func (d *decoder) cors(n *node) *CORS {
	if !usable(n) || n.json() == "false" {
		return nil
	}
	c := &CORS{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}}
	if n.kind != object {
		return c
	}
	for key, to := range map[string]*[]string{
		"origins": &c.AllowOrigins, "methods": &c.AllowMethods, "headers": &c.AllowHeaders, "exposeHeaders": &c.ExposeHeaders,
	} {
		if given := n.field(key); usable(given) {
			*to = d.texts(given)
		}
	}
	c.AllowCredentials = d.flag(n.field("credentials"), false)
	c.MaxAge = d.duration(n.field("maxAge"))
	return c
}
