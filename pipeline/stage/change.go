// SPDX-License-Identifier: MIT

package stage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// ChangeKind says what happens to a resource.
type ChangeKind string

// The kinds of change.
const (
	ChangeAdd        ChangeKind = "add"
	ChangeModify     ChangeKind = "modify"
	ChangeReplace    ChangeKind = "replace"
	ChangeMayReplace ChangeKind = "may replace" // that depends on what other resources become
	ChangeRemove     ChangeKind = "remove"
)

// Change is what happens to one resource of the stack.
type Change struct {
	Kind       ChangeKind
	LogicalID  string
	Type       string // such as AWS::SQS::Queue
	PhysicalID string // of the resource that is there; empty if it is added
	LosesData  bool   // `sparta up` asks before
	Retained   bool   // removed from the stack, but kept in AWS
	Values     []ValueChange
}

// ValueChange is a value of a resource that changes.
type ValueChange struct {
	Path string // such as Properties.MemorySize
	// Before and After are as CloudFormation shows them; empty where there is
	// none, where it is not known yet, and for variables of the environment,
	// which may be secrets.
	Before, After string
	Replaces      bool // it is why the resource is replaced
}

// additions are the changes that make a stack.
func additions(t *cfn.Template) []Change {
	var all []Change
	for _, id := range sortedKeys(t.Resources) {
		all = append(all, Change{Kind: ChangeAdd, LogicalID: id, Type: t.Resources[id].Type})
	}
	return all
}

// changesOf are those of a change set, by logical id.
func changesOf(set changeSet) []Change {
	var all []Change
	for _, r := range set.changes {
		c := Change{
			Kind: kindOf(r), LogicalID: aws.ToString(r.LogicalResourceId), Type: aws.ToString(r.ResourceType),
			PhysicalID: aws.ToString(r.PhysicalResourceId), LosesData: losesData(r),
			Retained: r.Action == types.ChangeActionRemove && r.PolicyAction == types.PolicyActionRetain,
		}
		if c.Kind != ChangeAdd && c.Kind != ChangeRemove {
			c.Values = valuesOf(r.Details)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Change) int { return cmp.Compare(a.LogicalID, b.LogicalID) })
	return all
}

func kindOf(r types.ResourceChange) ChangeKind {
	switch {
	case r.Action == types.ChangeActionAdd, r.Action == types.ChangeActionImport:
		return ChangeAdd
	case r.Action == types.ChangeActionRemove:
		return ChangeRemove
	case r.Replacement == types.ReplacementTrue:
		return ChangeReplace
	case r.Replacement == types.ReplacementConditional:
		return ChangeMayReplace
	}
	return ChangeModify
}

// losesData reports whether a change deletes a resource that holds data which
// can't be made again. The site's bucket holds nothing but copies.
func losesData(r types.ResourceChange) bool {
	return isStateful(aws.ToString(r.ResourceType)) && aws.ToString(r.LogicalResourceId) != spec.SiteBucketID &&
		r.PolicyAction != types.PolicyActionRetain &&
		(r.Action == types.ChangeActionRemove || r.Replacement == types.ReplacementTrue)
}

// valuesOf are the values that change. CloudFormation tells a value once for
// each thing that it depends on.
func valuesOf(details []types.ResourceChangeDetail) []ValueChange {
	told := map[string]*ValueChange{}
	for _, d := range details {
		if d.Target == nil {
			continue
		}
		path := pathOf(d.Target)
		v := told[path]
		if v == nil {
			v = &ValueChange{Path: path}
			told[path] = v
		}
		v.Before, v.After = cmp.Or(v.Before, shown(path, d.Target.BeforeValue)), cmp.Or(v.After, shown(path, d.Target.AfterValue))
		v.Replaces = v.Replaces || d.Evaluation == types.EvaluationTypeStatic && d.Target.RequiresRecreation == types.RequiresRecreationAlways
	}
	var all []ValueChange
	for _, path := range sortedKeys(told) {
		all = append(all, told[path].parts()...)
	}
	return all
}

// shown is a value as CloudFormation tells it, but nothing of what may be a
// secret.
func shown(path string, value *string) string {
	if strings.HasPrefix(path, "Properties.Environment") {
		return ""
	}
	return strings.ReplaceAll(aws.ToString(value), "{{changeSet:KNOWN_AFTER_APPLY}}", "(known after the update)")
}

// pathOf is where a value stands in the resource. CloudFormation writes
// /Properties/Code/S3Key, or only what it takes as a whole.
func pathOf(t *types.ResourceTargetDefinition) string {
	if path := strings.Trim(aws.ToString(t.Path), "/"); path != "" {
		return strings.ReplaceAll(path, "/", ".")
	}
	return strings.TrimSuffix(string(t.Attribute)+"."+aws.ToString(t.Name), ".")
}
