// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/internal/gobuild"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
)

func TestConnect(t *testing.T) {
	t.Parallel()
	at := endpoint(t)
	c := &Connect{Project: pipeline.Known(Project{Service: &spec.Service{}}), Local: true, Config: func(context.Context) (aws.Config, error) {
		return awsclient.Local(at, "111122223333", "eu-west-1"), nil
	}}
	session, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if session.Account != "111122223333" || session.Region != "eu-west-1" || session.Partition != "aws" || !session.Local || session.Caller == "" {
		t.Errorf("got %+v", session)
	}
}

// withoutAWS takes away every source of AWS settings that the machine may have.
func withoutAWS(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // restored in the end
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// TestConnectBadConfiguration goes through the real chain of the SDK.
func TestConnectBadConfiguration(t *testing.T) {
	refused := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code := map[bool]string{true: "ExpiredToken", false: "InvalidClientTokenId"}[r.Header.Get("X-Amz-Security-Token") == "old"]
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte("<ErrorResponse><Error><Code>" + code + "</Code><Message>The security token is no good</Message></Error></ErrorResponse>"))
	}))
	defer refused.Close()
	keys := map[string]string{"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1", "AWS_MAX_ATTEMPTS": "1"}
	tests := []struct {
		name    string
		env     map[string]string
		options awsclient.Options
		says    string
		hint    string
	}{
		{"no region", map[string]string{"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}, awsclient.Options{}, "no AWS region is configured", "--region"},
		{"no credentials", map[string]string{"AWS_REGION": "eu-west-1"}, awsclient.Options{}, "no AWS credentials were found", "aws sso login"},
		{"no such profile", map[string]string{}, awsclient.Options{Profile: "nobody"}, "profile nobody: not in the AWS configuration", "aws configure"},
		{"expired", map[string]string{"AWS_SESSION_TOKEN": "old", "AWS_ENDPOINT_URL": refused.URL}, awsclient.Options{}, "the AWS credentials have expired: ExpiredToken", "log in again"},
		{"refused", map[string]string{"AWS_ENDPOINT_URL": refused.URL}, awsclient.Options{}, "InvalidClientTokenId: The security token is no good", "aws sts get-caller-identity"},
		{"no answer", map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, awsclient.Options{}, "reach http://127.0.0.1:1/: ", "AWS_ENDPOINT_URL"},
		{"no region's name", map[string]string{"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}, awsclient.Options{Region: "eu west"}, "invalid input region eu west", "regions look like eu-west-1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			withoutAWS(t)
			if test.env["AWS_ENDPOINT_URL"] != "" {
				for name, value := range keys {
					t.Setenv(name, value)
				}
			}
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			c := &Connect{Project: pipeline.Known(Project{Service: &spec.Service{}}), Config: func(ctx context.Context) (aws.Config, error) {
				cfg, err := awsclient.Load(ctx, test.options)
				cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
				return cfg, err
			}}
			_, err := c.Run(t.Context())
			wantError(t, err, test.says)
			if !strings.Contains(hintOf(err), test.hint) {
				t.Errorf("hint %q does not say %q", hintOf(err), test.hint)
			}
		})
	}
}

func TestConnectInterrupted(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupted)
	c := &Connect{Project: pipeline.Known(Project{Service: &spec.Service{}}), Config: func(context.Context) (aws.Config, error) {
		return awsclient.Local("http://127.0.0.1:1", homeAccount, homeRegion), nil
	}}
	if _, err := c.Run(ctx); !errors.Is(err, interrupted) {
		t.Errorf("got %v", err)
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	tests := []struct {
		local        bool
		architecture string
		want         gobuild.Target
	}{
		{false, "arm64", gobuild.Target{GOOS: "linux", GOARCH: "arm64"}},
		{false, "x86_64", gobuild.Target{GOOS: "linux", GOARCH: "amd64"}},
		{true, "arm64", Host()},
		{true, "x86_64", Host()},
	}
	for _, test := range tests {
		if got := (Session{Local: test.local}).Target(test.architecture); got != test.want {
			t.Errorf("local %v, %s: got %v, want %v", test.local, test.architecture, got, test.want)
		}
	}
}
