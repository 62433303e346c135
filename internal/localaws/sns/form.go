// SPDX-License-Identifier: MIT

package sns

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// call is one request of the API.
type call struct {
	url.Values
	account, region string
	trace           string // the X-Ray trace header of the request; may be empty
}

// numbered calls f for prefix.1, prefix.2 and so on, as long as there are such
// parameters.
func (c call) numbered(prefix string, f func(at string) error) error {
	for n := 1; ; n++ {
		at := prefix + "." + strconv.Itoa(n)
		found := c.Has(at)
		for name := range c.Values {
			found = found || strings.HasPrefix(name, at+".")
		}
		if !found {
			return nil
		}
		if err := f(at); err != nil {
			return err
		}
	}
}

// entries reads a map such as Attributes.entry.1.key.
func (c call) entries(name string) map[string]string {
	out := map[string]string{}
	_ = c.numbered(name+".entry", func(at string) error { // never fails
		out[c.Get(at+".key")] = c.Get(at + ".value")
		return nil
	})
	return out
}

// tags reads Tags.member.1.Key and so on.
func (c call) tags() map[string]string {
	out := map[string]string{}
	_ = c.numbered("Tags.member", func(at string) error { // never fails
		out[c.Get(at+".Key")] = c.Get(at + ".Value")
		return nil
	})
	return out
}

// list reads a list such as TagKeys.member.1.
func (c call) list(name string) []string {
	var out []string
	_ = c.numbered(name+".member", func(at string) error { // never fails
		out = append(out, c.Get(at))
		return nil
	})
	return out
}

// attributes reads the message attributes that begin with prefix.
func (c call) attributes(prefix string) (map[string]delivery.Attribute, error) {
	out := map[string]delivery.Attribute{}
	err := c.numbered(prefix+"MessageAttributes.entry", func(at string) error {
		value := at + ".Value."
		data, err := base64.StdEncoding.DecodeString(c.Get(value + "BinaryValue"))
		if err != nil {
			return invalid("The binary value of message attribute '%s' is not base64", c.Get(at+".Name"))
		}
		a := delivery.Attribute{DataType: c.Get(value + "DataType"), StringValue: c.Get(value + "StringValue")}
		if len(data) > 0 {
			a.BinaryValue = data
		}
		out[c.Get(at+".Name")] = a
		return nil
	})
	return out, err
}
