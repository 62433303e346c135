// SPDX-License-Identifier: MIT

package ses

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon SES", Service Authorization Reference): sending is
// about the identity of the sender, everything else about no resource.
func (s *Service) needs() access.Table {
	rules := map[string]access.Rule{}
	for name := range s.actions {
		rules[name] = access.On(access.Any)
	}
	rules["SendEmail"], rules["SendRawEmail"] = s.sending, s.sending
	return access.Table{Prefix: "ses", Rules: rules}
}

// sending needs the right to send for the identity of the sender: its address,
// if that is one that was verified, or its domain.
func (s *Service) sending(in *access.Input) []access.Need {
	from, _ := address(in.Text("Source"))
	c := call{in.Form(), in.Scope}
	recipients := c.list("Destinations")
	for _, kind := range []string{"ToAddresses", "CcAddresses", "BccAddresses"} {
		recipients = append(recipients, c.list("Destination."+kind)...)
	}
	if data, err := base64.StdEncoding.DecodeString(in.Text("RawMessage.Data")); err == nil && len(data) > 0 {
		if senders := parseMessage(data).bare("From"); len(senders) > 0 {
			from = senders[0]
		}
	}
	_, name, _ := strings.Cut(from, "@")
	s.mu.Lock()
	if p := s.at(in.Scope); p.Identities[strings.ToLower(from)] != nil {
		name = from
	}
	s.mu.Unlock()
	return []access.Need{{
		Action: "ses:" + in.Operation, Resource: in.Scope.Regional("ses", "identity/"+name),
		Context: map[string]string{"ses:fromaddress": from}, Lists: map[string][]string{"ses:recipients": recipients},
	}}
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.table.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}

// Refuse answers a caller who may not do what the request asks for, in SES's own
// words.
func (s *Service) Refuse(w http.ResponseWriter, r *http.Request, _ wire.Identity, err error) {
	denial, ok := errors.AsType[*access.Denial](err)
	if !ok {
		wire.WriteQueryError(w, namespace, access.Fault(r, err))
		return
	}
	text := fmt.Sprintf("User `%s' is not authorized to perform `%s' on resource `%s'", denial.Who, denial.Action, denial.Resource)
	if denial.Note != "" {
		text += " (" + denial.Note + ")"
	}
	wire.WriteQueryError(w, namespace, wire.Errorf(http.StatusForbidden, "AccessDenied", "%s", text))
}
