// SPDX-License-Identifier: MIT

package main_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sparta-up/sparta"

// layers says which packages of the module each package may import: the table
// of ARCHITECTURE.md. A trailing /... stands for everything below. What is not
// in the table may import nothing of the module.
var layers = map[string][]string{
	".":                           {"internal/cli"},
	"spec":                        {"schema", "internal/cron", "internal/diag", "internal/iotsql", "internal/logpattern"},
	"pipeline/stage":              {"pipeline", "spec", "shim/node", "internal/archive", "internal/awsclient", "internal/cfn", "internal/diag", "internal/gobuild"},
	"pipeline/flow":               {"pipeline", "pipeline/stage", "spec"},
	"customresource/site":         {"customresource", "customresource/internal/client"},
	"customresource/notification": {"customresource", "customresource/internal/client"},
	"customresource/receipt":      {"customresource", "customresource/internal/client"},
	"customresource/distribution": {"customresource", "customresource/site"},
	"decorator":                   {"internal/cfn", "internal/diag"},
	"internal/cfn":                {"internal/diag"},
	"internal/gobuild":            {"internal/diag"},
	"internal/ui":                 {"internal/diag", "pipeline"},
	"internal/scaffold":           {"schema", "internal/gobuild"},
	"internal/cli":                {"pipeline/...", "schema", "spec", "internal/..."},
	"internal/localaws/...":       {"internal/cron", "internal/iotsql", "internal/logpattern", "internal/localaws/..."},
	"examples/hello":              {"shim"},
	"examples/rest":               {"shim"},
	"examples/site/infra":         {"decorator"},
	"internal/localaws/sandbox/internal/testlambda": {"shim"},
	"internal/localaws/sandbox":                     {"internal/localaws/...", "shim", "shim/node"},
}

// outside says which modules a package of the module may use, for those where
// it matters: what is compiled into users' functions and custom resources, and
// the engine. A client of a service takes seconds to compile.
var outside = map[string][]string{
	"pipeline": {},
	"schema":   {},
	"shim":     {"github.com/aws/aws-lambda-go", "github.com/rs/zerolog"},
	"decorator": {
		"golang.org/x/",
	},
	"customresource":                   {"github.com/aws/aws-lambda-go", "github.com/rs/zerolog"},
	"customresource/internal/client":   {"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/config", "github.com/aws/smithy-go"},
	"customresource/site":              {"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/service/s3", "github.com/rs/zerolog"},
	"customresource/notification":      {"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/service/s3", "github.com/rs/zerolog"},
	"customresource/receipt":           {"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/service/ses", "github.com/rs/zerolog"},
	"customresource/distribution":      {"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/service/cloudfront"},
	"internal/localaws/cloudformation": {"github.com/rs/zerolog", "gopkg.in/yaml.v3"},
}

func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := inModule(fields[0])
		for _, path := range fields[1:] {
			switch {
			case path == module || strings.HasPrefix(path, module+"/"):
				if !slices.ContainsFunc(allowed(pkg), func(pattern string) bool { return covers(pattern, inModule(path)) }) {
					t.Errorf("%s imports %s, which its layer may not", pkg, inModule(path))
				}
			case strings.Contains(path, "."): // not the standard library
				modules, limited := outside[pkg]
				if limited && !slices.ContainsFunc(modules, func(m string) bool { return strings.HasPrefix(path, m) }) {
					t.Errorf("%s imports %s, which it may not", pkg, path)
				}
			}
		}
	}
}

// allowed returns the row of a package, or of the nearest pattern above it.
func allowed(pkg string) []string {
	if row, ok := layers[pkg]; ok {
		return row
	}
	for pattern, row := range layers {
		if strings.HasSuffix(pattern, "/...") && covers(pattern, pkg) {
			return row
		}
	}
	return nil
}

func covers(pattern, pkg string) bool {
	prefix, below := strings.CutSuffix(pattern, "/...")
	return pkg == prefix || below && strings.HasPrefix(pkg, prefix+"/")
}

func inModule(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}
