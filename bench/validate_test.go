// SPDX-License-Identifier: MIT

package bench

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkValidate200 checks a service of 200 functions whose symbols lie in
// 20 packages. To reach: 60 ms for the whole process.
func BenchmarkValidate200(b *testing.B) {
	program, dir := mustSparta(b), module(b, functions(200, 20))
	var wall, cpu series
	var peak float64
	for b.Loop() {
		p := run(b, dir, nil, program, "validate")
		wall.add(p.wall)
		cpu.add(p.cpu)
		peak = max(peak, p.peakMB)
	}
	b.ReportMetric(wall.median(), "ms/validate")
	b.ReportMetric(cpu.median(), "ms-cpu")
	b.ReportMetric(peak, "MB-peak")
}

// functions returns a service of n functions in so many packages. One in eight
// has a role of its own: a stack takes 500 resources.
func functions(n, packages int) map[string]string {
	files := map[string]string{}
	var yaml strings.Builder
	yaml.WriteString("serviceName: Bench\nfunctions:\n")
	sources := make([]strings.Builder, packages)
	for i := range sources {
		fmt.Fprintf(&sources[i], "package p%d\n\nimport \"context\"\n\ntype Event struct{ Name string }\n", i)
	}
	for i := range n {
		p := i % packages
		fmt.Fprintf(&sources[p], "\nfunc F%d(ctx context.Context, e Event) (Event, error) { return e, nil }\n", i)
		fmt.Fprintf(&yaml, "  f%d:\n    handler: ./p%d.F%d\n    memory: 256\n    timeout: 10s\n    environment: {INDEX: %d}\n", i, p, i, i)
		if i%8 == 0 {
			fmt.Fprintf(&yaml, "    permissions:\n      - {allow: [dynamodb:GetItem], on: [!GetAtt Table.Arn]}\n")
		} else {
			yaml.WriteString("    role: bench\n")
		}
	}
	yaml.WriteString("resources:\n  Table:\n    Type: AWS::DynamoDB::Table\n    Properties: {BillingMode: PAY_PER_REQUEST}\n")
	for i := range sources {
		files[fmt.Sprintf("p%d/p.go", i)] = sources[i].String()
	}
	files["sparta.yaml"] = yaml.String()
	return files
}
