// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sparta-up/sparta/internal/awsclient"
)

const (
	fakeAccount = "123456789012"
	fakeRegion  = "eu-west-1"
	fakeName    = "orders"
	fakeStackID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/1"
)

// fakeCloudFormation stands in for CloudFormation below the unmodified SDK
// client, without a socket, so that it runs under synctest. The states that an
// action leads to are scripted; each look at the stack shows the next one.
type fakeCloudFormation struct {
	t         *testing.T
	status    string                // of the stack; "": there is none
	reason    string                // of the status
	after     map[string][]Event    // what happens after an action; an event without a Type is the stack's
	faults    map[string][]fault    // answers to the first calls of an action
	hook      func(action string)   // called before an action is answered; may be nil
	stale     int                   // looks that still show the state from before
	pageSize  int                   // events a page; 0: all on one
	changes   string                // XML members of the change set
	set       [2]string             // status and reason of the change set; zero: CREATE_COMPLETE
	template  string                // of the stack; "": a ValidationError
	resources string                // XML members of the stack's resources
	outputs   string                // XML members of the stack's outputs
	findings  string                // XML members of DescribeEvents
	protected bool                  // termination protection
	mu        sync.Mutex            // guards what is below
	queue     []Event               // what is still to happen
	events    []Event               // what has happened, oldest first
	calls     []string              // actions that were called, looks left out
	forms     map[string]url.Values // last parameters by action
}

type fault struct {
	status        int
	code, message string
}

var throttled = fault{http.StatusBadRequest, "Throttling", "Rate exceeded"}

// states returns the script of a stack that goes through states.
func states(names ...string) []Event {
	var list []Event
	for _, n := range names {
		list = append(list, Event{Status: n})
	}
	return list
}

func newFakeCloudFormation(t *testing.T, status string) *fakeCloudFormation {
	return &fakeCloudFormation{
		t: t, status: status, after: map[string][]Event{}, faults: map[string][]fault{}, forms: map[string]url.Values{},
	}
}

// session returns a session whose clients talk to f and try each call once.
func (f *fakeCloudFormation) session() Session {
	cfg := aws.Config{
		Region: fakeRegion, HTTPClient: f, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, nil
		}),
	}
	return Session{
		Account: fakeAccount, Region: fakeRegion, Partition: "aws", Caller: "arn:aws:iam::123456789012:user/ada",
		Clients: awsclient.New(cfg),
	}
}

// stack returns the stack as Survey would show it before anything is done.
func (f *fakeCloudFormation) stack() Stack {
	stack, err := describeStack(f.t.Context(), f.session().Clients.CloudFormation, fakeName, fakeName)
	if err != nil {
		f.t.Fatal(err)
	}
	return stack
}

func (f *fakeCloudFormation) called() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Do answers one request.
func (f *fakeCloudFormation) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	action := form.Get("Action")
	if f.hook != nil {
		f.hook(action)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forms[action] = form
	if !strings.HasPrefix(action, "Describe") || action == "DescribeEvents" {
		f.calls = append(f.calls, action)
	}
	if faults := f.faults[action]; len(faults) > 0 {
		f.faults[action] = faults[1:]
		return faults[0].response(r), nil
	}
	f.queue = append(f.queue, f.after[action]...)
	text, refused := f.answer(action, form)
	if refused != nil {
		return refused.response(r), nil
	}
	return response(r, http.StatusOK, fmt.Sprintf("<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", action, text)), nil
}

func (f fault) response(r *http.Request) *http.Response {
	return response(r, f.status, fmt.Sprintf("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>",
		f.code, escape(f.message)))
}

func response(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Request: r, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(body)),
	}
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

func (f *fakeCloudFormation) answer(action string, form url.Values) (string, *fault) {
	invalid := func(message string) *fault { return &fault{http.StatusBadRequest, "ValidationError", message} }
	switch action {
	case "DescribeStacks":
		return f.look(form, invalid)
	case "DescribeStackEvents":
		return f.page(form), nil
	case "CreateChangeSet":
		return "<Id>arn:aws:cloudformation:eu-west-1:123456789012:changeSet/sparta-run/1</Id><StackId>" + fakeStackID + "</StackId>", nil
	case "DescribeChangeSet":
		status := f.set[0]
		if status == "" {
			status = "CREATE_COMPLETE"
		}
		return fmt.Sprintf("<Status>%s</Status><StatusReason>%s</StatusReason><Changes>%s</Changes>", status, escape(f.set[1]), f.changes), nil
	case "GetTemplate":
		if f.template == "" {
			return "", invalid("Stack with id " + fakeName + " does not exist")
		}
		return "<TemplateBody>" + escape(f.template) + "</TemplateBody>", nil
	case "ListStackResources":
		return "<StackResourceSummaries>" + f.resources + "</StackResourceSummaries>", nil
	case "DescribeEvents":
		return "<OperationEvents>" + f.findings + "</OperationEvents>", nil
	case "ExecuteChangeSet", "DeleteChangeSet", "DeleteStack", "CancelUpdateStack", "ContinueUpdateRollback", "RollbackStack":
		return "", nil
	}
	f.t.Errorf("unexpected action %s", action)
	return "", invalid("no such action")
}

// look takes the stack on to its next state and shows it.
func (f *fakeCloudFormation) look(form url.Values, invalid func(string) *fault) (string, *fault) {
	before := f.status
	if f.stale > 0 && len(f.queue) > 0 {
		f.stale--
	} else {
		f.advance()
		before = f.status
	}
	name := form.Get("StackName")
	if before == "" || before == "DELETE_COMPLETE" && name != fakeStackID {
		return "", invalid("Stack with id " + name + " does not exist")
	}
	return fmt.Sprintf("<Stacks><member><StackName>%s</StackName><StackId>%s</StackId><StackStatus>%s</StackStatus>"+
		"<StackStatusReason>%s</StackStatusReason><CreationTime>2026-11-01T00:00:00Z</CreationTime>"+
		"<EnableTerminationProtection>%v</EnableTerminationProtection><Outputs>%s</Outputs></member></Stacks>",
		fakeName, fakeStackID, before, escape(f.reason), f.protected, f.outputs), nil
}

// advance lets happen what is scripted, up to the next state of the stack.
func (f *fakeCloudFormation) advance() {
	for len(f.queue) > 0 {
		e := f.queue[0]
		f.queue = f.queue[1:]
		stack := e.Type == ""
		if stack {
			e.Type, e.LogicalID, e.PhysicalID = "AWS::CloudFormation::Stack", fakeName, fakeStackID
			f.status = e.Status
		}
		e.ID = fmt.Sprintf("event-%d", len(f.events))
		f.events = append(f.events, e)
		if stack {
			return
		}
	}
}

// page shows events, newest first.
func (f *fakeCloudFormation) page(form url.Values) string {
	if f.stale > 0 && len(f.queue) > 0 { // the first event is there before the state
		f.queue, f.events = f.queue[1:], append(f.events, Event{
			ID: fmt.Sprintf("event-%d", len(f.events)), Type: "AWS::CloudFormation::Stack", LogicalID: fakeName,
			PhysicalID: fakeStackID, Status: f.queue[0].Status,
		})
	}
	events := slices.Clone(f.events)
	slices.Reverse(events)
	first, next := 0, ""
	if token := form.Get("NextToken"); token != "" {
		_, _ = fmt.Sscan(token, &first) // what we wrote ourselves
	}
	events = events[min(first, len(events)):]
	if f.pageSize > 0 && len(events) > f.pageSize {
		events, next = events[:f.pageSize], fmt.Sprintf("<NextToken>%d</NextToken>", first+f.pageSize)
	}
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "<member><StackId>%s</StackId><EventId>%s</EventId><StackName>%s</StackName><LogicalResourceId>%s</LogicalResourceId>"+
			"<PhysicalResourceId>%s</PhysicalResourceId><ResourceType>%s</ResourceType><Timestamp>2026-11-01T00:00:00Z</Timestamp>"+
			"<ResourceStatus>%s</ResourceStatus><ResourceStatusReason>%s</ResourceStatusReason></member>",
			fakeStackID, e.ID, fakeName, e.LogicalID, e.PhysicalID, e.Type, e.Status, escape(e.Reason))
	}
	return "<StackEvents>" + b.String() + "</StackEvents>" + next
}
