// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

type resourceXML struct {
	StackName   string `xml:"StackName,omitempty"`
	StackID     string `xml:"StackId,omitempty"`
	LogicalID   string `xml:"LogicalResourceId"`
	PhysicalID  string `xml:"PhysicalResourceId,omitempty"`
	Type        string `xml:"ResourceType"`
	Timestamp   string `xml:"Timestamp,omitempty"`            // DescribeStackResources
	LastUpdated string `xml:"LastUpdatedTimestamp,omitempty"` // the other actions
	Status      string `xml:"ResourceStatus"`
	Reason      string `xml:"ResourceStatusReason,omitempty"`
	Metadata    string `xml:"Metadata,omitempty"`
	DriftStatus string `xml:"DriftInformation>StackResourceDriftStatus"`
}

func (st *stack) resourceXML(r *record) resourceXML {
	return resourceXML{
		StackName: st.Name, StackID: st.ID, LogicalID: r.LogicalID, PhysicalID: r.PhysicalID, Type: r.Type,
		LastUpdated: stamp(r.Changed), Status: r.Status, Reason: r.Reason, DriftStatus: "NOT_CHECKED",
	}
}

func (s *Service) describeStackResources(_ context.Context, scope arn.Scope, f form) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.stackOfResource(scope, f)
	if err != nil {
		return nil, err
	}
	logicalID := f.text("LogicalResourceId")
	if logicalID != "" && st.Resources[logicalID] == nil {
		return nil, invalidf("Resource %s does not exist for stack %s", logicalID, st.Name)
	}
	var result struct {
		Resources []resourceXML `xml:"StackResources>member"`
	}
	for _, r := range st.records() {
		if logicalID != "" && r.LogicalID != logicalID {
			continue
		}
		x := st.resourceXML(r)
		x.Timestamp, x.LastUpdated = x.LastUpdated, ""
		result.Resources = append(result.Resources, x)
		if len(result.Resources) == pageSize {
			break // the action has no pages; AWS answers the first hundred too
		}
	}
	return result, nil
}

// stackOfResource finds a stack by its name, or by the physical id of one of
// its resources.
func (s *Service) stackOfResource(scope arn.Scope, f form) (*stack, error) {
	physicalID := f.text("PhysicalResourceId")
	switch {
	case physicalID != "" && f.text("StackName") != "":
		return nil, invalidf("StackName and PhysicalResourceId cannot both be specified")
	case physicalID == "":
		return s.find(scope, f.text("StackName"))
	}
	for _, st := range s.neighbours(scope) {
		for _, r := range st.Resources {
			if r.PhysicalID == physicalID && r.exists() {
				return st, nil
			}
		}
	}
	return nil, invalidf("Stack for %s does not exist", physicalID)
}

func (s *Service) describeStackResource(_ context.Context, scope arn.Scope, f form) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, invalidf("Stack '%s' does not exist", f.text("StackName"))
	}
	r := st.Resources[f.text("LogicalResourceId")]
	if r == nil {
		return nil, invalidf("Resource %s does not exist for stack %s", f.text("LogicalResourceId"), st.Name)
	}
	var result struct {
		Resource resourceXML `xml:"StackResourceDetail"`
	}
	result.Resource = st.resourceXML(r)
	result.Resource.Metadata = r.Metadata
	return result, nil
}

func (s *Service) listStackResources(_ context.Context, scope arn.Scope, f form) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, err
	}
	var result struct {
		Resources []resourceXML `xml:"StackResourceSummaries>member"`
		NextToken string        `xml:"NextToken,omitempty"`
	}
	records, next, err := page(st.records(), f.text("NextToken"), func(r *record) string { return r.LogicalID })
	for _, r := range records {
		x := st.resourceXML(r)
		x.StackName, x.StackID = "", ""
		result.Resources = append(result.Resources, x)
	}
	result.NextToken = next
	return result, err
}

type exportXML struct {
	StackID string `xml:"ExportingStackId"`
	Name    string `xml:"Name"`
	Value   string `xml:"Value"`
}

func (s *Service) listExports(_ context.Context, scope arn.Scope, f form) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []exportXML
	for _, st := range s.neighbours(scope) {
		for _, o := range st.Outputs {
			if o.Export != "" {
				list = append(list, exportXML{st.ID, o.Export, o.Value})
			}
		}
	}
	var result struct {
		Exports   []exportXML `xml:"Exports>member"`
		NextToken string      `xml:"NextToken,omitempty"`
	}
	var err error
	result.Exports, result.NextToken, err = page(list, f.text("NextToken"), func(e exportXML) string { return e.Name })
	return result, err
}

func (s *Service) listImports(_ context.Context, scope arn.Scope, f form) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := f.text("ExportName")
	users := s.importers(&stack{Scope: scope}, name)
	if _, ok := s.export(scope, name); !ok {
		return nil, invalidf("Export '%s' does not exist", name)
	}
	if len(users) == 0 {
		return nil, invalidf("Export '%s' is not imported by any stack.", name)
	}
	var result struct {
		Imports   []string `xml:"Imports>member"`
		NextToken string   `xml:"NextToken,omitempty"`
	}
	var err error
	result.Imports, result.NextToken, err = page(users, f.text("NextToken"), func(user string) string { return user })
	return result, err
}
