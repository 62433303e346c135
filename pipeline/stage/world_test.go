// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/localaws"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
)

const (
	homeAccount = "000000000000"
	homeRegion  = "us-east-1"
)

// fast is a pace for what answers at once.
var fast = Pace{First: time.Millisecond, Most: 5 * time.Millisecond}

// endpoint returns an embedded AWS of the test's own.
func endpoint(t *testing.T) string {
	t.Helper()
	cloud, err := localaws.Open(t.Context(), localaws.Options{Dir: t.TempDir(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(context.Background()); err != nil {
			t.Errorf("close the embedded AWS: %v", err)
		}
	})
	return cloud.Endpoint()
}

// sessionAt returns a session of an account in a region of an endpoint.
func sessionAt(endpoint, account, region string) Session {
	return Session{
		Account: account, Region: region, Partition: "aws", Caller: "arn:aws:iam::" + account + ":root", Local: true,
		Clients: awsclient.New(awsclient.Local(endpoint, account, region)),
	}
}

// serviceIn writes files beside sparta.yaml, one of them, and reads it.
func serviceIn(t *testing.T, files map[string]string) *spec.Service {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(text, "#!") {
			mode = 0o755
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	service, problems := spec.Read(filepath.Join(dir, "sparta.yaml"), spec.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return service
}

// service reads a sparta.yaml that stands alone.
func service(t *testing.T, yaml string) *spec.Service {
	t.Helper()
	return serviceIn(t, map[string]string{"sparta.yaml": yaml})
}

func projectOf(s *spec.Service) pipeline.Result[Project] {
	return pipeline.Known(Project{Service: s})
}

// document is a small valid template.
func document(t *testing.T, edit func(*cfn.Template)) cfn.Document {
	t.Helper()
	var d cfn.Document
	if err := d.Add("Queue", &cfn.Resource{Type: "AWS::SQS::Queue"}, cfn.Origin{By: "resources.Queue"}); err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(d.Template)
	}
	return d
}

// agree consents to everything.
func agree(context.Context, string, []string) error { return nil }

// refuse is what Confirm does where nobody can be asked.
func refuse(_ context.Context, question string, details []string) error {
	return &ConsentError{Question: question, Details: details}
}

// hintOf returns what an error advises.
func hintOf(err error) string {
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return h.Hint()
	}
	return ""
}

// wantError checks that err says all parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

// clientsFor returns clients that send every request through client.
func clientsFor(endpoint, account, region string, client aws.HTTPClient) awsclient.Clients {
	cfg := awsclient.Local(endpoint, account, region)
	cfg.HTTPClient = client
	return awsclient.New(cfg)
}
