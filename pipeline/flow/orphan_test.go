// SPDX-License-Identifier: MIT

package flow_test

import (
	"testing"

	"github.com/sparta-up/sparta/pipeline/stage"
)

// TestUpAfterDown: a service that was taken away can be brought up again, custom
// resources and their log groups included.
func TestUpAfterDown(t *testing.T) {
	t.Parallel()
	w := local(t, newModule(t, seedYAML, siteYAML).file())
	for range 2 {
		w.mustUp(stage.Created)
		w.takeDown()
	}
}
