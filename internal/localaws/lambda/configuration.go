// SPDX-License-Identifier: MIT

package lambda

// configuration is a function's configuration as the API shows it
// (FunctionConfiguration, API reference).
type configuration struct {
	FunctionName         string
	FunctionArn          string
	Runtime              string
	Role                 string
	Handler              string
	CodeSize             int64
	Description          string
	Timeout              int
	MemorySize           int
	LastModified         string
	CodeSha256           string
	Version              string
	Environment          *environmentOutput `json:",omitempty"`
	KMSKeyArn            string             `json:",omitempty"`
	TracingConfig        struct{ Mode string }
	RevisionID           string `json:"RevisionId"`
	State                string
	StateReason          string `json:",omitempty"`
	LastUpdateStatus     string `json:",omitempty"`
	PackageType          string
	Architectures        []string
	EphemeralStorage     struct{ Size int }
	SnapStart            struct{ ApplyOn, OptimizationStatus string }
	RuntimeVersionConfig struct{ RuntimeVersionArn string }
	LoggingConfig        loggingOutput
	DeadLetterConfig     *deadLetterOutput `json:",omitempty"`
	Layers               []usedLayerOutput `json:",omitempty"`
}

type usedLayerOutput struct {
	Arn      string
	CodeSize int64
}

type deadLetterOutput struct{ TargetArn string }

type environmentOutput struct{ Variables map[string]string }

type loggingOutput struct {
	LogFormat           string
	ApplicationLogLevel string `json:",omitempty"`
	SystemLogLevel      string `json:",omitempty"`
	LogGroup            string
}

// configuration shows the settings v of f. The ARN is qualified as the caller
// qualified the function.
func (f *function) configuration(v *settings, qualifier string) configuration {
	c := configuration{
		FunctionName: f.Name, FunctionArn: f.arn(qualifier), Runtime: v.Runtime, Role: v.Role, Handler: v.Handler,
		CodeSize: v.CodeSize, Description: v.Description, Timeout: v.TimeoutSeconds, MemorySize: v.MemoryMB,
		LastModified: v.Modified, CodeSha256: v.CodeSHA256, Version: v.Version, KMSKeyArn: v.KMSKeyARN,
		RevisionID: v.RevisionID, State: "Active", LastUpdateStatus: "Successful", PackageType: "Zip",
		Architectures: []string{v.Architecture},
		LoggingConfig: loggingOutput{v.Logging.Format, v.Logging.Application, v.Logging.System, v.Logging.Group},
	}
	if v.Variables != nil {
		c.Environment = &environmentOutput{v.Variables}
	}
	if v.DeadLetter != "" {
		c.DeadLetterConfig = &deadLetterOutput{v.DeadLetter}
	}
	for _, l := range v.Layers {
		c.Layers = append(c.Layers, usedLayerOutput{l.ARN, l.CodeSize})
	}
	c.TracingConfig.Mode = v.Tracing
	c.EphemeralStorage.Size = v.TmpMB
	c.SnapStart.ApplyOn, c.SnapStart.OptimizationStatus = "None", "Off"
	c.RuntimeVersionConfig.RuntimeVersionArn = runtimeVersion(f.Scope, v.Runtime)
	return c
}
