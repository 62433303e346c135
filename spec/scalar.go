// SPDX-License-Identifier: MIT

package spec

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sparta-up/sparta/internal/diag"
)

// jsonNumber matches numbers that JSON takes as they are written. Exponents
// are left out: they are written anew, so that none is beyond reason.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// maxDigits is how long a number may be; a longer run of digits is text.
const maxDigits = 100

// scalar gives n the value of a YAML scalar: what YAML 1.2 says, with these
// exceptions in favour of what people mean. A date is text, as it is to
// CloudFormation (Version: 2012-10-17). So is a number with a leading zero,
// which is an account id or a postal code and loses the zero as a number, and
// so are .inf and .nan, which JSON does not have.
func (c *converter) scalar(n *node, y *yaml.Node) {
	n.written = c.written(y)
	n.quoted = y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	switch y.Tag {
	case "!!null":
		n.kind = null
	case "!!bool":
		n.kind = boolean
		n.setJSON(strings.ToLower(y.Value))
		if form := n.json(); form != "true" && form != "false" {
			c.fault(n, n.at, diag.NotBoolean, strconv.Quote(y.Value)+" is neither true nor false", "")
		}
	case "!!int", "!!float":
		n.kind = text
		if form := numberJSON(y.Value); form != "" {
			n.kind = number
			n.setJSON(form)
		}
	case "!!str", "!!timestamp", "!!merge", "", "!":
		n.kind = text
	default:
		n.kind = text
		if strings.HasPrefix(y.Tag, "!!") {
			c.fault(n, n.at, diag.UnsupportedTag, "tag "+y.Tag+" is not supported", "write the value without it")
		}
	}
}

// numberJSON is the JSON form of a YAML number, or "" if it is better kept as
// text.
func numberJSON(written string) string {
	if len(written) > maxDigits {
		return ""
	}
	if jsonNumber.MatchString(written) {
		return written
	}
	plain := strings.ReplaceAll(written, "_", "")
	digits := strings.TrimLeft(plain, "+-")
	if len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return ""
	}
	if i, ok := new(big.Int).SetString(strings.TrimPrefix(plain, "+"), 0); ok {
		return i.String()
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil || f-f != 0 {
		return ""
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}
