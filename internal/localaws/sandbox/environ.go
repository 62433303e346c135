// SPDX-License-Identifier: MIT

package sandbox

import (
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
)

// environ returns the environment of the function's process, sorted by name:
// what the caller gave, what the execution environment adds, and of this
// process's own environment only what a program cannot start without.
func environ(config Config, address string) []string {
	vars := map[string]string{"PATH": os.Getenv("PATH")}
	if runtime.GOOS == "windows" {
		vars["SystemRoot"] = os.Getenv("SystemRoot")
		vars["TEMP"], vars["TMP"] = config.Temp, config.Temp
	}
	for _, variable := range config.Environ {
		name, value, _ := strings.Cut(variable, "=")
		vars[name] = value
	}
	vars["AWS_LAMBDA_RUNTIME_API"] = address
	vars["_HANDLER"] = config.Handler
	vars["LAMBDA_TASK_ROOT"] = config.Dir
	vars["TMPDIR"] = config.Temp
	env := make([]string, 0, len(vars))
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		env = append(env, name+"="+vars[name])
	}
	return env
}
