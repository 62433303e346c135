// SPDX-License-Identifier: MIT

package lambda

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

var (
	rolePattern     = lazy.MustCompile(`^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$`)
	variablePattern = regexp.MustCompile(`^[a-zA-Z]([a-zA-Z0-9_])+$`)
	runtimePattern  = regexp.MustCompile(`^(nodejs[0-9]+\.x|provided(\.al2|\.al2023)?)$`)
	handlerPattern  = lazy.MustCompile(`^[^\s]{1,128}$`)
	keyPattern      = regexp.MustCompile(`^(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)?$`)
	logGroupPattern = lazy.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
)

// reservedVariables are the names that Lambda sets itself ("Defined runtime
// environment variables", Lambda Developer Guide).
var reservedVariables = []string{
	"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
	"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
	"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN",
	"AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR",
	"LAMBDA_TASK_ROOT", "_HANDLER", "_X_AMZN_TRACE_ID",
}

// maxVariables is the size of all variables together, in bytes (Lambda quotas).
const maxVariables = 4096

func errHandler() error {
	return invalidValue("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
}

// check returns the first fault of the settings, in Lambda's words.
func (v *settings) check() error {
	checks := []func() error{v.checkRuntime, v.checkSizes, v.checkVariables, v.checkEnums}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (v *settings) checkRuntime() error {
	switch {
	case v.Runtime == "" || v.Handler == "":
		return errHandler()
	case v.Runtime == "go1.x":
		return invalidValue("The runtime parameter of go1.x is no longer supported for creating or updating AWS Lambda functions. " +
			"We recommend you use a supported runtime while creating or updating functions.")
	case !runtimePattern.MatchString(v.Runtime):
		return unmodelled("runtime " + v.Runtime + ": only nodejs*.x and provided.* run here")
	case !handlerPattern.MatchString(v.Handler):
		return invalidMember(v.Handler, "handler", `Member must satisfy regular expression pattern: [^\s]+`)
	}
	return nil
}

func (v *settings) checkSizes() error {
	for _, m := range []struct {
		name        string
		value       int
		least, most int
	}{
		{"memorySize", v.MemoryMB, 128, 10240},
		{"timeout", v.TimeoutSeconds, 1, 900},
		{"ephemeralStorage.size", v.TmpMB, 512, 10240},
	} {
		if m.value < m.least {
			return invalidMember(strconv.Itoa(m.value), m.name, "Member must have value greater than or equal to "+strconv.Itoa(m.least))
		}
		if m.value > m.most {
			return invalidMember(strconv.Itoa(m.value), m.name, "Member must have value less than or equal to "+strconv.Itoa(m.most))
		}
	}
	if len([]rune(v.Description)) > 256 {
		return invalidMember(v.Description, "description", "Member must have length less than or equal to 256")
	}
	return nil
}

func (v *settings) checkVariables() error {
	var reserved []string
	for _, name := range slices.Sorted(maps.Keys(v.Variables)) {
		if slices.Contains(reservedVariables, name) {
			reserved = append(reserved, name)
		} else if !variablePattern.MatchString(name) {
			return invalidMember("["+name+"]", "environment.variables", "Map keys must satisfy constraint: "+
				"[Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]")
		}
	}
	const prefix = "Lambda was unable to configure your environment variables because the environment variables you have provided "
	if len(reserved) > 0 {
		return invalidValue(prefix+"contains reserved keys that are currently not supported for modification. "+
			"Reserved keys used in this request: %s", strings.Join(reserved, ", "))
	}
	if len(v.Variables) == 0 {
		return nil
	}
	measured, err := json.Marshal(v.Variables)
	if err != nil {
		return err
	}
	if len(measured) > maxVariables {
		return invalidValue(prefix+"exceeded the 4KB limit: they are %d bytes as JSON", len(measured))
	}
	return nil
}

func (v *settings) checkEnums() error {
	levels := []string{"", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}
	for _, m := range []struct {
		name, value string
		set         []string
	}{
		{"architectures", v.Architecture, []string{"x86_64", "arm64"}},
		{"tracingConfig.mode", v.Tracing, []string{"Active", "PassThrough"}},
		{"loggingConfig.logFormat", v.Logging.Format, []string{"JSON", "Text"}},
		{"loggingConfig.applicationLogLevel", v.Logging.Application, levels},
		{"loggingConfig.systemLogLevel", v.Logging.System, []string{"", "DEBUG", "INFO", "WARN"}},
	} {
		if !slices.Contains(m.set, m.value) {
			return invalidMember(m.value, m.name, "Member must satisfy enum value set: "+joined(m.set))
		}
	}
	if v.Logging.Format == "Text" && v.Logging.Application+v.Logging.System != "" {
		return invalidValue("Log levels can only be set when the log format is JSON.")
	}
	if !logGroupPattern.MatchString(v.Logging.Group) {
		return invalidMember(v.Logging.Group, "loggingConfig.logGroup", `Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`)
	}
	return nil
}

func joined(list []string) string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	return "[" + strings.Join(list, ", ") + "]"
}
