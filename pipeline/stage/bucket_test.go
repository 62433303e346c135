// SPDX-License-Identifier: MIT

package stage

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/pipeline"
)

func TestEnsureBucket(t *testing.T) {
	t.Parallel()
	at := endpoint(t)
	home := sessionAt(at, homeAccount, homeRegion)
	west := sessionAt(at, homeAccount, "eu-west-1")
	theirs := sessionAt(at, "111122223333", homeRegion)
	for _, b := range []struct {
		session Session
		name    string
	}{{theirs, "theirs"}, {home, "ours"}} {
		if _, err := b.session.Clients.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &b.name}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := west.Clients.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("west"), CreateBucketConfiguration: &types.CreateBucketConfiguration{
		LocationConstraint: types.BucketLocationConstraintEuWest1,
	}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		session Session
		bucket  string
		live    Live
		want    string
		says    []string
		hint    string
	}{
		{name: "default", session: home, want: "sparta-artifacts-000000000000-us-east-1-an"},
		{name: "default of another region", session: west, want: "sparta-artifacts-000000000000-eu-west-1-an"},
		{name: "default of another account", session: theirs, want: "sparta-artifacts-111122223333-us-east-1-an"},
		{name: "a bucket that is there", session: home, bucket: "ours", want: "ours"},
		{name: "a bucket of one's own choice that is not there", session: home, bucket: "new-one", want: "new-one"},
		{
			name: "somebody else's", session: home, bucket: "theirs",
			says: []string{`bucket "theirs": it belongs to another account, or account 000000000000 may not use it`}, hint: "--bucket",
		},
		{
			name: "in another region", session: home, bucket: "west",
			says: []string{`bucket "west": it lies in eu-west-1, but the functions go to us-east-1`}, hint: "its own region only",
		},
		{name: "not a name", session: home, bucket: "Not_A_Name", says: []string{`bucket "Not_A_Name"`}},
		{name: "live", session: Session{Account: homeAccount, Region: homeRegion}, bucket: "live", live: Live{Bucket: "live"}, want: "live"}, // has no clients
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := &EnsureBucket{Session: pipeline.Known(test.session), Stack: pipeline.Known(Stack{Live: test.live}), Name: test.bucket}
			bucket, err := e.Run(t.Context())
			if len(test.says) > 0 {
				wantError(t, err, test.says...)
				if !strings.Contains(hintOf(err), test.hint) {
					t.Errorf("hint %q does not say %q", hintOf(err), test.hint)
				}
				return
			}
			if err != nil || bucket.Name != test.want {
				t.Fatalf("got %q, %v, want %q", bucket.Name, err, test.want)
			}
			if test.live.Bucket == "" {
				if again, err := e.Run(t.Context()); err != nil || again.Name != test.want { // two deployments at once
					t.Errorf("again: got %q, %v", again.Name, err)
				}
			}
		})
	}
}

// TestEnsureBucketSecures: a new bucket takes no plain HTTP and keeps no
// leftovers of uploads. Where the endpoint itself is plain HTTP it must.
func TestEnsureBucketSecures(t *testing.T) {
	t.Parallel()
	at := endpoint(t)
	host := strings.TrimPrefix(at, "http://")
	for scheme, want := range map[string]bool{"http": false, "https": true} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			recorder := &recorder{next: http.DefaultTransport, host: host}
			session := Session{
				Account: homeAccount, Region: homeRegion, Partition: "aws",
				Clients: clientsFor(scheme+"://aws.test", homeAccount, homeRegion, recorder),
			}
			e := &EnsureBucket{Session: pipeline.Known(session), Stack: pipeline.Known(Stack{}), Name: "fresh-" + scheme}
			if _, err := e.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			wrote := strings.Join(recorder.bodies, "\n")
			if got := strings.Contains(wrote, "aws:SecureTransport"); got != want {
				t.Errorf("TLS only: got %v, want %v", got, want)
			}
			if !strings.Contains(wrote, "AbortIncompleteMultipartUpload") {
				t.Errorf("no lifecycle was sent:\n%s", wrote)
			}
		})
	}
}

// recorder keeps the bodies of what is sent, and sends it to a host.
type recorder struct {
	next   http.RoundTripper
	host   string
	bodies []string
}

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		r.bodies = append(r.bodies, string(body))
		request.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	request.URL.Scheme, request.URL.Host = "http", r.host
	return r.next.RoundTrip(request)
}
