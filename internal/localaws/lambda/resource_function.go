// SPDX-License-Identifier: MIT

package lambda

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns the CloudFormation types of Lambda that are modelled.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::Lambda::Function":           functionType{s},
		"AWS::Lambda::Permission":         permissionType{s},
		"AWS::Lambda::Url":                urlType{s},
		"AWS::Lambda::Version":            versionType{s},
		"AWS::Lambda::Alias":              aliasType{s},
		"AWS::Lambda::EventInvokeConfig":  eventConfigType{s},
		"AWS::Lambda::EventSourceMapping": mappingType{s},
		"AWS::Lambda::LayerVersion":       layerType{s},
	}
}

// functionType is AWS::Lambda::Function.
type functionType struct{ service *Service }

// functionProperties are those that are modelled, besides Tags.
type functionProperties struct {
	configInput
	FunctionName                 string
	Code                         struct{ S3Bucket, S3Key, S3ObjectVersion, ZipFile string }
	ReservedConcurrentExecutions *int
	RecursiveLoop                string
}

// loop returns RecursiveLoop or its default.
func (p functionProperties) loop() string { return cmp.Or(p.RecursiveLoop, terminateLoop) }

var functionPattern = regexp.MustCompile(`^[a-zA-Z0-9-_]+$`)

func (t functionType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"Architectures": shape.List(shape.Enum("x86_64", "arm64")),
		"Code": shape.Object(shape.Fields{
			"S3Bucket": text, "S3Key": text, "S3ObjectVersion": text, "ZipFile": text,
			"S3ObjectStorageMode": only("COPY"),
			"ImageUri":            shape.Unmodelled, "SourceKMSKeyArn": shape.Unmodelled,
		}),
		"Description":                  text,
		"Environment":                  shape.Object(shape.Fields{"Variables": variables}),
		"EphemeralStorage":             shape.Object(shape.Fields{"Size": shape.Integer(512, 10240)}, "Size"),
		"FunctionName":                 shape.Pattern(functionPattern, 64),
		"Handler":                      text,
		"KmsKeyArn":                    text,
		"LoggingConfig":                shape.Object(shape.Fields{"LogFormat": shape.Enum("Text", "JSON"), "ApplicationLogLevel": text, "SystemLogLevel": text, "LogGroup": text}),
		"MemorySize":                   shape.Integer(128, 10240),
		"PackageType":                  only("Zip"),
		"RecursiveLoop":                shape.Enum(allowLoop, terminateLoop),
		"ReservedConcurrentExecutions": shape.Integer(0, 1<<31-1),
		"Role":                         text,
		"Runtime":                      text,
		"RuntimeManagementConfig":      shape.Object(shape.Fields{"UpdateRuntimeOn": shape.Enum("Auto", "FunctionUpdate"), "RuntimeVersionArn": shape.Unmodelled}),
		"SnapStart":                    shape.Object(shape.Fields{"ApplyOn": shape.Enum("None", "PublishedVersions")}),
		"Tags":                         shape.Tags,
		"Timeout":                      shape.Integer(1, 900),
		"TracingConfig":                shape.Object(shape.Fields{"Mode": shape.Enum("Active", "PassThrough")}),
		"CapacityProviderConfig":       shape.Unmodelled,
		"CodeSigningConfigArn":         shape.Unmodelled,
		"DeadLetterConfig":             shape.Object(shape.Fields{"TargetArn": text}),
		"DurableConfig":                shape.Unmodelled,
		"FileSystemConfigs":            refused(noFileSystem),
		"FunctionScalingConfig":        shape.Unmodelled,
		"ImageConfig":                  shape.Unmodelled,
		"Layers":                       shape.List(text),
		"PublishToLatestPublished":     shape.Unmodelled,
		"TenancyConfig":                shape.Unmodelled,
		"VpcConfig":                    refused(noVPC),
	}, "Code", "Role"), properties)
}

// Why networks and file systems are refused, and what to do about it.
const (
	noVPC        = "VPCs: functions run on this machine, in its network; in sparta.yaml give vpc only to environments that run on AWS, as in environments.prod"
	noFileSystem = "file systems of EFS and S3 Files: there is nothing to mount; in sparta.yaml give fileSystem only to environments that run on AWS, as in environments.prod"
)

// refused refuses a property and says why.
func refused(why string) shape.Rule {
	return func(path string, _ any) []string { return []string{path + ": the embedded AWS does not model " + why} }
}

// only accepts the one value whose effect is modelled.
func only(modelled string) shape.Rule {
	return func(path string, value any) []string {
		if text, ok := value.(string); ok && text != modelled {
			return []string{path + ": the embedded AWS models only " + modelled + " here, not " + text}
		}
		return shape.String(path, value)
	}
}

// variables accepts an object of texts.
func variables(path string, value any) []string {
	object, ok := value.(map[string]any)
	if !ok {
		return []string{path + ": expected type: JSONObject"}
	}
	var faults []string
	for name, v := range object {
		if !shape.IsIntrinsic(v) {
			faults = append(faults, shape.String(path+"/"+name, v)...)
		}
	}
	return faults
}

func (t functionType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "FunctionName", "PackageType", "TenancyConfig")
}

// read returns the properties with where the code is.
func (t functionType) read(r resource.Request) (functionProperties, codeInput, error) {
	var p functionProperties
	if err := resource.Decode(r.Properties, &p); err != nil {
		return p, codeInput{}, invalidValue("%v", err)
	}
	in := codeInput{S3Bucket: p.Code.S3Bucket, S3Key: p.Code.S3Key, S3ObjectVersion: p.Code.S3ObjectVersion}
	if p.Code.ZipFile == "" {
		return p, in, nil
	}
	if p.Runtime == nil || !strings.HasPrefix(*p.Runtime, "nodejs") {
		return p, in, invalidValue("ZipFile can only be used when Runtime is set to either of nodejs, python.")
	}
	var err error
	in.ZipFile, err = inline(p.Code.ZipFile)
	return p, in, err
}

// maxInline is the greatest length of Code.ZipFile, in bytes
// (AWS::Lambda::Function Code, CloudFormation template reference).
const maxInline = 4 << 20

// inline makes a zip of source code given in the template: the file index.js.
func inline(source string) ([]byte, error) {
	if len(source) > maxInline {
		return nil, invalidValue("ZipFile must be at most %d bytes long", maxInline)
	}
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	header := &zip.FileHeader{Name: "index.js", Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o644)
	f, err := archive.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write([]byte(source)); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (t functionType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	p, code, err := t.read(r)
	if err != nil {
		return resource.Instance{}, err
	}
	if p.FunctionName == "" {
		p.FunctionName = r.DefaultName(64)
	}
	f, _, err := t.service.create(ctx, r.Scope, createInput{
		configInput: p.configInput, FunctionName: p.FunctionName, Code: code, Tags: shape.TagMap(r.Tags, r.Properties),
	})
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "ResourceConflictException" {
		return resource.Instance{}, wire.Errorf(400, "AlreadyExists", "%s already exists in stack or account: %s", p.FunctionName, e.Message)
	}
	if err != nil {
		return resource.Instance{}, retryable(err)
	}
	instance := resource.Instance{PhysicalID: f.Name, Attributes: map[string]any{"Arn": f.arn("")}}
	if p.ReservedConcurrentExecutions != nil {
		if err := t.service.reserve(t.call(r, f.Name), p.ReservedConcurrentExecutions); err != nil {
			return instance, err
		}
	}
	return instance, t.service.setRecursion(t.call(r, f.Name), p.loop())
}

// retryable marks an error that passes by itself: a role that is too new.
func retryable(err error) error {
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Message == cannotAssume {
		return notReady{err}
	}
	return err
}

// notReady is an error that is also resource.ErrRetry.
type notReady struct{ error }

func (e notReady) Unwrap() []error { return []error{e.error, resource.ErrRetry} }

func (t functionType) call(r resource.Request, name string) call {
	return call{scope: r.Scope, function: reference{name: name}}
}

func (t functionType) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	p, in, err := t.read(r)
	if err != nil {
		return old, err
	}
	c := t.call(r, old.PhysicalID)
	if err := t.service.known(c); err != nil {
		return old, err
	}
	if p.Role == nil {
		return old, invalidMember("", "role", "Member must not be null")
	}
	if err := t.service.checkRole(r.Scope, *p.Role); err != nil {
		return old, retryable(err)
	}
	if err := t.service.checkDeadLetter(r.Scope, old.PhysicalID, p.configInput); err != nil {
		return old, err
	}
	if err := t.service.useLayers(r.Scope, &p.configInput); err != nil {
		return old, err
	}
	got, err := t.service.fetchChanged(ctx, old.PhysicalID, r, in)
	if err != nil {
		return old, err
	}
	_, err = t.service.update(c, "", false, false, func(v settings) (settings, error) {
		next, err := p.apply(newSettings(old.PhysicalID), old.PhysicalID)
		next.CodeSHA256, next.CodeSize = got.sha256, got.size
		if err == nil && next.equal(v) {
			return v, nil
		}
		return next, err
	})
	if err != nil {
		return old, err
	}
	if err := t.service.reserve(c, p.ReservedConcurrentExecutions); err != nil {
		return old, err
	}
	if err := t.service.setRecursion(c, p.loop()); err != nil {
		return old, err
	}
	return old, t.service.retag(c, shape.TagMap(r.Tags, r.Properties))
}

// fetchChanged returns the code of an update: what the function has, unless the
// template names other code than before. Nothing is fetched for other changes,
// as on AWS.
func (s *Service) fetchChanged(ctx context.Context, name string, r resource.Request, in codeInput) (code, error) {
	if r.OldProperties == nil || resource.Changed(r.OldProperties, r.Properties, "Code") {
		return s.fetch(ctx, r.Scope, in)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(r.Scope, reference{name: name})
	if err != nil {
		return code{}, err
	}
	return code{f.Latest.CodeSHA256, f.Latest.CodeSize}, nil
}

func (t functionType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gone(t.service.remove(r.Scope, reference{name: old.PhysicalID}))
}

// gone drops the error of what does not exist.
func gone(err error) error {
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "ResourceNotFoundException" {
		return nil
	}
	return err
}
