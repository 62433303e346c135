// SPDX-License-Identifier: MIT

package codecommit_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// TestNeeds: which permissions requests take.
func TestNeeds(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	code := here().Regional("codecommit", "code")
	for _, test := range []struct {
		operation, body string
		want            []string
	}{
		{"PutFile", `{"repositoryName":"code"}`, []string{"codecommit:PutFile " + code}},
		{"UpdateRepositoryName", `{"oldName":"code"}`, []string{"codecommit:UpdateRepositoryName " + code}},
		{"ListRepositories", `{}`, []string{"codecommit:ListRepositories *"}},
		{"BatchGetRepositories", `{"repositoryNames":["code","x"]}`, []string{"codecommit:BatchGetRepositories " + code, "codecommit:BatchGetRepositories " + here().Regional("codecommit", "x")}},
		{"TagResource", `{"resourceArn":"` + code + `"}`, []string{"codecommit:TagResource " + code}},
		{"ListPullRequests", `{}`, []string{"codecommit:ListPullRequests *"}},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(test.body))
		r.Header.Set("X-Amz-Target", "CodeCommit_20150413."+test.operation)
		needs, _ := w.Needs(r, wire.Identity{Account: account, Region: here().Region, Service: "codecommit"})
		var got []string
		for _, n := range needs {
			got = append(got, n.Action+" "+n.Resource)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.operation, diff)
		}
	}
}
