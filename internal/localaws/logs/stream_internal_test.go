// SPDX-License-Identifier: MIT

package logs

import "testing"

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`1 2 "m"`))
	f.Add([]byte(`x`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if r, ok := parseLine(line); !ok && r != (record{}) {
			t.Errorf("%q is refused but gave %+v", line, r)
		}
	})
}
