// SPDX-License-Identifier: MIT

package sandbox_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

// nodeFunction is a function of plain NodeJS files.
func nodeFunction(t *testing.T, handler string, files map[string]string, environ ...string) sandbox.Config {
	t.Helper()
	config := shimmed(t).config(t, "f", environ...)
	config.Handler, config.Dir = handler, t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(config.Dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[name]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return config
}

// How the managed runtime finds a handler: exact file first, then .js, .mjs and
// .cjs; nested exports; a default export.
func TestNodeFindsHandler(t *testing.T) {
	t.Parallel()
	answer := func(what string) string { return "export const h = async () => '" + what + "'\n" }
	tests := []struct {
		name, handler, want string
		files               map[string]string
	}{
		{"mjs", "index.h", `"mjs"`, map[string]string{"index.mjs": answer("mjs"), "index.cjs": "exports.h = async () => 'cjs'"}},
		{"js before mjs", "index.h", `"js"`, map[string]string{"index.js": "exports.h = async () => 'js'", "index.mjs": answer("mjs")}},
		{"module js", "index.h", `"esm"`, map[string]string{"index.js": answer("esm"), "package.json": `{"type":"module"}`}},
		{"cjs", "index.h", `"cjs"`, map[string]string{"index.cjs": "exports.h = async () => 'cjs'"}},
		{"file without extension", "index.h", `"bare"`, map[string]string{"index": "exports.h = async () => 'bare'", "index.mjs": answer("mjs")}},
		{"directory", "src/lib/index.h", `"deep"`, map[string]string{"src/lib/index.mjs": answer("deep")}},
		{"nested", "index.a.b", `"nested"`, map[string]string{"index.mjs": "export const a = { b: async () => 'nested' }"}},
		{"default", "index.h", `"default"`, map[string]string{"index.mjs": "export default { h: async () => 'default' }"}},
		{"top-level await", "index.h", `1`, map[string]string{"index.mjs": "const one = await Promise.resolve(1)\nexport const h = () => one"}},
		{"no result", "index.h", `null`, map[string]string{"index.mjs": "export const h = async () => {}"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := invoke(t, start(t, nodeFunction(t, tt.handler, tt.files)), `{}`)
			if string(out.Payload) != tt.want || out.FunctionError != "" {
				t.Errorf("payload = %s (%s), want %s", out.Payload, out.FunctionError, tt.want)
			}
		})
	}
}

// Handlers that the managed runtime refuses in the init phase, and failures of
// handlers that it takes.
func TestNodeFailures(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, handler, module, environ, errorType, message string }{
		{"callback", "index.h", "export const h = (event, context, callback) => callback(null, 1)", "X1=", "Runtime.CallbackHandlerDeprecated", "removed support for callback-based"},
		{"callback on Node 22", "index.h", "export const h = (event, context, callback) => callback(null, 1)", "AWS_EXECUTION_ENV=AWS_Lambda_nodejs22.x", "Runtime.CallbackHandlerUnsupported", "use an async handler"},
		{"not exported", "index.nosuch", "export const h = 1", "X1=", "Runtime.HandlerNotFound", "index.nosuch is undefined or not exported"},
		{"no function", "index.h", "export const h = 1", "X1=", "Runtime.HandlerNotFound", "index.h is not a function"},
		{"no module", "other.h", "", "X1=", "Runtime.ImportModuleError", "Cannot find module 'other'"},
		{"no dot", "index", "", "X1=", "Runtime.MalformedHandlerName", "Bad handler"},
		{"two dots", "../index.h", "", "X1=", "Runtime.MalformedHandlerName", "'../index.h' is not a valid handler name"},
		{"syntax", "index.h", "export const h = (", "X1=", "Runtime.UserCodeSyntaxError", "SyntaxError"},
		{"throws at load", "index.h", "throw new TypeError('at load')", "X1=", "TypeError", "at load"},
		{"throws", "index.h", "export const h = async () => { throw new RangeError('too far') }", "X1=", "RangeError", "too far"},
		{"throws no error", "index.h", "export const h = async () => { throw 'text' }", "X1=", "string", "text"},
		{"cyclic result", "index.h", "export const h = async () => { const a = {}; a.a = a; return a }", "X1=", "Runtime.JSONStringifyError", "Unable to stringify response body"},
		{"exit", "index.h", "export const h = async () => process.exit(7)", "X1=", "Runtime.ExitError", "Runtime exited with error: exit status 7"},
		{"uncaught", "index.h", "export const h = () => new Promise(() => setTimeout(() => { throw new Error('late') }))", "X1=", "Runtime.ExitError", "Runtime exited with error: exit status 1"},
		{"unhandled rejection", "index.h", "export const h = () => new Promise(() => { Promise.reject(new Error('nobody')) })", "X1=", "Runtime.ExitError", "Runtime exited with error: exit status 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := invoke(t, start(t, nodeFunction(t, tt.handler, map[string]string{"index.mjs": tt.module}, tt.environ)), `{}`)
			f := failureOf(t, out)
			if f.ErrorType != tt.errorType || !strings.Contains(f.ErrorMessage, tt.message) {
				t.Errorf("failure = %s: %s, want %s: ...%s...", f.ErrorType, f.ErrorMessage, tt.errorType, tt.message)
			}
		})
	}
}

// The context of the runtime's version 4 and nothing of the older ones.
func TestNodeContext(t *testing.T) {
	t.Parallel()
	module := `export const h = async (event, context) => ({
		keys: Object.keys(context).sort(), left: context.getRemainingTimeInMillis(), id: context.awsRequestId,
		trace: process.env._X_AMZN_TRACE_ID, custom: context.clientContext.custom, cwd: process.cwd() === process.env.LAMBDA_TASK_ROOT,
		tmp: process.env.TMPDIR, secret: process.env.SANDBOX_TEST_SECRET ?? null })`
	config := nodeFunction(t, "index.h", map[string]string{"index.mjs": module})
	inv := event(`{}`)
	inv.TraceID, inv.ClientContext = "Root=1", `{"custom":{"k":"ü"}}`
	out := call(t, start(t, config), inv)
	var got map[string]any
	if err := json.Unmarshal(out.Payload, &got); err != nil {
		t.Fatalf("payload %s: %v", out.Payload, err)
	}
	if left, _ := got["left"].(float64); left < 1000 || left > 20_000 {
		t.Errorf("remaining time = %v ms", left)
	}
	delete(got, "left")
	want := map[string]any{
		"keys": []any{"awsRequestId", "clientContext", "functionName", "functionVersion", "getRemainingTimeInMillis", "identity",
			"invokedFunctionArn", "logGroupName", "logStreamName", "memoryLimitInMB", "tenantId", "xRayTraceId"},
		"id": requestID, "trace": "Root=1", "custom": map[string]any{"k": "ü"}, "cwd": true, "tmp": config.Temp, "secret": nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("context differs (-want +got):\n%s", diff)
	}
}

func TestNodeStreaming(t *testing.T) {
	t.Parallel()
	module := `
export const http = awslambda.streamifyResponse(async (event, stream, context) => {
  stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { a: 'b' } })
  stream.write('one ')
  stream.end('two')
})
export const late = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('begun')
  throw new RangeError('too late')
})`
	config := nodeFunction(t, "index.http", map[string]string{"index.mjs": module})
	out := invoke(t, start(t, config), `{}`)
	want := `{"statusCode":201,"headers":{"a":"b"}}` + strings.Repeat("\x00", 8) + "one two"
	if string(out.Payload) != want || !out.Streaming || out.ContentType != "application/vnd.awslambda.http-integration-response" {
		t.Errorf("outcome = %q, streaming %v, %s", out.Payload, out.Streaming, out.ContentType)
	}
	config.Handler = "index.late"
	s := start(t, config)
	for range 2 {
		if f := failureOf(t, invoke(t, s, `{}`)); f.ErrorType != "RangeError" || f.ErrorMessage != "too late" {
			t.Errorf("failure = %+v", f)
		}
	}
}

// The console writes Lambda's two log formats.
func TestNodeConsole(t *testing.T) {
	t.Parallel()
	module := `export const h = async () => { console.log('a %d\nb', 1); console.debug('hidden'); console.error(new Error('bad')) }`
	var text log
	config := nodeFunction(t, "index.h", map[string]string{"index.mjs": module}, "AWS_LAMBDA_LOG_LEVEL=INFO")
	config.Output = text.add
	invoke(t, start(t, config), `{}`)
	lines := text.all()
	if len(lines) != 2 || !strings.HasSuffix(lines[0], "\t"+requestID+"\tINFO\ta 1\rb") || !strings.Contains(lines[1], "\tERROR\tError: bad") {
		t.Errorf("text lines = %q", lines)
	}
	var structured log
	config.Environ = append(config.Environ, "AWS_LAMBDA_LOG_FORMAT=JSON")
	config.Output = structured.add
	invoke(t, start(t, config), `{}`)
	lines = structured.all()
	var first, second map[string]any
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &first) != nil || json.Unmarshal([]byte(lines[1]), &second) != nil {
		t.Fatalf("JSON lines = %q", lines)
	}
	if first["level"] != "INFO" || first["message"] != "a 1\nb" || first["requestId"] != requestID {
		t.Errorf("first = %v", first)
	}
	if second["errorType"] != "Error" || second["errorMessage"] != "bad" {
		t.Errorf("second = %v", second)
	}
}
