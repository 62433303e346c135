// SPDX-License-Identifier: MIT

package ses

import (
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// rule is a receipt rule, in the words of the API and of CloudFormation. It does
// not change once it is in a rule set; an update puts another in its place.
type rule struct {
	Name        string
	Enabled     bool
	TLSPolicy   string       `json:"TlsPolicy" xml:"TlsPolicy"`
	Recipients  []string     `json:",omitempty" xml:"Recipients>member"`
	Actions     []ruleAction `json:",omitempty" xml:"Actions>member"`
	ScanEnabled bool
}

// ruleAction is one action of a rule; one of the members is set.
type ruleAction struct {
	S3Action        *s3Action        `json:",omitempty"`
	LambdaAction    *lambdaAction    `json:",omitempty"`
	SNSAction       *snsAction       `json:",omitempty"`
	StopAction      *stopAction      `json:",omitempty"`
	AddHeaderAction *addHeaderAction `json:",omitempty"`
}

type s3Action struct {
	TopicARN        string `json:"TopicArn,omitempty" xml:"TopicArn,omitempty"`
	BucketName      string
	ObjectKeyPrefix string `json:",omitempty" xml:",omitempty"`
	IAMRoleARN      string `json:"IamRoleArn,omitempty" xml:"IamRoleArn,omitempty"`
}

type lambdaAction struct {
	TopicARN       string `json:"TopicArn,omitempty" xml:"TopicArn,omitempty"`
	FunctionARN    string `json:"FunctionArn" xml:"FunctionArn"`
	InvocationType string // Event or RequestResponse
}

type snsAction struct {
	TopicARN string `json:"TopicArn" xml:"TopicArn"`
	Encoding string // UTF-8 or Base64
}

type stopAction struct {
	Scope    string // RuleSet
	TopicARN string `json:"TopicArn,omitempty" xml:"TopicArn,omitempty"`
}

type addHeaderAction struct{ HeaderName, HeaderValue string }

// topic returns the ARN of the topic that is told of an action, or "".
func (a ruleAction) topic() string {
	switch {
	case a.S3Action != nil:
		return a.S3Action.TopicARN
	case a.LambdaAction != nil:
		return a.LambdaAction.TopicARN
	case a.SNSAction != nil:
		return a.SNSAction.TopicARN
	case a.StopAction != nil:
		return a.StopAction.TopicARN
	}
	return ""
}

// The limits of a rule ("Service quotas in Amazon SES").
const (
	maxRules      = 200
	maxActions    = 10
	maxRecipients = 500
)

// ruleShape is what a rule may look like in the API and in a template.
func ruleShape() shape.Rule {
	object := shape.Object
	return object(shape.Fields{
		"Name": shape.String, "Enabled": shape.Boolean, "TlsPolicy": shape.Enum("Require", "Optional"),
		"Recipients": shape.List(shape.String), "ScanEnabled": shape.Boolean,
		"Actions": shape.List(object(shape.Fields{
			"S3Action": object(shape.Fields{
				"TopicArn": shape.String, "BucketName": shape.String, "ObjectKeyPrefix": shape.String,
				"IamRoleArn": shape.String, "KmsKeyArn": shape.Unmodelled,
			}, "BucketName"),
			"LambdaAction": object(shape.Fields{
				"TopicArn": shape.String, "FunctionArn": shape.String, "InvocationType": shape.Enum("Event", "RequestResponse"),
			}, "FunctionArn"),
			"SNSAction":       object(shape.Fields{"TopicArn": shape.String, "Encoding": shape.Enum("UTF-8", "Base64")}, "TopicArn"),
			"StopAction":      object(shape.Fields{"Scope": shape.Enum("RuleSet"), "TopicArn": shape.String}, "Scope"),
			"AddHeaderAction": object(shape.Fields{"HeaderName": shape.String, "HeaderValue": shape.String}, "HeaderName", "HeaderValue"),
			"BounceAction":    shape.Unmodelled, "WorkmailAction": shape.Unmodelled, "ConnectAction": shape.Unmodelled,
		})),
	})
}

// newRule makes a rule of its description, which the shape allows.
func newRule(description map[string]any) (*rule, error) {
	r := &rule{TLSPolicy: "Optional"}
	if err := resource.Decode(description, r); err != nil {
		return nil, invalid("%v", err)
	}
	for _, a := range r.Actions {
		if a.LambdaAction != nil && a.LambdaAction.InvocationType == "" {
			a.LambdaAction.InvocationType = "Event"
		}
		if a.SNSAction != nil && a.SNSAction.Encoding == "" {
			a.SNSAction.Encoding = "UTF-8"
		}
	}
	return r, r.check()
}

var (
	setName    = lazy.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?$`)
	headerName = lazy.MustCompile(`^[A-Za-z0-9-]{1,50}$`)
	domainName = lazy.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`)
)

func (r *rule) check() error {
	switch {
	case !setName.MatchString(r.Name):
		return invalid("Rule name must only contain alphanumeric characters, '_', '.', and '-', start and end with an alphanumeric character and have at most 64 characters: %s", r.Name)
	case len(r.Actions) > maxActions:
		return refused("LimitExceeded", "A rule can have at most %d actions.", maxActions)
	case len(r.Recipients) > maxRecipients:
		return refused("LimitExceeded", "A rule can have at most %d recipients.", maxRecipients)
	}
	for _, recipient := range r.Recipients {
		_, domain, address := strings.Cut(recipient, "@")
		if !address {
			domain = strings.TrimPrefix(recipient, ".")
		}
		if !domainName.MatchString(domain) || strings.HasPrefix(recipient, "@") {
			return invalid("Invalid recipient: %s", recipient)
		}
	}
	for _, a := range r.Actions {
		if err := a.check(); err != nil {
			return err
		}
	}
	return nil
}

func (a ruleAction) check() error {
	set := 0
	for _, there := range []bool{a.S3Action != nil, a.LambdaAction != nil, a.SNSAction != nil, a.StopAction != nil, a.AddHeaderAction != nil} {
		if there {
			set++
		}
	}
	if set != 1 {
		return invalid("Each action must have exactly one action type")
	}
	if h := a.AddHeaderAction; h != nil {
		if !headerName.MatchString(h.HeaderName) {
			return invalid("Invalid header name: %s", h.HeaderName)
		}
		if len(h.HeaderValue) > 2048 || strings.ContainsAny(h.HeaderValue, "\r\n") {
			return invalid("Invalid header value: it has more than 2048 characters or a line break")
		}
	}
	return nil
}

// matches returns those recipients of a mail for which the rule is.
func (r *rule) matches(recipients []string, domains []string) []string {
	var out []string
	for _, recipient := range recipients {
		if r.wants(strings.ToLower(recipient), domains) {
			out = append(out, recipient)
		}
	}
	return out
}

// wants reports whether the rule is for an address, in lower case. domains are
// the verified ones.
func (r *rule) wants(address string, domains []string) bool {
	domain := domainOf(address)
	if len(r.Recipients) == 0 {
		for _, verified := range domains {
			if domain == verified || strings.HasSuffix(domain, "."+verified) {
				return true
			}
		}
		return len(domains) == 0
	}
	for _, condition := range r.Recipients {
		condition = strings.ToLower(condition)
		switch {
		case strings.Contains(condition, "@") && condition == address,
			strings.HasPrefix(condition, ".") && strings.HasSuffix(domain, condition),
			condition == domain:
			return true
		}
	}
	return false
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// ruleARN is what resource policies know of a rule: aws:SourceArn.
func ruleARN(scope arn.Scope, set, rule string) string {
	return scope.Regional("ses", "receipt-rule-set/"+set+":receipt-rule/"+rule)
}
