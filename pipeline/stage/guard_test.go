// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
)

// TestGuard connects to an STS that answers with one account.
func TestGuard(t *testing.T) {
	t.Parallel()
	const account = "111111111111"
	tests := []struct {
		name    string
		allowed []string
		local   bool
		want    string // the error; empty: none
	}{
		{name: "no guard"},
		{name: "right", allowed: []string{account}},
		{name: "one of several", allowed: []string{"222222222222", account}},
		{name: "embedded", allowed: []string{"222222222222"}, local: true},
		{
			name: "wrong", allowed: []string{"222222222222"},
			want: `these credentials are of account 111111111111: environment "prod" goes to account 222222222222 only`,
		},
		{
			name: "none of several", allowed: []string{"222222222222", "333333333333"},
			want: `these credentials are of account 111111111111: environment "prod" goes to account 222222222222 or 333333333333 only`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				w.Header().Set("Content-Type", "text/xml")
				fmt.Fprintf(w, `%s<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::%s:user/u</Arn><UserId>U</UserId><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, xml.Header, account, account)
			}))
			defer server.Close()
			connect := &Connect{
				Project: pipeline.Known(Project{Service: &spec.Service{Environment: "prod", Accounts: test.allowed}}),
				Config: func(context.Context) (aws.Config, error) {
					return awsclient.Local(server.URL, account, "eu-west-1"), nil
				},
				Local: test.local,
			}
			session, err := connect.Run(t.Context())
			switch {
			case test.want == "" && err != nil:
				t.Errorf("got %v, want a session", err)
			case test.want == "" && session.Account != account:
				t.Errorf("got account %q, want %q", session.Account, account)
			case test.want != "" && (err == nil || err.Error() != test.want):
				t.Errorf("got %v, want %s", err, test.want)
			}
			if hinted, ok := err.(interface{ Hint() string }); err != nil && (!ok || !strings.Contains(hinted.Hint(), "--profile")) {
				t.Errorf("the error has no hint: %v", err)
			}
			if n := calls.Load(); n != 1 {
				t.Errorf("%d calls, want the one to STS", n)
			}
		})
	}
}
