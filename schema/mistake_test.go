// SPDX-License-Identifier: MIT

package schema_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/schema"
)

// TestMistakes wants each mistake underlined where it is, once.
func TestMistakes(t *testing.T) {
	t.Parallel()
	const service = "serviceName: x\n"
	const function = service + "functions:\n  a:\n    handler: ./h.H\n"
	tests := []struct{ name, text, want string }{
		{"unknown key", service + "function: {}\n", `function: Property function is not allowed.`},
		{"unknown key of a function", function + "    memorySize: 512\n", `memorySize: Property memorySize is not allowed.`},
		{"no service name", "description: x\n", `d: Missing property "serviceName".`},
		{"no handler", service + "functions:\n  a:\n    memory: 256\n", `a: Missing property "handler".`},
		{"no type", service + "resources:\n  A:\n    Properties: {}\n", `A: Missing property "Type".`},
		{"service name", "serviceName: my_service\n", `my_service: must be a stack name: a letter, then letters, digits and hyphens`},
		{"function name", service + "functions:\n  a!:\n    handler: ./h.H\n", `a!: must be a letter, then letters, digits, _ and -`},
		{"wrong type", service + "functions: [a]\n", `[a]: Incorrect type. Expected "object".`},
		{"wrong type of text", service + "description: [a]\n", `[a]: Incorrect type. Expected "string".`},
		{"handler", service + "functions:\n  a:\n    handler: handlers\n", `handlers: must be <directory or import path>.<Go symbol>, such as ./handlers.Hello`},
		{"architecture", function + "    architecture: arm\n", `arm: Value is not accepted. Valid values: "arm64", "x86_64", "amd64".`},
		{"memory too small", function + "    memory: 64\n", `64: Value is below the minimum of 128.`},
		{"memory", function + "    memory: lots\n", `lots: must be a number of MB, such as 512 or 512MB`},
		{"timeout", function + "    timeout: 1000\n", `1000: Value is above the maximum of 900.`},
		{"retention", function + "    logs: {retention: 2}\n", `2: Value is not accepted. Valid values: 1, 3, 5, 7, 14,`},
		{"role and permissions", function + "    role: r\n    permissions: []\n", `permissions: cannot stand beside role`},
		{"custom resource with both", service + "customResources:\n  A:\n    handler: ./h.H\n    permissions: []\n    role: r\n", `permissions: cannot stand beside role`},
		{"action", function + "    permissions: [{allow: GetObject, on: '*'}]\n", `GetObject: must be an IAM action such as s3:GetObject`},
		{"arn", function + "    permissions: [{allow: 's3:Get*', on: s3:books/*}]\n", `s3:books/*: must be an ARN, * or an intrinsic function such as !GetAtt Table.Arn`},
		{"decorator of no kind", service + "decorators:\n  - name: a\n", `n: one of handler, exec, patch is missing`},
		{"decorator of two kinds", service + "decorators: [{name: a, handler: ./d.D, patch: {}}]\n", `patch: cannot stand beside handler`},
		{"cors method", function + "    url: {cors: {methods: [GETS]}}\n", `GETS: Value is not accepted. Valid values: "GET",`},
		{"url", function + "    url: yes please\n", `yes please: Incorrect type. Expected one of boolean, object.`},
		{"unknown function", function + "    environment: {AB: {Fn::Jion: x}}\n", `Fn::Jion: Value is not accepted. Valid values: "Ref",`},
		{"unknown intrinsic", service + "outputs: {A: {Reff: B}}\n", `Reff: Property Reff is not allowed.` + "\n" + `A: Missing property "value".`},
		{"unknown tag", service + "outputs:\n  A: !Reff B\n", `!Reff B: Unresolved tag: !Reff`},
		{"variable", function + "    environment: {1X: a}\n", `1X: must be a letter, then one or more letters, digits and _`},
	}
	s, root := startYAMLServer(t, editorSettings(schema.Tags()))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, found := s.open(t, filepath.Join(root, strings.ReplaceAll(test.name, " ", "-")+".yaml"), modeline+test.text)
			var got []string
			for _, f := range found {
				got = append(got, d.covered(f.Range)+": "+f.Message)
			}
			want := strings.Split(test.want, "\n")
			slices.Sort(got)
			slices.Sort(want)
			if len(got) != len(want) || !slices.EqualFunc(got, want, strings.HasPrefix) {
				t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
			}
		})
	}
}
