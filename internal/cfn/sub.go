// SPDX-License-Identifier: MIT

package cfn

import (
	"fmt"
	"strings"
)

// SubNames returns the names inside of ${} of an Fn::Sub format, in order and
// with repeats; ${!Text} is text and makes none. The error says what
// CloudFormation would refuse: a name of other characters than letters, digits,
// underscores, periods and colons, or an empty one. A ${ that is not closed is
// text (user guide, "Fn::Sub").
func SubNames(format string) ([]string, error) {
	var names []string
	var fault error
	for {
		_, rest, ok := strings.Cut(format, "${")
		if !ok {
			return names, fault
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return names, fault
		}
		format = after
		if strings.HasPrefix(name, "!") {
			continue
		}
		if !subName(name) {
			if fault == nil {
				fault = fmt.Errorf("${%s}: a name is made of letters, digits, underscores, periods and colons", name)
			}
			continue
		}
		names = append(names, name)
	}
}

func subName(name string) bool {
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		case r == '_', r == '.', r == ':':
		default:
			return false
		}
	}
	return name != ""
}
