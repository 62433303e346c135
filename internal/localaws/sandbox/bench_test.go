// SPDX-License-Identifier: MIT

package sandbox_test

import (
	"slices"
	"testing"
	"time"
)

// benchmarkHosts are the hosts that the figures compare: the difference between
// the two is what the shim costs.
func benchmarkHosts(b *testing.B) []host {
	b.Helper()
	return []host{direct, shimmed(b)}
}

// BenchmarkEvent tells what one event takes in a warm environment, as p50 and
// p99 in microseconds from handing it to the runtime to its answer.
func BenchmarkEvent(b *testing.B) {
	for _, h := range benchmarkHosts(b) {
		b.Run(h.name, func(b *testing.B) {
			s := h.start(b, "echo")
			for range 200 {
				invoke(b, s, `{"message":"warm"}`)
			}
			var took []time.Duration
			for b.Loop() {
				took = append(took, invoke(b, s, `{"message":"hello","n":[1,2,3]}`).Duration)
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// BenchmarkColdStart tells what a new environment takes from Start to the first
// answer, as p50 in milliseconds.
func BenchmarkColdStart(b *testing.B) {
	for _, h := range benchmarkHosts(b) {
		b.Run(h.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				s := h.start(b, "echo")
				invoke(b, s, `1`)
				took = append(took, time.Since(began))
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		})
	}
}
