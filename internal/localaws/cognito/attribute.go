// SPDX-License-Identifier: MIT

package cognito

import (
	"cmp"
	"maps"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// attribute is one of the schema of a pool, by the names of the API.
type attribute struct {
	AttributeDataType          string // String, Number, DateTime or Boolean
	DeveloperOnlyAttribute     bool
	Mutable                    bool
	Name                       string            // custom ones with custom: before it
	NumberAttributeConstraints map[string]string `json:",omitempty"` // MinValue and MaxValue
	Required                   bool
	StringAttributeConstraints map[string]string `json:",omitempty"` // MinLength and MaxLength
}

// same reports whether two attributes say the same; no constraints are none.
func (a attribute) same(b attribute) bool {
	return a.Name == b.Name && a.AttributeDataType == b.AttributeDataType && a.DeveloperOnlyAttribute == b.DeveloperOnlyAttribute &&
		a.Mutable == b.Mutable && a.Required == b.Required && maps.Equal(a.NumberAttributeConstraints, b.NumberAttributeConstraints) &&
		maps.Equal(a.StringAttributeConstraints, b.StringAttributeConstraints)
}

// standardAttributes are those of OpenID Connect that each pool has ("Working
// with user attributes", Amazon Cognito Developer Guide).
func standardAttributes() []attribute {
	list := []attribute{{Name: "sub", Required: true, StringAttributeConstraints: map[string]string{"MinLength": "1", "MaxLength": "2048"}}}
	for _, name := range []string{
		"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website",
		"email", "gender", "birthdate", "zoneinfo", "locale", "phone_number", "address",
	} {
		list = append(list, attribute{Name: name, Mutable: true, StringAttributeConstraints: map[string]string{"MinLength": "0", "MaxLength": "2048"}})
	}
	for i := range list {
		list[i].AttributeDataType = "String"
	}
	return append(list,
		attribute{Name: "email_verified", AttributeDataType: "Boolean", Mutable: true},
		attribute{Name: "phone_number_verified", AttributeDataType: "Boolean", Mutable: true},
		attribute{Name: "updated_at", AttributeDataType: "Number", Mutable: true, NumberAttributeConstraints: map[string]string{"MinValue": "0"}})
}

// schemaOf returns the schema of a pool with what a template says of it.
func schemaOf(said []attribute) ([]attribute, error) {
	list := standardAttributes()
	for _, a := range said {
		at := slices.IndexFunc(list, func(one attribute) bool { return one.Name == a.Name })
		a.AttributeDataType = cmp.Or(a.AttributeDataType, "String")
		switch {
		case a.Name == "" || a.Name == "sub":
			return nil, invalid("Invalid attribute name in the schema: %q", a.Name)
		case at >= 0:
			if a.StringAttributeConstraints == nil {
				a.StringAttributeConstraints = list[at].StringAttributeConstraints
			}
			a.AttributeDataType = list[at].AttributeDataType
			list[at] = a
		case a.Required:
			return nil, invalid("Required custom attributes are not supported currently.")
		default:
			a.Name = "custom:" + a.Name
			if a.DeveloperOnlyAttribute {
				a.Name = "dev:" + a.Name
			}
			list = append(list, a)
		}
	}
	return list, nil
}

func (s *settings) attribute(name string) (attribute, bool) {
	at := slices.IndexFunc(s.SchemaAttributes, func(a attribute) bool { return a.Name == name })
	if at < 0 {
		return attribute{}, false
	}
	return s.SchemaAttributes[at], true
}

var phonePattern = lazy.MustCompile(`^\+[1-9][0-9]{4,18}$`)

// checkAttributes returns the fault of the attributes of a user. complete says
// that they are all that the user has.
func (s *settings) checkAttributes(list map[string]string, complete bool) error {
	var faults []string
	for _, name := range sortedKeys(list) {
		a, ok := s.attribute(name)
		if !ok {
			faults = append(faults, name+": Attribute does not exist in the schema.\n")
		} else if fault := a.fault(list[name]); fault != "" {
			faults = append(faults, name+": "+fault+"\n")
		}
	}
	for _, a := range s.SchemaAttributes {
		if complete && a.Required && a.Name != "sub" && list[a.Name] == "" {
			faults = append(faults, a.Name+": The attribute "+a.Name+" is required\n")
		}
	}
	switch {
	case len(faults) > 0:
		return invalid("Attributes did not conform to the schema: %s", strings.Join(faults, ""))
	case list["email"] != "" && !isEmail(list["email"]):
		return invalid("Invalid email address format.")
	case list["phone_number"] != "" && !phonePattern.MatchString(list["phone_number"]):
		return invalid("Invalid phone number format.")
	}
	return nil
}

// fault says why an attribute cannot have a value, "" if it can.
func (a attribute) fault(value string) string {
	limit := func(constraints map[string]string, name string, none int) int {
		if n, err := strconv.Atoi(constraints[name]); err == nil {
			return n
		}
		return none
	}
	switch n, err := strconv.ParseFloat(value, 64); a.AttributeDataType {
	case "Number":
		if err != nil {
			return "Attribute value is not a number"
		}
		if n < float64(limit(a.NumberAttributeConstraints, "MinValue", -1<<53)) || n > float64(limit(a.NumberAttributeConstraints, "MaxValue", 1<<53)) {
			return "Attribute value is not within the limits of the schema"
		}
	case "Boolean":
		if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
			return "Attribute value is not a boolean"
		}
	case "String":
		length := len([]rune(value))
		if length < limit(a.StringAttributeConstraints, "MinLength", 0) {
			return "String must be longer than " + a.StringAttributeConstraints["MinLength"] + " characters"
		}
		if length > limit(a.StringAttributeConstraints, "MaxLength", 2048) {
			return "String must be no longer than " + cmp.Or(a.StringAttributeConstraints["MaxLength"], "2048") + " characters"
		}
	}
	return ""
}

// isEmail reports whether text is a bare address of mail.
func isEmail(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text
}
