// SPDX-License-Identifier: MIT

package customresource

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// Limits of the answer ("Custom resource response objects", user guide).
const (
	maxAnswer     = 4096 // bytes of the whole body
	maxPhysicalID = 1024 // bytes
)

// NeverMade is the physical id of what a Create did not make. The Delete that
// CloudFormation sends for it is answered without asking the handler. A handler
// returns it with its error if it is sure that nothing is there.
const NeverMade = "sparta:never-made"

// answer is the body of the response to CloudFormation.
type answer struct {
	Status             string
	Reason             string `json:",omitempty"`
	PhysicalResourceID string `json:"PhysicalResourceId"`
	StackID            string `json:"StackId"`
	RequestID          string `json:"RequestId"`
	LogicalResourceID  string `json:"LogicalResourceId"`
	NoEcho             bool   `json:",omitempty"`
	Data               any    `json:",omitempty"`
}

// outcome is what came of a request.
type outcome struct {
	response Response
	err      error
	identity string // what an Identifier says; may be empty
}

// newAnswer says in CloudFormation's words what came of r.
func newAnswer(r Request, o outcome) answer {
	if len(o.response.PhysicalID) > maxPhysicalID {
		o.err = fmt.Errorf("physical id of %d bytes: CloudFormation takes %d", len(o.response.PhysicalID), maxPhysicalID)
		o.response.PhysicalID = ""
	}
	a := answer{
		Status:             "SUCCESS",
		PhysicalResourceID: physicalID(r, o),
		StackID:            r.StackID, RequestID: r.RequestID, LogicalResourceID: r.LogicalID,
	}
	if o.err != nil {
		a.Status, a.Reason = "FAILED", reason(o.err)
		return a
	}
	if len(o.response.Data) > 0 && r.Type != Delete {
		a.NoEcho, a.Data = o.response.NoEcho, o.response.Data
	}
	return a
}

// physicalID returns the id of the answer: the one the handler gave, else the
// one that stands, else one that depends on names alone.
func physicalID(r Request, o outcome) string {
	switch {
	case r.Type == Delete && r.PhysicalID != "":
		return r.PhysicalID
	case o.response.PhysicalID != "":
		return o.response.PhysicalID
	case r.PhysicalID != "":
		return r.PhysicalID
	case o.identity != "" && len(o.identity) <= maxPhysicalID:
		return o.identity
	case o.err != nil:
		return NeverMade
	}
	if name := r.StackName(); name != "" {
		return name + "/" + r.LogicalID
	}
	return r.StackID + "/" + r.LogicalID
}

func reason(err error) string {
	if text := strings.ToValidUTF8(err.Error(), "\ufffd"); text != "" {
		return text
	}
	return "the handler gave no reason"
}

// body returns the answer's bytes, at most 4,096. A reason that is too long is
// cut; data that are too large make the answer FAILED.
func (a answer) body() ([]byte, error) {
	data, err := a.encode()
	if err != nil {
		a.Data, a.Status = nil, "FAILED"
		a.Reason = fmt.Sprintf("response data: %v", err)
		data, err = a.encode()
	}
	if err == nil && len(data) > maxAnswer && a.Data != nil {
		a.Data, a.Status = nil, "FAILED"
		a.Reason = fmt.Sprintf("response data: the answer has %d bytes, CloudFormation takes %d", len(data), maxAnswer)
		data, err = a.encode()
	}
	if err == nil && len(data) > maxAnswer {
		return a.cutReason()
	}
	return data, err
}

// cutReason returns the body with as much of the reason as there is room for.
// Characters differ in how many bytes of JSON they take.
func (a answer) cutReason() ([]byte, error) {
	text := []rune(a.Reason)
	cut := func(n int) ([]byte, error) {
		a.Reason = string(text[:n]) + "…"
		return a.encode()
	}
	tooLong := sort.Search(len(text), func(n int) bool {
		data, err := cut(n)
		return err != nil || len(data) > maxAnswer
	})
	if tooLong == 0 {
		return nil, fmt.Errorf("answer exceeds %d bytes without its reason", maxAnswer)
	}
	return cut(tooLong - 1)
}

func (a answer) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
