// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
)

const existingYAML = `serviceName: orders
functions:
  one:
    handler: ./h.One
    events:
      - s3: arn:aws:s3:::mine
      - s3: {events: ["ObjectRemoved:*"], bucket: "arn:aws:s3:::irish"}
      - s3:
          bucket: arn:aws:s3:::none
      - s3: arn:aws:s3:::shut
      - s3: arn:aws:s3:::soon
      - s3: !ImportValue bucket
`

// TestExistingBuckets: what is known of buckets of elsewhere is told at their
// lines, before the template is uploaded.
func TestExistingBuckets(t *testing.T) {
	t.Parallel()
	url := endpoint(t)
	home := sessionAt(url, homeAccount, homeRegion)
	make := func(s Session, name string) {
		in := &s3.CreateBucketInput{Bucket: &name}
		if s.Region != "us-east-1" {
			in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(s.Region)}
		}
		_, err := s.Clients.S3.CreateBucket(t.Context(), in)
		must(t, err)
	}
	make(home, "artifacts")
	make(home, "mine")
	make(sessionAt(url, homeAccount, "eu-west-1"), "irish")
	make(sessionAt(url, "222222222222", homeRegion), "shut")

	d := document(t, nil)
	d.Template = d.Template.Clone()
	d.Template.Resources["Soon"] = &cfn.Resource{Type: "AWS::S3::Bucket", Properties: map[string]any{"BucketName": "soon"}}
	b := Bucket{Name: "artifacts", session: home}
	u := uploadingTemplate(t, b, d, Stack{})
	u.Project = projectOf(service(t, existingYAML))
	_, err := u.Run(t.Context())
	found, ok := errors.AsType[*diag.Fault](err)
	if !ok {
		t.Fatalf("got %v, want a fault", err)
	}
	var got []string
	for _, p := range found.Problems {
		at := p.Position.String()
		got = append(got, at[strings.LastIndexByte(at, '/')+1:]+": "+p.Message)
		if p.Code != diag.BucketElsewhere || p.Hint == "" || p.Source == "" {
			t.Errorf("%v, hint %q, line %q", p, p.Hint, p.Source)
		}
	}
	want := []string{
		`sparta.yaml:7:43: bucket "irish" is in eu-west-1, and the stack goes to us-east-1: S3 notifies functions of the bucket's own region only`,
		`sparta.yaml:9:11: there is no bucket "none"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if left := keysIn(t, b); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// open is S3 as far as it has one bucket, of another account, that everybody may
// look at. The embedded one lets nobody into the buckets of others.
type open struct{}

func (open) HeadBucket(_ context.Context, in *s3.HeadBucketInput, _ ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	if in.ExpectedBucketOwner != nil {
		return nil, &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusForbidden}}}}
	}
	return &s3.HeadBucketOutput{BucketRegion: aws.String(homeRegion)}, nil
}

func TestExistingBucketOfAnotherAccount(t *testing.T) {
	t.Parallel()
	s := service(t, "serviceName: orders\nfunctions: {one: {handler: ./h.One, events: [s3: arn:aws:s3:::theirs]}}\n")
	problems, err := existing{open{}, Session{Account: homeAccount, Region: homeRegion}, s, document(t, nil).Template}.problems(t.Context())
	if err != nil || len(problems) != 1 || problems[0].Position.Column != 46 || problems[0].Path != "functions.one.events.0.s3" ||
		!strings.Contains(problems[0].Message, `bucket "theirs" is not of account 000000000000`) {
		t.Errorf("got %v, %v", problems, err)
	}
}

// TestVerifyRolesElsewhere: an ARN of another region is refused before anything
// is built, and not by the embedded AWS.
func TestVerifyRolesElsewhere(t *testing.T) {
	t.Parallel()
	project := projectOf(service(t, "serviceName: orders\nfunctions:\n  one:\n    handler: ./h.One\n    events:\n      - sqs: arn:aws:sqs:eu-west-1:000000000000:jobs\n"+
		"      - logs: arn:aws:logs:eu-west-1:111111111111:log-group:/a/b\n      - sns: arn:aws:sns:us-west-2:000000000000:news\n"))
	url := endpoint(t)
	run := func(region string, local bool) []string {
		session := sessionAt(url, homeAccount, region)
		session.Local = local
		_, err := (&VerifyRoles{Project: project, Session: pipeline.Known(session)}).Run(t.Context())
		var got []string
		if found, ok := errors.AsType[*diag.Fault](err); ok {
			for _, p := range found.Problems {
				got = append(got, p.Path+": "+p.Message)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := run("us-east-1", true); got != nil {
		t.Errorf("the embedded AWS: %q", got)
	}
	want := []string{
		"functions.one.events.0.sqs: is an SQS queue in eu-west-1, and the stack goes to us-east-1: it has to be in the same region",
		"functions.one.events.1.logs: is a log group in eu-west-1, and the stack goes to us-east-1: it has to be in the same region",
	}
	if got := run("us-east-1", false); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	want = []string{"functions.one.events.1.logs: is a log group of account 111111111111, and the stack goes to account 000000000000: it has to be the same one"}
	if got := run("eu-west-1", false); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestPermissionsOfExistingBucket: who deploys may see where a bucket is.
func TestPermissionsOfExistingBucket(t *testing.T) {
	t.Parallel()
	list := permissionsOf(t, service(t, "serviceName: orders\nfunctions: {one: {handler: ./h.One, events: [s3: arn:aws:s3:::uploads]}}\n"))
	document, err := json.Marshal(list)
	must(t, err)
	if want := `{"Action":["s3:ListBucket"],"Effect":"Allow","Resource":"arn:aws:s3:::uploads"}`; !strings.Contains(string(document), want) {
		t.Errorf("%s\nis not in\n%s", want, document)
	}
}
