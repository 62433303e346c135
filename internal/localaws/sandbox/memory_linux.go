// SPDX-License-Identifier: MIT

package sandbox

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// residentPeakMB returns the peak resident memory of a process and its children
// in MB (1024 x 1024 bytes), as proc(5) tells it; 0 if it does not.
func residentPeakMB(pid int) int {
	total := residentPeakKB(pid)
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err == nil {
		for field := range strings.FieldsSeq(string(children)) {
			if child, err := strconv.Atoi(field); err == nil {
				total += residentPeakKB(child)
			}
		}
	}
	return total / 1024
}

// residentPeakKB returns VmHWM of one process.
func residentPeakKB(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, found := strings.Cut(string(status), "VmHWM:")
	if !found {
		return 0
	}
	line, _, _ := strings.Cut(after, "kB")
	kb, _ := strconv.Atoi(strings.TrimSpace(line))
	return kb
}
