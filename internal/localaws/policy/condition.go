// SPDX-License-Identifier: MIT

package policy

import (
	"net/netip"
	"slices"
	"strings"
)

// met reports whether all conditions of the statement hold. known is false if
// one of them uses an operator that this package does not model.
func (s Statement) met(q Request) (met, known bool) {
	met, known = true, true
	for operator, keys := range s.Conditions {
		for key, values := range keys {
			ok, understood := holds(operator, strings.ToLower(key), values, q)
			met, known = met && ok, known && understood
		}
	}
	return met, known
}

// holds evaluates one condition as the IAM User Guide says under "IAM JSON
// policy elements: Condition operators": a missing key fails a positive
// operator and passes a negated one or one that ends in IfExists.
func holds(operator, key string, values []string, q Request) (met, known bool) {
	if slices.Contains(q.Unknown, key) {
		return true, true
	}
	value, present := q.Context[key]
	if operator == "Null" {
		return slices.Contains(values, "true") != present, true
	}
	operator, optional := strings.CutSuffix(operator, "IfExists")
	positive := strings.Replace(operator, "Not", "", 1)
	negated := positive != operator
	compare := comparison(positive)
	if compare == nil {
		return false, false
	}
	if !present {
		return negated || optional, true
	}
	matched := slices.ContainsFunc(values, func(want string) bool { return compare(want, value) })
	return matched != negated, true
}

func comparison(operator string) func(want, value string) bool {
	switch operator {
	case "StringEquals":
		return func(want, value string) bool { return want == value }
	case "StringEqualsIgnoreCase", "Bool":
		return strings.EqualFold
	case "StringLike", "ArnLike", "ArnEquals":
		return Match
	case "IpAddress":
		return inNetwork
	}
	return nil
}

func inNetwork(network, address string) bool {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	if single, err := netip.ParseAddr(network); err == nil {
		return single == addr
	}
	prefix, err := netip.ParsePrefix(network)
	return err == nil && prefix.Contains(addr)
}

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
	for operator, keys := range s.Conditions {
		if comparison(operator) == nil { // negated and optional operators leave the rest of the world in
			continue
		}
		for key, values := range keys {
			if slices.Contains(narrowing, strings.ToLower(key)) && !slices.ContainsFunc(values, isBroad) {
				return true
			}
		}
	}
	return false
}

// isBroad reports whether a value still lets anybody in.
func isBroad(value string) bool {
	return strings.ContainsAny(value, "*?") || strings.HasPrefix(value, "${") || strings.HasSuffix(value, "/0")
}
