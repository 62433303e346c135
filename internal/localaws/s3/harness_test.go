// SPDX-License-Identifier: MIT

package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/s3"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	account = "111111111111"
	region  = "us-east-1"
)

// cloud is an S3 over a directory, served by HTTP.
type cloud struct {
	*s3.Service
	url   string
	store *store.Store
	table *delivery.Table
	close func()
}

func newCloud(t testing.TB) *cloud { return openCloud(t, t.TempDir()) }

func openCloud(t testing.TB, dir string) *cloud {
	t.Helper()
	kept, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{store: kept, table: &delivery.Table{}}
	doors := &door.Set{}
	env := service.Env{
		Default: arn.Scope{Partition: "aws", Account: account, Region: region}, Store: kept, Doors: doors,
		Now: time.Now, Endpoint: func() string { return c.url }, Log: zerolog.Nop(),
	}
	if c.Service, err = s3.New(env, c.table); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.ServeAPI(w, r, wire.Identify(r, account, region))
	}))
	c.url = server.URL
	closed := false
	c.close = func() {
		if closed {
			return
		}
		closed = true
		server.Close()
		if err := errors.Join(doors.Shutdown(context.Background()), kept.Close()); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(c.close)
	return c
}

// client signs as an account in a region.
func (c *cloud) client(account, region string) *sdk.Client {
	return sdk.New(sdk.Options{
		BaseEndpoint: aws.String(c.url), Region: region, UsePathStyle: true, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(),
		Credentials: credentials.NewStaticCredentialsProvider(account, "secret", ""),
	})
}

// bucket makes a bucket in us-east-1 and returns a client of its owner.
func (c *cloud) bucket(t testing.TB, name string) *sdk.Client {
	t.Helper()
	client := c.client(account, region)
	if _, err := client.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	return client
}

func put(t *testing.T, client *sdk.Client, bucket, key, body string) *sdk.PutObjectOutput {
	t.Helper()
	out, err := client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader([]byte(body))})
	if err != nil {
		t.Fatalf("put object %q: %v", key, err)
	}
	return out
}

func get(t *testing.T, client *sdk.Client, bucket, key string) string {
	t.Helper()
	out, err := client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatalf("get object %q: %v", key, err)
	}
	return read(t, out.Body)
}

func read(t *testing.T, body io.ReadCloser) string {
	t.Helper()
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// wantCode checks the error code that a client sees.
func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("got error %v, want %s", err, want)
	}
	if got := api.ErrorCode(); got != want {
		t.Errorf("got %s (%s), want %s", got, api.ErrorMessage(), want)
	}
}

// do sends a request that bears a signature of the account, or none if account
// is "".
func (c *cloud) do(t *testing.T, account, method, path string, header map[string]string, body io.Reader) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	if account != "" {
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+account+"/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response, read(t, response.Body)
}
