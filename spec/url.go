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
	return u
}

// cors decodes who may call a function URL from a web page.
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
	credentials := n.field("credentials")
	c.AllowCredentials = usable(credentials) && credentials.json() == "true"
	c.MaxAge = d.duration(n.field("maxAge"))
	if c.AllowCredentials && slices.Contains(c.AllowOrigins, "*") {
		d.warn(credentials, diag.CredentialsForAll, "every web page may use its visitor's credentials", "list the origins that may")
	}
	return c
}
