// SPDX-License-Identifier: MIT

package localaws_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// rehearsal is a cloud with a stack whose functions record their events.
type rehearsal struct {
	endpoint string
	record   string // file of the events
	outputs  map[string]string
}

// rehearse deploys a template in a cloud of its own; @record@ in it is the file of
// the events.
func rehearse(t *testing.T, template string) *rehearsal {
	t.Helper()
	return rehearseIn(t, openCloud(t, t.TempDir()).Endpoint(), template)
}

// rehearseIn is rehearse in the cloud at an endpoint.
func rehearseIn(t *testing.T, endpoint, template string) *rehearsal {
	t.Helper()
	program := zipOf(t, "recorder")
	r := &rehearsal{endpoint: endpoint, record: filepath.Join(t.TempDir(), "record"), outputs: map[string]string{}}
	storage := s3Client(r.endpoint)
	if _, err := storage.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("code")}); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("code"), Key: aws.String("recorder.zip"), Body: bytes.NewReader(program)}); err != nil {
		t.Fatal(err)
	}
	stacks := cloudformation.NewFromConfig(config(r.endpoint))
	if _, err := stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("rehearsal"), TemplateBody: aws.String(strings.ReplaceAll(template, "@record@", r.record)), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	}); err != nil {
		t.Fatal(err)
	}
	r.await(t, "the stack", func() bool {
		out, err := stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("rehearsal")})
		if err != nil {
			t.Fatal(err)
		}
		stack := out.Stacks[0]
		for _, output := range stack.Outputs {
			r.outputs[*output.OutputKey] = *output.OutputValue
		}
		if strings.HasSuffix(string(stack.StackStatus), "IN_PROGRESS") {
			return false
		}
		if stack.StackStatus != types.StackStatusCreateComplete {
			t.Fatalf("stack is %s: %s\n%s", stack.StackStatus, aws.ToString(stack.StackStatusReason), r.failures(t, stacks))
		}
		return true
	})
	return r
}

func (r *rehearsal) failures(t *testing.T, stacks *cloudformation.Client) string {
	out, err := stacks.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("rehearsal")})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range out.StackEvents {
		if strings.HasSuffix(string(e.ResourceStatus), "FAILED") {
			fmt.Fprintln(&b, *e.LogicalResourceId, aws.ToString(e.ResourceStatusReason))
		}
	}
	return b.String()
}

// patience is how long a test waits for what must come. It comes soon, unless
// the machine is busy with something else.
const patience = 3 * time.Minute

// await asks until it is so.
func (r *rehearsal) await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s has not come about\nrecorded:\n%s", what, strings.Join(r.events(t), "\n"))
		}
	}
}

// events returns what the functions have recorded.
func (r *rehearsal) events(t *testing.T) []string { return linesOf(t, r.record) }

// linesOf returns the lines of a file that were written whole; there need not
// be a file.
func linesOf(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	return lines[:len(lines)-1] // after the last end of a line is what is being written
}

// event waits for an event that has all the texts and decodes it.
func (r *rehearsal) event(t *testing.T, out any, texts ...string) {
	t.Helper()
	var found string
	r.await(t, "an event with "+strings.Join(texts, " and "), func() bool {
		for _, line := range r.events(t) {
			found = line
			for _, text := range texts {
				if !strings.Contains(line, text) {
					found = ""
				}
			}
			if found != "" {
				return true
			}
		}
		return false
	})
	if err := json.Unmarshal([]byte(found), out); err != nil {
		t.Fatal(err)
	}
}

// json calls a JSON API; target is such as AmazonSQS.SendMessage.
func (r *rehearsal) json(t *testing.T, service, target string, in map[string]any) map[string]any {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(r.post(t, service, body, "X-Amz-Target", target, "Content-Type", "application/x-amz-json-1.1"), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// query calls a query API.
func (r *rehearsal) query(t *testing.T, service string, parameters ...string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	r.post(t, service, []byte(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
}

func (r *rehearsal) post(t *testing.T, service string, body []byte, headers ...string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.endpoint+"/", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	sign(service)(request)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s %v", service, response.StatusCode, data, err)
	}
	return data
}

// letter waits for a message in a queue and returns its body.
func (r *rehearsal) letter(t *testing.T, queue string) string {
	t.Helper()
	var list []any
	r.await(t, "a message in "+queue, func() bool {
		list, _ = r.json(t, "sqs", "AmazonSQS.ReceiveMessage", map[string]any{"QueueUrl": queue, "WaitTimeSeconds": 20})["Messages"].([]any)
		return len(list) == 1
	})
	return list[0].(map[string]any)["Body"].(string)
}
