// SPDX-License-Identifier: MIT

package elbv2

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// condition is what a request has to meet: one of its values. It has the members
// of templates and of the API, which are the same.
type condition struct {
	Field                   string
	Values                  []string     `xml:"Values>member" json:",omitempty"` // of paths and hosts; the older form
	PathPatternConfig       *values      `json:",omitempty"`
	HostHeaderConfig        *values      `json:",omitempty"`
	HttpRequestMethodConfig *values      `json:",omitempty"`
	SourceIpConfig          *values      `json:",omitempty"`
	HttpHeaderConfig        *headerMatch `json:",omitempty"`
	QueryStringConfig       *queryMatch  `json:",omitempty"`
}

// values are patterns, or texts.
type values struct {
	Values []string `xml:"Values>member"`
}

// headerMatch is a header and patterns of its value.
type headerMatch struct {
	HttpHeaderName string
	Values         []string `xml:"Values>member"`
}

// queryMatch is parameters of the query.
type queryMatch struct {
	Values []pair `xml:"Values>member"`
}

// pair is a parameter: the key, or any if it is empty, and a pattern of the
// value.
type pair struct {
	Key   string `xml:",omitempty" json:",omitempty"`
	Value string
}

// The limits of a rule ("Quotas for your Application Load Balancers").
const (
	maxValues    = 5
	maxWildcards = 6
	maxValue     = 128 // characters
	maxName      = 40  // characters of a header's name or a method
)

var (
	pathPattern = lazy.MustCompile(`^[A-Za-z0-9_\-.$/~"'@:+&*?]+$`)
	hostPattern = lazy.MustCompile(`^[A-Za-z0-9\-.*?]+$`)
	methodName  = lazy.MustCompile(`^[A-Z_-]+$`)
	headerName  = lazy.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
)

// complete checks a condition and gives paths and hosts both of their forms.
func (c condition) complete() (condition, error) {
	switch c.Field {
	case "path-pattern":
		return c, c.unify(&c.PathPatternConfig, pathPattern)
	case "host-header":
		return c, c.unify(&c.HostHeaderConfig, hostPattern)
	}
	if len(c.Values) > 0 {
		return c, invalid("The 'Values' field is not compatible with '%s'", c.Field)
	}
	switch {
	case c.Field == "http-request-method" && c.HttpRequestMethodConfig != nil:
		return c, checkValues(c.Field, maxName, methodName, c.HttpRequestMethodConfig.Values)
	case c.Field == "source-ip" && c.SourceIpConfig != nil:
		return c, checkBlocks(c.SourceIpConfig.Values)
	case c.Field == "http-header" && c.HttpHeaderConfig != nil:
		if err := checkValues("HttpHeaderName", maxName, headerName, []string{c.HttpHeaderConfig.HttpHeaderName}); err != nil {
			return c, err
		}
		return c, checkValues(c.Field, maxValue, nil, c.HttpHeaderConfig.Values)
	case c.Field == "query-string" && c.QueryStringConfig != nil:
		return c, c.QueryStringConfig.check()
	case slices.Contains([]string{"http-request-method", "source-ip", "http-header", "query-string"}, c.Field):
		return c, invalid("The configuration of the condition '%s' must be specified with it", c.Field)
	}
	return c, invalid("Condition field '%s' must be one of '[path-pattern,host-header,http-header,http-request-method,query-string,source-ip]'", c.Field)
}

// unify checks the values of either form, and sets the other.
func (c *condition) unify(config **values, form *lazy.Regexp) error {
	switch {
	case *config != nil && len(c.Values) > 0 && !slices.Equal(c.Values, (*config).Values):
		return invalid("You cannot provide both Values and the configuration of a condition of type '%s'", c.Field)
	case *config == nil:
		*config = &values{c.Values}
	}
	c.Values = (*config).Values
	return checkValues(c.Field, maxValue, form, c.Values)
}

// checkValues checks texts: form is nil if every character may be in them.
func checkValues(field string, most int, form *lazy.Regexp, list []string) error {
	if len(list) == 0 {
		return invalid("A condition value must be specified")
	}
	for _, value := range list {
		switch {
		case value == "":
			return invalid("A condition value must be specified")
		case len(value) > most:
			return invalid("The '%s' value is too long; the limit is '%d'", field, most)
		case form != nil && !form.MatchString(value):
			return invalid("The '%s' value '%s' contains a character that is not valid", field, value)
		}
	}
	return nil
}

func checkBlocks(list []string) error {
	if len(list) == 0 {
		return invalid("A 'source-ip' value must be specified")
	}
	for _, value := range list {
		if block, err := netip.ParsePrefix(value); err != nil || block != block.Masked() {
			return invalid("The 'source-ip' value '%s' is not a valid CIDR block", value)
		}
	}
	return nil
}

func (q *queryMatch) check() error {
	if len(q.Values) == 0 {
		return invalid("A 'Value' must be specified in 'QueryStringKeyValuePair'")
	}
	for _, p := range q.Values {
		switch {
		case p.Value == "":
			return invalid("A 'Value' must be specified in 'QueryStringKeyValuePair'")
		case len(p.Key) > maxValue:
			return invalid("The 'Key' value is too long; the limit is '%d'", maxValue)
		case len(p.Value) > maxValue:
			return invalid("The 'Value' value is too long; the limit is '%d'", maxValue)
		}
	}
	return nil
}

// texts returns the patterns of a condition, those of query strings apart.
func (c condition) texts() []string {
	switch {
	case c.PathPatternConfig != nil:
		return c.PathPatternConfig.Values
	case c.HostHeaderConfig != nil:
		return c.HostHeaderConfig.Values
	case c.HttpHeaderConfig != nil:
		return c.HttpHeaderConfig.Values
	}
	return nil
}

// count returns how many values and wildcards a condition has.
func (c condition) count() (all, wild int) {
	for _, text := range c.texts() {
		all++
		wild += wildcards(text, false)
	}
	if c.QueryStringConfig != nil {
		for _, p := range c.QueryStringConfig.Values {
			all++
			wild += wildcards(p.Key, true) + wildcards(p.Value, true)
		}
	}
	for _, plain := range []*values{c.HttpRequestMethodConfig, c.SourceIpConfig} {
		if plain != nil {
			all += len(plain.Values)
		}
	}
	return all, wild
}

// completeConditions checks the conditions of a rule.
func completeConditions(list []condition) ([]condition, error) {
	if len(list) == 0 {
		return nil, invalid("A rule must have at least one condition")
	}
	out := make([]condition, 0, len(list))
	seen := map[string]bool{}
	all, wild := 0, 0
	for _, c := range list {
		done, err := c.complete()
		if err != nil {
			return nil, err
		}
		repeats := strings.HasPrefix(c.Field, "http-header") || c.Field == "query-string"
		if seen[c.Field] && !repeats {
			return nil, invalid("A rule can only have one '%s' condition", c.Field)
		}
		seen[c.Field] = true
		values, stars := done.count()
		all, wild = all+values, wild+stars
		out = append(out, done)
	}
	if all > maxValues {
		return nil, invalid("A rule can only have '%d' condition values", maxValues)
	}
	if wild > maxWildcards {
		return nil, invalid("A rule can only have '%d' condition wildcards", maxWildcards)
	}
	return out, nil
}
