// SPDX-License-Identifier: MIT

package lambda

import (
	"maps"
	"net/http"
	"reflect"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// configInput is what a caller says of a function's configuration. What is nil
// was not said. It serves CreateFunction, UpdateFunctionConfiguration and
// AWS::Lambda::Function alike.
type configInput struct {
	Description, Handler, Role, Runtime *string
	MemorySize, Timeout                 *int
	KMSKeyArn                           *string
	Architectures                       []string
	Environment                         *struct{ Variables map[string]string }
	TracingConfig                       *struct{ Mode string }
	EphemeralStorage                    *struct{ Size int }
	LoggingConfig                       *struct{ LogFormat, ApplicationLogLevel, SystemLogLevel, LogGroup string }
	SnapStart                           *struct{ ApplyOn string }
	DeadLetterConfig                    *struct{ TargetArn string }
	Layers                              []string // nil: not said
	VpcConfig                           *struct {
		SubnetIds, SecurityGroupIds []string
		Ipv6AllowedForDualStack     bool
	}

	FileSystemConfigs []struct{ Arn, LocalMountPath string }

	used []layerUse // the Layers, once useLayers has found them
}

// newSettings returns the defaults of CreateFunction.
func newSettings(name string) settings {
	return settings{
		Version: "$LATEST", MemoryMB: 128, TimeoutSeconds: 3, TmpMB: 512, Architecture: "x86_64", Tracing: "PassThrough",
		Logging: logging{Format: "Text", Group: "/aws/lambda/" + name},
	}
}

// apply returns v with what the caller said, checked.
func (in configInput) apply(v settings, name string) (settings, error) {
	if in.Runtime != nil && in.Handler == nil && v.Handler == "" || in.Handler != nil && *in.Handler == "" {
		return v, errHandler()
	}
	set(&v.Description, in.Description)
	set(&v.Handler, in.Handler)
	set(&v.Role, in.Role)
	set(&v.Runtime, in.Runtime)
	set(&v.MemoryMB, in.MemorySize)
	set(&v.TimeoutSeconds, in.Timeout)
	set(&v.KMSKeyARN, in.KMSKeyArn)
	if len(in.Architectures) > 0 {
		if len(in.Architectures) != 1 {
			return v, invalidMember(joined(in.Architectures), "architectures", "Member must have length less than or equal to 1")
		}
		v.Architecture = in.Architectures[0]
	}
	if in.Environment != nil {
		v.Variables = maps.Clone(in.Environment.Variables)
	}
	if in.TracingConfig != nil && in.TracingConfig.Mode != "" {
		v.Tracing = in.TracingConfig.Mode
	}
	if in.EphemeralStorage != nil {
		v.TmpMB = in.EphemeralStorage.Size
	}
	if in.LoggingConfig != nil {
		v.Logging = in.logging(name)
	}
	if in.DeadLetterConfig != nil {
		v.DeadLetter = in.DeadLetterConfig.TargetArn
	}
	if in.used != nil {
		v.Layers = append([]layerUse(nil), in.used...) // nil if there are none
	}
	if in.SnapStart != nil && in.SnapStart.ApplyOn == "PublishedVersions" {
		return v, invalidValue("%s is not supported for SnapStart enabled functions.", v.Runtime)
	}
	if in.VpcConfig != nil && len(in.VpcConfig.SubnetIds)+len(in.VpcConfig.SecurityGroupIds) > 0 {
		return v, unmodelled(noVPC)
	}
	if len(in.FileSystemConfigs) > 0 {
		return v, unmodelled(noFileSystem)
	}
	if !keyPattern.MatchString(v.KMSKeyARN) {
		return v, invalidMember(v.KMSKeyARN, "kMSKeyArn", `Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()`)
	}
	return v, v.check()
}

func (in configInput) logging(name string) logging {
	l := logging{in.LoggingConfig.LogFormat, in.LoggingConfig.ApplicationLogLevel, in.LoggingConfig.SystemLogLevel, in.LoggingConfig.LogGroup}
	if l.Format == "" {
		l.Format = "Text"
	}
	if l.Group == "" {
		l.Group = "/aws/lambda/" + name
	}
	if l.Format == "JSON" {
		if l.Application == "" {
			l.Application = "INFO"
		}
		if l.System == "" {
			l.System = "INFO"
		}
	}
	return l
}

// equal reports whether two settings say the same of code and configuration.
func (v settings) equal(other settings) bool {
	v.Version, v.RevisionID, v.Modified = other.Version, other.RevisionID, other.Modified
	return reflect.DeepEqual(v, other)
}

func set[T any](v *T, given *T) {
	if given != nil {
		*v = *given
	}
}

// stamp gives settings a revision of their own.
func (s *Service) stamp(v *settings) {
	v.RevisionID = wire.RequestID()
	v.Modified = s.env.Now().UTC().Format("2006-01-02T15:04:05.000-0700")
}

// checkRole returns the error of a role that Lambda could not assume.
func (s *Service) checkRole(scope arn.Scope, role string) error {
	if !rolePattern.MatchString(role) {
		return invalidMember(role, "role",
			`Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`)
	}
	if a, _ := arn.Parse(role); a.Account != scope.Account {
		return wire.Errorf(http.StatusForbidden, "AccessDeniedException", "Cross-account pass role is not allowed.")
	}
	if err := s.deps.Assumable(scope, role, servicePrincipal); err != nil {
		return errRole()
	}
	return nil
}

func errRole() error { return invalidValue("%s", cannotAssume) }

const cannotAssume = "The role defined for the function cannot be assumed by Lambda."

// timeout returns the function's timeout.
func (v *settings) timeout() time.Duration { return time.Duration(v.TimeoutSeconds) * time.Second }
