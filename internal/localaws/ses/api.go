// SPDX-License-Identifier: MIT

package ses

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxRequest bounds the body of a request in bytes: a raw message of 10 MB in
// base64 whose every plus, slash and equals sign is escaped.
const maxRequest = 24 << 20

// call is one request of the API.
type call struct {
	url.Values
	scope arn.Scope
}

// action is one action of the API. It returns the content of its result
// element.
type action struct {
	run        func(*Service, call) (any, error)
	parameters []string // that it accepts; others are refused rather than ignored
}

// empty is the result of an action that returns nothing.
type empty struct{}

func actions() map[string]action {
	rule := []string{"RuleSetName", "RuleName"}
	return map[string]action{
		"CreateReceiptRuleSet":              {(*Service).createRuleSet, []string{"RuleSetName"}},
		"DeleteReceiptRuleSet":              {(*Service).deleteRuleSet, []string{"RuleSetName"}},
		"DescribeReceiptRuleSet":            {(*Service).describeRuleSet, []string{"RuleSetName"}},
		"ListReceiptRuleSets":               {(*Service).listRuleSets, []string{"NextToken"}},
		"DescribeActiveReceiptRuleSet":      {(*Service).describeActive, nil},
		"SetActiveReceiptRuleSet":           {(*Service).setActive, []string{"RuleSetName"}},
		"CreateReceiptRule":                 {(*Service).createRule, []string{"RuleSetName", "Rule", "After"}},
		"UpdateReceiptRule":                 {(*Service).updateRule, []string{"RuleSetName", "Rule"}},
		"DeleteReceiptRule":                 {(*Service).deleteRule, rule},
		"DescribeReceiptRule":               {(*Service).describeRule, rule},
		"SetReceiptRulePosition":            {(*Service).setPosition, append(rule, "After")},
		"VerifyEmailIdentity":               {(*Service).verifyEmail, []string{"EmailAddress"}},
		"VerifyDomainIdentity":              {(*Service).verifyDomain, []string{"Domain"}},
		"ListIdentities":                    {(*Service).listIdentities, []string{"IdentityType", "NextToken", "MaxItems"}},
		"GetIdentityVerificationAttributes": {(*Service).verification, []string{"Identities"}},
		"DeleteIdentity":                    {(*Service).deleteIdentity, []string{"Identity"}},
		"SendEmail":                         {(*Service).sendEmail, []string{"Source", "Destination", "Message", "ReplyToAddresses", "ReturnPath", "Tags", "ConfigurationSetName"}},
		"SendRawEmail":                      {(*Service).sendRaw, []string{"Source", "Destinations", "RawMessage", "Tags", "ConfigurationSetName"}},
	}
}

// ServeAPI answers one request of the query protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	form, err := wire.LargeQueryForm(r, maxRequest)
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	name := form.Get("Action")
	result, err := s.perform(name, call{form, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}})
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	wire.WriteQuery(w, namespace, name, result)
}

func (s *Service) perform(name string, c call) (any, error) {
	act, ok := s.actions[name]
	if !ok {
		return nil, refused("InvalidAction", "the embedded AWS does not model the SES action %s", name)
	}
	for _, parameter := range slices.Sorted(maps.Keys(c.Values)) {
		parameter, _, _ = strings.Cut(parameter, ".")
		if parameter != "Action" && parameter != "Version" && !strings.HasPrefix(parameter, "X-Amz-") && !slices.Contains(act.parameters, parameter) {
			return nil, invalid("the embedded AWS does not model the parameter %s of %s", parameter, name)
		}
	}
	return act.run(s, c)
}

// ServeInternal answers /_sparta/ses/sent with the mail that was sent and not
// received, newest first.
func (s *Service) ServeInternal(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/ses/sent") {
		http.NotFound(w, r)
		return
	}
	wire.WriteJSON(w, http.StatusOK, s.sent())
}
