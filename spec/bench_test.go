// SPDX-License-Identifier: MIT

package spec_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/spec"
)

// large is a service of many functions, each with what functions have, a role of
// its own for one in eight: a stack takes 500 resources.
func large(functions int) []byte {
	var b strings.Builder
	b.WriteString("serviceName: large\ndefaults: {memory: 256, environment: {LEVEL: info}}\nfunctions:\n")
	for i := range functions {
		fmt.Fprintf(&b, `  function-%d:
    handler: ./handlers.Hello%d
    timeout: 10s
    environment:
      TABLE: !Ref Table
      ARN: !Sub "${Table.Arn}/index/*"
`, i, i)
		if i%8 != 0 {
			b.WriteString("    role: orders\n")
			continue
		}
		b.WriteString("    permissions:\n      - {allow: [dynamodb:GetItem, dynamodb:PutItem], on: [!GetAtt Table.Arn]}\n    url: {auth: iam}\n")
	}
	b.WriteString("resources:\n  Table: {Type: AWS::DynamoDB::Table}\n")
	return []byte(b.String())
}

func BenchmarkParse200Functions(b *testing.B) {
	data := large(200)
	if _, problems := spec.Parse("sparta.yaml", data, spec.Options{}); len(problems.Errors()) > 0 {
		b.Fatal(render(problems))
	}
	b.ReportAllocs()
	for b.Loop() {
		spec.Parse("sparta.yaml", data, spec.Options{})
	}
}

// BenchmarkParseLongest reads a file as long as one may be. To reach: 2 s.
func BenchmarkParseLongest(b *testing.B) {
	var text strings.Builder
	text.WriteString("serviceName: longest\nresources:\n  Table:\n    Type: AWS::DynamoDB::Table\n    Metadata:\n")
	words := strings.Repeat("some text ", 12)
	for i := 0; text.Len() < 1<<20-256; i++ {
		fmt.Fprintf(&text, "      Property%d: {Value: %q, Other: %d}\n", i, words, i)
	}
	data := []byte(text.String())
	if _, problems := spec.Parse("sparta.yaml", data, spec.Options{}); len(problems) > 0 {
		b.Fatal(render(problems))
	}
	b.ReportAllocs()
	for b.Loop() {
		spec.Parse("sparta.yaml", data, spec.Options{})
	}
}

// BenchmarkReadTooLong refuses a file of 10 MB. To reach: 2 s.
func BenchmarkReadTooLong(b *testing.B) {
	path := filepath.Join(b.TempDir(), "sparta.yaml")
	if err := os.WriteFile(path, []byte(strings.Repeat("# comment\n", 1<<20)), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, problems := spec.Read(path, spec.Options{}); len(problems) != 1 {
			b.Fatal(render(problems))
		}
	}
}

// BenchmarkParseEnvironments reads 200 functions that four environments change.
func BenchmarkParseEnvironments(b *testing.B) {
	data := append(large(200), "environments: {dev: {defaults: {memory: 128}}, test: {}, prod: {defaults: {memory: 512}}, demo: {}}\n"...)
	if _, problems := spec.Parse("sparta.yaml", data, spec.Options{}); len(problems.Errors()) > 0 {
		b.Fatal(render(problems))
	}
	for b.Loop() {
		spec.Parse("sparta.yaml", data, spec.Options{})
	}
}

func BenchmarkParse200Faults(b *testing.B) {
	data := []byte(strings.ReplaceAll(string(large(200)), "timeout: 10s", "timeot: 10s"))
	if _, problems := spec.Parse("sparta.yaml", data, spec.Options{}); len(problems.Errors()) != 200 {
		b.Fatalf("%d problems, want 200", len(problems))
	}
	for b.Loop() {
		spec.Parse("sparta.yaml", data, spec.Options{})
	}
}
