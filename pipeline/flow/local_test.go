// SPDX-License-Identifier: MIT

package flow_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/internal/localaws"
	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/pipeline/stage"
)

const account, region = "000000000000", "us-east-1"

// local returns the settings for a service's file on an embedded AWS of its
// own, which ends with the test.
func local(t *testing.T, file string) flow.Settings {
	t.Helper()
	node, _ := exec.LookPath("node")
	cloud, err := localaws.Open(t.Context(), localaws.Options{Dir: t.TempDir(), Node: node, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(context.Background()); err != nil {
			t.Errorf("close the embedded AWS: %v", err)
		}
	})
	return flow.Settings{
		File:    file,
		Config:  func(context.Context) (aws.Config, error) { return awsclient.Local(cloud.Endpoint(), account, region), nil },
		Local:   true,
		Toolkit: os.DirFS("../.."),
		Cache:   cacheDir(t),
		Environ: os.Environ(),
		Confirm: func(_ context.Context, question string, details []string) error {
			return &stage.ConsentError{Question: question, Details: details}
		},
		Pace:  stage.Pace{First: 5 * time.Millisecond, Most: 50 * time.Millisecond},
		Token: "test-" + time.Now().Format("150405.000000")[7:],
	}
}

// cacheDir is shared by the tests of a run: what it holds can be made again.
func cacheDir(t *testing.T) string {
	t.Helper()
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "sparta-test")
}
