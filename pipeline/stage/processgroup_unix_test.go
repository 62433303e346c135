// SPDX-License-Identifier: MIT

//go:build unix

package stage

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDecorateEndsChildren: what a program started does not outlive it, nor a
// timeout or an interrupt.
func TestDecorateEndsChildren(t *testing.T) {
	t.Parallel()
	for _, ending := range []string{"sleep 600", "cat"} { // killed, or well ended
		t.Run(ending, func(t *testing.T) {
			t.Parallel()
			d := decorating(t, map[string]string{"d.sh": "#!/bin/sh\nsleep 600 >/dev/null 2>&1 &\necho $! >child\n" + ending + "\n"}, "{name: d, exec: [./d.sh], timeout: 1s}")
			_, err := d.Run(t.Context())
			if (err != nil) != (ending != "cat") {
				t.Fatalf("got %v", err)
			}
			text, err := os.ReadFile(filepath.Join(d.Project.Get().Service.Dir, "child"))
			must(t, err)
			pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
			must(t, err)
			deadline := time.Now().Add(10 * time.Second)
			for alive(pid) {
				if time.Now().After(deadline) {
					t.Fatalf("process %d is still there", pid)
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
}

// alive reports whether a process runs: not one that is only waited for.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(status), ") Z ")
}
