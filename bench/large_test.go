// SPDX-License-Identifier: MIT

package bench

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkValidateLargest checks files as long as one may be. Most are refused
// after they were read, as the stack or the template would be too large. To
// reach: 60 MB at the peak, 2 s.
func BenchmarkValidateLargest(b *testing.B) {
	const head = "serviceName: Bench\n"
	const metadata = head + "resources:\n  Table:\n    Type: AWS::DynamoDB::Table\n    Metadata:\n"
	for _, file := range []struct{ name, head, entry string }{
		{"resources", head + "resources:\n",
			`  Topic%d: {Type: "AWS::SNS::Topic", Properties: {DisplayName: "topic %[1]d", FifoTopic: false, Tags: [{Key: a, Value: b}]}}` + "\n"},
		{"functions", head + "functions:\n",
			"  f%d: {handler: ./p.F%[1]d, memory: 256, timeout: 10s, environment: {INDEX: %[1]d}, role: bench}\n"},
		{"functions-block", head + "functions:\n", "  f%d:\n    handler: ./p.F%[1]d\n    memory: 256\n    role: bench\n"},
		{"metadata", metadata, "      Property%d: {Value: \"some text\", Other: %[1]d}\n"},
		{"anchors", metadata, "      A%d: &a%[1]d {k: v, l: [1, 2]}\n      B%[1]d: *a%[1]d\n"},
		{"merge-keys", metadata + "      Base: &base {a: 1, b: 2, c: 3}\n", "      Property%d: {<<: *base, text: \"some longer text\"}\n"},
		{"scalars-in-a-line", head + "resources: {R: {Type: A::B, Metadata: {x: [", "1,"},
		{"scalars", metadata + "      List:\n", "      - 1\n"},
		{"aliases", "x: &x [1, 2, 3]\nresources:\n", "  R%d: *x\n"},
		{"unknown-keys", head, "key%d: some text of some length, so that there are fewer\n"},
		{"references", metadata, "      Property%d: !Sub \"${Nobody%[1]d} some text of some length, so that there are fewer\"\n"},
		{"nested", metadata, "      Property%d:\n" + nested(40)},
		{"nested-flow", metadata, "      Property%d: " + strings.Repeat("{a: ", 88) + "1" + strings.Repeat("}", 88) + "\n"},
	} {
		b.Run(file.name, func(b *testing.B) {
			program, dir := mustSparta(b), module(b, map[string]string{"sparta.yaml": long(file.head, file.entry)})
			var wall, cpu, peak series
			for b.Loop() {
				p, err := attempt(b, dir, nil, program, "validate")
				if err != nil && !strings.Contains(p.err, "sparta.yaml:") {
					b.Fatalf("%v\n%s", err, p.err)
				}
				wall.add(p.wall)
				cpu.add(p.cpu)
				peak = append(peak, p.peakMB)
			}
			b.ReportMetric(wall.median(), "ms/validate")
			b.ReportMetric(cpu.median(), "ms-cpu")
			b.ReportMetric(peak.median(), "MB-peak")
		})
	}
}

// long repeats an entry until a sparta.yaml is nearly as long as one may be.
func long(head, entry string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := 0; b.Len()+len(entry) < 1<<20-64; i++ {
		fmt.Fprintf(&b, entry, i)
	}
	return b.String()
}

// nested is a block of maps in maps.
func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "%*sa%d:\n", 8+2*i, "", i)
	}
	fmt.Fprintf(&b, "%*sa: 1\n", 8+2*depth, "")
	return b.String()
}
