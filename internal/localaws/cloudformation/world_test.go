// SPDX-License-Identifier: MIT

package cloudformation_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/cloudformation"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	account  = "123456789012"
	region   = "eu-west-1"
	endpoint = "http://127.0.0.1:4566"
)

// cloud is a resource type in memory whose behaviour tests script.
type cloud struct {
	mu      sync.Mutex
	live    map[string]map[string]any // properties by physical id
	log     []string                  // "create A", "delete a-1", ...
	made    int
	script  func(ctx context.Context, verb, logicalID string, r resource.Request) error
	replace []string // properties whose change needs a new resource
	only    []string // properties that the type knows; nil for all
	noTags  bool
}

func newCloud() *cloud {
	return &cloud{live: map[string]map[string]any{}, replace: []string{"Name"}}
}

func (c *cloud) act(ctx context.Context, verb, logicalID string, r resource.Request) error {
	c.mu.Lock()
	c.log = append(c.log, verb+" "+logicalID)
	script := c.script
	c.mu.Unlock()
	if script != nil {
		return script(ctx, verb, logicalID, r)
	}
	return nil
}

func (c *cloud) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	err := c.act(ctx, "create", r.LogicalID, r)
	half := errors.Is(err, errHalf)
	if err != nil && !half {
		return resource.Instance{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	id := fmt.Sprintf("%s-%d", strings.ToLower(r.LogicalID), c.made)
	c.live[id] = r.Properties
	return instance(r, id), err
}

// errHalf makes a creation fail that leaves something behind.
var errHalf = errors.New("half made")

func instance(r resource.Request, id string) resource.Instance {
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{
		"Arn": r.Scope.Regional("fake", id), "Value": r.Properties["Value"], "Nested": map[string]any{"Port": 5432},
	}}
}

func (c *cloud) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	if err := c.act(ctx, "update", r.LogicalID, r); err != nil {
		return resource.Instance{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.live[old.PhysicalID]; !ok {
		return resource.Instance{}, errors.New("update of a resource that does not exist: " + old.PhysicalID)
	}
	c.live[old.PhysicalID] = r.Properties
	return instance(r, old.PhysicalID), nil
}

func (c *cloud) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	if err := c.act(ctx, "delete", old.PhysicalID, r); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.live, old.PhysicalID)
	return nil
}

func (c *cloud) Replaces(old, changed map[string]any) bool {
	return resource.Changed(old, changed, c.replace...)
}

func (c *cloud) Check(properties map[string]any) []string {
	var faults []string
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if c.only != nil && !slices.Contains(c.only, name) || c.noTags && name == "Tags" {
			faults = append(faults, "Unsupported property ["+name+"]")
		}
	}
	return faults
}

// left returns the physical ids that exist.
func (c *cloud) left() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.live))
}

// taken returns the log and forgets it.
func (c *cloud) taken() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	log := c.log
	c.log = nil
	return log
}

func (c *cloud) on(script func(ctx context.Context, verb, logicalID string, r resource.Request) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.script = script
}

// failOn fails the given works, such as "create B".
func (c *cloud) failOn(works ...string) {
	c.on(func(_ context.Context, verb, id string, _ resource.Request) error {
		if slices.Contains(works, verb+" "+id) {
			return errors.New(id + " does not want to")
		}
		return nil
	})
}

// world is a CloudFormation with a fake resource type and the real client.
type world struct {
	t       *testing.T
	dir     string
	store   *store.Store
	service *cloudformation.Service
	client  *sdk.Client
	cloud   *cloud
	deps    cloudformation.Deps
}

// transport carries requests to a handler without a network, so that it works
// in a synctest bubble.
type transport struct{ http.Handler }

func (h transport) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	r.RequestURI = r.URL.RequestURI()
	h.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), cloud: newCloud()}
	w.deps.Types = map[string]resource.Type{"AWS::Fake::Thing": w.cloud, "AWS::IAM::Role": w.cloud, "AWS::IAM::Policy": w.cloud}
	w.open()
	return w
}

// open opens the service on the world's directory.
func (w *world) open() {
	w.t.Helper()
	var err error
	if w.store, err = store.Open(w.dir); err != nil {
		w.t.Fatal(err)
	}
	w.service, err = cloudformation.New(service.Env{
		Default: arn.Scope{Partition: "aws", Account: account, Region: region},
		Store:   w.store, Endpoint: func() string { return endpoint }, Log: zerolog.Nop(),
	}, w.deps)
	if err != nil {
		w.t.Fatal(err)
	}
	w.client = clientFor(w.handler(), region, "test")
	opened, kept := w.service, w.store
	w.t.Cleanup(func() {
		ended, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := opened.Close(ended); err != nil {
			w.t.Error(err)
		}
		if err := kept.Close(); err != nil {
			w.t.Error(err)
		}
	})
}

func (w *world) handler() http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_sparta/") {
			w.service.ServeInternal(rw, r)
			return
		}
		w.service.ServeAPI(rw, r, wire.Identify(r, account, region))
	})
}

func clientFor(h http.Handler, region, key string) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: region, BaseEndpoint: aws.String(endpoint), HTTPClient: &http.Client{Transport: transport{h}},
		Credentials: credentials.NewStaticCredentialsProvider(key, "secret", ""), RetryMaxAttempts: 1,
	})
}

// create creates a stack and waits for the end of it.
func (w *world) create(name, template string, options ...func(*sdk.CreateStackInput)) types.Stack {
	w.t.Helper()
	in := &sdk.CreateStackInput{StackName: &name, TemplateBody: &template}
	for _, option := range options {
		option(in)
	}
	out, err := w.client.CreateStack(w.t.Context(), in)
	if err != nil {
		w.t.Fatalf("CreateStack: %v", err)
	}
	return w.settled(*out.StackId)
}

// update updates a stack and waits for the end of it.
func (w *world) update(name, template string, options ...func(*sdk.UpdateStackInput)) types.Stack {
	w.t.Helper()
	in := &sdk.UpdateStackInput{StackName: &name, TemplateBody: &template}
	for _, option := range options {
		option(in)
	}
	out, err := w.client.UpdateStack(w.t.Context(), in)
	if err != nil {
		w.t.Fatalf("UpdateStack: %v", err)
	}
	return w.settled(*out.StackId)
}

// remove deletes a stack and waits for the end of it.
func (w *world) remove(name string, options ...func(*sdk.DeleteStackInput)) types.Stack {
	w.t.Helper()
	id := *w.stack(name).StackId
	in := &sdk.DeleteStackInput{StackName: &name}
	for _, option := range options {
		option(in)
	}
	if _, err := w.client.DeleteStack(w.t.Context(), in); err != nil {
		w.t.Fatalf("DeleteStack: %v", err)
	}
	return w.settled(id)
}

func (w *world) stack(nameOrID string) types.Stack {
	w.t.Helper()
	out, err := w.client.DescribeStacks(w.t.Context(), &sdk.DescribeStacksInput{StackName: &nameOrID})
	if err != nil {
		w.t.Fatalf("DescribeStacks %s: %v", nameOrID, err)
	}
	return out.Stacks[0]
}

// settled waits until no operation of a stack is under way.
func (w *world) settled(id string) types.Stack {
	w.t.Helper()
	return w.until(id, func(status string) bool { return !strings.HasSuffix(status, "_IN_PROGRESS") })
}

func (w *world) until(id string, reached func(status string) bool) types.Stack {
	w.t.Helper()
	deadline := time.Now().Add(4 * time.Hour)
	for pause := 10 * time.Microsecond; time.Now().Before(deadline); pause += pause / 4 {
		if st := w.stack(id); reached(string(st.StackStatus)) {
			return st
		}
		time.Sleep(pause)
	}
	w.t.Fatalf("stack %s: still %s", id, w.stack(id).StackStatus)
	return types.Stack{}
}

// history returns the events of a stack, oldest first, as
// "logical id STATUS reason".
func (w *world) history(nameOrID string) []string {
	w.t.Helper()
	var list []string
	for _, e := range w.events(nameOrID) {
		list = append(list, strings.TrimSpace(aws.ToString(e.LogicalResourceId)+" "+string(e.ResourceStatus)+" "+aws.ToString(e.ResourceStatusReason)))
	}
	return list
}

func (w *world) events(nameOrID string) []types.StackEvent {
	w.t.Helper()
	var list []types.StackEvent
	pages := sdk.NewDescribeStackEventsPaginator(w.client, &sdk.DescribeStackEventsInput{StackName: &nameOrID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		list = append(list, page.StackEvents...)
	}
	slices.Reverse(list)
	return list
}

// changeSet creates a change set and waits until it is worked out.
func (w *world) changeSet(in *sdk.CreateChangeSetInput) *sdk.DescribeChangeSetOutput {
	w.t.Helper()
	out, err := w.client.CreateChangeSet(w.t.Context(), in)
	if err != nil {
		w.t.Fatalf("CreateChangeSet: %v", err)
	}
	for {
		c, err := w.client.DescribeChangeSet(w.t.Context(), &sdk.DescribeChangeSetInput{ChangeSetName: out.Id, IncludePropertyValues: aws.Bool(true)})
		if err != nil {
			w.t.Fatal(err)
		}
		if c.Status == types.ChangeSetStatusCreateComplete || c.Status == types.ChangeSetStatusFailed {
			return c
		}
		time.Sleep(time.Millisecond)
	}
}

// failure returns code and message of an API error, and "" for none.
func failure(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	t.Fatalf("no API error: %v", err)
	return ""
}

// inBubble runs a test with a fake clock: waits cost nothing.
func inBubble(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t)) })
}

// thing returns the definition of one fake resource.
func thing(properties string) string {
	return `{"Type":"AWS::Fake::Thing","Properties":{` + properties + `}}`
}

// templateOf returns a template of resources given as name and definition.
func templateOf(pairs ...string) string {
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, `"`+pairs[i]+`":`+pairs[i+1])
	}
	return `{"Resources":{` + strings.Join(list, ",") + `}}`
}

// stackOrNil returns a stack, and nil if there is none of that name or id.
func (w *world) stackOrNil(nameOrID string) *types.Stack {
	w.t.Helper()
	out, err := w.client.DescribeStacks(w.t.Context(), &sdk.DescribeStacksInput{StackName: &nameOrID})
	if err != nil {
		return nil
	}
	return &out.Stacks[0]
}
