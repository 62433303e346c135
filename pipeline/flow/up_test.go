// SPDX-License-Identifier: MIT

package flow_test

import (
	"testing"

	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/flow"
)

func TestHello(t *testing.T) {
	settings := local(t, "../../examples/hello/sparta.yaml")
	up := flow.NewUp(settings)
	reports, err := up.Run(t.Context(), pipeline.Options{})
	for _, r := range reports {
		t.Logf("%-16s %-8s %6d ms", r.Name, r.Status, r.Duration.Milliseconds())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", up.Outcome.Get())
	invoke := flow.NewInvoke(settings, "hello", []byte(`{"name":"Ada"}`))
	if _, err := invoke.Run(t.Context(), pipeline.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", invoke.Reply.Get().Payload)
}
