// SPDX-License-Identifier: MIT

//go:build unix

package bench

import (
	"os"
	"runtime"
	"syscall"
)

// peakMB returns the largest resident size of a finished process, in MB.
func peakMB(state *os.ProcessState) float64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	unit := 1024.0 // Linux counts in KiB
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return float64(usage.Maxrss) * unit / 1e6
}
