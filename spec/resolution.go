// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// resolution is the work on the variables of one text.
type resolution struct {
	*variables
	node    *node
	raw     bool  // a variable that is none of Sparta's stays
	inSub   bool  // the text is that of Fn::Sub
	sub     *node // names that the Fn::Sub itself defines; may be nil
	plain   bool  // a value came from the environment or a file
	foreign bool  // a value must not be shown
}

// fault reports a variable at its own place.
func (r *resolution) fault(code diag.Code, variable, message, hint string) piece {
	r.node.faulty = true
	r.problems.Add(r.problem(r.placeOf(r.node, variable), r.node.place(), code, message, hint))
	return piece{}
}

// piece resolves one variable.
func (r *resolution) piece(p piece) piece {
	name := strings.TrimSpace(p.text)
	written := "${" + p.text + "}"
	switch {
	case r.inSub && (r.sub.field(name) != nil || r.declared(name)):
		return piece{text: p.text, kept: true} // CloudFormation's own
	case !ours(name):
		return r.unknown(p, name, written)
	case name == "environment":
		return piece{text: r.environmentName}
	case name == "region":
		return r.pseudo("AWS::Region", written)
	case name == "account":
		return r.pseudo("AWS::AccountId", written)
	}
	space, argument, _ := strings.Cut(name, ":")
	argument = strings.TrimSpace(argument)
	switch space {
	case "env":
		return r.env(argument, written)
	case "file":
		return r.file(argument, written)
	}
	return r.reference(space, argument, written)
}

// declared reports whether the file has a resource of that name.
func (r *resolution) declared(name string) bool {
	return r.root.field("resources").field(name) != nil || r.root.field("customResources").field(name) != nil
}

// variableName matches the names that environment variables have.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// env is the value of an environment variable.
func (r *resolution) env(argument, written string) piece {
	name, fallback, given := strings.Cut(argument, ",")
	name, fallback = strings.TrimSpace(name), strings.TrimSpace(fallback)
	if !variableName.MatchString(name) {
		return r.fault(diag.VariableForm, written, written+" names no environment variable", "write ${env:NAME} or ${env:NAME, default}")
	}
	if strings.Contains(fallback, "${") {
		return r.fault(diag.VariableForm, written, "a default cannot hold another variable", "")
	}
	if !r.chosen {
		return r.later(fallback, given)
	}
	value, ok := r.options.lookup(name)
	switch {
	case ok:
		r.outside[written] = value
		r.plain, r.foreign = true, true
		return piece{text: value}
	case given:
		r.plain = true
		return piece{text: fallback}
	}
	return r.fault(diag.VariableNotSet, written, "the environment variable "+name+" is not set", "set it, or give it a default: ${env:"+name+", default}")
}

// later stands for what is not looked up: the default, or nothing to be said
// about.
func (r *resolution) later(fallback string, given bool) piece {
	r.plain = true
	if !given {
		r.node.faulty = true
	}
	return piece{text: fallback}
}

// pseudo is what only the stack knows.
func (r *resolution) pseudo(parameter, written string) piece {
	if !r.inSub && !r.takesCalls() {
		return r.fault(diag.VariableNeedsStack, written, written+" cannot stand here: the value is used before CloudFormation knows it",
			"write the value itself, or ${env:NAME} and set NAME")
	}
	return piece{text: parameter, pseudo: true}
}

// takesCalls reports whether an intrinsic function may stand in the place of
// the text.
func (r *resolution) takesCalls() bool {
	n := r.node
	if s, _, ok := intrinsicOf(n.parent); ok && (s.name == "Ref" || s.name == "Fn::GetAtt" || s.name == "Condition") {
		return false
	}
	if n.parent.kind == list {
		if s, _, ok := intrinsicOf(n.parent.parent); ok && s.name == "Fn::GetAtt" {
			return false
		}
	}
	o := outlined()
	rule := o.at(n)
	return o.intrinsic(rule) || len(rule.Type) == 0 && n.parent.parent != nil
}

// The forms of what dynamic references name. Sources: "Get a plaintext value from
// Systems Manager Parameter Store" and "Get a secret or secret value from
// Secrets Manager", https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
var (
	parameterName = regexp.MustCompile(`^[A-Za-z0-9_.\-/]+(:[1-9][0-9]*)?$`)
	secretName    = regexp.MustCompile(`^(arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?([A-Za-z0-9/_+=.@!-]+)(?::([^:{}]+))?$`)
)

// reference is a dynamic reference: CloudFormation reads the value, Sparta never
// does.
func (r *resolution) reference(space, argument, written string) piece {
	if where := r.unresolved(space); where != "" {
		return r.fault(diag.ReferenceNotResolved, written, fmt.Sprintf("CloudFormation does not resolve %s %s", written, where),
			"it resolves it in the environment of functions and in the properties of resources")
	}
	if space == "ssm" {
		if !parameterName.MatchString(argument) {
			return r.fault(diag.VariableForm, written, written+" names no parameter", "write ${ssm:/path/name} or, with a version, ${ssm:/path/name:3}")
		}
		return piece{text: "{{resolve:ssm:" + argument + "}}"}
	}
	m := secretName.FindStringSubmatch(argument)
	if m == nil {
		return r.fault(diag.VariableForm, written, written+" names no secret", "write ${secret:name}, or ${secret:name:key} for one key of a secret that is JSON")
	}
	text := "{{resolve:secretsmanager:" + m[1] + m[2] + ":SecretString"
	if m[3] != "" {
		text += ":" + m[3]
	}
	return piece{text: text + "}}"}
}

// unresolved says where the text stands, if dynamic references are not resolved
// there; else "".
func (r *resolution) unresolved(space string) string {
	path := r.node.path()
	section := func(i int) string {
		if i < len(path) {
			return path[i]
		}
		return ""
	}
	switch path[0] {
	case "defaults":
		if section(1) == "environment" {
			return ""
		}
	case "functions":
		if section(2) == "environment" || section(2) == "permissions" && section(4) != "allow" {
			return ""
		}
	case "customResources":
		switch section(2) {
		case "environment":
			return ""
		case "permissions":
			if section(4) != "allow" {
				return ""
			}
		case "properties":
			if space == "secret" {
				return "in the properties of custom resources"
			}
			return ""
		}
	case "resources":
		kind := r.root.field("resources").field(section(1)).field("Type")
		custom := kind != nil && (strings.HasPrefix(kind.written, "Custom::") || kind.written == "AWS::CloudFormation::CustomResource")
		if section(2) == "Properties" && custom && space == "secret" {
			return "in the properties of custom resources"
		}
		if section(2) == "Properties" {
			return ""
		}
	case "decorators":
		if section(2) == "patch" && section(3) == "Resources" {
			return ""
		}
	}
	return "here"
}

// unknown reports a variable that is none of Sparta's, or keeps it where it may
// be somebody else's.
func (r *resolution) unknown(p piece, name, written string) piece {
	if r.inSub {
		return piece{text: p.text, kept: true} // references are checked later
	}
	near := nearestVariable(name)
	if r.raw && (near == "" || name != strings.ToLower(name) || slices.Contains(foreignSpaces(), before(name))) {
		return piece{text: p.text, kept: true}
	}
	message := "there is no variable " + shorten(written)
	if near != "" {
		return r.fault(diag.UnknownVariable, written, message, didYouMean("${"+near+"}"))
	}
	return r.fault(diag.UnknownVariable, written, message, r.meant(name))
}

// meant says what could be meant by a variable that is like none.
func (r *resolution) meant(name string) string {
	id, _, _ := strings.Cut(name, ".")
	switch {
	case strings.HasPrefix(name, "AWS::") || r.declared(id):
		return "${" + shorten(name) + "} is CloudFormation's: write !Sub before the text"
	case variableName.MatchString(name) && strings.ToUpper(name) == name:
		return "write ${env:" + name + "} for the environment variable, or $${" + name + "} for the text"
	}
	return "there are ${environment}, ${region}, ${account}, ${env:X}, ${file:./x}, ${ssm:/x} and ${secret:x}; write $${ for the text ${"
}

// before is what stands before the first colon of a name.
func before(name string) string {
	space, _, _ := strings.Cut(name, ":")
	return space
}

// foreignSpaces are what the variables of IAM policies begin with. Source: "IAM policy elements: Variables and tags",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func foreignSpaces() []string {
	return []string{"aws", "s3", "sts", "sns", "iot", "saml", "ec2", "redshift", "www.amazon.com", "graph.facebook.com", "accounts.google.com"}
}

// nearestVariable is the variable that a name was most likely meant to be, or
// "".
func nearestVariable(name string) string {
	switch strings.ToLower(name) {
	case "stage", "sls:stage", "opt:stage", "self:provider.stage", "env", "stagename":
		return "environment"
	case "aws:region", "aws::region", "opt:region", "self:provider.region":
		return "region"
	case "aws:accountid", "aws::accountid", "accountid", "awsaccountid":
		return "account"
	}
	space, argument, ok := strings.Cut(name, ":")
	if !ok {
		return nearest(name, variableWords())
	}
	if space == "aws" || space == "AWS" {
		return ""
	}
	if near := nearest(space, namespaces()); near != "" && !strings.HasPrefix(argument, ":") {
		return near + ":" + argument
	}
	return ""
}

// absolute is the directory of a file.
func absolute(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		whole = filepath.Clean(path)
	}
	return filepath.Dir(whole)
}
