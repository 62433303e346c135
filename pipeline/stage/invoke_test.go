// SPDX-License-Identifier: MIT

package stage

import (
	"strings"
	"testing"

	"github.com/sparta-up/sparta/pipeline"
)

func TestInvokeFaults(t *testing.T) {
	t.Parallel()
	s := service(t, "serviceName: orders\nfunctions:\n  hello: {handler: ./h.Hello}\n  other: {handler: ./h.Other}\n")
	session := sessionAt(endpoint(t), homeAccount, homeRegion)
	tests := []struct{ name, function, says, hint string }{
		{"near", "helo", `service "orders" has no function "helo"`, `did you mean "hello"?`},
		{"far", "zzzzzzzz", `has no function "zzzzzzzz"`, "hello"},
		{"not deployed", "hello", `function "hello" is not deployed`, "sparta up"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			i := &Invoke{Project: projectOf(s), Session: pipeline.Known(session), Function: test.function, Payload: []byte("{}")}
			_, err := i.Run(t.Context())
			wantError(t, err, test.says)
			if !strings.Contains(hintOf(err), test.hint) {
				t.Errorf("hint %q does not say %q", hintOf(err), test.hint)
			}
		})
	}
}
