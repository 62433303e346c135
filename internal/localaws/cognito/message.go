// SPDX-License-Identifier: MIT

package cognito

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// message is mail or a text message that AWS would have sent.
type message struct {
	At          time.Time
	Pool        string // id
	Username    string
	Source      string // such as CustomMessage_SignUp
	Medium      string // EMAIL or SMS
	Destination string
	Subject     string `json:",omitempty"`
	Text        string
	Code        string // the code or temporary password in the text
}

// maxMessages is how many messages of a pool are kept.
const maxMessages = 200

// The placeholders of messages.
const (
	codeParameter = "{####}"
	nameParameter = "{username}"
)

// messageAnswer is the response of CustomMessage.
type messageAnswer struct {
	SMSMessage   *string `json:"smsMessage"`
	EmailMessage *string `json:"emailMessage"`
	EmailSubject *string `json:"emailSubject"`
}

// letter is a message to be sent.
type letter struct {
	source    string // such as SignUp
	to        person
	attribute string // email or phone_number
	code      string
	metadata  map[string]string
}

// send makes a message as the pool or its trigger says, keeps it and announces
// it.
func (s *Service) send(v party, l letter) error {
	answer, err := s.customMessage(v, l)
	if err != nil {
		return err
	}
	subject, email, sms := v.settings.texts(l.source)
	m := &message{
		At: s.env.Now().UTC(), Pool: v.id, Username: l.to.name, Source: "CustomMessage_" + l.source, Medium: medium(l.attribute),
		Destination: l.to.attributes[l.attribute], Text: said(answer.SMSMessage, sms), Code: l.code,
	}
	if m.Medium == "EMAIL" {
		m.Subject, m.Text = said(answer.EmailSubject, subject), said(answer.EmailMessage, email)
	}
	m.Text = strings.NewReplacer(codeParameter, l.code, nameParameter, l.to.name).Replace(m.Text)
	s.mu.Lock()
	v.pool.Messages = append(v.pool.Messages, m)
	if extra := len(v.pool.Messages) - maxMessages; extra > 0 {
		v.pool.Messages = slices.Delete(v.pool.Messages, 0, extra)
	}
	s.changed()
	s.mu.Unlock()
	kind := map[string]string{"EMAIL": "mail", "SMS": "a text message"}[m.Medium]
	s.deps.Notice(fmt.Sprintf("user pool %s would send %s to %s: its code is %s", v.settings.Name, kind, m.Destination, m.Code))
	return nil
}

func said(own *string, otherwise string) string {
	if own == nil || *own == "" {
		return otherwise
	}
	return *own
}

func (s *Service) customMessage(v party, l letter) (messageAnswer, error) {
	var answer messageAnswer
	function := v.settings.LambdaConfig.CustomMessage
	if function == "" {
		return answer, nil
	}
	var username *string
	if l.source == "AdminCreateUser" {
		name := nameParameter
		username = &name
	}
	err := s.ask(v, question{
		trigger: "CustomMessage", function: function, source: "CustomMessage_" + l.source, username: l.to.name,
		request: struct {
			UserAttributes    map[string]string `json:"userAttributes"`
			CodeParameter     string            `json:"codeParameter"`
			LinkParameter     string            `json:"linkParameter"`
			UsernameParameter *string           `json:"usernameParameter"`
			ClientMetadata    map[string]string `json:"clientMetadata,omitempty"`
		}{l.to.attributes, codeParameter, "{##Click Here##}", username, l.metadata},
		response: answer,
	}, &answer)
	return answer, err
}

// texts are those of a pool for messages of a source.
func (s *settings) texts(source string) (subject, email, sms string) {
	if source == "AdminCreateUser" {
		t := s.AdminCreateUserConfig.InviteMessageTemplate
		const text = "Your username is " + nameParameter + " and temporary password is " + codeParameter
		return cmp.Or(t.EmailSubject, "Your temporary password"), cmp.Or(t.EmailMessage, text+"."), cmp.Or(t.SMSMessage, text+".")
	}
	t, what := s.VerificationMessageTemplate, "verification code"
	if source == "ForgotPassword" {
		what = "password reset code"
	}
	text := "Your " + what + " is " + codeParameter + "."
	return cmp.Or(t.EmailSubject, s.EmailVerificationSubject, "Your "+what), cmp.Or(t.EmailMessage, s.EmailVerificationMessage, text),
		cmp.Or(t.SmsMessage, s.SmsVerificationMessage, text)
}

// medium is how an attribute of a user is reached.
func medium(attribute string) string {
	if attribute == "phone_number" {
		return "SMS"
	}
	return "EMAIL"
}

// codeDelivery is CodeDeliveryDetails of the API.
type codeDelivery struct {
	AttributeName, DeliveryMedium, Destination string
}

func delivered(attribute, destination string) *codeDelivery {
	return &codeDelivery{attribute, medium(attribute), masked(destination)}
}

// masked returns an address as the API shows it, such as a***@e***.
func masked(address string) string {
	if name, host, ok := strings.Cut(address, "@"); ok && name != "" && host != "" {
		return name[:1] + "***@" + host[:1] + "***"
	}
	if len(address) > 5 {
		return "+" + strings.Repeat("*", len(address)-5) + address[len(address)-4:]
	}
	return "***"
}

// ServeInternal answers /_sparta/cognito-idp/messages with what would have been
// sent, newest first.
func (s *Service) ServeInternal(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/cognito-idp/messages") {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	list := []message{}
	for _, p := range s.pools {
		for _, m := range slices.Backward(p.Messages) {
			list = append(list, *m)
		}
	}
	s.mu.Unlock()
	slices.SortStableFunc(list, func(a, b message) int { return b.At.Compare(a.At) })
	wire.WriteJSON(w, http.StatusOK, list)
}
