// SPDX-License-Identifier: MIT

package sandbox

import (
	"maps"
	"os"
	"path/filepath"
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
	if config.Opt != "" {
		layered(config, vars)
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

// layered has the search paths lead to the layers, as those of Lambda lead to
// /opt ("Layer paths for each Lambda runtime", Lambda Developer Guide). What the
// caller gives replaces them.
func layered(config Config, vars map[string]string) {
	below := func(path string) string { return filepath.Join(config.Opt, filepath.FromSlash(path)) }
	joined := func(paths ...string) string { return strings.Join(paths, string(os.PathListSeparator)) }
	vars["PATH"] = joined(vars["PATH"], below("bin"))
	vars["LD_LIBRARY_PATH"] = joined(config.Dir, filepath.Join(config.Dir, "lib"), below("lib"))
	if version, ok := strings.CutPrefix(config.Runtime, "nodejs"); ok {
		major := strings.TrimSuffix(version, ".x")
		vars["NODE_PATH"] = joined(below("nodejs/node"+major+"/node_modules"), below("nodejs/node_modules"))
	}
}

// inside translates a path below /opt or /var/task into the directory that
// stands for it.
func inside(config Config, path string) string {
	for prefix, dir := range map[string]string{"/opt/": config.Opt, "/var/task/": config.Dir} {
		if rest, ok := strings.CutPrefix(path, prefix); ok && dir != "" {
			return filepath.Join(dir, filepath.FromSlash(rest))
		}
	}
	return path
}
