// SPDX-License-Identifier: MIT

package lambda_test

import (
	"os/exec"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/lambda"
)

func nodePath() string {
	path, err := exec.LookPath("node")
	if err != nil {
		return ""
	}
	return path
}

func withNode(path string) option { return func(d *lambda.Deps) { d.Node = path } }

// Without node the Go program beside the shim runs by itself, and the user is
// told so once.
func TestWithoutNode(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for _, name := range []string{"one", "two"} {
		w.create(t, name, func(in *sdk.CreateFunctionInput) {
			in.Runtime, in.Handler = "nodejs24.x", aws.String("index."+name)
		})
		if got := string(w.invoke(t, name, `"x"`).Payload); got != `"x"` {
			t.Errorf("%s gave %s", name, got)
		}
	}
	if diff := cmp.Diff([]string{"node is not installed: functions run without the NodeJS shim"}, w.notices); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}
