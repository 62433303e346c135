// SPDX-License-Identifier: MIT

package iam

import (
	"crypto/rand"
	"encoding/base32"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func invalid(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "ValidationError", format, args...)
}

func noSuchEntity(format string, args ...any) error {
	return wire.Errorf(http.StatusNotFound, "NoSuchEntity", format, args...)
}

func alreadyExists(format string, args ...any) error {
	return wire.Errorf(http.StatusConflict, "EntityAlreadyExists", format, args...)
}

func deleteConflict(format string, args ...any) error {
	return wire.Errorf(http.StatusConflict, "DeleteConflict", format, args...)
}

var (
	namePattern = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathPattern = regexp.MustCompile(`^(/|/[!-~]+/)$`)
)

// checkName applies the rule of names of roles (64 bytes) and policies (128).
// parameter is the member's name as IAM spells it in messages.
func checkName(parameter, name string, longest int) error {
	switch {
	case name == "":
		return invalid("1 validation error detected: Value at '%s' failed to satisfy constraint: Member must not be null", parameter)
	case !namePattern.MatchString(name):
		return invalid(`1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`, name, parameter)
	case len(name) > longest:
		return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", name, parameter, longest)
	}
	return nil
}

// checkPath returns the path, "/" if it is empty.
func checkPath(path string) (string, error) {
	if path == "" {
		return "/", nil
	}
	if !pathPattern.MatchString(path) || len(path) > 512 {
		return "", invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return path, nil
}

// size counts a policy as IAM does: without white space.
func size(document string) int {
	return len(strings.Join(strings.Fields(document), ""))
}

func malformed(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "MalformedPolicyDocument", format, args...)
}

// checkTrust checks a trust policy: every statement has a principal and no
// resource. The limit is the default quota of 2048 characters.
func checkTrust(document string) error {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return malformed("This policy contains invalid Json: %v", err)
	}
	if err := checkOperators(doc); err != nil {
		return err
	}
	for _, statement := range doc.Statements {
		switch {
		case statement.Principals == nil && statement.NotPrincipals == nil:
			return malformed("AssumeRole policy must contain principals")
		case statement.Resources != nil || statement.NotResources != nil:
			return malformed("Has prohibited field Resource")
		}
		for _, act := range append(statement.Actions, statement.NotActions...) {
			if act != "*" && !strings.HasPrefix(strings.ToLower(act), "sts:") {
				return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
	}
	if size(document) > 2048 {
		return wire.Errorf(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
	}
	return nil
}

// checkOperators refuses condition operators that do not exist.
func checkOperators(doc policy.Document) error {
	if unknown := doc.UnknownOperators(); len(unknown) > 0 {
		return malformed("Syntax errors in policy: there is no condition operator %s", unknown[0])
	}
	return nil
}

// checkPermissions checks an identity policy of a size in characters.
func checkPermissions(document string, largest int, quota string) error {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return malformed("Syntax errors in policy: %v", err)
	}
	if err := checkOperators(doc); err != nil {
		return err
	}
	for _, statement := range doc.Statements {
		switch {
		case statement.Principals != nil || statement.NotPrincipals != nil:
			return malformed("Policy document should not specify a principal.")
		case statement.Resources == nil && statement.NotResources == nil:
			return malformed("Policy statement must contain resources.")
		}
		for _, act := range append(statement.Actions, statement.NotActions...) {
			if act != "*" && !strings.Contains(act, ":") {
				return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
			}
		}
	}
	if size(document) > largest {
		return wire.Errorf(http.StatusConflict, "LimitExceeded", "Maximum policy size of %d bytes exceeded for %s", largest, quota)
	}
	return nil
}

// escape encodes a policy as IAM returns it: percent-encoded by RFC 3986.
func escape(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}

// newID makes an id such as AROA followed by 17 letters and digits.
func newID(prefix string) string {
	var b [11]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand.Read aborts the program instead
	return prefix + base32.StdEncoding.EncodeToString(b[:])[:17]
}

// tags reads Tags.member.N.Key and .Value.
func (c call) tags() map[string]string {
	tags := map[string]string{}
	for i := 1; ; i++ {
		key := "Tags.member." + strconv.Itoa(i)
		if !c.Has(key + ".Key") {
			return tags
		}
		tags[c.Get(key+".Key")] = c.Get(key + ".Value")
	}
}

// members reads Name.member.1, Name.member.2, ...
func (c call) members(name string) []string {
	var list []string
	for i := 1; c.Has(name + ".member." + strconv.Itoa(i)); i++ {
		list = append(list, c.Get(name+".member."+strconv.Itoa(i)))
	}
	return list
}

// paged is the part of a list that one answer holds.
type paged struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

// page cuts the present page out of the sorted names of what is listed. The
// marker is the last name of the page before.
func (c call) page(names []string) ([]string, paged, error) {
	most := 100
	if text := c.Get("MaxItems"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			return nil, paged{}, invalid("1 validation error detected: Value '%s' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 1000", text)
		}
		most = n
	}
	for marker := c.Get("Marker"); marker != "" && len(names) > 0 && names[0] <= marker; {
		names = names[1:]
	}
	if len(names) <= most {
		return names, paged{}, nil
	}
	return names[:most], paged{IsTruncated: true, Marker: names[most-1]}, nil
}
