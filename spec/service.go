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
	located   []located
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

	DeadLetter   *Source       `key:"deadLetter"`   // queue or topic for asynchronous events that failed; may be nil
	Destinations *Destinations `key:"destinations"` // nil for none
	Retries      int           `key:"retries"`      // of an asynchronous event that failed, 0 to 2
	MaxEventAge  time.Duration `key:"maxEventAge"`  // whole seconds that an asynchronous event waits at most

	Layers                 []Source    `key:"layers"` // versions of layers, at most 5
	VPC                    *VPC        `key:"vpc"`    // nil: outside of any
	FileSystem             *FileSystem `key:"fileSystem"`
	EphemeralStorageMB     int         `key:"ephemeralStorage"`       // of /tmp; 512 to 10240
	Tracing                bool        `key:"tracing"`                // X-Ray traces each event
	ReservedConcurrency    *int        `key:"reservedConcurrency"`    // nil: what the account has left
	ProvisionedConcurrency int         `key:"provisionedConcurrency"` // environments started ahead; 0: none
	RecursiveLoop          string      `key:"recursiveLoop"`          // Allow or Terminate
	KMSKey                 Source      `key:"kmsKey"`                 // encrypts the environment variables
	Alias                  string      `key:"alias"`                  // that callers use; "": they use the function itself
	Rollout                *Rollout    `key:"rollout"`                // nil: the alias moves at once
}

// VPC is the network that a function is in.
type VPC struct {
	SubnetIDs        any  `key:"subnetIds"`        // a list of strings and intrinsics, or an intrinsic that gives one
	SecurityGroupIDs any  `key:"securityGroupIds"` // likewise
	IPv6             bool `key:"ipv6"`             // outgoing IPv6 in dual-stack subnets
}

// FileSystem is an EFS file system that a function has mounted.
type FileSystem struct {
	AccessPoint Source `key:"accessPoint"`
	Path        string `key:"path"`     // /mnt/<name>
	ReadOnly    bool   `key:"readOnly"` // the role may not write
}

// Rollout says how an alias moves to a new version, by CodeDeploy.
type Rollout struct {
	Type   string `key:"type"`   // of the deployment configuration, such as Canary10Percent5Minutes
	Alarms []any  `key:"alarms"` // names of CloudWatch alarms that take the version back: strings or intrinsics
	Before string `key:"before"` // function of the service that is called before the first event; "": none
	After  string `key:"after"`  // function of the service that is called after the last step; "": none
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
	RetentionDays int    `key:"retention"`   // one of the values CloudWatch Logs takes; 0: for ever
	Format        string `key:"format"`      // Text or JSON
	Level         string `key:"level"`       // least level of the program's own JSON lines, such as INFO; "": Lambda's default
	SystemLevel   string `key:"systemLevel"` // the same for Lambda's lines
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
	Dir     string      `key:"dir"`     // absolute
	Hosting string      `key:"hosting"` // website or cloudfront
	Index   string      `key:"index"`   // index document, relative to Dir
	Error   string      `key:"error"`   // error document, relative to Dir; may be empty
	Cache   []CacheRule `key:"cache"`
}

// CacheRule gives the files that match a glob their Cache-Control header. The
// first rule that matches counts.
type CacheRule struct {
	Glob         string `key:"glob"` // path.Match pattern on the slash-separated path or on its last element
	CacheControl string `key:"cacheControl"`
}

// Decorator edits the template before it is uploaded. Exactly one of Handler,
// Exec, Patch and Use is set.
type Decorator struct {
	Name    string         `key:"name"`
	Handler string         `key:"handler"` // Go symbol
	Exec    []string       `key:"exec"`    // program and arguments; template on stdin and stdout
	Patch   map[string]any `key:"patch"`   // merged into the template
	Use     string         `key:"use"`     // alarms
	With    *Alarms        `key:"with"`    // of Use
	Timeout time.Duration  `key:"timeout"` // how long Handler or Exec may take
}

// Alarms are the CloudWatch alarms that the built-in decorator adds.
type Alarms struct {
	Functions       []string      `key:"functions"` // those that get alarms, sorted; nil: all
	Topic           Source        `key:"topic"`     // told of each alarm; without ARN: nobody
	Errors          int           `key:"errors"`    // in a period; 0: no alarm
	Throttles       int           `key:"throttles"` // in a period; 0: no alarm
	DurationPercent int           `key:"duration"`  // of the timeout, at the 99th percentile; 0: no alarm
	Period          time.Duration `key:"period"`    // whole minutes
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
