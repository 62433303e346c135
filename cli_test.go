// SPDX-License-Identifier: MIT

package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

// TestMain makes the test binary the command sparta where it is called so.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sparta": main})
}

// TestScripts runs the scripts of testdata/script, each in a directory of its
// own. They share the Go build cache and Sparta's cache, as the commands of one
// user do. See testdata/script/README.md for the commands they use.
func TestScripts(t *testing.T) {
	t.Parallel()
	vars, err := sharedEnvironment(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, vars...)
			env.Values[processes{}], env.Values[clouds{}] = map[string]*process{}, new(*cloud)
			env.Values[deadline{}] = deadlineOf(t)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "timeless": timeless, "object": object, "capture": capture, "get": get,
			"start": start, "await": await, "interrupt": interrupt, "ends": ends, "exists-soon": existsSoon,
			"cloud": serveCloud, "stall": stall, "stalled": stalled, "foreign-bucket": foreignBucket, "put-object": putObject,
		},
	})
}

// sharedEnvironment returns the variables of every script: the Go caches of
// whoever runs the test, a home for Sparta's, and no AWS.
func sharedEnvironment(home string) ([]string, error) {
	names := []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GOSUMDB", "GONOSUMDB", "GOTOOLCHAIN"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	vars := []string{
		"HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, "cache"), "LocalAppData=" + filepath.Join(home, "cache"),
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
	}
	for i, value := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		vars = append(vars, names[i]+"="+value)
	}
	return vars, nil
}
