// SPDX-License-Identifier: MIT

package stage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/pipeline"
)

func TestRemoveArtifacts(t *testing.T) {
	t.Parallel()
	b := artifactBucket(t, nil)
	putObjects(t, b.session.Clients.S3, b.Name, "orders/1.zip", "orders/2.zip", "orders-two/1.zip")
	gone := Outcome{Kind: Deleted, Stack: Stack{Name: fakeName}}
	r := &RemoveArtifacts{
		Project: projectOf(service(t, ordersYAML)), Session: pipeline.Known(b.session), Gone: pipeline.Known(gone),
		Stack: pipeline.Known(Stack{Live: Live{Bucket: b.Name}}),
	}
	outcome, err := r.Run(t.Context())
	if err != nil || outcome.Kind != Deleted {
		t.Fatalf("got %v, %v", outcome, err)
	}
	if diff := cmp.Diff([]string{"orders-two/1.zip"}, keysIn(t, b)); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	r.Stack = pipeline.Known(Stack{}) // and the default bucket was never made
	if _, err := r.Run(t.Context()); err != nil {
		t.Errorf("no bucket: %v", err)
	}
	r.Name = b.Name
	r.Session = pipeline.Known(sessionAt(*b.session.Clients.S3.Options().BaseEndpoint, "111122223333", homeRegion))
	_, err = r.Run(t.Context())
	wantError(t, err, `remove artifacts from bucket "artifacts": AccessDenied`)
}
