// SPDX-License-Identifier: MIT

package access_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	roleARN    = "arn:aws:iam::111111111111:role/team/worker"
	sessionARN = "arn:aws:sts::111111111111:assumed-role/worker/f"
	queueARN   = "arn:aws:sqs:eu-west-1:111111111111:jobs"
)

// world knows one role, its session and one queue.
type world struct {
	grants  access.Grants
	queue   string // policy
	session access.Session
}

func (w *world) Grants(asked string) *access.Grants {
	if asked != roleARN {
		return &access.Grants{}
	}
	return &w.grants
}

func (w *world) Session(key string) (access.Session, bool) {
	switch key {
	case "ASIA111111111111ABCDEFGH":
		return w.session, true
	case "ASIA111111111111ROOTROOT":
		return access.Session{}, true
	}
	return access.Session{}, false
}

func (w *world) ResourcePolicy(string) (policy.Document, bool) {
	d, err := policy.Parse([]byte(w.queue))
	return d, err == nil
}

func documents(t testing.TB, list ...string) []policy.Document {
	t.Helper()
	var out []policy.Document
	for _, statements := range list {
		d, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[` + statements + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, d)
	}
	return out
}

func (w *world) guard() *access.Guard {
	g := access.NewGuard(func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) })
	g.Use(w, w)
	g.Hold("sqs", w)
	return g
}

func session() access.Session {
	s := access.SessionOf(roleARN, "f")
	s.UserID, s.Function = "AROAX:f", "arn:aws:lambda:eu-west-1:111111111111:function:f"
	return s
}

const (
	allow    = `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}`
	deny     = `{"Effect":"Deny","Action":"sqs:*","Resource":"*"}`
	anything = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	prefix   = "User: " + sessionARN + " is not authorized to perform: sqs:SendMessage on resource: "
)

// policyOf is a policy of the queue for a principal.
func policyOf(effect, principal string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"` + effect + `","Principal":{"AWS":"` + principal + `"},"Action":"sqs:*","Resource":"*"}}`
}

// The IAM User Guide, "Policy evaluation logic".
func TestCheck(t *testing.T) {
	t.Parallel()
	const silent, foreign = `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, "arn:aws:sqs:eu-west-1:222222222222:jobs"
	for name, test := range map[string]struct {
		identity, boundary, queue, on string
		want                          string // behind the resource; "" is allowed
	}{
		"identity":                      {identity: allow},
		"nothing":                       {identity: silent, want: "because no identity-based policy allows the sqs:SendMessage action"},
		"identity denies":               {identity: allow + "," + deny, want: "with an explicit deny in an identity-based policy"},
		"boundary allows":               {identity: allow, boundary: anything},
		"boundary is silent":            {identity: allow, boundary: silent, want: "because no permissions boundary allows the sqs:SendMessage action"},
		"boundary alone gives nothing":  {identity: silent, boundary: anything, want: "because no identity-based policy allows the sqs:SendMessage action"},
		"boundary denies":               {identity: allow, boundary: deny, want: "with an explicit deny in a permissions boundary"},
		"queue names the role":          {identity: silent, queue: policyOf("Allow", roleARN)},
		"queue names the session":       {identity: silent, boundary: silent, queue: policyOf("Allow", sessionARN)},
		"queue names all":               {identity: silent, queue: policyOf("Allow", "*")},
		"queue names the account":       {identity: silent, queue: policyOf("Allow", "111111111111"), want: "because no identity-based policy allows the sqs:SendMessage action"},
		"boundary limits the queue":     {identity: silent, boundary: silent, queue: policyOf("Allow", roleARN), want: "because no permissions boundary allows the sqs:SendMessage action"},
		"queue denies the role":         {identity: allow, queue: policyOf("Deny", roleARN), want: "with an explicit deny in a resource-based policy"},
		"queue denies the account":      {identity: allow, queue: policyOf("Deny", "111111111111"), want: "with an explicit deny in a resource-based policy"},
		"other account, both":           {identity: allow, queue: policyOf("Allow", "111111111111"), on: foreign},
		"other account, identity only":  {identity: allow, queue: policyOf("Allow", "333333333333"), on: foreign, want: "because no resource-based policy allows the sqs:SendMessage action"},
		"other account, resource only":  {identity: silent, queue: policyOf("Allow", roleARN), on: foreign, want: "because no identity-based policy allows the sqs:SendMessage action"},
		"other account without policy":  {identity: allow, on: foreign, want: "because no resource-based policy allows the sqs:SendMessage action"},
		"condition on the role":         {identity: `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"` + roleARN + `"},"StringEquals":{"aws:RequestedRegion":"eu-west-1","aws:userid":"AROAX:f","aws:PrincipalTag/team":"blue"},"DateLessThan":{"aws:CurrentTime":"2026-11-21T00:00:00Z"},"Bool":{"aws:SecureTransport":"true"}}}`},
		"condition on the function":     {identity: `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:*:*:function:f"}}}`},
		"roles have no user name":       {identity: `{"Effect":"Allow","Action":"*","Resource":"arn:aws:sqs:*:*:${aws:username}"}`, want: "because no identity-based policy allows the sqs:SendMessage action"},
		"operator that does not exist":  {identity: `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringResembles":{"aws:userid":"x"}}}`, want: `because no identity-based policy allows the sqs:SendMessage action (a policy has the condition operator "StringResembles", which the embedded AWS does not know)`},
		"denial with such an operator":  {identity: allow + `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringResembles":{"aws:userid":"x"}}}`, want: `with an explicit deny in an identity-based policy (a policy has the condition operator "StringResembles", which the embedded AWS does not know)`},
		"such an operator, but allowed": {identity: allow + `,{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringResembles":{"aws:userid":"x"}}}`},
	} {
		w := &world{grants: access.Grants{Identity: documents(t, test.identity), Tags: map[string]string{"Team": "blue"}}, queue: test.queue, session: session()}
		if test.boundary != "" {
			w.grants.Boundary = &documents(t, test.boundary)[0]
		}
		on := queueARN
		if test.on != "" {
			on = test.on
		}
		id := wire.Identity{AccessKeyID: "ASIA111111111111ABCDEFGH", Account: "111111111111", Region: "eu-west-1", Service: "sqs"}
		err := w.guard().Check(id, access.Need{Action: "sqs:SendMessage", Resource: on})
		got := ""
		if err != nil {
			got = err.Error()
		}
		want := test.want
		if want != "" {
			want = prefix + on + " " + want
		}
		if got != want {
			t.Errorf("%s: got %q\nwant %q", name, got, want)
		}
	}
}

// Who signs otherwise is not restricted; who signs with a token that is none is
// nobody.
func TestRestricted(t *testing.T) {
	t.Parallel()
	w := &world{session: session()}
	g := w.guard()
	need := access.Need{Action: "sqs:SendMessage", Resource: queueARN}
	for key, want := range map[string]string{
		"111111111111": "", "AKIAEXAMPLE": "", "ASIA111111111111ROOTROOT": "",
		"ASIA111111111111ABCDEFGH": prefix + queueARN + " because no identity-based policy allows the sqs:SendMessage action",
		"ASIA111111111111NOBODYXX": "The security token included in the request is invalid.",
	} {
		got := ""
		if err := g.Check(wire.Identity{AccessKeyID: key}, need); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	w.session.Expires = time.Date(2026, 11, 20, 11, 59, 59, 0, time.UTC)
	err := g.Check(wire.Identity{AccessKeyID: "ASIA111111111111ABCDEFGH"}, need)
	if token, ok := errors.AsType[*access.TokenError](err); !ok || !token.Expired {
		t.Errorf("an expired token: got %v", err)
	}
	var nobody *access.Guard
	if err := nobody.Check(wire.Identity{AccessKeyID: "ASIA111111111111ABCDEFGH"}, need); err != nil {
		t.Errorf("without a guard: got %v", err)
	}
	if err := g.Check(wire.Identity{Anonymous: true}, need); err != nil {
		t.Errorf("the anonymous are up to the services: got %v", err)
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	w := &world{grants: access.Grants{Missing: []string{"arn:aws:iam::aws:policy/Odd"}}, session: session()}
	err := w.guard().May(session(), "eu-west-1", access.Need{Action: "ses:SendEmail", Resource: "*", Assumed: true, Shown: "ses:sendemail"})
	want := &access.Denial{
		Who: sessionARN, Action: "ses:sendemail", Resource: "*", Why: "because no identity-based policy allows the ses:sendemail action",
		Note: "the embedded AWS does not hold the role's policy arn:aws:iam::aws:policy/Odd: what that one allows has to be in a policy of your own; " +
			"the embedded AWS does not know which permission this operation needs and takes its name for the action",
	}
	got, ok := errors.AsType[*access.Denial](err)
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Error(diff)
	}
	if want := `User: ` + sessionARN + ` is not authorized to perform: ses:sendemail on resource: "*" because`; got.Quoted()[:len(want)] != want {
		t.Errorf("got %s", got.Quoted())
	}
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	w := &world{grants: access.Grants{Identity: documents(t, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}`)}}
	g := w.guard()
	if err := g.Authorize(roleARN, "awslambda", "sqs:ReceiveMessage", queueARN); err != nil {
		t.Error(err)
	}
	want := "User: arn:aws:sts::111111111111:assumed-role/gone/x is not authorized to perform: sqs:ReceiveMessage on resource: " + queueARN + " because no identity-based policy allows the sqs:ReceiveMessage action"
	if err := g.Authorize("arn:aws:iam::111111111111:role/gone", "x", "sqs:ReceiveMessage", queueARN); err == nil || err.Error() != want {
		t.Errorf("a role that does not exist: got %v, want %s", err, want)
	}
}

// What one request of a function costs: a role with a few statements and a queue
// with a policy.
func BenchmarkCheck(b *testing.B) {
	w := &world{
		grants: access.Grants{Identity: documents(b,
			`{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/f:*"}`,
			`{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem"],"Resource":"arn:aws:dynamodb:eu-west-1:111111111111:table/t"}`,
			`{"Effect":"Allow","Action":"sqs:Send*","Resource":"`+queueARN+`","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}`)},
		session: session(),
	}
	d := documents(b, `{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)[0]
	g := w.guard()
	g.Hold("sqs", holder{d})
	id := wire.Identity{AccessKeyID: "ASIA111111111111ABCDEFGH", Account: "111111111111", Region: "eu-west-1", Service: "sqs"}
	need := access.Need{Action: "sqs:SendMessage", Resource: queueARN}
	b.ReportAllocs()
	for b.Loop() {
		if err := g.Check(id, need); err != nil {
			b.Fatal(err)
		}
	}
}

type holder struct{ d policy.Document }

func (h holder) ResourcePolicy(string) (policy.Document, bool) { return h.d, true }
