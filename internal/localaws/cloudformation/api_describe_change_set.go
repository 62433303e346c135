// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

type changeSetXML struct {
	ChangeSetName           string         `xml:"ChangeSetName"`
	ChangeSetID             string         `xml:"ChangeSetId"`
	StackID                 string         `xml:"StackId"`
	StackName               string         `xml:"StackName"`
	Description             string         `xml:"Description,omitempty"`
	Parameters              []parameterXML `xml:"Parameters>member"`
	CreationTime            string         `xml:"CreationTime"`
	ExecutionStatus         string         `xml:"ExecutionStatus"`
	Status                  string         `xml:"Status"`
	StatusReason            string         `xml:"StatusReason,omitempty"`
	OnStackFailure          string         `xml:"OnStackFailure,omitempty"`
	Capabilities            []string       `xml:"Capabilities>member"`
	Tags                    []tagXML       `xml:"Tags>member"`
	Changes                 []changeXML    `xml:"Changes>member"`
	NextToken               string         `xml:"NextToken,omitempty"`
	IncludeNestedStacks     bool           `xml:"IncludeNestedStacks"`
	ImportExistingResources bool           `xml:"ImportExistingResources"`
}

type changeXML struct {
	Type     string            `xml:"Type"`
	Resource resourceChangeXML `xml:"ResourceChange"`
}

type resourceChangeXML struct {
	PolicyAction  string      `xml:"PolicyAction,omitempty"`
	Action        string      `xml:"Action"`
	LogicalID     string      `xml:"LogicalResourceId"`
	PhysicalID    string      `xml:"PhysicalResourceId,omitempty"`
	ResourceType  string      `xml:"ResourceType"`
	Replacement   string      `xml:"Replacement,omitempty"`
	Scope         []string    `xml:"Scope>member"`
	Details       []detailXML `xml:"Details>member"`
	BeforeContext string      `xml:"BeforeContext,omitempty"`
	AfterContext  string      `xml:"AfterContext,omitempty"`
}

type detailXML struct {
	Target        targetXML `xml:"Target"`
	Evaluation    string    `xml:"Evaluation"`
	ChangeSource  string    `xml:"ChangeSource"`
	CausingEntity string    `xml:"CausingEntity,omitempty"`
}

type targetXML struct {
	Attribute           string `xml:"Attribute"`
	Name                string `xml:"Name,omitempty"`
	RequiresRecreation  string `xml:"RequiresRecreation"`
	Path                string `xml:"Path,omitempty"`
	BeforeValue         string `xml:"BeforeValue,omitempty"`
	AfterValue          string `xml:"AfterValue,omitempty"`
	AttributeChangeType string `xml:"AttributeChangeType,omitempty"`
}

func (s *Service) describeChangeSet(_ context.Context, scope arn.Scope, f form) (any, error) {
	values, err := f.flag("IncludePropertyValues")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, c, err := s.changeSetOf(scope, f)
	if err != nil {
		return nil, err
	}
	changes, next, err := page(c.Changes, f.text("NextToken"), func(c change) string { return c.LogicalID })
	if err != nil {
		return nil, err
	}
	x := changeSetXML{
		ChangeSetName: c.Name, ChangeSetID: c.ID, StackID: st.ID, StackName: st.Name, Description: c.Description,
		Parameters: shownParameters(c.Target), CreationTime: stamp(c.Created), ExecutionStatus: c.Execution,
		Status: c.Status, StatusReason: c.Reason, OnStackFailure: c.OnStackFailure, Capabilities: c.Target.Capabilities,
		Tags: tagsXML(c.Target.Tags), NextToken: next,
	}
	for _, change := range changes {
		x.Changes = append(x.Changes, changeXML{"Resource", change.xml(values)})
	}
	return x, nil
}

// xml returns a change as the API writes it, with property values if asked for.
func (c change) xml(values bool) resourceChangeXML {
	x := resourceChangeXML{
		PolicyAction: c.PolicyAction, Action: c.Action, LogicalID: c.LogicalID, PhysicalID: c.PhysicalID,
		ResourceType: c.Type, Replacement: c.Replacement, Scope: c.Scope,
	}
	if values {
		x.BeforeContext, x.AfterContext = c.Before, c.After
	}
	for _, d := range c.Details {
		target := targetXML{Attribute: d.Attribute, Name: d.Name, RequiresRecreation: d.Recreation}
		if values {
			target.BeforeValue, target.AfterValue, target.AttributeChangeType = d.Before, d.After, d.Change
			target.Path = "/" + d.Attribute
			if d.Name != "" {
				target.Path += "/" + d.Name
			}
		}
		x.Details = append(x.Details, detailXML{target, d.Evaluation, d.Source, d.Cause})
	}
	return x
}

func (s *Service) listChangeSets(_ context.Context, scope arn.Scope, f form) (any, error) {
	type summary struct {
		StackID         string `xml:"StackId"`
		StackName       string `xml:"StackName"`
		ChangeSetID     string `xml:"ChangeSetId"`
		ChangeSetName   string `xml:"ChangeSetName"`
		ExecutionStatus string `xml:"ExecutionStatus"`
		Status          string `xml:"Status"`
		StatusReason    string `xml:"StatusReason,omitempty"`
		CreationTime    string `xml:"CreationTime"`
		Description     string `xml:"Description,omitempty"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, err
	}
	var result struct {
		Summaries []summary `xml:"Summaries>member"`
		NextToken string    `xml:"NextToken,omitempty"`
	}
	list, next, err := page(st.listed(), f.text("NextToken"), func(c *changeSet) string { return c.ID })
	for _, c := range list {
		result.Summaries = append(result.Summaries, summary{
			st.ID, st.Name, c.ID, c.Name, c.Execution, c.Status, c.Reason, stamp(c.Created), c.Description,
		})
	}
	result.NextToken = next
	return result, err
}
