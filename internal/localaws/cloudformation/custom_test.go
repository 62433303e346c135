// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

const functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:maker"

// maker is a Lambda function behind a custom resource.
type maker struct {
	mu     sync.Mutex
	w      *world
	events []map[string]any
	// answer edits the response, which is a success by default; false sends none.
	answer func(event, response map[string]any) bool
	status int // of the last PUT
	wait   sync.WaitGroup
}

func newMaker(w *world) *maker {
	m := &maker{w: w}
	w.deps.Invoke = m.invoke
	w.open() // with the function
	w.t.Cleanup(m.wait.Wait)
	return m
}

func (m *maker) invoke(_ context.Context, _ arn.Scope, name string, payload []byte) error {
	if name != functionARN {
		return errors.New("no function " + name)
	}
	var event map[string]any
	if err := json.Unmarshal(payload, &event); err != nil {
		return err
	}
	m.mu.Lock()
	m.events = append(m.events, event)
	m.mu.Unlock()
	response := map[string]any{
		"Status": "SUCCESS", "RequestId": event["RequestId"], "StackId": event["StackId"], "LogicalResourceId": event["LogicalResourceId"],
		"PhysicalResourceId": "made", "Data": map[string]any{"Url": "https://example.org", "Deep": map[string]any{"Port": 1}},
	}
	if id, ok := event["PhysicalResourceId"]; ok {
		response["PhysicalResourceId"] = id
	}
	if m.answer != nil && !m.answer(event, response) {
		return nil
	}
	m.wait.Go(func() { m.put(event["ResponseURL"].(string), response) })
	return nil
}

func (m *maker) put(address string, response any) {
	body, ok := response.(string)
	if !ok {
		data, _ := json.Marshal(response)
		body = string(data)
	}
	request, _ := http.NewRequest(http.MethodPut, address, strings.NewReader(body))
	out, err := transport{m.w.handler()}.RoundTrip(request)
	if err == nil {
		m.mu.Lock()
		m.status = out.StatusCode
		m.mu.Unlock()
	}
}

func (m *maker) requests() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []string
	for _, e := range m.events {
		id, _ := e["PhysicalResourceId"].(string)
		list = append(list, strings.TrimSpace(e["RequestType"].(string)+" "+id))
	}
	return list
}

func customOf(properties string) string {
	return `{"Type":"Custom::Maker","Properties":{"ServiceToken":"` + functionARN + `"` + properties + `}}`
}

func TestCustomResource(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		m := newMaker(w)
		out := `,"Outputs":{"Url":{"Value":{"Fn::GetAtt":["C","Url"]}},"Port":{"Value":{"Fn::Sub":"${C.Deep.Port}"}}}}`
		template := func(properties string) string {
			return strings.TrimSuffix(templateOf("C", customOf(properties)), "}") + out
		}
		st := w.create("app", template(`,"Count":3,"On":true,"Ratio":1.5,"List":[1,{"x":false}]`))
		if st.StackStatus != types.StackStatusCreateComplete || len(st.Outputs) != 2 || *st.Outputs[0].OutputValue != "1" || *st.Outputs[1].OutputValue != "https://example.org" {
			t.Fatalf("%s %v %v", st.StackStatus, st.Outputs, w.history("app"))
		}
		event := maps.Clone(m.events[0])
		for _, random := range []string{"RequestId", "ResponseURL"} {
			if text, _ := event[random].(string); text == "" {
				t.Errorf("no %s", random)
			}
			delete(event, random)
		}
		want := map[string]any{
			"RequestType": "Create", "ServiceToken": functionARN, "StackId": *st.StackId, "LogicalResourceId": "C", "ResourceType": "Custom::Maker",
			"ResourceProperties": map[string]any{"ServiceToken": functionARN, "Count": "3", "On": "true", "Ratio": "1.5", "List": []any{"1", map[string]any{"x": "false"}}},
		}
		if diff := cmp.Diff(want, event); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
		w.update("app", template(`,"Count":4`))
		update := m.events[1]
		if got := update["OldResourceProperties"].(map[string]any)["Count"]; got != "3" || update["PhysicalResourceId"] != "made" {
			t.Errorf("update: %v", update)
		}
		// Another physical id is a replacement: the old one is deleted.
		m.answer = func(event, response map[string]any) bool {
			if event["RequestType"] == "Update" {
				response["PhysicalResourceId"] = "made-2"
			}
			return true
		}
		w.update("app", template(`,"Count":5`))
		w.remove("app")
		if diff := cmp.Diff([]string{"Create", "Update made", "Update made", "Delete made", "Delete made-2"}, m.requests()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

// TestCustomUpdateRollsBack: an update that answered with a new id is undone by
// an Update back to the old properties; what that answers decides.
func TestCustomUpdateRollsBack(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		m := newMaker(w)
		m.answer = func(event, response map[string]any) bool {
			properties := event["ResourceProperties"].(map[string]any)
			if event["RequestType"] != "Delete" {
				response["PhysicalResourceId"] = "id-" + properties["V"].(string)
			}
			return true
		}
		w.create("app", templateOf("C", customOf(`,"V":"1"`)))
		w.cloud.failOn("create Bad")
		st := w.update("app", templateOf("C", customOf(`,"V":"2"`), "Bad", thing(`"Of":{"Ref":"C"}`)))
		if st.StackStatus != types.StackStatusUpdateRollbackComplete {
			t.Errorf("status %s", st.StackStatus)
		}
		if diff := cmp.Diff([]string{"Create", "Update id-1", "Update id-2", "Delete id-2"}, m.requests()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

func TestCustomResourceAnswers(t *testing.T) {
	t.Parallel()
	const prefix = "C CREATE_FAILED "
	for _, c := range []struct {
		name   string
		answer func(event, response map[string]any) bool
		reason string
		delete string // the physical id of the Delete that follows; "" for a generated one
	}{
		{"failed", func(_, r map[string]any) bool { r["Status"], r["Reason"] = "FAILED", "no disk"; return true },
			"Received response status [FAILED] from custom resource. Message returned: no disk (RequestId: ", "made"},
		{"failed without id", func(_, r map[string]any) bool {
			r["Status"], r["Reason"] = "FAILED", "no disk"
			delete(r, "PhysicalResourceId")
			return true
		}, "Received response status [FAILED]", ""},
		{"no answer", func(_, _ map[string]any) bool { return false },
			"CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [", ""},
		{"no physical id", func(_, r map[string]any) bool { delete(r, "PhysicalResourceId"); return true }, "Invalid PhysicalResourceId", ""},
		{"long physical id", func(_, r map[string]any) bool { r["PhysicalResourceId"] = strings.Repeat("x", 1025); return true }, "Invalid PhysicalResourceId", ""},
		{"long body", func(_, r map[string]any) bool { r["Data"] = strings.Repeat("x", 4096); return true }, "Response object is too long.", ""},
		{"other request", func(_, r map[string]any) bool { r["RequestId"] = "x"; return true }, "Invalid response from custom resource: RequestId", "made"},
		{"other stack", func(_, r map[string]any) bool { r["StackId"] = "x"; return true }, "Invalid response from custom resource: StackId", "made"},
		{"other resource", func(_, r map[string]any) bool { r["LogicalResourceId"] = "x"; return true }, "Invalid response from custom resource: LogicalResourceId", "made"},
		{"odd status", func(_, r map[string]any) bool { r["Status"] = "OK"; return true }, "Invalid response from custom resource: Status", "made"},
		{"data is a list", func(_, r map[string]any) bool { r["Data"] = []int{1}; return true }, "Invalid JSON in the response", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *world) {
				m := newMaker(w)
				m.answer = func(event, response map[string]any) bool {
					return event["RequestType"] == "Delete" || c.answer(event, response)
				}
				started := time.Now()
				st := w.create("app", templateOf("C", customOf(`,"ServiceTimeout":30`)))
				if st.StackStatus != types.StackStatusRollbackComplete {
					t.Errorf("status %s", st.StackStatus)
				}
				h := w.history("app")
				if !slices.ContainsFunc(h, func(e string) bool { return strings.HasPrefix(e, prefix+c.reason) }) {
					t.Errorf("no reason %q in %v", c.reason, h)
				}
				if took := time.Since(started); c.name == "no answer" && (took < 30*time.Second || took > 40*time.Second) {
					t.Errorf("waited %s", took)
				}
				requests := m.requests()
				if len(requests) != 2 || c.delete != "" && requests[1] != "Delete "+c.delete || c.delete == "" && !strings.HasPrefix(requests[1], "Delete app-C-") {
					t.Errorf("requests %v", requests)
				}
			})
		})
	}
}

func TestCustomResourceDefaultTimeout(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		m := newMaker(w)
		m.answer = func(event, _ map[string]any) bool { return event["RequestType"] == "Delete" }
		started := time.Now()
		w.create("app", templateOf("C", customOf(``)))
		if took := time.Since(started); took < time.Hour || took > 2*time.Hour {
			t.Errorf("waited %s, want an hour", took)
		}
	})
}

func TestCustomResourceURL(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		m := newMaker(w)
		w.create("app", templateOf("C", customOf(``)))
		address := m.events[0]["ResponseURL"].(string)
		m.put(address, "{}")
		if m.status != http.StatusForbidden {
			t.Errorf("a second answer: %d", m.status)
		}
		request, _ := http.NewRequest(http.MethodGet, endpoint+"/_sparta/cloudformation/response/x", nil)
		out, err := transport{w.handler()}.RoundTrip(request)
		if err != nil || out.StatusCode != http.StatusForbidden {
			t.Errorf("another token: %v, %v", out, err)
		}
	})
}

func TestCustomResourceFaults(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		newMaker(w)
		for _, c := range []struct{ definition, want string }{
			{`{"Type":"Custom::X"}`, "Required property [ServiceToken] not found"},
			{`{"Type":"Custom::X","Properties":{"ServiceToken":"arn:aws:sns:eu-west-1:123456789012:topic"}}`, "ServiceToken: the embedded AWS calls Lambda functions only"},
			{customOf(`,"ServiceTimeout":0`), "ServiceTimeout: must be a whole number of seconds between 1 and 3600, it is 0"},
			{`{"Type":"AWS::CloudFormation::CustomResource","Properties":{"ServiceToken":7}}`, "ServiceToken: must be a string"},
			{`{"Type":"Custom::X","Properties":{"ServiceToken":"arn:aws:lambda:us-east-1:123456789012:function:maker"}}`, "is not in the stack's region eu-west-1"},
			{`{"Type":"Custom::X","Properties":{"ServiceToken":"arn:aws:lambda:eu-west-1:123456789012:function:other"}}`, "no function arn"},
		} {
			st := w.create("app", templateOf("C", c.definition))
			h := strings.Join(w.history("app"), "\n")
			if st.StackStatus != types.StackStatusRollbackComplete || !strings.Contains(h, c.want) {
				t.Errorf("%s: %s\n%s", c.definition, st.StackStatus, h)
			}
			w.remove("app")
		}
	})
}

func TestNoEchoIsMasked(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		m := newMaker(w)
		m.answer = func(_, r map[string]any) bool { r["NoEcho"] = true; return true }
		template := func(v string) string {
			return templateOf("C", customOf(``), "A", thing(`"Value":{"Fn::GetAtt":["C","Url"]},"Other":"`+v+`"`))
		}
		w.create("app", template("1"))
		if got := w.cloud.live["a-1"]["Value"]; got != "https://example.org" {
			t.Fatalf("value %v", got)
		}
		c := w.changeSet(setOf("c", template("2")))
		r := c.Changes[0].ResourceChange
		if strings.Contains(aws.ToString(r.BeforeContext)+aws.ToString(r.AfterContext), "example.org") {
			t.Errorf("shown: %s %s", *r.BeforeContext, *r.AfterContext)
		}
	})
}

func TestWaitConditionHandle(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world) {
		st := w.create("app", `{"Resources":{"H":{"Type":"AWS::CloudFormation::WaitConditionHandle"}},"Outputs":{"U":{"Value":{"Ref":"H"}}}}`)
		if st.StackStatus != types.StackStatusCreateComplete || !strings.HasPrefix(*st.Outputs[0].OutputValue, endpoint+"/_sparta/cloudformation/wait/") {
			t.Errorf("%s %v", st.StackStatus, st.Outputs)
		}
		if st := w.remove("app"); st.StackStatus != types.StackStatusDeleteComplete {
			t.Errorf("%s", st.StackStatus)
		}
	})
}
