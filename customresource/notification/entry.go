// SPDX-License-Identifier: MIT

package notification

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/customresource"
)

// Properties are the properties of the resource in the template.
type Properties struct {
	Bucket        string     // name of a bucket in the region of the stack
	Owner         string     // account id that must own it; empty: the stack's
	Notifications []Listener // at least one
}

// Listener is a function that a bucket notifies.
type Listener struct {
	Function string   // ARN, may have a version or an alias; must let S3 in before
	Events   []string // such as s3:ObjectCreated:*
	Filter   KeyFilter
}

// KeyFilter narrows the objects to those whose keys begin and end so.
type KeyFilter struct {
	Prefix string // empty: any
	Suffix string // empty: any
}

func decode(r customresource.Request) (Properties, error) {
	var p Properties
	if err := r.Decode(&p); err != nil {
		return p, err
	}
	return p, p.check()
}

func (p Properties) check() error {
	switch {
	case p.Bucket == "" || len(p.Notifications) == 0:
		return errors.New("properties: Bucket and Notifications are needed")
	case strings.ContainsAny(p.Bucket, ":/"):
		return fmt.Errorf("properties: Bucket: %q is not the name of a bucket", p.Bucket)
	}
	for i, l := range p.Notifications {
		if !strings.HasPrefix(l.Function, "arn:") || len(l.Events) == 0 {
			return fmt.Errorf("properties: Notifications: %d: Function, an ARN, and Events are needed", i)
		}
	}
	return nil
}

// entries returns what stands in a bucket's configuration for the listeners of a
// request that began at start.
func entries(listeners []Listener, prefix string, start int64) []types.LambdaFunctionConfiguration {
	var out []types.LambdaFunctionConfiguration
	for i, l := range listeners {
		e := types.LambdaFunctionConfiguration{Id: aws.String(idOf(prefix, start, i+1)), LambdaFunctionArn: &l.Function}
		for _, event := range l.Events {
			e.Events = append(e.Events, types.Event(event))
		}
		var rules []types.FilterRule
		if l.Filter.Prefix != "" {
			rules = append(rules, types.FilterRule{Name: types.FilterRuleNamePrefix, Value: &l.Filter.Prefix})
		}
		if l.Filter.Suffix != "" {
			rules = append(rules, types.FilterRule{Name: types.FilterRuleNameSuffix, Value: &l.Filter.Suffix})
		}
		if rules != nil {
			e.Filter = &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: rules}}
		}
		out = append(out, e)
	}
	return out
}

// maxOwnPrefix leaves room for a time and a number in the 255 characters of an id.
const maxOwnPrefix = 240

// ownPrefix returns what the ids of a resource's entries begin with: it depends
// on the stack and the logical id alone, so that what a failed operation left is
// found again.
func ownPrefix(r customresource.Request) string {
	name := "sparta:" + cmp.Or(r.StackName(), r.StackID) + "/" + r.LogicalID
	if len(name) <= maxOwnPrefix {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "sparta:" + hex.EncodeToString(sum[:16])
}

// idOf returns the id of an entry: the prefix, when the request that wrote it
// began, and a number.
func idOf(prefix string, start int64, number int) string {
	return prefix + "/" + strconv.FormatInt(start, 36) + "/" + strconv.Itoa(number)
}

// startOf returns when the request began that wrote an entry, or false if the id
// is none of the prefix.
func startOf(prefix, id string) (int64, bool) {
	rest, own := strings.CutPrefix(id, prefix+"/")
	text, number, parted := strings.Cut(rest, "/")
	start, err := strconv.ParseInt(text, 36, 64)
	_, numberErr := strconv.Atoi(number)
	return start, own && parted && err == nil && numberErr == nil
}

// sameEntries reports whether two lists have the same entries in any order.
func sameEntries(a, b []types.LambdaFunctionConfiguration) bool {
	return slices.Equal(texts(&types.NotificationConfiguration{LambdaFunctionConfigurations: a}), texts(&types.NotificationConfiguration{LambdaFunctionConfigurations: b}))
}

// texts returns a text for each entry of any kind, sorted: S3 keeps neither their
// order nor that of their events.
func texts(c *types.NotificationConfiguration) []string {
	var out []string
	for _, e := range entriesOf(c) {
		var events []string
		for _, event := range e.events {
			events = append(events, string(event))
		}
		slices.Sort(events)
		out = append(out, fmt.Sprintf("%q", []string{e.id, e.destination, strings.Join(events, " "), e.prefix, e.suffix}))
	}
	slices.Sort(out)
	return out
}

// affixes returns what a filter asks keys to begin and end with.
func affixes(f *types.NotificationConfigurationFilter) (prefix, suffix string) {
	if f == nil || f.Key == nil {
		return "", ""
	}
	for _, rule := range f.Key.FilterRules {
		if strings.EqualFold(string(rule.Name), "prefix") {
			prefix = aws.ToString(rule.Value)
		} else {
			suffix = aws.ToString(rule.Value)
		}
	}
	return prefix, suffix
}

// entry is a listener of any kind.
type entry struct {
	id, destination string
	events          []types.Event
	prefix, suffix  string
}

func entriesOf(c *types.NotificationConfiguration) []entry {
	var out []entry
	add := func(id, destination *string, events []types.Event, filter *types.NotificationConfigurationFilter) {
		prefix, suffix := affixes(filter)
		out = append(out, entry{aws.ToString(id), aws.ToString(destination), events, prefix, suffix})
	}
	for _, e := range c.LambdaFunctionConfigurations {
		add(e.Id, e.LambdaFunctionArn, e.Events, e.Filter)
	}
	for _, e := range c.QueueConfigurations {
		add(e.Id, e.QueueArn, e.Events, e.Filter)
	}
	for _, e := range c.TopicConfigurations {
		add(e.Id, e.TopicArn, e.Events, e.Filter)
	}
	return out
}
