// SPDX-License-Identifier: MIT

package cloudformation

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// form is the parameters of one request.
type form url.Values

func (f form) text(name string) string { return url.Values(f).Get(name) }

// boolean returns an optional boolean; nil if it is absent.
func (f form) boolean(name string) (*bool, error) {
	switch text := f.text(name); text {
	case "":
		return nil, nil
	case "true", "false":
		return new(text == "true"), nil
	default:
		return nil, invalidf("1 validation error detected: Value '%s' at '%s' must be a boolean", text, name)
	}
}

// flag returns a boolean that is false if it is absent.
func (f form) flag(name string) (bool, error) {
	value, err := f.boolean(name)
	return value != nil && *value, err
}

// list returns name.member.1, name.member.2, ...
func (f form) list(name string) []string {
	var list []string
	for i := 1; ; i++ {
		value, ok := f[name+".member."+strconv.Itoa(i)]
		if !ok {
			return list
		}
		list = append(list, value[0])
	}
}

// present reports whether a list or text was given, be it empty.
func (f form) present(name string) bool {
	for key := range f {
		if key == name || strings.HasPrefix(key, name+".") {
			return true
		}
	}
	return false
}

// structures returns the members of name.member.N.* by their own names.
func (f form) structures(name string) []map[string]string {
	var list []map[string]string
	for i := 1; ; i++ {
		prefix := name + ".member." + strconv.Itoa(i) + "."
		member := map[string]string{}
		for key, value := range f {
			if field, ok := strings.CutPrefix(key, prefix); ok {
				member[field] = value[0]
			}
		}
		if len(member) == 0 {
			return list
		}
		list = append(list, member)
	}
}

// Limits of tags, from
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Tag.html
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// tags returns the parameter Tags.
func (f form) tags() (map[string]string, error) {
	members := f.structures("Tags")
	if len(members) > maxTags {
		return nil, invalidf("1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to %d", maxTags)
	}
	tags := make(map[string]string, len(members))
	for _, member := range members {
		key, value := member["Key"], member["Value"]
		switch {
		case key == "" || len(key) > maxTagKey || len(value) > maxTagValue:
			return nil, invalidf("Tag keys must be 1 to %d and tag values 0 to %d characters long: %q", maxTagKey, maxTagValue, key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return nil, invalidf("Tag keys cannot start with aws: : %s", key)
		case hasKey(tags, key):
			return nil, invalidf("Duplicate tag key: %s", key)
		}
		tags[key] = value
	}
	return tags, nil
}

// parameters returns the parameter Parameters.
func (f form) parameters() (map[string]given, error) {
	parameters := map[string]given{}
	for _, member := range f.structures("Parameters") {
		key := member["ParameterKey"]
		if hasKey(parameters, key) {
			return nil, invalidf("Duplicate parameter keys: [%s]", key)
		}
		if member["UsePreviousValue"] == "true" && hasKey(member, "ParameterValue") {
			return nil, invalidf("Invalid input for parameter key %s. Cannot specify usePreviousValue as true and a parameter value", key)
		}
		parameters[key] = given{value: member["ParameterValue"], usePrevious: member["UsePreviousValue"] == "true"}
	}
	return parameters, nil
}

// acknowledged returns the parameter Capabilities.
func (f form) acknowledged() ([]string, error) {
	list := f.list("Capabilities")
	for _, capability := range list {
		if capability != capabilityIAM && capability != capabilityNamedIAM && capability != capabilityExpand {
			return nil, invalidf("1 validation error detected: Value '%s' at 'capabilities' failed to satisfy constraint: Member must satisfy enum value set: [CAPABILITY_IAM, CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND]", capability)
		}
	}
	slices.Sort(list)
	return list, nil
}

// nameForm is what names of stacks and change sets look like.
var nameForm = lazy.MustCompile(`^[a-zA-Z][-a-zA-Z0-9]{0,127}$`)

// name returns a parameter that names something new.
func (f form) name(parameter string) (string, error) {
	name := f.text(parameter)
	if !nameForm.MatchString(name) {
		return "", invalidf("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", name, strings.ToLower(parameter[:1])+parameter[1:])
	}
	return name, nil
}

// check refuses every parameter that is not among the accepted ones. Empty
// values stand for empty lists and count as absent.
func (f form) check(action string, accepted []string) error {
	for _, key := range sortedKeys(f) {
		name, _, _ := strings.Cut(key, ".")
		if name == "Action" || name == "Version" || slices.Contains(accepted, name) || f.text(key) == "" {
			continue
		}
		return invalidf("the embedded AWS does not model the parameter %s of %s", key, action)
	}
	return nil
}

// refuse refuses parameters that are true.
func (f form) refuse(action string, names ...string) error {
	for _, name := range names {
		if f.text(name) == "true" {
			return invalidf("the embedded AWS does not model the parameter %s of %s", name, action)
		}
	}
	return nil
}
