// SPDX-License-Identifier: MIT

package iot

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// failure is an action that could not be performed.
type failure struct {
	FailedAction   string `json:"failedAction"`
	FailedResource string `json:"failedResource"`
	ErrorMessage   string `json:"errorMessage"`
}

// failureReport is what an error action gets ("Error action message format").
type failureReport struct {
	RuleName              string    `json:"ruleName"`
	Topic                 string    `json:"topic"`
	CloudwatchTraceID     string    `json:"cloudwatchTraceId"`
	ClientID              string    `json:"clientId"`
	Base64OriginalPayload string    `json:"base64OriginalPayload"`
	Failures              []failure `json:"failures"`
}

func (o occasion) failure(f facts, err error) failure {
	resource := o.expand(f.resource)
	return failure{f.name, resource, fmt.Sprintf("%v. Message arrived on: %s, Action: %s, Resource: %s", err, o.message.Topic, f.name, resource)}
}

// report returns the failures of all actions, as one message.
func (o occasion) report(failures []failure) []byte {
	data, err := json.Marshal(failureReport{
		RuleName: o.rule.Name, Topic: o.message.Topic, CloudwatchTraceID: cmp.Or(o.message.TraceID, wire.RequestID()), ClientID: cmp.Or(o.message.ClientID, "n/a"),
		Base64OriginalPayload: base64.StdEncoding.EncodeToString(o.message.Payload), Failures: failures,
	})
	if err != nil {
		panic("iot: encode failures: " + err.Error()) // our own structs always can be
	}
	return data
}
