// SPDX-License-Identifier: MIT

package cloudformation

import (
	"maps"
	"slices"
	"strings"
)

// fault is one thing that early validation finds wrong with a resource.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
type fault struct {
	LogicalID string
	Type      string
	Reason    string
	Unknown   bool `json:",omitempty"` // the embedded AWS does not model the type
}

// earlyValidation is the status reason of a change set with faults.
const earlyValidation = "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. " +
	"To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information."

// validate finds the faults of a model, by logical id. Without properties only
// types that are not modelled are faults.
func (s *Service) validate(m *model, properties bool) []fault {
	var faults []fault
	for _, id := range sortedKeys(m.resources) {
		d := m.resources[id]
		t, modelled := s.resourceType(d.typeName)
		if !modelled {
			faults = append(faults, fault{id, d.typeName, message(notModelled(d.typeName, id)), true})
			continue
		}
		if !properties {
			continue
		}
		r := m.resolver
		r.imported = func(string) (any, error) { return unknown{map[string]any{"Fn::ImportValue": ""}}, nil }
		resolved, err := r.properties(d)
		if err != nil {
			faults = append(faults, fault{LogicalID: id, Type: d.typeName, Reason: message(err)})
			continue
		}
		raw := replaceUnknown(resolved, func(raw any) any { return raw }).(map[string]any)
		for _, reason := range t.Check(plain(raw).(map[string]any)) {
			faults = append(faults, fault{LogicalID: id, Type: d.typeName, Reason: reason})
		}
	}
	return faults
}

// faultReason is the status reason of a change set with faults: the types that
// are not modelled by name, or the text that AWS has for bad properties.
func faultReason(faults []fault) string {
	var unknownTypes []string
	for _, f := range faults {
		if f.Unknown {
			unknownTypes = append(unknownTypes, f.Reason)
		}
	}
	if len(unknownTypes) > 0 {
		return strings.Join(unknownTypes, "; ")
	}
	return earlyValidation
}

// Capabilities that a client must acknowledge.
const (
	capabilityIAM      = "CAPABILITY_IAM"
	capabilityNamedIAM = "CAPABILITY_NAMED_IAM"
	capabilityExpand   = "CAPABILITY_AUTO_EXPAND"
)

// capabilities returns what a template needs to be acknowledged, and the
// resource types that need it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
func (t *template) capabilities() (capability string, types []string) {
	seen := map[string]bool{}
	for _, d := range t.resources {
		name, needed := iamName(d.typeName)
		if !needed {
			continue
		}
		seen[d.typeName] = true
		if name != "" && hasKey(d.properties, name) {
			capability = capabilityNamedIAM
		} else if capability == "" {
			capability = capabilityIAM
		}
	}
	return capability, slices.Sorted(maps.Keys(seen))
}

// iamName reports whether a type is an IAM resource that must be acknowledged,
// and the property that names it.
func iamName(typeName string) (property string, ok bool) {
	switch typeName {
	case "AWS::IAM::Role":
		return "RoleName", true
	case "AWS::IAM::User":
		return "UserName", true
	case "AWS::IAM::Group":
		return "GroupName", true
	case "AWS::IAM::ManagedPolicy":
		return "ManagedPolicyName", true
	case "AWS::IAM::InstanceProfile":
		return "InstanceProfileName", true
	case "AWS::IAM::AccessKey", "AWS::IAM::Policy", "AWS::IAM::UserToGroupAddition":
		return "", true
	}
	return "", false
}

// checkCapabilities refuses a template whose IAM resources are not
// acknowledged.
func (t *template) checkCapabilities(given []string) error {
	needed, _ := t.capabilities()
	if needed == "" || slices.Contains(given, needed) || slices.Contains(given, capabilityNamedIAM) {
		return nil
	}
	return insufficientCapabilities(needed)
}
