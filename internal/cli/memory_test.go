// SPDX-License-Identifier: MIT

package cli

import "testing"

func TestMemoryGoal(t *testing.T) {
	t.Parallel()
	const mb = 1 << 20
	m := memory{heap: 20 * mb, percent: 30}
	for _, test := range []struct {
		name       string
		live, want int // want in percent
	}{
		{"at the start", 0, 400},
		{"less than Go takes for the least", mb, 400},
		{"half of the heap", 10 * mb, 100},
		{"nearly all of it", 18 * mb, 30},
		{"more", 40 * mb, 30},
		{"too much", 41 * mb, 50},
	} {
		if got := m.goal(test.live); got != test.want {
			t.Errorf("%s: %d %%, want %d %%", test.name, got, test.want)
		}
	}
}

// TestMemoryOf: the collector first runs when the heap has the size, whatever
// the command.
func TestMemoryOf(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"validate", "up", ""} {
		m := memoryOf(command)
		if got := 4 << 20 * m.goal(0) / 100; got > m.heap {
			t.Errorf("%s: first at %d bytes, want at most %d", command, got, m.heap)
		}
	}
}
