// SPDX-License-Identifier: MIT

package cloudformation

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

type eventXML struct {
	EventID            string `xml:"EventId"`
	StackID            string `xml:"StackId"`
	StackName          string `xml:"StackName"`
	LogicalID          string `xml:"LogicalResourceId"`
	PhysicalID         string `xml:"PhysicalResourceId"`
	ResourceType       string `xml:"ResourceType"`
	Timestamp          string `xml:"Timestamp"`
	Status             string `xml:"ResourceStatus"`
	Reason             string `xml:"ResourceStatusReason,omitempty"`
	ClientRequestToken string `xml:"ClientRequestToken,omitempty"`
	OperationID        string `xml:"OperationId,omitempty"`
}

func (s *Service) describeStackEvents(_ context.Context, scope arn.Scope, f form) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.find(scope, f.text("StackName"))
	if err != nil {
		return nil, err
	}
	events, next, err := page(st.newestFirst(), f.text("NextToken"), eventID)
	var result struct {
		Events    []eventXML `xml:"StackEvents>member"`
		NextToken string     `xml:"NextToken,omitempty"`
	}
	for _, e := range events {
		result.Events = append(result.Events, eventXML{
			e.ID, st.ID, st.Name, e.LogicalID, e.PhysicalID, e.Type, stamp(e.Time), e.Status, e.Reason, e.Token, e.Operation,
		})
	}
	result.NextToken = next
	return result, err
}

func eventID(e *event) string { return e.ID }

func (st *stack) newestFirst() []*event {
	list := slices.Clone(st.Events)
	slices.Reverse(list)
	return list
}

type operationEventXML struct {
	EventID               string `xml:"EventId"`
	StackID               string `xml:"StackId"`
	OperationID           string `xml:"OperationId,omitempty"`
	OperationType         string `xml:"OperationType,omitempty"`
	EventType             string `xml:"EventType"`
	LogicalID             string `xml:"LogicalResourceId,omitempty"`
	PhysicalID            string `xml:"PhysicalResourceId,omitempty"`
	ResourceType          string `xml:"ResourceType,omitempty"`
	Timestamp             string `xml:"Timestamp"`
	Status                string `xml:"ResourceStatus,omitempty"`
	Reason                string `xml:"ResourceStatusReason,omitempty"`
	ClientRequestToken    string `xml:"ClientRequestToken,omitempty"`
	ValidationFailureMode string `xml:"ValidationFailureMode,omitempty"`
	ValidationName        string `xml:"ValidationName,omitempty"`
	ValidationStatus      string `xml:"ValidationStatus,omitempty"`
	ValidationReason      string `xml:"ValidationStatusReason,omitempty"`
	ValidationPath        string `xml:"ValidationPath,omitempty"`
	failed                bool
}

func (s *Service) describeEvents(_ context.Context, scope arn.Scope, f form) (any, error) {
	for _, key := range sortedKeys(f) {
		if strings.HasPrefix(key, "Filters.") && key != "Filters.FailedEvents" {
			return nil, notModelledf("parameter", key)
		}
	}
	failedOnly, err := f.flag("Filters.FailedEvents")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := s.operationEvents(scope, f)
	if err != nil {
		return nil, err
	}
	if failedOnly {
		list = slices.DeleteFunc(list, func(e operationEventXML) bool { return !e.failed })
	}
	slices.SortStableFunc(list, func(a, b operationEventXML) int { // newest first; times have a fixed width
		switch {
		case a.Timestamp > b.Timestamp:
			return -1
		case a.Timestamp < b.Timestamp:
			return 1
		}
		return 0
	})
	var result struct {
		Events    []operationEventXML `xml:"OperationEvents>member"`
		NextToken string              `xml:"NextToken,omitempty"`
	}
	result.Events, result.NextToken, err = page(list, f.text("NextToken"), func(e operationEventXML) string { return e.EventID })
	return result, err
}

// operationEvents returns the events that DescribeEvents is asked for, the
// newest first.
func (s *Service) operationEvents(scope arn.Scope, f form) ([]operationEventXML, error) {
	operation := f.text("OperationId")
	switch {
	case f.text("ChangeSetName") != "":
		st, c, err := s.changeSetOf(scope, f)
		if err != nil {
			return nil, err
		}
		return st.validationEvents(c), nil
	case f.text("StackName") != "":
		st, err := s.find(scope, f.text("StackName"))
		if err != nil {
			return nil, err
		}
		return st.eventsOf(operation), nil
	case operation != "":
		for _, id := range sortedKeys(s.stacks) {
			st := s.stacks[id]
			inScope := st.Scope.Account == scope.Account && st.Scope.Region == scope.Region
			if list := st.eventsOf(operation); inScope && len(list) > 0 {
				return list, nil
			}
		}
		return nil, invalidf("Operation with id %s does not exist", operation)
	}
	return nil, invalidf("One of ChangeSetName, OperationId or StackName must be specified")
}

// eventsOf returns the events of one operation, or of all for "".
func (st *stack) eventsOf(operation string) []operationEventXML {
	kinds := map[string]string{}
	for _, op := range st.Operations {
		kinds[op.ID] = op.Type
	}
	var list []operationEventXML
	for _, e := range st.newestFirst() {
		if operation != "" && e.Operation != operation {
			continue
		}
		x := operationEventXML{
			EventID: e.ID, StackID: st.ID, OperationID: e.Operation, OperationType: kinds[e.Operation], EventType: "STACK_EVENT",
			LogicalID: e.LogicalID, PhysicalID: e.PhysicalID, ResourceType: e.Type, Timestamp: stamp(e.Time),
			Status: e.Status, Reason: e.Reason, ClientRequestToken: e.Token, failed: e.failed(),
		}
		if e.failed() && e.Type != stackType {
			x.EventType = "PROVISIONING_ERROR"
		}
		list = append(list, x)
	}
	for _, id := range sortedKeys(st.Changes) {
		if c := st.Changes[id]; operation == "" || c.Operation == operation {
			list = append(list, st.validationEvents(c)...)
		}
	}
	return list
}

// validationEvents returns what early validation found in a change set.
func (st *stack) validationEvents(c *changeSet) []operationEventXML {
	var list []operationEventXML
	for i, fault := range c.Faults {
		list = append(list, operationEventXML{
			EventID: c.Operation + "-" + fault.LogicalID + "-" + strconv.Itoa(i), StackID: st.ID,
			OperationID: c.Operation, OperationType: "CREATE_CHANGESET", EventType: "VALIDATION_ERROR",
			LogicalID: fault.LogicalID, ResourceType: fault.Type, Timestamp: stamp(c.Finished),
			ValidationFailureMode: "FAIL", ValidationName: "PROPERTY_VALIDATION", ValidationStatus: "FAILED",
			ValidationReason: fault.Reason, ValidationPath: "/Resources/" + fault.LogicalID + "/Properties", failed: true,
		})
	}
	return list
}
