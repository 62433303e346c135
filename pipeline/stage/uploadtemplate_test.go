// SPDX-License-Identifier: MIT

package stage

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
)

func uploadingTemplate(t *testing.T, b Bucket, d cfn.Document, stack Stack) *UploadTemplate {
	return &UploadTemplate{
		Project: projectOf(service(t, ordersYAML)), Document: pipeline.Known(d), Bucket: pipeline.Known(b), Stack: pipeline.Known(stack),
		Code:   pipeline.Known(Code{App: map[string]Object{"arm64": {Key: "orders/aa.zip"}}, Provider: Object{Key: "orders/cc.zip"}}),
		Assets: pipeline.Known(Object{Key: "orders/dd.site.zip"}),
	}
}

func TestUploadTemplate(t *testing.T) {
	t.Parallel()
	b, d := artifactBucket(t, nil), document(t, nil)
	hash := d.Template.Hash()
	u := uploadingTemplate(t, b, d, Stack{Name: "orders"})
	got, err := u.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://artifacts.s3.us-east-1.amazonaws.com/orders/" + hash + ".template.json"; got.URL != want || got.Current {
		t.Errorf("got %s, current %v, want %s", got.URL, got.Current, want)
	}
	if d.Template.Hash() != hash || d.Template.Outputs[liveOutput] != nil {
		t.Error("the template that was handed in has been changed")
	}
	object, err := b.session.Clients.S3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &b.Name, Key: &got.Object.Key})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Body.Close()
	body, err := io.ReadAll(object.Body)
	must(t, err)
	var sealed struct {
		Outputs map[string]struct{ Value string }
	}
	must(t, json.Unmarshal(body, &sealed))
	want := Live{Template: hash, Bucket: "artifacts", Keys: []string{"orders/aa.zip", "orders/cc.zip", "orders/dd.site.zip"}}
	if diff := cmp.Diff(want, parseLive(sealed.Outputs[liveOutput].Value)); diff != "" {
		t.Errorf("the template says that it runs (-want +got):\n%s", diff)
	}
	if err := u.Undo(t.Context(), got); err != nil || len(keysIn(t, b)) != 0 {
		t.Errorf("undo: %v, left %v", err, keysIn(t, b))
	}
}

// TestUploadTemplateCurrent: only a stack that runs what its outputs say can be
// left as it is.
func TestUploadTemplateCurrent(t *testing.T) {
	t.Parallel()
	b, d := artifactBucket(t, nil), document(t, nil)
	live := Live{Template: d.Template.Hash(), Bucket: b.Name}
	tests := map[types.StackStatus]bool{
		types.StackStatusCreateComplete: true, types.StackStatusUpdateComplete: true, types.StackStatusUpdateRollbackComplete: true,
		types.StackStatusRollbackComplete: false, types.StackStatusUpdateFailed: false, types.StackStatusUpdateRollbackFailed: false,
		types.StackStatusDeleteFailed: false, types.StackStatusUpdateInProgress: false,
	}
	for status, want := range tests {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			got, err := uploadingTemplate(t, b, d, Stack{ID: "arn", Status: status, Live: live}).Run(t.Context())
			if err != nil || got.Current != want {
				t.Errorf("got %v, %v, want %v", got.Current, err, want)
			}
		})
	}
}

func TestUploadTemplateFaults(t *testing.T) {
	t.Parallel()
	taken := document(t, func(template *cfn.Template) {
		template.Outputs = map[string]*cfn.Output{liveOutput: {Value: "mine"}}
	})
	taken.Origins["Outputs/"+liveOutput] = cfn.Origin{By: "outputs.SpartaLive"}
	large := document(t, func(template *cfn.Template) {
		template.Metadata = map[string]any{"Text": strings.Repeat("x", maxTemplate)}
	})
	b := artifactBucket(t, nil)
	_, err := uploadingTemplate(t, b, taken, Stack{}).Run(t.Context())
	wantError(t, err, `output "SpartaLive" is Sparta's own: give the output of outputs.SpartaLive another name`)
	_, err = uploadingTemplate(t, b, large, Stack{}).Run(t.Context())
	wantError(t, err, "more than CloudFormation's")
	if keys := keysIn(t, b); len(keys) != 0 {
		t.Errorf("uploaded %v", keys)
	}
}

func TestTemplateURLInChina(t *testing.T) {
	t.Parallel()
	b := Bucket{Name: "b", session: Session{Region: "cn-north-1", Partition: "aws-cn"}}
	if got, want := b.url("k"), "https://b.s3.cn-north-1.amazonaws.com.cn/k"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
