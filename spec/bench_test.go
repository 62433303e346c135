// SPDX-License-Identifier: MIT

package spec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/spec"
)

// large is a service of many functions, each with what functions have.
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
    permissions:
      - {allow: [dynamodb:GetItem, dynamodb:PutItem], on: [!GetAtt Table.Arn]}
    url: {auth: iam}
`, i, i)
	}
	b.WriteString("resources:\n  Table: {Type: AWS::DynamoDB::Table}\n")
	return []byte(b.String())
}

func BenchmarkParse200Functions(b *testing.B) {
	data := large(200)
	if _, problems := spec.Parse("sparta.yaml", data); len(problems) > 0 {
		b.Fatal(render(problems))
	}
	b.ReportAllocs()
	for b.Loop() {
		spec.Parse("sparta.yaml", data)
	}
}

func BenchmarkParse200Faults(b *testing.B) {
	data := []byte(strings.ReplaceAll(string(large(200)), "timeout: 10s", "timeot: 10s"))
	if _, problems := spec.Parse("sparta.yaml", data); len(problems) != 200 {
		b.Fatalf("%d problems, want 200", len(problems))
	}
	for b.Loop() {
		spec.Parse("sparta.yaml", data)
	}
}
