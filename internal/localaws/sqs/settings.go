// SPDX-License-Identifier: MIT

package sqs

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// settings are the attributes of a queue that callers set.
type settings struct {
	VisibilitySeconds, DelaySeconds, RetentionSeconds, WaitSeconds int
	MaxBytes                                                       int // of a message with its attributes
	FIFO, ContentDeduplication                                     bool
	DeduplicationScope                                             string   // FIFO only: queue or messageGroup
	ThroughputLimit                                                string   // FIFO only; kept, without effect
	Redrive                                                        *redrive // nil: no dead-letter queue
	RedriveAllow                                                   string   // JSON as it was put
	KMSKey                                                         string   // kept, without effect
	KMSReuseSeconds                                                int
	ManagedEncryption                                              bool
}

// redrive says when messages go to a dead-letter queue.
type redrive struct {
	Target      string // ARN
	MaxReceives int
}

// maxMessage is the greatest size of a message and of a batch, in bytes: 1 MiB
// since August 2025 ("Amazon SQS message quotas").
const maxMessage = 1 << 20

func defaults() settings {
	return settings{
		VisibilitySeconds: 30, RetentionSeconds: 345600, MaxBytes: maxMessage, KMSReuseSeconds: 300, ManagedEncryption: true,
	}
}

// set changes one attribute as SetQueueAttributes does.
func (d *definition) set(name, value string) error {
	v := &d.Settings
	number := func(to *int, least, most int) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return invalidAttribute(name, value, "")
		}
		*to = n
		return nil
	}
	flag := func(to *bool) error {
		on := strings.EqualFold(value, "true")
		if !on && !strings.EqualFold(value, "false") {
			return invalidAttribute(name, value, "")
		}
		*to = on
		return nil
	}
	one := func(to *string, of ...string) error {
		if !slices.Contains(of, value) {
			return invalidAttribute(name, value, "")
		}
		*to = value
		return nil
	}
	switch name {
	case "VisibilityTimeout":
		return number(&v.VisibilitySeconds, 0, 43200)
	case "DelaySeconds":
		return number(&v.DelaySeconds, 0, 900)
	case "MessageRetentionPeriod":
		return number(&v.RetentionSeconds, 60, 1209600)
	case "ReceiveMessageWaitTimeSeconds":
		return number(&v.WaitSeconds, 0, 20)
	case "MaximumMessageSize":
		return number(&v.MaxBytes, 1024, maxMessage)
	case "KmsDataKeyReusePeriodSeconds":
		return number(&v.KMSReuseSeconds, 60, 86400)
	case "ContentBasedDeduplication":
		return flag(&v.ContentDeduplication)
	case "SqsManagedSseEnabled":
		return flag(&v.ManagedEncryption)
	case "KmsMasterKeyId":
		v.KMSKey, v.ManagedEncryption = value, v.ManagedEncryption && value == ""
	case "DeduplicationScope":
		return one(&v.DeduplicationScope, "messageGroup", "queue")
	case "FifoThroughputLimit":
		return one(&v.ThroughputLimit, "perQueue", "perMessageGroupId")
	case "FifoQueue":
		if err := flag(&v.FIFO); err != nil {
			return err
		}
		if !v.FIFO {
			return wire.Errorf(http.StatusBadRequest, "InvalidAttributeName", "Unknown Attribute FifoQueue.")
		}
	case "RedrivePolicy":
		return v.setRedrive(value)
	case "RedriveAllowPolicy":
		return v.setRedriveAllow(value)
	case "Policy":
		return d.setPolicy(value)
	default:
		return wire.Errorf(http.StatusBadRequest, "InvalidAttributeName", "Unknown Attribute %s.", name)
	}
	return nil
}

func (d *definition) setPolicy(text string) error {
	if text != "" {
		if _, err := policy.Parse([]byte(text)); err != nil {
			return invalidAttribute("Policy", "", "")
		}
	}
	d.Policy = text
	return nil
}

func (v *settings) setRedrive(text string) error {
	if text == "" {
		v.Redrive = nil
		return nil
	}
	var in struct {
		DeadLetterTargetArn string      `json:"deadLetterTargetArn"`
		MaxReceiveCount     json.Number `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return invalidAttribute("RedrivePolicy", text, "Redrive policy is not a valid JSON map.")
	}
	switch n, err := strconv.Atoi(in.MaxReceiveCount.String()); {
	case in.DeadLetterTargetArn == "":
		return invalidAttribute("RedrivePolicy", text, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
	case in.MaxReceiveCount == "":
		return invalidAttribute("RedrivePolicy", text, "Redrive policy does not contain mandatory attribute: maxReceiveCount.")
	case err != nil || n < 1 || n > 1000:
		return invalidAttribute("RedrivePolicy", text, "Invalid value for maxReceiveCount: "+in.MaxReceiveCount.String()+", valid values are from 1 to 1000 both inclusive.")
	default:
		v.Redrive = &redrive{in.DeadLetterTargetArn, n}
	}
	return nil
}

// redriveAllow says which queues may use a queue as their dead-letter queue.
type redriveAllow struct {
	Permission string   `json:"redrivePermission"`
	Sources    []string `json:"sourceQueueArns"`
}

func (v *settings) setRedriveAllow(text string) error {
	var in redriveAllow
	if text != "" {
		if err := json.Unmarshal([]byte(text), &in); err != nil || !slices.Contains([]string{"allowAll", "denyAll", "byQueue"}, in.Permission) ||
			(in.Permission == "byQueue") != (len(in.Sources) > 0) || len(in.Sources) > 10 {
			return invalidAttribute("RedriveAllowPolicy", text, "it needs a redrivePermission of allowAll, denyAll or byQueue, and with byQueue up to ten sourceQueueArns.")
		}
	}
	v.RedriveAllow = text
	return nil
}

func (v settings) allowsRedrive(source string) bool {
	if v.RedriveAllow == "" {
		return true
	}
	var in redriveAllow
	_ = json.Unmarshal([]byte(v.RedriveAllow), &in) // checked when it was set
	return in.Permission == "allowAll" || in.Permission == "byQueue" && slices.Contains(in.Sources, source)
}

// configure applies attributes to a definition and checks it as a whole; s.mu
// is held. An attribute that fails leaves d as it was.
func (s *Service) configure(d *definition, attributes map[string]string) error {
	next := *d
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if err := next.set(name, attributes[name]); err != nil {
			return err
		}
	}
	v := &next.Settings
	if !v.FIFO {
		for _, name := range []string{"ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"} {
			if _, given := attributes[name]; given {
				return wire.Errorf(http.StatusBadRequest, "InvalidAttributeName", "You can specify the %s only when FifoQueue is set to true.", name)
			}
		}
	}
	if v.FIFO && v.ThroughputLimit == "perMessageGroupId" && v.DeduplicationScope != "messageGroup" {
		return invalidAttribute("FifoThroughputLimit", v.ThroughputLimit, "FifoThroughputLimit can be set to perMessageGroupId only when DeduplicationScope is set to messageGroup.")
	}
	if _, given := attributes["RedrivePolicy"]; given && v.Redrive != nil {
		if err := s.checkRedrive(next, attributes["RedrivePolicy"]); err != nil {
			return err
		}
	}
	*d = next
	return nil
}

// checkRedrive checks the dead-letter queue of a queue; s.mu is held.
func (s *Service) checkRedrive(d definition, text string) error {
	refuse := func(why string) error { return invalidAttribute("RedrivePolicy", text, why) }
	target, err := s.findARN(d.Settings.Redrive.Target)
	a, _ := arn.Parse(d.Settings.Redrive.Target)
	switch {
	case a.Account != d.Scope.Account || a.Region != d.Scope.Region || err != nil:
		return refuse("Dead letter target does not exist.")
	case target.Settings.FIFO != d.Settings.FIFO:
		return refuse("Dead-letter queue must be same type of queue as the source.")
	case !target.Settings.allowsRedrive(d.arn()):
		return refuse("The dead-letter queue's RedriveAllowPolicy does not let this queue use it.")
	}
	return nil
}

// shown returns the attributes that callers set, as GetQueueAttributes has them.
func (d definition) shown() map[string]string {
	v := d.Settings
	out := map[string]string{
		"VisibilityTimeout": strconv.Itoa(v.VisibilitySeconds), "DelaySeconds": strconv.Itoa(v.DelaySeconds),
		"MessageRetentionPeriod": strconv.Itoa(v.RetentionSeconds), "MaximumMessageSize": strconv.Itoa(v.MaxBytes),
		"ReceiveMessageWaitTimeSeconds": strconv.Itoa(v.WaitSeconds), "SqsManagedSseEnabled": strconv.FormatBool(v.ManagedEncryption),
	}
	if v.KMSKey != "" {
		out["KmsMasterKeyId"], out["KmsDataKeyReusePeriodSeconds"] = v.KMSKey, strconv.Itoa(v.KMSReuseSeconds)
	}
	if v.FIFO {
		out["FifoQueue"], out["ContentBasedDeduplication"] = "true", strconv.FormatBool(v.ContentDeduplication)
		out["DeduplicationScope"], out["FifoThroughputLimit"] = "queue", "perQueue"
		if v.DeduplicationScope != "" {
			out["DeduplicationScope"] = v.DeduplicationScope
		}
		if v.ThroughputLimit != "" {
			out["FifoThroughputLimit"] = v.ThroughputLimit
		}
	}
	if v.Redrive != nil {
		out["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, v.Redrive.Target, v.Redrive.MaxReceives)
	}
	if v.RedriveAllow != "" {
		out["RedriveAllowPolicy"] = v.RedriveAllow
	}
	if d.Policy != "" {
		out["Policy"] = d.Policy
	}
	return out
}
