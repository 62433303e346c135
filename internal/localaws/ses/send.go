// SPDX-License-Identifier: MIT

package ses

import (
	"encoding/base64"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The limits of a mail ("Service quotas in Amazon SES").
const (
	maxMessage     = 10 << 20
	maxDestination = 50
)

// outgoing is a mail that is to be sent.
type outgoing struct {
	scope      arn.Scope
	source     string   // address of the envelope
	from       string   // address whose identity is asked for
	recipients []string // addresses of the envelope
	message    message
	tags       map[string]string
}

type sendOutput struct {
	MessageID string `xml:"MessageId"`
}

func (s *Service) sendEmail(c call) (any, error) {
	if err := c.checkConfiguration(c.Get("ConfigurationSetName")); err != nil {
		return nil, err
	}
	from, err := address(c.Get("Source"))
	if err != nil {
		return nil, err
	}
	o := outgoing{scope: c.scope, source: from, from: from, tags: c.tags()}
	if path := c.Get("ReturnPath"); path != "" {
		if o.source, err = address(path); err != nil {
			return nil, err
		}
	}
	for _, kind := range []string{"ToAddresses", "CcAddresses", "BccAddresses"} {
		for _, text := range c.list("Destination." + kind) {
			recipient, err := address(text)
			if err != nil {
				return nil, err
			}
			o.recipients = append(o.recipients, recipient)
		}
	}
	if o.message, err = c.compose(); err != nil {
		return nil, err
	}
	return s.dispatch(o)
}

func (s *Service) sendRaw(c call) (any, error) {
	data, err := base64.StdEncoding.DecodeString(c.Get("RawMessage.Data"))
	if err != nil {
		return nil, refused("SerializationException", "RawMessage.Data is not base64")
	}
	if len(data) > maxMessage {
		return nil, invalid("Message length is more than %d bytes long: '%d'.", maxMessage, len(data))
	}
	o := outgoing{scope: c.scope, message: parseMessage(data), tags: c.tags()}
	if err := o.checkHeader(c); err != nil {
		return nil, err
	}
	senders := o.message.bare("From")
	if len(senders) == 0 {
		return nil, invalid("Missing required header 'From'.")
	}
	o.from, o.source = senders[0], senders[0]
	if text := c.Get("Source"); text != "" {
		if o.source, err = address(text); err != nil {
			return nil, err
		}
	}
	for _, text := range c.list("Destinations") {
		recipient, err := address(text)
		if err != nil {
			return nil, err
		}
		o.recipients = append(o.recipients, recipient)
	}
	if len(o.recipients) == 0 {
		o.recipients = slices.Concat(o.message.bare("To"), o.message.bare("Cc"), o.message.bare("Bcc"))
	}
	o.message = o.message.without("Bcc")
	return s.dispatch(o)
}

// checkHeader refuses what SES would take from the header of a raw mail and is
// not modelled.
func (o outgoing) checkHeader(c call) error {
	for _, name := range []string{c.Get("ConfigurationSetName"), o.message.get("X-SES-CONFIGURATION-SET")} {
		if err := c.checkConfiguration(name); err != nil {
			return err
		}
	}
	for _, name := range []string{"X-SES-SOURCE-ARN", "X-SES-FROM-ARN", "X-SES-RETURN-PATH-ARN"} {
		if o.message.get(name) != "" {
			return invalid("the embedded AWS does not model sending authorization by the header %s", name)
		}
	}
	return nil
}

// checkConfiguration refuses every configuration set: there are none.
func (c call) checkConfiguration(name string) error {
	if name == "" {
		return nil
	}
	return refused("ConfigurationSetDoesNotExist", "Configuration set <%s> does not exist: the embedded AWS does not model configuration sets.", name)
}

// address returns the bare address of a text such as Name <local@domain>.
func address(text string) (string, error) {
	if !strings.Contains(text, "@") {
		return "", invalid("Missing final '@domain'")
	}
	a, err := mail.ParseAddress(text)
	if err != nil {
		return "", invalid("Illegal address: %s", text)
	}
	return a.Address, nil
}

// dispatch sends a mail: who is received by a rule gets it that way, for all
// others it is kept.
func (s *Service) dispatch(o outgoing) (any, error) {
	switch n := len(o.recipients); {
	case n == 0:
		return nil, invalid("Missing required header 'To'.")
	case n > maxDestination:
		return nil, invalid("Recipient count exceeds %d.", maxDestination)
	}
	now := s.env.Now()
	id := fmt.Sprintf("%016x-%s-000000", now.UnixMilli(), wire.RequestID())
	if o.message.get("Date") == "" {
		o.message = o.message.prepend("Date", now.UTC().Format("Mon, 2 Jan 2006 15:04:05 -0700"))
	}
	if o.message.get("Message-ID") == "" {
		o.message = o.message.prepend("Message-ID", "<"+id+"@"+mailDomain(o.scope.Region)+">")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil, wire.Errorf(503, "ServiceUnavailable", "%v", errClosed)
	}
	p := s.at(o.scope)
	received, sent := p.divide(o.recipients)
	if len(sent) > 0 && !p.verified(o.from) {
		return nil, refused("MessageRejected", "Email address is not verified. The following identities failed the check in region %s: %s",
			strings.ToUpper(o.scope.Region), o.from)
	}
	if len(sent) > 0 {
		if err := s.keep(p, o, id, sent, now); err != nil {
			return nil, err
		}
	}
	if len(received) > 0 {
		in := s.incoming(p, o, received, now)
		s.work.Go(func() { s.receive(in) })
	}
	return sendOutput{id}, nil
}

// mailDomain is the domain in the message ids of SES.
func mailDomain(region string) string {
	if region == "us-east-1" {
		return "email.amazonses.com"
	}
	return region + ".amazonses.com"
}

// divide tells the recipients for whom some rule of the active rule set is from
// the others.
func (p *place) divide(recipients []string) (received, sent []string) {
	set, err := p.find(p.Active)
	if err != nil {
		return nil, recipients
	}
	domains := p.domains()
	for _, recipient := range recipients {
		if slices.ContainsFunc(set.Rules, func(r *rule) bool { return r.Enabled && r.wants(strings.ToLower(recipient), domains) }) {
			received = append(received, recipient)
		} else {
			sent = append(sent, recipient)
		}
	}
	return received, sent
}
