// SPDX-License-Identifier: MIT

package lambda

import (
	"net/http"
	"regexp"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// reference names a function the way callers do: name, name:qualifier, ARN or
// partial ARN.
type reference struct {
	region, account string // empty unless the ARN has them
	name            string
	qualifier       string // empty, $LATEST, a version or an alias
}

// namePattern is that of FunctionName in the API reference.
const namePattern = `(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?`

var (
	wholeName    = regexp.MustCompile(`^` + namePattern + `$`)
	functionName = lazy.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)
	aliasName    = lazy.MustCompile(`^[a-zA-Z0-9-_]{1,128}$`)
	allDigits    = regexp.MustCompile(`^[0-9]+$`)
)

// parseReference reads a function's name and the qualifier that came with it
// separately, which must not contradict each other.
func parseReference(text, qualifier string) (reference, error) {
	m := wholeName.FindStringSubmatch(text)
	if m == nil {
		return reference{}, invalidMember(text, "functionName", "Member must satisfy regular expression pattern: "+namePattern)
	}
	r := reference{region: trimColon(m[3]), account: trimColon(m[5]), name: m[7], qualifier: m[9]}
	if len(r.name) > 64 {
		return reference{}, invalidMember(text, "functionName", "Member must have length less than or equal to 64")
	}
	if qualifier != "" && r.qualifier != "" && qualifier != r.qualifier {
		return reference{}, invalidValue("The derived qualifier from the function name does not match the specified qualifier.")
	}
	if qualifier != "" {
		r.qualifier = qualifier
	}
	return r, nil
}

func trimColon(s string) string {
	if s == "" {
		return ""
	}
	return s[:len(s)-1]
}

// lookup returns the function that a reference names; s.mu is held.
func (s *Service) lookup(scope arn.Scope, r reference) (*function, error) {
	if r.region != "" && r.region != scope.Region {
		return nil, wire.Errorf(http.StatusNotFound, "ResourceNotFoundException",
			"Functions from '%s' are not reachable in this region ('%s')", r.region, scope.Region)
	}
	if r.account != "" && r.account != scope.Account {
		return nil, wire.Errorf(http.StatusForbidden, "AccessDeniedException",
			"the function %s belongs to account %s, which is not that of the caller", r.name, r.account)
	}
	f := s.functions[keyOf(scope, r.name)]
	if f == nil {
		return nil, notFound("Function not found: %s", (&function{Scope: scope, Name: r.name}).arn(r.qualifier))
	}
	return f, nil
}

// find returns a function and the version of it that is meant; s.mu is held.
func (s *Service) find(scope arn.Scope, r reference) (*function, *settings, error) {
	f, err := s.lookup(scope, r)
	if err != nil {
		return nil, nil, err
	}
	v := f.version(r.qualifier)
	if v == nil {
		return nil, nil, notFound("Function not found: %s", f.arn(r.qualifier))
	}
	return f, v, nil
}

func notFound(format string, args ...any) error {
	return wire.Errorf(http.StatusNotFound, "ResourceNotFoundException", format, args...)
}

func conflict(format string, args ...any) error {
	return wire.Errorf(http.StatusConflict, "ResourceConflictException", format, args...)
}

func invalidValue(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidParameterValueException", format, args...)
}

// invalidMember returns the error of a request that breaks the API's model.
func invalidMember(value, member, constraint string) error {
	return wire.Errorf(http.StatusBadRequest, "ValidationException",
		"1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, member, constraint)
}

func unmodelled(what string) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidParameterValueException", "the embedded AWS does not model %s", what)
}
