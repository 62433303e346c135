// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/internal/localaws"
)

// The accounts of a script's cloud: the user's and someone else's.
const (
	ownAccount   = "123456789012"
	otherAccount = "210987654321"
	cloudRegion  = "eu-west-1"
)

// clouds is the key of a script's cloud.
type clouds struct{}

// cloud is an embedded AWS that a script reaches as if it were the real one,
// through a door that can hold requests up.
type cloud struct {
	*localaws.Cloud
	mu     sync.Mutex
	stall  *regexp.Regexp // of requests that get no answer; may be nil
	caught chan struct{}  // closed at the first of them
}

// serveCloud is "cloud": it starts an embedded AWS in the test's own process
// and points the AWS variables at it.
func serveCloud(ts *testscript.TestScript, _ bool, _ []string) {
	opened, err := localaws.Open(context.Background(), localaws.Options{
		Dir: filepath.Join(ts.Getenv("WORK"), "cloud"), Account: ownAccount, Region: cloudRegion,
	})
	ts.Check(err)
	target, err := url.Parse(opened.Endpoint())
	ts.Check(err)
	c := &cloud{Cloud: opened}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // of clients that were interrupted
	door := httptest.NewServer(c.hold(proxy))
	ts.Defer(func() {
		door.CloseClientConnections()
		door.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = opened.Close(ctx)
	})
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": door.URL, "AWS_ACCESS_KEY_ID": ownAccount, "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": cloudRegion,
	} {
		ts.Setenv(name, value)
	}
	*ts.Value(clouds{}).(**cloud) = c
}

// hold lets requests through that are not to be stalled. It matches the method,
// the path and the body of forms, which names the action.
func (c *cloud) hold(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := r.Method + " " + r.URL.Path
		if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			line += " " + string(body)
		}
		if c.stalls(line) {
			_, _ = io.Copy(io.Discard, r.Body) // so that the end of the client is noticed
			<-r.Context().Done()
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *cloud) stalls(line string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stall == nil || !c.stall.MatchString(line) {
		return false
	}
	select {
	case <-c.caught:
	default:
		close(c.caught)
	}
	return true
}

// stall is "stall PATTERN": from now on requests that match get no answer.
// "! stall" ends that for new requests.
func stall(ts *testscript.TestScript, neg bool, args []string) {
	c := cloudOf(ts)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stall, c.caught = nil, make(chan struct{})
	if !neg {
		c.stall = regexp.MustCompile(args[0])
	}
}

// stalled is "stalled": it waits until a request gets no answer.
func stalled(ts *testscript.TestScript, _ bool, _ []string) {
	select {
	case <-cloudOf(ts).caught:
	case <-time.After(patience(ts)):
		ts.Fatalf("no request was stalled")
	}
}

// foreignBucket is "foreign-bucket NAME": another account makes a bucket.
func foreignBucket(ts *testscript.TestScript, _ bool, args []string) {
	client := awsclient.New(awsclient.Local(cloudOf(ts).Endpoint(), otherAccount, "us-east-1")).S3
	_, err := client.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: &args[0]})
	ts.Check(err)
}

// putObject is "put-object BUCKET KEY": an object of one byte comes into a bucket
// of the embedded AWS beside sparta.yaml.
func putObject(ts *testscript.TestScript, _ bool, args []string) {
	opened, err := localaws.Open(context.Background(), localaws.Options{Dir: ts.MkAbs(".sparta/local")})
	ts.Check(err)
	client := awsclient.New(awsclient.Local(opened.Endpoint(), "000000000000", "us-east-1")).S3
	_, err = client.PutObject(context.Background(), &s3.PutObjectInput{Bucket: &args[0], Key: &args[1], Body: strings.NewReader("x")})
	ts.Check(errors.Join(err, opened.Close(context.Background())))
}

func cloudOf(ts *testscript.TestScript) *cloud { return *ts.Value(clouds{}).(**cloud) }
