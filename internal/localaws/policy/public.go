// SPDX-License-Identifier: MIT

package policy

import (
	"slices"
	"strings"
)

// narrowing are the condition keys that make a statement for everybody not
// public when their values are fixed; from the S3 User Guide, "The meaning of
// public".
var narrowing = []string{
	"aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:sourceip",
	"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:userid",
	"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths",
	"s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
}

// Public reports whether S3 would call a bucket policy public: a statement
// allows something to everybody and no condition narrows it to fixed values.
func (d Document) Public() bool {
	return slices.ContainsFunc(d.Statements, func(s Statement) bool {
		return s.Effect == "Allow" && s.forEverybody() && !s.narrowed()
	})
}

func (s Statement) forEverybody() bool {
	return s.NotPrincipals != nil || slices.Contains(s.Principals["AWS"], "*")
}

func (s Statement) narrowed() bool {
	return slices.ContainsFunc(s.conditions, func(c condition) bool {
		// Negated and optional operators leave the rest of the world in.
		return c.compare != nil && c.set == "" && !c.negated && !c.optional && slices.Contains(narrowing, c.key) &&
			!slices.ContainsFunc(c.values, func(t template) bool { return isBroad(t.text) })
	})
}

// isBroad reports whether a value still lets anybody in.
func isBroad(value string) bool {
	return strings.ContainsAny(value, "*?") || strings.HasPrefix(value, "${") || strings.HasSuffix(value, "/0")
}
