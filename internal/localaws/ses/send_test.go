// SPDX-License-Identifier: MIT

package ses_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/google/go-cmp/cmp"
)

type keptMail struct {
	MessageID, Source, Subject, File string
	Recipients                       []string
	Tags                             map[string]string
	Time                             time.Time
}

// kept returns the mail that was sent and not received.
func (w *world) kept(t testing.TB) []keptMail {
	t.Helper()
	rec := httptest.NewRecorder()
	w.ServeInternal(rec, httptest.NewRequest(http.MethodGet, "/_sparta/ses/sent", nil))
	var out []keptMail
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v: %s", err, rec.Body)
	}
	return out
}

func text(data string) *types.Content {
	return &types.Content{Data: &data, Charset: aws.String("UTF-8")}
}

func TestSendEmail(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	must(t)(w.client.VerifyDomainIdentity(t.Context(), &sdk.VerifyDomainIdentityInput{Domain: aws.String("shop.example")}))
	out, err := w.client.SendEmail(t.Context(), &sdk.SendEmailInput{
		Source: aws.String("Shop <info@shop.example>"), ReturnPath: aws.String("bounces@shop.example"), ReplyToAddresses: []string{"help@shop.example"},
		Destination: &types.Destination{ToAddresses: []string{"a@x.example", "B <b@x.example>"}, CcAddresses: []string{"c@x.example"}, BccAddresses: []string{"d@x.example"}},
		Message:     &types.Message{Subject: text("Grüße"), Body: &types.Body{Text: text("schön"), Html: text("<b>schön</b>")}},
		Tags:        []types.MessageTag{{Name: aws.String("k"), Value: aws.String("v")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	kept := w.kept(t)
	if len(kept) != 1 {
		t.Fatalf("got %+v", kept)
	}
	want := keptMail{
		MessageID: *out.MessageId, Source: "bounces@shop.example", Subject: "Grüße", File: kept[0].File, Time: now,
		Recipients: []string{"a@x.example", "b@x.example", "c@x.example", "d@x.example"}, Tags: map[string]string{"k": "v"},
	}
	if diff := cmp.Diff(want, kept[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(w.notices) != 1 || !strings.Contains(w.notices[0], "none leaves this machine") {
		t.Errorf("told %q", w.notices)
	}
	data, err := os.ReadFile(kept[0].File)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	for name, want := range map[string]string{
		"From": "Shop <info@shop.example>", "To": "a@x.example, B <b@x.example>", "Cc": "c@x.example", "Bcc": "", "Reply-To": "help@shop.example",
		"Message-Id": "<" + *out.MessageId + "@email.amazonses.com>", "Date": "Mon, 23 Nov 2026 12:00:00 +0000", "Mime-Version": "1.0",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	_, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for _, want := range []string{"text/plain; charset=UTF-8|schön", "text/html; charset=UTF-8|<b>schön</b>"} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(part)
		if got := part.Header.Get("Content-Type") + "|" + string(body); err != nil || got != want {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

// Without a charset a mail has seven bits.
func TestSendSevenBits(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.activate(t, rule("r", nil, types.ReceiptAction{S3Action: &types.S3Action{BucketName: aws.String("mail")}}))
	must(t)(w.client.SendEmail(t.Context(), &sdk.SendEmailInput{
		Source: aws.String("a@b.example"), Destination: &types.Destination{ToAddresses: []string{"a@x.example"}},
		Message: &types.Message{Subject: &types.Content{Data: aws.String("Grüße")}, Body: &types.Body{Text: &types.Content{Data: aws.String("schön")}}},
	}))
	w.settle(t)
	if got := string(w.objects[1].Body); !strings.Contains(got, "Subject: Gr??e\r\n") || !strings.HasSuffix(got, "\r\n\r\nsch?n") {
		t.Errorf("got %s", got)
	}
}

func TestSendRaw(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	must(t)(w.client.VerifyEmailIdentity(t.Context(), &sdk.VerifyEmailIdentityInput{EmailAddress: aws.String("Info@shop.example")}))
	must(t)(w.client.SendRawEmail(t.Context(), &sdk.SendRawEmailInput{RawMessage: &types.RawMessage{
		Data: []byte("From: info@shop.example\nTo: a@x.example\nBcc: b@x.example\nMessage-ID: <own@shop.example>\n\nbody\n"),
	}}))
	kept := w.kept(t)
	if len(kept) != 1 || strings.Join(kept[0].Recipients, " ") != "a@x.example b@x.example" {
		t.Fatalf("got %+v", kept)
	}
	data, err := os.ReadFile(kept[0].File)
	if want := "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nFrom: info@shop.example\r\nTo: a@x.example\r\nMessage-ID: <own@shop.example>\r\n\r\nbody\n"; err != nil || string(data) != want {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestSendRefused(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.activate(t, rule("r", []string{"in.example"}, toFunction(types.InvocationTypeEvent)))
	send := func(change func(*sdk.SendEmailInput)) error {
		in := &sdk.SendEmailInput{
			Source: aws.String("a@b.example"), Destination: &types.Destination{ToAddresses: []string{"x@in.example"}},
			Message: &types.Message{Subject: text("s"), Body: &types.Body{Text: text("t")}},
		}
		change(in)
		_, err := w.client.SendEmail(t.Context(), in)
		return err
	}
	raw := func(lines string) error {
		_, err := w.client.SendRawEmail(t.Context(), &sdk.SendRawEmailInput{RawMessage: &types.RawMessage{Data: []byte(lines)}})
		return err
	}
	if err := send(func(*sdk.SendEmailInput) {}); err != nil { // is received: stands for mail from outside
		t.Error(err)
	}
	many := make([]string, 51)
	for i := range many {
		many[i] = "x@in.example"
	}
	for _, test := range []struct {
		name, code, want string
		err              error
	}{
		{"unverified", "MessageRejected", "failed the check in region US-EAST-1: a@b.example", send(func(in *sdk.SendEmailInput) { in.Destination.CcAddresses = []string{"x@out.example"} })},
		{"nobody", "InvalidParameterValue", "Missing required header 'To'", send(func(in *sdk.SendEmailInput) { in.Destination.ToAddresses = nil })},
		{"many", "InvalidParameterValue", "exceeds 50", send(func(in *sdk.SendEmailInput) { in.Destination.ToAddresses = many })},
		{"no domain", "InvalidParameterValue", "Missing final '@domain'", send(func(in *sdk.SendEmailInput) { in.Source = aws.String("me") })},
		{"address", "InvalidParameterValue", "Illegal address", send(func(in *sdk.SendEmailInput) { in.Destination.ToAddresses = []string{"a b@c.example"} })},
		{"charset", "InvalidParameterValue", "does not model the charset ISO-8859-1", send(func(in *sdk.SendEmailInput) { in.Message.Subject.Charset = aws.String("ISO-8859-1") })},
		{"no body", "InvalidParameterValue", "text or HTML", send(func(in *sdk.SendEmailInput) { in.Message.Body.Text = nil })},
		{"set", "ConfigurationSetDoesNotExist", "<c>", send(func(in *sdk.SendEmailInput) { in.ConfigurationSetName = aws.String("c") })},
		{"arn", "InvalidParameterValue", "does not model the parameter SourceArn", send(func(in *sdk.SendEmailInput) { in.SourceArn = aws.String("arn:aws:ses:a:b:identity/c") })},
		{"raw without sender", "InvalidParameterValue", "Missing required header 'From'", raw("To: x@in.example\n\n")},
		{"raw set", "ConfigurationSetDoesNotExist", "<c>", raw("From: a@b.example\nTo: x@in.example\nX-SES-CONFIGURATION-SET: c\n\n")},
		{"raw arn", "InvalidParameterValue", "X-SES-SOURCE-ARN", raw("From: a@b.example\nTo: x@in.example\nX-SES-SOURCE-ARN: c\n\n")},
		{"raw size", "InvalidParameterValue", "more than 10485760 bytes", raw("From: a@b.example\nTo: x@in.example\n\n" + strings.Repeat("x", 10<<20))},
	} {
		t.Run(test.name, func(t *testing.T) { wantError(t, test.err, test.code, test.want) })
	}
	if err := raw("From: a@b.example\nTo: x@in.example\n\n" + strings.Repeat("+/", 5<<20-100)); err != nil {
		t.Errorf("a mail of almost 10 MB: %v", err)
	}
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	ctx := t.Context()
	must(t)(w.client.VerifyEmailIdentity(ctx, &sdk.VerifyEmailIdentityInput{EmailAddress: aws.String("a@b.example")}))
	domain, err := w.client.VerifyDomainIdentity(ctx, &sdk.VerifyDomainIdentityInput{Domain: aws.String("c.example")})
	if err != nil || len(*domain.VerificationToken) != 44 {
		t.Errorf("got %+v, %v", domain, err)
	}
	for kind, want := range map[types.IdentityType]string{"": "a@b.example c.example", "Domain": "c.example", "EmailAddress": "a@b.example"} {
		list, err := w.client.ListIdentities(ctx, &sdk.ListIdentitiesInput{IdentityType: kind})
		if err != nil || strings.Join(list.Identities, " ") != want {
			t.Errorf("%s: got %+v, %v", kind, list, err)
		}
	}
	first, err := w.client.ListIdentities(ctx, &sdk.ListIdentitiesInput{MaxItems: aws.Int32(1)})
	if err != nil || len(first.Identities) != 1 || first.NextToken == nil {
		t.Errorf("got %+v, %v", first, err)
	}
	got, err := w.client.GetIdentityVerificationAttributes(ctx, &sdk.GetIdentityVerificationAttributesInput{Identities: []string{"a@b.example", "c.example", "none.example"}})
	if err != nil || len(got.VerificationAttributes) != 2 || got.VerificationAttributes["a@b.example"].VerificationStatus != types.VerificationStatusSuccess ||
		aws.ToString(got.VerificationAttributes["c.example"].VerificationToken) != *domain.VerificationToken {
		t.Errorf("got %+v, %v", got, err)
	}
	for range 2 {
		must(t)(w.client.DeleteIdentity(ctx, &sdk.DeleteIdentityInput{Identity: aws.String("A@b.example")}))
	}
	_, err = w.client.VerifyEmailIdentity(ctx, &sdk.VerifyEmailIdentityInput{EmailAddress: aws.String("c.example")})
	wantError(t, err, "InvalidParameterValue", "Invalid email address")
	_, err = w.client.VerifyDomainIdentity(ctx, &sdk.VerifyDomainIdentityInput{Domain: aws.String("nodots")})
	wantError(t, err, "InvalidParameterValue", "Invalid domain name")
}
