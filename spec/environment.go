// SPDX-License-Identifier: MIT

package spec

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// maxEnvironment is how many bytes names and values of a function's variables
// may have. Source: "Lambda quotas",
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxEnvironment = 4096

// reservedVariables are the names that Lambda keeps for itself. Source: "Defined
// runtime environment variables",
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func reservedVariables() []string {
	return []string{
		"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
		"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
		"AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN",
		"AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "_HANDLER", "_X_AMZN_TRACE_ID",
	}
}

// environment decodes variables: a string as it is written, or an intrinsic.
func (d *decoder) environment(n *node) map[string]any {
	if !usable(n) || len(n.fields) == 0 {
		return nil
	}
	variables := make(map[string]any, len(n.fields))
	for _, f := range n.fields {
		if slices.Contains(reservedVariables(), f.key) {
			d.keyFault(f, diag.ReservedVariable, "Lambda sets this variable itself", "choose another name")
			continue
		}
		if usable(f) {
			d.plainSecret(f)
			variables[f.key] = d.scalarOrCall(f)
		}
	}
	return variables
}

// scalarOrCall is a scalar as it is written, or an intrinsic in its long form.
func (d *decoder) scalarOrCall(n *node) any {
	if n.kind == object {
		d.calls(n, false)
		return n.value()
	}
	return n.written
}

// checkSize refuses variables that are too long together. Intrinsics are not
// counted: only the stack knows their length.
func (d *decoder) checkSize(variables map[string]any, n *node) {
	if !usable(n) {
		return
	}
	size := 0
	for name, value := range variables {
		if literal, ok := value.(string); ok {
			size += len(name) + len(literal)
		}
	}
	hint := "keep large values in SSM Parameter Store or S3 and read them when the program starts"
	if size > maxEnvironment {
		n.faulty = true
	}
	d.gauge(n.keyAt, n.place(), diag.EnvironmentSize, size, maxEnvironment, "bytes of names and values together", hint)
}

// overlay is base with the entries of top added, which win.
func overlay[V any](base, top map[string]V) map[string]V {
	switch {
	case len(base)+len(top) == 0:
		return nil
	case len(base) == 0:
		return top
	}
	merged := make(map[string]V, len(base)+len(top))
	maps.Copy(merged, base)
	maps.Copy(merged, top)
	return merged
}

// tags decodes tags, each value as it is written.
func (d *decoder) tags(n *node) map[string]string {
	if !usable(n) || len(n.fields) == 0 {
		return nil
	}
	tags := make(map[string]string, len(n.fields))
	for _, f := range n.fields {
		if strings.HasPrefix(strings.ToLower(f.key), "aws:") {
			d.keyFault(f, diag.ReservedTag, "tags that begin with aws: are kept for AWS", "choose another name")
			continue
		}
		if usable(f) {
			tags[f.key] = f.written
		}
	}
	return tags
}
