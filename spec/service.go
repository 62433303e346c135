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
//
// The tag key of a field is its key in sparta.yaml.
type Service struct {
	File string // path of sparta.yaml as the user gave it
	Dir  string // absolute directory of the file; relative paths in it start there

	Environment     string           // the one that the file was read for, such as dev
	Environments    []string         // those that there are, sorted; dev always is
	Accounts        []string         `key:"accounts"`    // that the environment may go to, twelve digits each; nil: any
	Name            string           `key:"serviceName"` // CloudFormation stack name
	Description     string           `key:"description"` // may be empty
	Functions       []Function       `key:"functions"`
	API             *API             `key:"api"`  // nil if no function has a route
	Site            *Site            `key:"site"` // nil without a site
	Decorators      []Decorator      `key:"decorators"`
	CustomResources []CustomResource `key:"customResources"`
	Resources       map[string]any   `key:"resources"` // raw CloudFormation resources by logical id
	Outputs         map[string]any   `key:"outputs"`   // raw CloudFormation outputs by name

	positions *document
}

// Function is one Lambda function.
type Function struct {
	Name         string            // key in sparta.yaml; [A-Za-z][A-Za-z0-9_-]*
	Handler      string            `key:"handler"`      // <directory or import path>.<Go symbol>
	Description  string            `key:"description"`  // at most 256 characters
	Runtime      string            `key:"runtime"`      // such as nodejs24.x (the shim) or provided.al2023
	Architecture string            `key:"architecture"` // arm64 or x86_64
	MemoryMB     int               `key:"memory"`       // 128 to 10240
	Timeout      time.Duration     `key:"timeout"`      // whole seconds, 1 s to 900 s
	Environment  map[string]any    `key:"environment"`  // string or intrinsic by variable name
	Role         any               `key:"role"`         // static role: name or ARN, or an intrinsic; nil: a role of its own
	Permissions  []Permission      `key:"permissions"`  // of the function's own role
	Logs         Logs              `key:"logs"`
	Tags         map[string]string `key:"tags"`
	URL          *FunctionURL      `key:"url"`    // nil without a function URL
	Events       []Event           `key:"events"` // what calls the function, in the order of the file
}

// Shim reports whether the NodeJS shim hosts the function.
func (f Function) Shim() bool { return len(f.Runtime) > 6 && f.Runtime[:6] == "nodejs" }

// Permission is one statement of a least-privilege role.
type Permission struct {
	Allow []string       `key:"allow"` // IAM actions
	On    []any          `key:"on"`    // resource ARNs: strings or intrinsics
	When  map[string]any `key:"when"`  // IAM condition block; may be nil
}

// Logs says how a function's log group is kept.
type Logs struct {
	RetentionDays int `key:"retention"` // one of the values CloudWatch Logs takes; 0: for ever
}

// FunctionURL is a function's own HTTPS address.
type FunctionURL struct {
	Auth   string `key:"auth"` // NONE or AWS_IAM
	Stream bool   `key:"mode"` // response streaming
	CORS   *CORS  `key:"cors"` // nil without CORS
}

// CORS says which web pages may call a function URL or an API.
type CORS struct {
	AllowOrigins     []string      `key:"origins"`
	AllowMethods     []string      `key:"methods"`
	AllowHeaders     []string      `key:"headers"`
	ExposeHeaders    []string      `key:"exposeHeaders"`
	AllowCredentials bool          `key:"credentials"`
	MaxAge           time.Duration `key:"maxAge"` // whole seconds, at most 24 h
}

// Site is a directory of files served from S3.
type Site struct {
	Dir   string      `key:"dir"`   // absolute
	Index string      `key:"index"` // index document, relative to Dir
	Error string      `key:"error"` // error document, relative to Dir; may be empty
	Cache []CacheRule `key:"cache"`
}

// CacheRule gives the files that match a glob their Cache-Control header. The
// first rule that matches counts.
type CacheRule struct {
	Glob         string `key:"glob"` // path.Match pattern on the slash-separated path or on its last element
	CacheControl string `key:"cacheControl"`
}

// Decorator edits the template before it is uploaded. Exactly one of Handler,
// Exec and Patch is set.
type Decorator struct {
	Name    string         `key:"name"`
	Handler string         `key:"handler"` // Go symbol
	Exec    []string       `key:"exec"`    // program and arguments; template on stdin and stdout
	Patch   map[string]any `key:"patch"`   // merged into the template
	Timeout time.Duration  `key:"timeout"` // how long Handler or Exec may take
}

// CustomResource is a resource whose handler is Go code of the user.
type CustomResource struct {
	Name        string         // logical id
	Handler     string         `key:"handler"` // Go symbol
	Properties  map[string]any `key:"properties"`
	Environment map[string]any `key:"environment"`
	Role        any            `key:"role"` // as Function.Role
	Permissions []Permission   `key:"permissions"`
	MemoryMB    int            `key:"memory"`
	Timeout     time.Duration  `key:"timeout"`
}
