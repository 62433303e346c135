// SPDX-License-Identifier: MIT

// Package spec reads sparta.yaml into a typed, validated Service and keeps the
// position of every value in the file.
package spec

import "time"

// Service is a sparta.yaml that has been checked: names are well formed, values
// are in range, defaults are filled in and short forms are written out.
//
// Values of type any are JSON values as encoding/json makes them (nil, bool,
// json.Number, string, []any, map[string]any), in which CloudFormation's
// intrinsic functions stand in their long form: !Ref X is {"Ref": "X"}.
type Service struct {
	File string // path of sparta.yaml as the user gave it
	Dir  string // absolute directory of the file; relative paths in it start there

	Name            string // CloudFormation stack name
	Description     string // may be empty
	Functions       []Function
	Site            *Site // nil without a site
	Decorators      []Decorator
	CustomResources []CustomResource
	Resources       map[string]any // raw CloudFormation resources by logical id
	Outputs         map[string]any // raw CloudFormation outputs by name

	positions *document
}

// Function is one Lambda function.
type Function struct {
	Name         string         // key in sparta.yaml; [A-Za-z][A-Za-z0-9_-]*
	Handler      string         // <directory or import path>.<Go symbol>
	Description  string         // at most 256 characters
	Runtime      string         // such as nodejs24.x (the shim) or provided.al2023
	Architecture string         // arm64 or x86_64
	MemoryMB     int            // 128 to 10240
	Timeout      time.Duration  // whole seconds, 1 s to 900 s
	Environment  map[string]any // string or intrinsic by variable name
	Role         any            // static role: name or ARN, or an intrinsic; nil: a role of its own
	Permissions  []Permission   // of the function's own role
	Logs         Logs
	Tags         map[string]string
	URL          *FunctionURL // nil without a function URL
}

// Shim reports whether the NodeJS shim hosts the function.
func (f Function) Shim() bool { return len(f.Runtime) > 6 && f.Runtime[:6] == "nodejs" }

// Permission is one statement of a least-privilege role.
type Permission struct {
	Allow []string       // IAM actions
	On    []any          // resource ARNs: strings or intrinsics
	When  map[string]any // IAM condition block; may be nil
}

// Logs says how a function's log group is kept.
type Logs struct {
	RetentionDays int // one of the values CloudWatch Logs takes; 0: for ever
}

// FunctionURL is a function's own HTTPS address.
type FunctionURL struct {
	Auth   string // NONE or AWS_IAM
	Stream bool   // response streaming
	CORS   *CORS  // nil without CORS
}

// CORS says which web pages may call a function URL.
type CORS struct {
	AllowOrigins     []string
	AllowMethods     []string
	AllowHeaders     []string
	ExposeHeaders    []string
	AllowCredentials bool
	MaxAge           time.Duration // whole seconds, at most 24 h
}

// Site is a directory of files served from S3.
type Site struct {
	Dir   string // absolute
	Index string // index document, relative to Dir
	Error string // error document, relative to Dir; may be empty
	Cache []CacheRule
}

// CacheRule gives the files that match a glob their Cache-Control header. The
// first rule that matches counts.
type CacheRule struct {
	Glob         string // path.Match pattern on the slash-separated path or on its last element
	CacheControl string
}

// Decorator edits the template before it is uploaded. Exactly one of Handler,
// Exec and Patch is set.
type Decorator struct {
	Name    string
	Handler string         // Go symbol
	Exec    []string       // program and arguments; template on stdin and stdout
	Patch   map[string]any // merged into the template
	Timeout time.Duration  // how long Handler or Exec may take
}

// CustomResource is a resource whose handler is Go code of the user.
type CustomResource struct {
	Name        string // logical id
	Handler     string // Go symbol
	Properties  map[string]any
	Environment map[string]any
	Role        any // as Function.Role
	Permissions []Permission
	MemoryMB    int
	Timeout     time.Duration
}
