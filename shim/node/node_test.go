// SPDX-License-Identifier: MIT

package node_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/shim/node"
)

func TestModule(t *testing.T) {
	t.Parallel()
	module := node.Module([]string{"b-c", "a", "handler", "a", "_x1"})
	_, exports, found := bytes.Cut(module, []byte("\nexport { "))
	want := `handler as "_x1" }
export { handler as "a" }
export { handler as "b-c" }
`
	if !found || string(exports) != want {
		t.Errorf("exports = %s, want %s", exports, want)
	}
	if again := node.Module([]string{"_x1", "handler", "a", "b-c"}); !bytes.Equal(module, again) {
		t.Error("the order of the names changes the module")
	}
	if !bytes.Contains(module, []byte("export async function handler(event, context)")) {
		t.Error("no handler with two arguments: Node 24 refuses others")
	}
}

// The module is one that node can parse.
func TestModuleSyntax(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not on PATH")
	}
	check := exec.CommandContext(t.Context(), program, "--check", "--input-type=module", "-")
	check.Stdin = strings.NewReader(string(node.Module([]string{"a-b"})))
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
