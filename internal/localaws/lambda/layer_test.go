// SPDX-License-Identifier: MIT

package lambda_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// layer publishes a version of a layer and returns its ARN.
func (w *world) layer(t *testing.T, name string, files ...file) string {
	t.Helper()
	out, err := w.client.PublishLayerVersion(t.Context(), &sdk.PublishLayerVersionInput{
		LayerName: &name, Description: aws.String("tools"), Content: &types.LayerVersionContentInput{ZipFile: zipOf(t, files...)},
		CompatibleRuntimes: []types.Runtime{types.RuntimeProvidedal2023}, CompatibleArchitectures: []types.Architecture{types.ArchitectureX8664},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.LayerVersionArn
}

func (w *world) setLayers(t *testing.T, name string, layers ...string) error {
	t.Helper()
	if layers == nil {
		layers = []string{}
	}
	_, err := w.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{FunctionName: &name, Layers: layers})
	return err
}

// A function finds the tools of its layers by PATH, of which a later layer wins,
// keeps them when the layer is deleted, and has them in the next process.
func TestLayers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	one := w.layer(t, "tools", file{"bin/say", "#!/bin/sh\necho one\n", 0o755}, file{"bin/only", "#!/bin/sh\necho only\n", 0o755}, file{"data/a", "a", 0o644})
	two := w.layer(t, "more", file{"bin/say", "#!/bin/sh\necho two\n", 0o755}, file{"data", "a file now", 0o644})
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) { in.Layers = []string{one} })
	say := func(w *world, program, want string) {
		t.Helper()
		if got := w.invoke(t, "hello", `{"do":"run","text":"`+program+`"}`); !strings.Contains(string(got.Payload), want) {
			t.Errorf("%s said %s, want %s", program, got.Payload, want)
		}
	}
	say(w, "say", "one")
	if err := w.setLayers(t, "hello", one, two); err != nil {
		t.Fatal(err)
	}
	say(w, "say", "two")
	say(w, "only", "only")
	if err := w.setLayers(t, "hello", two, one); err != nil {
		t.Fatal(err)
	}
	say(w, "say", "one")
	got := w.function(t, "hello").Configuration.Layers
	if len(got) != 2 || *got[0].Arn != two || got[1].CodeSize == 0 {
		t.Errorf("layers %+v", got)
	}
	if len(w.notices) != 1 || !strings.Contains(w.notices[0], "no /opt here") {
		t.Errorf("notices %q", w.notices)
	}
	if _, err := w.client.DeleteLayerVersion(t.Context(), &sdk.DeleteLayerVersionInput{LayerName: aws.String("tools"), VersionNumber: aws.Int64(1)}); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.setLayers(t, "hello", one), "InvalidParameterValueException", "Layer version "+one+" does not exist.")
	w.close(t)
	w = open(t, dir)
	say(w, "say", "one")
	if err := w.setLayers(t, "hello"); err != nil {
		t.Fatal(err)
	}
	say(w, "say", "not found")
}

func TestLayerVersions(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.layer(t, "tools", file{"a", "1", 0o644})
	second := w.layer(t, "tools", file{"a", "2", 0o644})
	w.layer(t, "other", file{"a", "3", 0o644})
	if want := "arn:aws:lambda:us-east-1:" + account + ":layer:tools:2"; second != want {
		t.Errorf("got %s, want %s", second, want)
	}
	versions, err := w.client.ListLayerVersions(t.Context(), &sdk.ListLayerVersionsInput{LayerName: aws.String("tools")})
	if err != nil || len(versions.LayerVersions) != 2 || versions.LayerVersions[0].Version != 2 {
		t.Errorf("got %+v, %v", versions, err)
	}
	layers, err := w.client.ListLayers(t.Context(), &sdk.ListLayersInput{CompatibleRuntime: types.RuntimeProvidedal2023})
	if err != nil || len(layers.Layers) != 2 || layers.Layers[1].LatestMatchingVersion.Version != 2 {
		t.Errorf("got %+v, %v", layers, err)
	}
	if layers, err := w.client.ListLayers(t.Context(), &sdk.ListLayersInput{CompatibleRuntime: types.RuntimeNodejs24x}); err != nil || len(layers.Layers) != 0 {
		t.Errorf("got %+v, %v", layers, err)
	}
	one, err := w.client.GetLayerVersion(t.Context(), &sdk.GetLayerVersionInput{LayerName: aws.String("tools"), VersionNumber: aws.Int64(1)})
	if err != nil || aws.ToString(one.Description) != "tools" || one.Content.CodeSize == 0 || aws.ToString(one.Content.CodeSha256) == "" {
		t.Errorf("got %+v, %v", one, err)
	}
	byARN, err := w.client.GetLayerVersionByArn(t.Context(), &sdk.GetLayerVersionByArnInput{Arn: &second})
	if err != nil || byARN.Version != 2 {
		t.Errorf("got %+v, %v", byARN, err)
	}
	if _, err := w.client.DeleteLayerVersion(t.Context(), &sdk.DeleteLayerVersionInput{LayerName: aws.String("tools"), VersionNumber: aws.Int64(2)}); err != nil {
		t.Fatal(err)
	}
	_, err = w.client.GetLayerVersion(t.Context(), &sdk.GetLayerVersionInput{LayerName: aws.String("tools"), VersionNumber: aws.Int64(2)})
	wantError(t, err, "ResourceNotFoundException", "does not exist")
	if third := w.layer(t, "tools", file{"a", "4", 0o644}); !strings.HasSuffix(third, ":3") {
		t.Errorf("the number of a deleted version was given again: %s", third)
	}
	_, err = w.client.AddLayerVersionPermission(t.Context(), &sdk.AddLayerVersionPermissionInput{
		LayerName: aws.String("tools"), VersionNumber: aws.Int64(1), StatementId: aws.String("s"), Action: aws.String("lambda:GetLayerVersion"), Principal: aws.String("*")})
	wantError(t, err, "InvalidParameterValueException", "does not model permissions of layers")
}

func TestLayersRefuse(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)
	one := w.layer(t, "tools", file{"a", "1", 0o644})
	two := w.layer(t, "tools", file{"a", "2", 0o644})
	extended := w.layer(t, "agent", file{"extensions/agent", "#!/bin/sh\n", 0o755})
	for _, test := range []struct {
		name, code, text string
		layers           []string
	}{
		{"another account", "InvalidParameterValueException", "does not model the layer arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:53 of account 580247275435",
			[]string{"arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:53"}},
		{"another region", "InvalidParameterValueException", "not reachable", []string{strings.Replace(one, "us-east-1", "eu-west-1", 1)}},
		{"no version", "ValidationException", "layers", []string{strings.TrimSuffix(one, ":1")}},
		{"no such", "InvalidParameterValueException", "does not exist", []string{one + "9"}},
		{"twice", "InvalidParameterValueException", "Two different versions of the same layer", []string{one, two}},
		{"extensions", "InvalidParameterValueException", "does not model extensions, which the layer " + extended, []string{extended}},
		{"six", "InvalidParameterValueException", "Cannot reference more than 5 layers.", []string{one, one, one, one, one, one}},
	} {
		err := w.setLayers(t, "hello", test.layers...)
		t.Run(test.name, func(t *testing.T) { wantError(t, err, test.code, test.text) })
	}
}

// A bootstrap may come from a layer.
func TestBootstrapOfLayer(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.objects[account+"/code/data.zip"] = zipOf(t, file{"data", "nothing to run", 0o644})
	w.objects[account+"/code/layer.zip"] = programZip()
	layer, layerRequest := w.make(t, "AWS::Lambda::LayerVersion", "Runtime", `{"LayerName":"runtime","Content":{"S3Bucket":"code","S3Key":"layer.zip"}}`)
	w.make(t, functionType, "Hello", `{"FunctionName":"hello","Code":{"S3Bucket":"code","S3Key":"data.zip"},"Role":"`+goodRole+
		`","Runtime":"provided.al2023","Handler":"hello","Timeout":20,"Layers":["`+layer.PhysicalID+`"]}`)
	if got := string(w.invoke(t, "hello", `{"a":1}`).Payload); got != `{"a":1}` {
		t.Errorf("got %s", got)
	}
	if diff := cmp.Diff(resource.Instance{PhysicalID: layer.PhysicalID, Attributes: map[string]any{"LayerVersionArn": layer.PhysicalID}}, layer); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		if err := w.ResourceTypes()["AWS::Lambda::LayerVersion"].Delete(t.Context(), layer, layerRequest); err != nil {
			t.Fatal(err)
		}
	}
}

// Modules of a layer are found by require, and a wrapper of a layer starts node.
func TestNodeLayer(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), withNode(needNode(t)))
	layer := w.layer(t, "modules", file{"nodejs/node_modules/greeting/index.js", "exports.text = 'good morning'", 0o644},
		file{"wrap", "#!/bin/sh\nexport WRAPPED=yes\nexec \"$@\"\n", 0o755})
	w.make(t, functionType, "Hello", `{"FunctionName":"hello","Code":{"ZipFile":"exports.handler = async () => require('greeting').text + ' ' + process.env.WRAPPED"},
		"Role":"`+goodRole+`","Runtime":"nodejs24.x","Handler":"index.handler","Timeout":20,"Layers":["`+layer+`"],"Environment":{"Variables":{"AWS_LAMBDA_EXEC_WRAPPER":"/opt/wrap"}}}`)
	if got := string(w.invoke(t, "hello", `{}`).Payload); got != `"good morning yes"` {
		t.Errorf("got %s", got)
	}
}

func TestCommandLineLayers(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	zip := filepath.Join(t.TempDir(), "layer.zip")
	if err := os.WriteFile(zip, zipOf(t, file{"bin/x", "x", 0o755}), 0o600); err != nil {
		t.Fatal(err)
	}
	var published struct {
		LayerVersionArn string
		Version         int
	}
	w.aws(t, &published, "lambda", "publish-layer-version", "--layer-name", "tools", "--zip-file", "fileb://"+zip, "--compatible-runtimes", "provided.al2023")
	if published.Version != 1 {
		t.Errorf("got %+v", published)
	}
	var list struct{ Layers []struct{ LayerName string } }
	w.aws(t, &list, "lambda", "list-layers")
	if len(list.Layers) != 1 || list.Layers[0].LayerName != "tools" {
		t.Errorf("got %+v", list)
	}
	w.aws(t, nil, "lambda", "delete-layer-version", "--layer-name", "tools", "--version-number", "1")
}

// Settings that change alone do not fetch the code again.
func TestCodeIsFetchedOnce(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	const head = `{"FunctionName":"hello","Code":{"S3Bucket":"code","S3Key":"program.zip"},"Role":"` + goodRole + `","Runtime":"provided.al2023","Handler":"hello"`
	instance, old := w.make(t, functionType, "Hello", head+`}`)
	delete(w.objects, account+"/code/program.zip")
	next := request(t, "Hello", head+`,"MemorySize":256}`)
	next.OldProperties = old.Properties
	if _, err := w.ResourceTypes()[functionType].Update(t.Context(), instance, next); err != nil {
		t.Fatal(err)
	}
	if got := w.invoke(t, "hello", `{}`); got.FunctionError != nil {
		t.Errorf("got %s", got.Payload)
	}
	other := request(t, "Hello", strings.Replace(head, "program.zip", "lost.zip", 1)+`}`)
	other.OldProperties = next.Properties
	if _, err := w.ResourceTypes()[functionType].Update(t.Context(), instance, other); err == nil || !strings.Contains(err.Error(), "NoSuchKey") {
		t.Errorf("other code: %v", err)
	}
}

// A KMS key is kept and shown, and the user is told that it has no effect.
func TestKeyOfFunction(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	const key = "arn:aws:kms:us-east-1:000000000000:key/1"
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) { in.KMSKeyArn = aws.String(key) })
	w.invoke(t, "hello", `{}`)
	w.invoke(t, "hello", `{}`)
	if got := aws.ToString(w.function(t, "hello").Configuration.KMSKeyArn); got != key {
		t.Errorf("key %s", got)
	}
	if len(w.notices) != 1 || !strings.Contains(w.notices[0], "not encrypted") {
		t.Errorf("notices %q", w.notices)
	}
}
