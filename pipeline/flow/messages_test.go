// SPDX-License-Identifier: MIT

package flow_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/sparta-up/sparta/pipeline/stage"
)

const topicRulesYAML = `functions:
  heat:
    handler: ./handlers.Any
    events:
      - iot: {sql: "SELECT temperature AS celsius, topic(2) AS thing FROM 'things/+/heat' WHERE temperature > 30", name: hot, onFailure: Failed}
  all:
    handler: ./handlers.Any
    events:
      - iot: SELECT * FROM 'things/#'
      - iot: {sql: SELECT * FROM '#', enabled: false}
  button:
    handler: ./handlers.Button
    events:
      - iot: SELECT * FROM 'iotbutton/+'
  failed: {handler: ./handlers.Job, events: [sqs: Failed]}
resources:
  Failed: {Type: AWS::SQS::Queue, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
`

// publish publishes a message as the SDK does, and returns the answer's status.
func (r *recording) publish(topic, payload string) int {
	r.world.t.Helper()
	t, cfg := r.world.t, r.config()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.endpoint+"/topics/"+topic+"?qos=1", strings.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := cfg.Credentials.Retrieve(t.Context())
	if err == nil {
		err = v4.NewSigner().SignHTTP(t.Context(), credentials, request, "UNSIGNED-PAYLOAD", "iotdata", cfg.Region, time.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// TestSourceTopicRule: messages reach the functions whose statements choose them,
// as what is selected; what a function cannot be called with goes to the queue; a
// rule that goes calls nobody.
func TestSourceTopicRule(t *testing.T) {
	t.Parallel()
	r := record(t, topicRulesYAML)
	for topic, payload := range map[string]string{
		"things/oven/heat": `{"temperature": 210.5, "door": "shut"}`, "things/fridge/heat": `{"temperature": 4}`, "things/oven/light": `{"on": true}`, "other": `{"never": 1}`,
		"iotbutton/G030": `{"serialNumber":"G030","batteryVoltage":"1500mV","clickType":"SINGLE"}`,
	} {
		if status := r.publish(topic, payload); status != http.StatusOK {
			t.Fatalf("publish on %s: %d", topic, status)
		}
	}
	var got json.RawMessage
	r.await("heat", "celsius", &got)
	if string(got) != `{"celsius":210.5,"thing":"oven"}` {
		t.Errorf("the function gets %s", got)
	}
	r.await("all", `"temperature":4`, &got)
	r.await("all", `"on":true`, &got)
	var pressed events.IoTButtonEvent
	r.await("button", "SINGLE", &pressed)
	if pressed != (events.IoTButtonEvent{SerialNumber: "G030", ClickType: "SINGLE", BatteryVoltage: "1500mV"}) {
		t.Errorf("got %+v", pressed)
	}
	if r.noted("heat", "fridge") != nil || r.noted("all", "never") != nil {
		t.Error("a rule lets pass what it should not")
	}

	// A message that the function cannot be called with.
	if _, err := lambda.NewFromConfig(r.config()).RemovePermission(t.Context(), &lambda.RemovePermissionInput{
		FunctionName: aws.String("Orders-heat"), StatementId: aws.String(r.statementID("Orders-heat")),
	}); err != nil {
		t.Fatal(err)
	}
	r.publish("things/kiln/heat", `{"temperature": 900}`)
	var job events.SQSEvent
	r.await("failed", "kiln", &job)
	var report struct {
		RuleName, Topic, Base64OriginalPayload string
		Failures                               []struct{ FailedAction, FailedResource, ErrorMessage string }
	}
	if err := json.Unmarshal([]byte(job.Records[0].Body), &report); err != nil {
		t.Fatal(err)
	}
	original, err := base64.StdEncoding.DecodeString(report.Base64OriginalPayload)
	if err != nil || !bytes.Contains(original, []byte("900")) || report.RuleName != "hot" || report.Topic != "things/kiln/heat" || len(report.Failures) != 1 ||
		report.Failures[0].FailedAction != "LambdaAction" || !strings.HasSuffix(report.Failures[0].FailedResource, ":function:Orders-heat") {
		t.Errorf("got %+v, %s, %v", report, original, err)
	}

	r.edit("sparta.yaml", "      - iot: SELECT * FROM 'things/#'\n", "")
	r.mustUp(stage.Updated)
	r.publish("things/late/heat", `{"temperature": 50}`)
	r.await("failed", "late", &job)
	if r.noted("all", "50") != nil {
		t.Error("a rule that was taken away is still there")
	}
	r.takeDown()
	if status := r.publish("things/gone/heat", `{"temperature": 50}`); status != http.StatusOK {
		t.Errorf("publish without rules: %d", status)
	}
}

// statementID returns the id of the only permission of a function.
func (r *recording) statementID(function string) string {
	r.world.t.Helper()
	out, err := lambda.NewFromConfig(r.config()).GetPolicy(r.world.t.Context(), &lambda.GetPolicyInput{FunctionName: &function})
	if err != nil {
		r.world.t.Fatal(err)
	}
	var policy struct{ Statement []struct{ Sid string } }
	if err := json.Unmarshal([]byte(*out.Policy), &policy); err != nil || len(policy.Statement) != 1 {
		r.world.t.Fatalf("policy %s, %v", *out.Policy, err)
	}
	return policy.Statement[0].Sid
}
