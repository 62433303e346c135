// SPDX-License-Identifier: MIT

package cloudfront_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/cloudfront"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/s3"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "000000000000"

var here = arn.Scope{Partition: "aws", Account: account, Region: "eu-west-1"}

// world is CloudFront with a real S3 behind it and a clock that stands still.
type world struct {
	*cloudfront.Service
	t       *testing.T
	storage *s3.Service
	store   *store.Store
	dir     string
	doors   *door.Set
	client  *sdk.Client
	url     string // of the API of both services
	notices []string
	closed  bool

	mu    sync.Mutex
	now   time.Time
	lines []string // log group, region and message
	asked []string // what S3 was asked for: method, path and If-None-Match
}

// open opens what a directory keeps.
func open(t *testing.T, dir string) *world {
	t.Helper()
	kept, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: dir, store: kept, doors: &door.Set{}, now: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(http.HandlerFunc(w.serve))
	w.url = server.URL
	env := service.Env{Default: here, Store: kept, Doors: w.doors, Now: w.clock, Endpoint: func() string { return w.url }, Log: zerolog.Nop()}
	if w.storage, err = s3.New(env, &delivery.Table{}); err != nil {
		t.Fatal(err)
	}
	if w.Service, err = cloudfront.New(env, cloudfront.Deps{Buckets: w, Logs: w, Notice: func(text string) { w.notices = append(w.notices, text) }}); err != nil {
		t.Fatal(err)
	}
	w.client = sdk.New(sdk.Options{
		BaseEndpoint: &w.url, Region: "us-east-1", RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(),
		Credentials: credentials.NewStaticCredentialsProvider(account, "s", ""),
	})
	t.Cleanup(func() { w.close(); server.Close() })
	return w
}

func (w *world) close() {
	if w.closed {
		return
	}
	w.closed = true
	if err := w.Close(context.Background()); err != nil {
		w.t.Error(err)
	}
	if err := w.doors.Shutdown(context.Background()); err != nil {
		w.t.Error(err)
	}
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	id := wire.Identify(r, account, here.Region)
	if strings.Contains(r.Host, ".execute-api.") {
		_, _ = io.WriteString(out, r.Host+r.URL.RequestURI())
		return
	}
	if id.Service == "cloudfront" {
		w.ServeAPI(out, r, id)
		return
	}
	w.storage.ServeAPI(out, r, id)
}

// ServeFor is S3, which notes what it is asked for.
func (w *world) ServeFor(out http.ResponseWriter, r *http.Request, from s3.Sender) {
	w.mu.Lock()
	w.asked = append(w.asked, strings.TrimSpace(r.Method+" "+r.URL.EscapedPath()+" "+r.Header.Get("If-None-Match")))
	w.mu.Unlock()
	w.storage.ServeFor(out, r, from)
}

// Append takes the logs of functions.
func (w *world) Append(scope arn.Scope, group, _ string, events []logs.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range events {
		_, text, _ := strings.Cut(e.Message, " ") // of the id
		w.lines = append(w.lines, scope.Region+" "+group+" "+text)
	}
	return nil
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// questions returns what S3 was asked for since the last time.
func (w *world) questions() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.asked
	w.asked = nil
	return asked
}

func properties(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func (w *world) request(kind, id, text string) resource.Request {
	w.t.Helper()
	return resource.Request{
		Scope: here, StackID: "stack", StackName: "Stack", LogicalID: id, Type: kind, Properties: properties(w.t, text),
		DefaultName: func(int) string { return "stack-" + strings.ToLower(id) + "-1" },
	}
}

func (w *world) typeOf(kind string) resource.Type {
	if strings.Contains(kind, "::S3::") {
		return w.storage.ResourceTypes()[kind]
	}
	return w.ResourceTypes()[kind]
}

// create makes a resource as CloudFormation does.
func (w *world) create(kind, id, text string) (resource.Instance, error) {
	w.t.Helper()
	r := w.request(kind, id, text)
	if faults := w.typeOf(kind).Check(r.Properties); len(faults) > 0 {
		w.t.Fatalf("%s: %v", id, faults)
	}
	return w.typeOf(kind).Create(w.t.Context(), r)
}

func (w *world) mustCreate(kind, id, text string) resource.Instance {
	w.t.Helper()
	made, err := w.create(kind, id, text)
	if err != nil {
		w.t.Fatalf("%s: %v", id, err)
	}
	return made
}

func (w *world) mustUpdate(kind string, old resource.Instance, text string) resource.Instance {
	w.t.Helper()
	made, err := w.typeOf(kind).Update(w.t.Context(), old, w.request(kind, "Updated", text))
	if err != nil {
		w.t.Fatalf("update %s: %v", kind, err)
	}
	return made
}

const minute = time.Minute

const (
	bucketType       = "AWS::S3::Bucket"
	policyType       = "AWS::S3::BucketPolicy"
	controlType      = "AWS::CloudFront::OriginAccessControl"
	functionType     = "AWS::CloudFront::Function"
	distributionType = "AWS::CloudFront::Distribution"

	optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	disabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	allViewer = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

	controlText = `{"OriginAccessControlConfig": {"Name": "site", "OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"}}`
)

// site is a bucket that a distribution may read.
type site struct {
	*world
	control      resource.Instance
	distribution resource.Instance
	base         string // URL of the distribution
}

// newSite makes a bucket, and a distribution with more in its configuration and
// in its default behavior.
func newSite(t *testing.T, more, behavior string) *site {
	t.Helper()
	s := &site{world: open(t, t.TempDir())}
	s.mustCreate(bucketType, "Bucket", `{"BucketName": "pages"}`)
	s.control = s.mustCreate(controlType, "Access", controlText)
	s.distribution = s.mustCreate(distributionType, "Distribution", s.config(more, behavior))
	s.base = s.address(s.distribution)
	s.allow("s3:GetObject", "/*")
	return s
}

// config is the text of a DistributionConfig.
func (s *site) config(more, behavior string) string {
	if !strings.Contains(behavior, "CachePolicyId") {
		behavior += `, "CachePolicyId": "` + optimized + `"`
	}
	return fmt.Sprintf(`{"DistributionConfig": {"Enabled": true, "DefaultRootObject": "index.html",
		"Origins": [{"Id": "bucket", "DomainName": "pages.s3.eu-west-1.amazonaws.com", "OriginAccessControlId": %q, "S3OriginConfig": {"OriginAccessIdentity": ""}}],
		"DefaultCacheBehavior": {"TargetOriginId": "bucket", "ViewerProtocolPolicy": "redirect-to-https"%s}%s}}`, s.control.PhysicalID, behavior, more)
}

// allow lets the distribution do something with what is in the bucket.
func (s *site) allow(action, rest string) {
	s.t.Helper()
	s.policy(fmt.Sprintf(`{"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": %q, "Resource": "arn:aws:s3:::pages%s",
		"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudfront::%s:distribution/%s"}}}`, action, rest, account, s.distribution.PhysicalID))
}

func (s *site) policy(statements ...string) {
	s.t.Helper()
	s.mustUpdate(policyType, resource.Instance{}, `{"Bucket": "pages", "PolicyDocument": {"Version": "2012-10-17", "Statement": [`+strings.Join(statements, ",")+`]}}`)
}

// address is the URL by which viewers come.
func (w *world) address(d resource.Instance) string {
	w.t.Helper()
	address := w.Address("https://" + d.Attributes["DomainName"].(string))
	if !strings.HasPrefix(address, "http://127.0.0.1:") {
		w.t.Fatalf("the address of the distribution is %s", address)
	}
	return address
}

// bucket is the bucket as CloudFormation knows it.
func (s *site) bucket() resource.Instance { return resource.Instance{PhysicalID: "pages"} }

// put stores an object with headers, as name and value.
func (w *world) put(key, body string, headers ...string) {
	w.t.Helper()
	w.exchange(exchange{method: "PUT", url: w.url + "/pages/" + key, body: body, status: 200,
		headers: append([]string{"Authorization", "AWS4-HMAC-SHA256 Credential=" + account + "/20261127/eu-west-1/s3/aws4_request, Signature=x"}, headers...)})
}

// exchange is a request and what its answer must be like.
type exchange struct {
	method, url, body string
	headers           []string // names and values
	status            int
	want              string            // part of the body
	header            map[string]string // parts of headers; "" is none at all
}

func (w *world) exchange(x exchange) (string, http.Header) {
	w.t.Helper()
	if x.method == "" {
		x.method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(w.t.Context(), x.method, x.url, strings.NewReader(x.body))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(x.headers); i += 2 {
		r.Header.Set(x.headers[i], x.headers[i+1])
	}
	response, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if response.StatusCode != x.status || !strings.Contains(string(body), x.want) {
		w.t.Errorf("%s %s: got %d, %.300q, want %d, %q", x.method, x.url, response.StatusCode, body, x.status, x.want)
	}
	for name, part := range x.header {
		if got := response.Header.Get(name); part == "" && got != "" || !strings.Contains(got, part) {
			w.t.Errorf("%s %s: %s is %q, want %q", x.method, x.url, name, got, part)
		}
	}
	return string(body), response.Header
}
