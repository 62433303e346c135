// SPDX-License-Identifier: MIT

package schema_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/schema"
)

// TestCompletion asks the server what may stand at the mark |. Want are labels
// that it offers, each with the beginning of its text if the server gives one.
func TestCompletion(t *testing.T) {
	t.Parallel()
	const service = "serviceName: x\n"
	const function = service + "functions:\n  a:\n    handler: ./h.H\n"
	const custom = service + "customResources:\n  A:\n    handler: ./h.H\n"
	const resource = service + "resources:\n  A:\n    Type: AWS::S3::Bucket\n"
	tests := []struct {
		name   string
		text   string
		want   map[string]string
		absent []string
	}{
		{"top level", service + "|", map[string]string{
			"description": "What the service is for.", "defaults": "What every function has", "functions": "The Lambda functions by name.",
			"site": "A directory of files", "decorators": "Programs and patches", "customResources": "Resources of the stack that Go code",
			"resources": "Raw CloudFormation", "outputs": "Outputs of the stack",
		}, []string{"serviceName", "handler"}},
		{"empty file", "|", map[string]string{"serviceName": "Name of the service.", "functions": "The Lambda functions"}, nil},
		{"function names", service + "functions:\n  |", map[string]string{"hello": "The Lambda functions by name."}, []string{"[object Object]", "handler"}},
		{"first key of a function", service + "functions:\n  a:\n    |", map[string]string{"handler": "The Go code:", "memory": "Memory in MB."}, nil},
		{"function", function + "    |", map[string]string{
			"runtime": "Lambda runtime:", "architecture": "Processor", "memory": "Memory in MB.", "timeout": "How long one event",
			"environment": "Environment variables", "role": "A static execution role", "permissions": "What the role made for this",
			"logs": "How the function's log group", "tags": "Tags,", "description": "What the function does", "url": "Whether the function has",
		}, []string{"handler", "serviceName"}},
		{"defaults", service + "defaults:\n  |", map[string]string{"runtime": "Lambda runtime", "logs": "How the"}, []string{"handler", "role"}},
		{"runtime", function + "    runtime: |", map[string]string{"nodejs24.x": "", "provided.al2023": ""}, nil},
		{"architecture", function + "    architecture: |", map[string]string{"arm64": "Processor", "x86_64": "Processor", "amd64": "Processor"}, nil},
		{"default architecture", service + "defaults:\n  architecture: |", map[string]string{"arm64": "Processor"}, nil},
		{"logs", function + "    logs:\n      |", map[string]string{"retention": "Days after which"}, nil},
		{"retention", function + "    logs: {retention: |}", map[string]string{"14": "Days after", "3653": "Days after", "never": "Days after"}, []string{"2"}},
		{"url, short and long", function + "    url: |", map[string]string{"true": "", "false": "", "auth, cors": "Whether the function"}, []string{"[object Object]"}},
		{"url", function + "    url:\n      |", map[string]string{"auth": "Who may call it", "mode": "Whether a response", "cors": "Which web pages"}, nil},
		{"url auth", function + "    url: {auth: |}", map[string]string{"none": "Who may call", "iam": "Who may call"}, nil},
		{"url mode", function + "    url:\n      mode: |", map[string]string{"buffered": "Whether a", "stream": "Whether a"}, nil},
		{"cors", function + "    url:\n      cors:\n        |", map[string]string{
			"origins": "Origins of the pages", "methods": "HTTP methods", "headers": "Headers that", "exposeHeaders": "Headers of",
			"credentials": "Whether a page", "maxAge": "How long a browser",
		}, nil},
		{"cors methods", function + "    url:\n      cors:\n        methods: [|]", map[string]string{"GET": "One method.", "\"*\"": "One method."}, nil},
		{"role beside permissions", function + "    permissions: []\n    |", map[string]string{"memory": "Memory"}, []string{"permissions"}},
		{"permission", function + "    permissions:\n      - |", map[string]string{"allow": "IAM actions", "on": "ARNs of", "when": "IAM condition"}, nil},
		{"site", service + "site:\n  |", map[string]string{"dir": "The directory", "index": "The index document", "error": "The error", "cache": "Rules"}, nil},
		{"site cache", service + "site:\n  dir: .\n  cache:\n    - |", map[string]string{"glob": "Pattern on", "cacheControl": "The header's"}, nil},
		{"new decorator", service + "decorators:\n  - |", map[string]string{"name": "Name of", "handler": "A Go function", "exec": "A program", "patch": "What is merged", "timeout": "How long"}, nil},
		{"decorator", service + "decorators:\n  - name: a\n    |", map[string]string{"handler": "A Go function", "exec": "A program", "patch": "What is merged"}, []string{"name"}},
		{"custom resource", custom + "    |", map[string]string{"properties": "What the handler", "memory": "Memory of", "timeout": "How long one creation", "role": "A static"}, []string{"handler", "runtime"}},
		{"resource ids", service + "resources:\n  |", map[string]string{"Table": "Raw CloudFormation"}, nil},
		{"resource", resource + "    |", map[string]string{"Properties": "Properties of", "DependsOn": "Logical ids", "DeletionPolicy": "What happens", "Metadata": "Any data"}, []string{"Type"}},
		{"deletion policy", resource + "    DeletionPolicy: |", map[string]string{"Retain": "What happens", "Snapshot": "What happens"}, nil},
		{"replace policy", resource + "    UpdateReplacePolicy: |", map[string]string{"Delete": "What happens"}, []string{"RetainExceptOnCreate"}},
		{"output", service + "outputs:\n  A:\n    |", map[string]string{"value": "The value", "description": "What the output", "export": "Name under"}, nil},
		{"intrinsic", service + "outputs:\n  A: |", map[string]string{"!Ref": "", "!GetAtt": "", "!Sub": ""}, nil},
	}
	s, root := startYAMLServer(t, editorSettings(schema.Tags()))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, at := cursor(t, modeline+test.text)
			d, _ := s.open(t, filepath.Join(root, strings.ReplaceAll(test.name, " ", "-")+".yaml"), text)
			offered := map[string]string{}
			for _, p := range d.complete(t, at) {
				offered[p.Label] = p.text()
			}
			for label, text := range test.want {
				if got, ok := offered[label]; !ok || !strings.HasPrefix(got, text) {
					t.Errorf("%s: offered %t with %q, want %q", label, ok, got, text)
				}
			}
			for _, label := range test.absent {
				if _, ok := offered[label]; ok {
					t.Errorf("%s is offered", label)
				}
			}
		})
	}
}
