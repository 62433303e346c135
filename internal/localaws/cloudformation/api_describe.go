// SPDX-License-Identifier: MIT

package cloudformation

import (
	"cmp"
	"context"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

type stackXML struct {
	StackID                     string         `xml:"StackId"`
	StackName                   string         `xml:"StackName"`
	ChangeSetID                 string         `xml:"ChangeSetId,omitempty"`
	Description                 string         `xml:"Description,omitempty"`
	Parameters                  []parameterXML `xml:"Parameters>member"`
	CreationTime                string         `xml:"CreationTime"`
	DeletionTime                string         `xml:"DeletionTime,omitempty"`
	LastUpdatedTime             string         `xml:"LastUpdatedTime,omitempty"`
	StackStatus                 string         `xml:"StackStatus"`
	StackStatusReason           string         `xml:"StackStatusReason,omitempty"`
	DisableRollback             bool           `xml:"DisableRollback"`
	RetainExceptOnCreate        bool           `xml:"RetainExceptOnCreate,omitempty"`
	Capabilities                []string       `xml:"Capabilities>member"`
	Outputs                     []outputXML    `xml:"Outputs>member"`
	RoleARN                     string         `xml:"RoleARN,omitempty"`
	Tags                        []tagXML       `xml:"Tags>member"`
	EnableTerminationProtection bool           `xml:"EnableTerminationProtection"`
	DriftStatus                 string         `xml:"DriftInformation>StackDriftStatus"`
	LastOperations              []operationXML `xml:"LastOperations>member"`
}

type parameterXML struct {
	Key   string `xml:"ParameterKey"`
	Value string `xml:"ParameterValue"`
}

type outputXML struct {
	Key         string `xml:"OutputKey"`
	Value       string `xml:"OutputValue"`
	Description string `xml:"Description,omitempty"`
	ExportName  string `xml:"ExportName,omitempty"`
}

type tagXML struct {
	Key   string `xml:"Key"`
	Value string `xml:"Value"`
}

type operationXML struct {
	Type string `xml:"OperationType"`
	ID   string `xml:"OperationId"`
}

func (s *Service) describeStacks(_ context.Context, scope arn.Scope, f form) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var result struct {
		Stacks    []stackXML `xml:"Stacks>member"`
		NextToken string     `xml:"NextToken,omitempty"`
	}
	if name := f.text("StackName"); name != "" {
		st, err := s.find(scope, name)
		if err != nil {
			return nil, err
		}
		result.Stacks = []stackXML{st.xml()}
		return result, nil
	}
	list, next, err := page(s.neighbours(scope), f.text("NextToken"), stackID)
	for _, st := range list {
		result.Stacks = append(result.Stacks, st.xml())
	}
	result.NextToken = next
	return result, err
}

func stackID(st *stack) string { return st.ID }

func (st *stack) xml() stackXML {
	x := stackXML{
		StackID: st.ID, StackName: st.Name, ChangeSetID: st.Executed, Description: st.Current.Description,
		CreationTime: stamp(st.Created), DeletionTime: stamp(st.Deleted), LastUpdatedTime: stamp(st.Updated),
		StackStatus: st.Status, StackStatusReason: st.Reason, DisableRollback: st.DisableRollback,
		RetainExceptOnCreate: st.RetainExceptOnCreate, Capabilities: st.Current.Capabilities, RoleARN: st.Current.RoleARN,
		Tags: tagsXML(st.Current.Tags), EnableTerminationProtection: st.Protected, DriftStatus: "NOT_CHECKED",
		Parameters: shownParameters(st.Current),
	}
	for _, o := range st.Outputs {
		x.Outputs = append(x.Outputs, outputXML{o.Key, o.Value, o.Description, o.Export})
	}
	for _, op := range st.Operations[:min(len(st.Operations), shownOperations)] {
		x.LastOperations = append(x.LastOperations, operationXML(op))
	}
	return x
}

func tagsXML(tags map[string]string) []tagXML {
	var list []tagXML
	for _, key := range sortedKeys(tags) {
		list = append(list, tagXML{key, tags[key]})
	}
	return list
}

// shownParameters returns the parameters of a revision, secrets masked.
func shownParameters(rev revision) []parameterXML {
	var list []parameterXML
	for _, name := range sortedKeys(rev.Parameters) {
		value := rev.Parameters[name]
		if slices.Contains(rev.Secrets, name) {
			value = mask
		}
		list = append(list, parameterXML{name, value})
	}
	return list
}

func (s *Service) listStacks(_ context.Context, scope arn.Scope, f form) (any, error) {
	type summary struct {
		StackID             string         `xml:"StackId"`
		StackName           string         `xml:"StackName"`
		TemplateDescription string         `xml:"TemplateDescription,omitempty"`
		CreationTime        string         `xml:"CreationTime"`
		LastUpdatedTime     string         `xml:"LastUpdatedTime,omitempty"`
		DeletionTime        string         `xml:"DeletionTime,omitempty"`
		StackStatus         string         `xml:"StackStatus"`
		StackStatusReason   string         `xml:"StackStatusReason,omitempty"`
		DriftStatus         string         `xml:"DriftInformation>StackDriftStatus"`
		LastOperations      []operationXML `xml:"LastOperations>member"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted := f.list("StackStatusFilter")
	var list []*stack
	for _, st := range s.stacks {
		inScope := st.Scope.Account == scope.Account && st.Scope.Region == scope.Region
		if inScope && (len(wanted) == 0 || slices.Contains(wanted, st.Status)) {
			list = append(list, st)
		}
	}
	slices.SortFunc(list, func(a, b *stack) int { // newest first
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	var result struct {
		Summaries []summary `xml:"StackSummaries>member"`
		NextToken string    `xml:"NextToken,omitempty"`
	}
	list, next, err := page(list, f.text("NextToken"), stackID)
	for _, st := range list {
		x := st.xml()
		result.Summaries = append(result.Summaries, summary{
			x.StackID, x.StackName, x.Description, x.CreationTime, x.LastUpdatedTime, x.DeletionTime,
			x.StackStatus, x.StackStatusReason, x.DriftStatus, x.LastOperations,
		})
	}
	result.NextToken = next
	return result, err
}
