// SPDX-License-Identifier: MIT

package lambda_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestFunctionRoundTrip(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) {
		in.Description = aws.String("says hello")
		in.Architectures = []types.Architecture{types.ArchitectureArm64}
		in.TracingConfig = &types.TracingConfig{Mode: types.TracingModeActive}
		in.EphemeralStorage = &types.EphemeralStorage{Size: aws.Int32(1024)}
		in.LoggingConfig = &types.LoggingConfig{LogFormat: types.LogFormatJson, LogGroup: aws.String("/sparta/hello")}
		in.Environment = &types.Environment{Variables: map[string]string{"AA": "b"}}
		in.Tags = map[string]string{"team": "tea"}
		in.KMSKeyArn = aws.String("arn:aws:kms:us-east-1:000000000000:key/k")
	})
	got, err := w.client.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: aws.String("hello")})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(programZip())
	want := &types.FunctionConfiguration{
		FunctionName: aws.String("hello"), FunctionArn: aws.String("arn:aws:lambda:us-east-1:000000000000:function:hello"),
		Description: aws.String("says hello"), Runtime: types.RuntimeProvidedal2023, Handler: aws.String("hello"), Role: aws.String(goodRole),
		CodeSize: int64(len(programZip())), CodeSha256: aws.String(base64.StdEncoding.EncodeToString(sum[:])),
		MemorySize: aws.Int32(128), Timeout: aws.Int32(20), Version: aws.String("$LATEST"), PackageType: types.PackageTypeZip,
		Architectures: []types.Architecture{types.ArchitectureArm64}, TracingConfig: &types.TracingConfigResponse{Mode: types.TracingModeActive},
		EphemeralStorage: &types.EphemeralStorage{Size: aws.Int32(1024)}, State: types.StateActive, LastUpdateStatus: types.LastUpdateStatusSuccessful,
		LoggingConfig: &types.LoggingConfig{LogFormat: types.LogFormatJson, LogGroup: aws.String("/sparta/hello"),
			ApplicationLogLevel: types.ApplicationLogLevelInfo, SystemLogLevel: types.SystemLogLevelInfo},
		Environment: &types.EnvironmentResponse{Variables: map[string]string{"AA": "b"}},
		SnapStart:   &types.SnapStartResponse{ApplyOn: types.SnapStartApplyOnNone, OptimizationStatus: types.SnapStartOptimizationStatusOff},
		KMSKeyArn:   aws.String("arn:aws:kms:us-east-1:000000000000:key/k"),
	}
	ignored := cmp.Options{
		cmpopts.IgnoreFields(types.FunctionConfiguration{}, "LastModified", "RevisionId", "RuntimeVersionConfig"), cmpopts.IgnoreUnexported(
			types.FunctionConfiguration{}, types.TracingConfigResponse{}, types.EphemeralStorage{}, types.LoggingConfig{},
			types.EnvironmentResponse{}, types.SnapStartResponse{}),
		cmpopts.IgnoreTypes(middleware.Metadata{}),
	}
	if diff := cmp.Diff(want, got.Configuration, ignored); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"team": "tea"}, got.Tags); diff != "" {
		t.Error(diff)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000-0700", aws.ToString(got.Configuration.LastModified)); err != nil {
		t.Error(err)
	}

	resp, err := http.Get(aws.ToString(got.Code.Location))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	zip, err := io.ReadAll(resp.Body)
	if err != nil || string(zip) != string(programZip()) {
		t.Errorf("Code.Location gave %d bytes, want the zip of %d; %v", len(zip), len(programZip()), err)
	}

	list, err := w.client.ListFunctions(t.Context(), &sdk.ListFunctionsInput{})
	if err != nil || len(list.Functions) != 1 {
		t.Errorf("ListFunctions: %d, %v", len(list.Functions), err)
	}
	if _, err := w.client.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{FunctionName: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.client.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: aws.String("hello")})
	wantError(t, err, "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:hello")
	_, err = w.client.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{FunctionName: aws.String("hello")})
	wantError(t, err, "ResourceNotFoundException", "Function not found")
}

func TestCreateFunctionRefuses(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "taken", nil)
	many := map[string]string{"BIG": strings.Repeat("x", 4096)}
	for _, test := range []struct {
		name       string
		edit       func(*sdk.CreateFunctionInput)
		code, text string
	}{
		{"name", func(in *sdk.CreateFunctionInput) { in.FunctionName = aws.String("a b") }, "ValidationException", "at 'functionName'"},
		{"long name", func(in *sdk.CreateFunctionInput) { in.FunctionName = aws.String(strings.Repeat("a", 65)) }, "ValidationException", "less than or equal to 64"},
		{"taken", func(in *sdk.CreateFunctionInput) { in.FunctionName = aws.String("taken") }, "ResourceConflictException", "Function already exist: taken"},
		{"memory", func(in *sdk.CreateFunctionInput) { in.MemorySize = aws.Int32(64) }, "ValidationException",
			"Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128"},
		{"much memory", func(in *sdk.CreateFunctionInput) { in.MemorySize = aws.Int32(10241) }, "ValidationException", "less than or equal to 10240"},
		{"timeout", func(in *sdk.CreateFunctionInput) { in.Timeout = aws.Int32(901) }, "ValidationException", "at 'timeout'"},
		{"handler", func(in *sdk.CreateFunctionInput) { in.Handler = nil }, "InvalidParameterValueException", "Runtime and Handler are mandatory"},
		{"runtime", func(in *sdk.CreateFunctionInput) { in.Runtime = "" }, "InvalidParameterValueException", "Runtime and Handler are mandatory"},
		{"python", func(in *sdk.CreateFunctionInput) { in.Runtime = types.RuntimePython312 }, "InvalidParameterValueException", "does not model runtime python3.12"},
		{"go1.x", func(in *sdk.CreateFunctionInput) { in.Runtime = types.RuntimeGo1x }, "InvalidParameterValueException", "go1.x is no longer supported"},
		{"role", func(in *sdk.CreateFunctionInput) { in.Role = aws.String("good") }, "ValidationException", "at 'role'"},
		{"untrusted role", func(in *sdk.CreateFunctionInput) { in.Role = aws.String(badRole) }, "InvalidParameterValueException",
			"The role defined for the function cannot be assumed by Lambda."},
		{"foreign role", func(in *sdk.CreateFunctionInput) { in.Role = aws.String("arn:aws:iam::999999999999:role/good") }, "AccessDeniedException", "Cross-account"},
		{"variables", func(in *sdk.CreateFunctionInput) { in.Environment = &types.Environment{Variables: many} }, "InvalidParameterValueException", "4KB limit"},
		{"variable name", func(in *sdk.CreateFunctionInput) {
			in.Environment = &types.Environment{Variables: map[string]string{"a-b": ""}}
		}, "ValidationException", "environment.variables"},
		{"reserved", func(in *sdk.CreateFunctionInput) {
			in.Environment = &types.Environment{Variables: map[string]string{"AWS_REGION": "x", "_HANDLER": "y"}}
		}, "InvalidParameterValueException", "Reserved keys used in this request: AWS_REGION, _HANDLER"},
		{"no code", func(in *sdk.CreateFunctionInput) { in.Code = &types.FunctionCode{} }, "InvalidParameterValueException", "provide a source"},
		{"no object", func(in *sdk.CreateFunctionInput) {
			in.Code = &types.FunctionCode{S3Bucket: aws.String("b"), S3Key: aws.String("k")}
		}, "InvalidParameterValueException", "S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."},
		{"no zip", func(in *sdk.CreateFunctionInput) { in.Code = &types.FunctionCode{ZipFile: []byte("PK")} }, "InvalidParameterValueException",
			"Could not unzip uploaded file. Please check your file, then try to upload again."},
		{"empty zip", func(in *sdk.CreateFunctionInput) { in.Code = &types.FunctionCode{ZipFile: zipOf(t)} }, "InvalidParameterValueException", "non-empty zip"},
		{"image", func(in *sdk.CreateFunctionInput) {
			in.PackageType, in.Code = types.PackageTypeImage, &types.FunctionCode{ImageUri: aws.String("i")}
		}, "InvalidParameterValueException", `does not model parameter "ImageUri" of CreateFunction`},
		{"dead letters", func(in *sdk.CreateFunctionInput) {
			in.DeadLetterConfig = &types.DeadLetterConfig{TargetArn: aws.String("arn:aws:sqs:us-east-1:000000000000:q")}
		}, "InvalidParameterValueException", "does not model the destination"},
		{"VPC", func(in *sdk.CreateFunctionInput) { in.VpcConfig = &types.VpcConfig{SubnetIds: []string{"subnet-1"}} }, "InvalidParameterValueException", "does not model VPCs: functions run on this machine"},
		{"file system", func(in *sdk.CreateFunctionInput) {
			in.FileSystemConfigs = []types.FileSystemConfig{{Arn: aws.String("arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-1"), LocalMountPath: aws.String("/mnt/x")}}
		}, "InvalidParameterValueException", "give fileSystem only to environments that run on AWS"},
		{"key", func(in *sdk.CreateFunctionInput) { in.KMSKeyArn = aws.String("mine") }, "ValidationException", "kMSKeyArn"},
		{"SnapStart", func(in *sdk.CreateFunctionInput) {
			in.SnapStart = &types.SnapStart{ApplyOn: types.SnapStartApplyOnPublishedVersions}
		}, "InvalidParameterValueException", "SnapStart"},
		{"level of text logs", func(in *sdk.CreateFunctionInput) {
			in.LoggingConfig = &types.LoggingConfig{ApplicationLogLevel: types.ApplicationLogLevelDebug}
		}, "InvalidParameterValueException", "log format is JSON"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := &sdk.CreateFunctionInput{
				FunctionName: aws.String("hello"), Role: aws.String(goodRole), Runtime: types.RuntimeProvidedal2023, Handler: aws.String("hello"),
				Code: w.program(),
			}
			test.edit(in)
			_, err := w.client.CreateFunction(t.Context(), in)
			wantError(t, err, test.code, test.text)
		})
	}
}

// jsProgram is a handler for the managed NodeJS runtime.
func jsProgram(t testing.TB, body string) []byte {
	t.Helper()
	return zipOf(t, file{"index.mjs", "export const hello = async (event, context) => {" + body + "};\n", 0o644})
}

// needNode skips the test where there is no node, but not in CI.
func needNode(t testing.TB) string {
	t.Helper()
	path := nodePath()
	if path == "" && os.Getenv("CI") == "" {
		t.Skip("node is not installed")
	}
	return path
}

func TestUpdateCode(t *testing.T) {
	t.Parallel()
	node := needNode(t)
	w := open(t, t.TempDir(), withNode(node))
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) {
		in.Runtime, in.Handler = "nodejs24.x", aws.String("index.hello")
		in.Code = &types.FunctionCode{ZipFile: jsProgram(t, `return {one: 1, name: context.functionName, env: process.env.AWS_EXECUTION_ENV}`)}
	})
	if got, want := string(w.invoke(t, "hello", "{}").Payload), `{"one":1,"name":"hello","env":"AWS_Lambda_nodejs24.x"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	old, err := w.client.GetFunctionConfiguration(t.Context(), &sdk.GetFunctionConfigurationInput{FunctionName: aws.String("hello")})
	if err != nil {
		t.Fatal(err)
	}
	in := &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("hello"), ZipFile: jsProgram(t, "return 2"), RevisionId: aws.String("other")}
	_, err = w.client.UpdateFunctionCode(t.Context(), in)
	wantError(t, err, "PreconditionFailedException", "Revision Id")

	in.RevisionId, in.DryRun = old.RevisionId, true
	if _, err := w.client.UpdateFunctionCode(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := string(w.invoke(t, "hello", "{}").Payload); !strings.Contains(got, "one") {
		t.Errorf("a dry run changed the code: %s", got)
	}
	in.DryRun = false
	if _, err := w.client.UpdateFunctionCode(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := string(w.invoke(t, "hello", "{}").Payload); got != "2" {
		t.Errorf("after the update: %s", got)
	}
	w.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("hello"), Handler: aws.String("index.nosuch"),
	})
	if out := w.invoke(t, "hello", "{}"); aws.ToString(out.FunctionError) != "Unhandled" || !strings.Contains(string(out.Payload), "nosuch") {
		t.Errorf("after the handler was renamed: %s", out.Payload)
	}
}

func TestUpdateConfiguration(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) {
		in.Environment = &types.Environment{Variables: map[string]string{"AA": "1"}}
	})
	if got := string(w.invoke(t, "hello", `{"do":"environment"}`).Payload); !strings.Contains(got, `"AA=1"`) {
		t.Errorf("environment %s", got)
	}
	out, err := w.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("hello"), Environment: &types.Environment{Variables: map[string]string{"BB": "2"}}, MemorySize: aws.Int32(512),
	})
	if err != nil || aws.ToInt32(out.MemorySize) != 512 || aws.ToInt32(out.Timeout) != 20 {
		t.Fatalf("got %+v, %v", out, err)
	}
	got := string(w.invoke(t, "hello", `{"do":"environment"}`).Payload)
	if strings.Contains(got, `"AA=1"`) || !strings.Contains(got, `"BB=2"`) || !strings.Contains(got, `MEMORY_SIZE=512`) {
		t.Errorf("environment %s", got)
	}
	_, err = w.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("hello"), Role: aws.String(badRole)})
	wantError(t, err, "InvalidParameterValueException", "cannot be assumed by Lambda")
	_, err = w.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("nosuch"), Timeout: aws.Int32(1)})
	wantError(t, err, "ResourceNotFoundException", "nosuch")
}

func TestStateSurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) { in.Publish = true })
	before, err := w.client.CreateFunctionUrlConfig(t.Context(), &sdk.CreateFunctionUrlConfigInput{
		FunctionName: aws.String("hello"), AuthType: types.FunctionUrlAuthTypeAwsIam,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.invoke(t, "hello", "{}")
	w.close(t)

	w = open(t, dir)
	if got := string(w.invoke(t, "hello:1", `"again"`).Payload); got != `"again"` {
		t.Errorf("got %s", got)
	}
	after, err := w.client.GetFunctionUrlConfig(t.Context(), &sdk.GetFunctionUrlConfigInput{FunctionName: aws.String("hello")})
	if err != nil || aws.ToString(after.FunctionUrl) != aws.ToString(before.FunctionUrl) {
		t.Errorf("URL %v, want %s; %v", after, aws.ToString(before.FunctionUrl), err)
	}
	if resp, err := http.Get(aws.ToString(after.FunctionUrl)); err != nil || resp.StatusCode != 403 {
		t.Errorf("the URL is not open again: %v, %v", resp, err)
	}
	w.close(t)

	left, err := filepath.Glob(filepath.Join(dir, "lambda", "tmp", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Code that no function uses is gone after the next start; a function's files
// are read-only as on AWS.
func TestCodeOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	w.create(t, "hello", nil)
	tasks, err := filepath.Glob(filepath.Join(dir, "lambda", "code", "*", "task"))
	if err != nil || len(tasks) != 1 {
		t.Fatalf("unpacked: %v, %v", tasks, err)
	}
	for path, want := range map[string]os.FileMode{tasks[0]: 0o555, filepath.Join(tasks[0], "bootstrap"): 0o555} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %o", path, info.Mode(), err, want)
		}
	}
	if os.Getuid() != 0 {
		if out := w.invoke(t, "hello", `{"do":"write","text":"here"}`); !strings.Contains(string(out.Payload), "permission denied") {
			t.Errorf("the function could write beside its code: %s", out.Payload)
		}
	}
	if _, err := w.client.DeleteFunction(context.Background(), &sdk.DeleteFunctionInput{FunctionName: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	w.close(t)
	if info, err := os.Stat(tasks[0]); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("after Close: %v, %v", info, err)
	}
	open(t, dir)
	if _, err := os.Stat(tasks[0]); !os.IsNotExist(err) {
		t.Errorf("unused code is still there: %v", err)
	}
}

func TestUnknownOperations(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)
	_, err := w.client.ListCodeSigningConfigs(t.Context(), &sdk.ListCodeSigningConfigsInput{})
	wantError(t, err, "UnknownOperationException", "does not model code signing of Lambda")
	_, err = w.client.InvokeWithResponseStream(t.Context(), &sdk.InvokeWithResponseStreamInput{FunctionName: aws.String("hello")})
	wantError(t, err, "UnknownOperationException", "does not model InvokeWithResponseStream of Lambda")
	_, err = w.client.ListFunctions(t.Context(), &sdk.ListFunctionsInput{MasterRegion: aws.String("ALL")})
	wantError(t, err, "InvalidParameterValueException", `does not model parameter "MasterRegion" of ListFunctions`)
}
