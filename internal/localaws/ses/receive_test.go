// SPDX-License-Identifier: MIT

package ses_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func toFunction(kind types.InvocationType) types.ReceiptAction {
	return types.ReceiptAction{LambdaAction: &types.LambdaAction{FunctionArn: aws.String(functionARN), InvocationType: kind}}
}

func (w *world) sendRaw(t testing.TB, source string, to []string, lines ...string) {
	t.Helper()
	must(t)(w.client.SendRawEmail(t.Context(), &sdk.SendRawEmailInput{
		Source: &source, Destinations: to, RawMessage: &types.RawMessage{Data: []byte(strings.Join(lines, "\r\n"))},
	}))
}

// lost returns what decoding and encoding again took from the event or changed
// in it.
func lost(t *testing.T, body []byte) []string {
	t.Helper()
	var typed events.SimpleEmailEvent
	if err := json.Unmarshal(body, &typed); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	again, err := json.Marshal(typed)
	if err != nil {
		t.Fatal(err)
	}
	var before, after any
	for text, to := range map[*[]byte]*any{&body: &before, &again: &after} {
		if err := json.Unmarshal(*text, to); err != nil {
			t.Fatal(err)
		}
	}
	return missing("", before, after)
}

func missing(path string, before, after any) []string {
	var out []string
	switch x := before.(type) {
	case map[string]any:
		y, _ := after.(map[string]any)
		for key, value := range x {
			if _, there := y[key]; !there {
				out = append(out, path+"."+key)
				continue
			}
			out = append(out, missing(path+"."+key, value, y[key])...)
		}
	case []any:
		y, _ := after.([]any)
		for i := range x {
			if i >= len(y) {
				return append(out, fmt.Sprintf("%s[%d]", path, i))
			}
			out = append(out, missing(fmt.Sprintf("%s[%d]", path, i), x[i], y[i])...)
		}
	default:
		if before != after {
			out = append(out, fmt.Sprintf("%s: %v is now %v", path, before, after))
		}
	}
	slices.Sort(out)
	return out
}

// "Lambda action: sample incoming email event", SES Developer Guide.
func TestFunctionEvent(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	r := rule("r", []string{"example.com"}, toFunction(types.InvocationTypeEvent))
	r.ScanEnabled = true
	w.activate(t, r)
	w.sendRaw(t, "bounces@shop.example", []string{"Me@Example.com"},
		"From: =?UTF-8?Q?J=C3=BCrgen_Shop?= <jane@shop.example>", "To: me@example.com, \"Else, Some\" <else@other.example>", "Cc: cc@example.com",
		"Subject: Hello\r\n there", "Date: Mon, 23 Nov 2026 11:59:59 +0000", "Message-ID: <1@shop.example>", "X-Own: a:b", "", "body")
	w.settle(t)
	if len(w.sent) != 1 || w.sent[0].Target != functionARN {
		t.Fatalf("got %+v", w.sent)
	}
	var got events.SimpleEmailEvent
	if err := json.Unmarshal(w.sent[0].Body, &got); err != nil {
		t.Fatal(err)
	}
	mail := got.Records[0].SES.Mail
	id := mail.MessageID
	if len(id) != 40 || strings.ToLower(id) != id {
		t.Errorf("message id %q", id)
	}
	pass := events.SimpleEmailVerdict{Status: "PASS"}
	want := events.SimpleEmailEvent{Records: []events.SimpleEmailRecord{{EventVersion: "1.0", EventSource: "aws:ses", SES: events.SimpleEmailService{
		Mail: events.SimpleEmailMessage{
			Source: "bounces@shop.example", Timestamp: now, MessageID: id, Destination: []string{"me@example.com", "else@other.example", "cc@example.com"},
			CommonHeaders: events.SimpleEmailCommonHeaders{
				From: []string{"Jürgen Shop <jane@shop.example>"}, To: []string{"me@example.com", `"Else, Some" <else@other.example>`}, Cc: []string{"cc@example.com"},
				ReturnPath: "bounces@shop.example", MessageID: "<1@shop.example>", Date: "Mon, 23 Nov 2026 11:59:59 +0000", Subject: "Hello there",
			},
			Headers: []events.SimpleEmailHeader{
				{Name: "Return-Path", Value: "<bounces@shop.example>"},
				{Name: "Received", Value: "from localhost (localhost [127.0.0.1]) by inbound-smtp.us-east-1.amazonaws.com with SMTP id " + id + " for Me@Example.com; Mon, 23 Nov 2026 12:00:00 +0000 (UTC)"},
				{Name: "From", Value: "=?UTF-8?Q?J=C3=BCrgen_Shop?= <jane@shop.example>"},
				{Name: "To", Value: `me@example.com, "Else, Some" <else@other.example>`}, {Name: "Cc", Value: "cc@example.com"}, {Name: "Subject", Value: "Hello there"},
				{Name: "Date", Value: "Mon, 23 Nov 2026 11:59:59 +0000"}, {Name: "Message-ID", Value: "<1@shop.example>"}, {Name: "X-Own", Value: "a:b"},
			},
		},
		Receipt: events.SimpleEmailReceipt{
			Recipients: []string{"Me@Example.com"}, Timestamp: now, SpamVerdict: pass, VirusVerdict: pass, DKIMVerdict: pass, DMARCVerdict: pass, SPFVerdict: pass,
			Action: events.SimpleEmailReceiptAction{Type: "Lambda", FunctionARN: functionARN, InvocationType: "Event"},
		},
	}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if list := lost(t, w.sent[0].Body); list != nil {
		t.Errorf("aws-lambda-go loses %q", list)
	}
}

// The fields that AWS has and aws-lambda-go has not are there, too.
func TestFunctionEventBeyondTheType(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.activate(t, rule("r", nil, toFunction(types.InvocationTypeEvent)))
	w.sendRaw(t, "a@b.example", []string{"c@d.example"}, "From: a@b.example", "Sender: s@b.example", "Reply-To: r@b.example", "", "x")
	w.settle(t)
	want := []string{".Records[0].ses.mail.commonHeaders.replyTo", ".Records[0].ses.mail.commonHeaders.sender"}
	if diff := cmp.Diff(want, lost(t, w.sent[0].Body)); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(string(w.sent[0].Body), `"spamVerdict":{"status":"DISABLED"}`) {
		t.Errorf("a rule that does not scan gave %s", w.sent[0].Body)
	}
}

func TestHeadersTruncated(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.activate(t, rule("r", nil, toFunction(types.InvocationTypeEvent)))
	w.sendRaw(t, "a@b.example", []string{"c@d.example"}, "From: a@b.example", "X-Long: "+strings.Repeat("x", 10<<10), "Subject: s", "", "x")
	w.settle(t)
	var got events.SimpleEmailEvent
	if err := json.Unmarshal(w.sent[0].Body, &got); err != nil {
		t.Fatal(err)
	}
	mail := got.Records[0].SES.Mail
	if !mail.HeadersTruncated || mail.Headers[len(mail.Headers)-1].Name != "From" || mail.CommonHeaders.Subject != "s" {
		t.Errorf("got %+v", mail)
	}
}

// "Recipient conditions", SES Developer Guide.
func TestRecipients(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		conditions []string
		domains    []string // verified
		yes, no    []string
	}{
		{"address", []string{"me@example.com"}, nil, []string{"me@example.com", "ME@Example.com"}, []string{"you@example.com", "me@sub.example.com"}},
		{"domain", []string{"example.com"}, nil, []string{"a@example.com"}, []string{"a@sub.example.com", "a@notexample.com"}},
		{"subdomains", []string{".example.com"}, nil, []string{"a@sub.example.com", "a@b.c.example.com"}, []string{"a@example.com"}},
		{"several", []string{"x@y.example", "example.com"}, nil, []string{"x@y.example", "a@example.com"}, []string{"a@y.example"}},
		{"all", nil, nil, []string{"a@example.com", "b@other.example"}, nil},
		{"all of the verified", nil, []string{"example.com"}, []string{"a@example.com", "a@sub.example.com"}, []string{"b@other.example"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := open(t, t.TempDir())
			w.activate(t, rule("r", test.conditions, toFunction(types.InvocationTypeEvent)))
			for _, domain := range append(test.domains, "sender.example") {
				if test.domains == nil {
					domain = "a@" + domain // not a domain: those change what "all" is
					must(t)(w.client.VerifyEmailIdentity(t.Context(), &sdk.VerifyEmailIdentityInput{EmailAddress: &domain}))
					continue
				}
				must(t)(w.client.VerifyDomainIdentity(t.Context(), &sdk.VerifyDomainIdentityInput{Domain: &domain}))
			}
			w.sendRaw(t, "a@sender.example", append(test.yes, test.no...), "From: a@sender.example", "", "x")
			w.settle(t)
			var got events.SimpleEmailEvent
			if len(w.sent) != 1 {
				t.Fatalf("got %+v", w.sent)
			}
			if err := json.Unmarshal(w.sent[0].Body, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.yes, got.Records[0].SES.Receipt.Recipients); diff != "" {
				t.Error(diff)
			}
			var kept []string
			for _, mail := range w.kept(t) {
				kept = append(kept, mail.Recipients...)
			}
			if diff := cmp.Diff(test.no, kept); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Actions take effect in their order; a header that was added is seen by those
// behind.
func TestActionsInOrder(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	topic := aws.String(topicARN)
	store := func(prefix string) types.ReceiptAction {
		return types.ReceiptAction{S3Action: &types.S3Action{BucketName: aws.String("mail"), ObjectKeyPrefix: &prefix, TopicArn: topic}}
	}
	w.activate(t,
		rule("first", []string{"example.com"}, store("raw"),
			types.ReceiptAction{AddHeaderAction: &types.AddHeaderAction{HeaderName: aws.String("X-Seen"), HeaderValue: aws.String("1")}}, store("seen/"),
			types.ReceiptAction{SNSAction: &types.SNSAction{TopicArn: topic}},
			types.ReceiptAction{SNSAction: &types.SNSAction{TopicArn: topic, Encoding: types.SNSActionEncodingBase64}}),
		types.ReceiptRule{Name: aws.String("off"), Actions: []types.ReceiptAction{store("off")}},
		rule("other", []string{"other.example"}, store("other")),
		rule("last", nil, types.ReceiptAction{StopAction: &types.StopAction{Scope: types.StopScopeRuleSet, TopicArn: topic}}, store("never")),
		rule("never", nil, store("never")),
	)
	w.objects = nil // of making the rules
	w.sendRaw(t, "a@b.example", []string{"me@example.com"}, "From: a@b.example", "Subject: s", "", "the body")
	w.settle(t)
	var keys []string
	for _, o := range w.objects {
		key, id, _ := strings.Cut(o.Key, "/")
		keys = append(keys, key)
		if len(id) != 40 || !strings.HasSuffix(string(o.Body), "Subject: s\r\n\r\nthe body") || strings.Contains(string(o.Body), "X-Seen: 1\r\n") != (key == "seen") {
			t.Errorf("%s holds %s", o.Key, o.Body)
		}
	}
	if diff := cmp.Diff([]string{"raw", "seen"}, keys); diff != "" {
		t.Error(diff)
	}
	var told []string
	for _, m := range w.sent {
		var n struct {
			NotificationType, Content string
			Mail                      struct{ MessageID string }
			Receipt                   struct{ Action map[string]string }
		}
		if err := json.Unmarshal(m.Body, &n); err != nil {
			t.Fatal(err)
		}
		if n.NotificationType != "Received" || len(n.Mail.MessageID) != 40 || m.Subject != "Amazon SES Email Receipt Notification" {
			t.Errorf("got %s", m.Body)
		}
		told = append(told, fmt.Sprint(n.Receipt.Action["type"], " ", strings.TrimSuffix(n.Receipt.Action["objectKey"], n.Mail.MessageID), n.Receipt.Action["encoding"], " ", n.Content != ""))
	}
	if diff := cmp.Diff([]string{"S3 raw/ false", "S3 seen/ false", "SNS UTF8 true", "SNS BASE64 true", "Stop  false"}, told); diff != "" {
		t.Error(diff)
	}
}

// "Lambda action: return values", SES Developer Guide.
func TestDisposition(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		answer any
		want   int // actions and rules that follow and are carried out
	}{
		{`{"disposition":"CONTINUE"}`, 2}, {`null`, 2}, {`"text"`, 2}, {`{"disposition":7}`, 2}, {`error:{"errorMessage":"x"}`, 2},
		{wire.Errorf(429, "TooManyRequestsException", "slow down"), 2},
		{`{"disposition":"STOP_RULE"}`, 1}, {`{"disposition":"STOP_RULE_SET"}`, 0},
	} {
		t.Run(fmt.Sprint(test.answer), func(t *testing.T) {
			t.Parallel()
			w := open(t, t.TempDir())
			w.answers[functionARN] = test.answer
			store := types.ReceiptAction{S3Action: &types.S3Action{BucketName: aws.String("mail")}}
			w.activate(t, rule("ask", nil, toFunction(types.InvocationTypeRequestResponse), store), rule("next", nil, store))
			w.objects = nil
			w.sendRaw(t, "a@b.example", []string{"me@example.com"}, "From: a@b.example", "", "x")
			w.settle(t)
			if len(w.objects) != test.want || len(w.asked) != 1 || !strings.Contains(w.asked[0], `"invocationType":"RequestResponse"`) {
				t.Errorf("stored %d, asked %q", len(w.objects), w.asked)
			}
		})
	}
}

// What an action may no longer do is left out; the others are carried out.
func TestPermissionIsCheckedOnReceipt(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.activate(t, rule("r", nil, toFunction(types.InvocationTypeEvent), toFunction(types.InvocationTypeRequestResponse),
		types.ReceiptAction{S3Action: &types.S3Action{BucketName: aws.String("mail")}}))
	w.objects, w.denied = nil, "function:f"
	w.sendRaw(t, "a@b.example", []string{"me@example.com"}, "From: a@b.example", "", "x")
	w.settle(t)
	if len(w.sent)+len(w.asked) != 0 || len(w.objects) != 1 {
		t.Errorf("got %v, %v, %d objects", w.sent, w.asked, len(w.objects))
	}
}
