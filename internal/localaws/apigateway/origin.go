// SPDX-License-Identifier: MIT

package apigateway

import "regexp"

// originChoice is the one template with logic that is modelled: that of a
// preflight which names the origin of the request if it is one of several.
var originChoice = regexp.MustCompile(`^\s*#set\(\$origin = \$input\.params\(\)\.header\.get\("Origin"\)\)\s*` +
	`#if\(\$origin == ""\)\s*#set\(\$origin = \$input\.params\(\)\.header\.get\("origin"\)\)\s*#end\s*` +
	`#if\(((?:\$origin\.matches\("[^"]*"\)(?: \|\| )?)+)\)\s*` +
	`#set\(\$context\.responseOverride\.header\.Access-Control-Allow-Origin = \$origin\)\s*#end\s*$`)

var originTest = regexp.MustCompile(`matches\("([^"]*)"\)`)

// originOf returns the origin that such a template sets: that of the request if
// one of its regular expressions fits the whole of it. It reports false for
// other templates.
func originOf(template, origin string) (set string, ok bool) {
	m := originChoice.FindStringSubmatch(template)
	if m == nil {
		return "", false
	}
	for _, test := range originTest.FindAllStringSubmatch(m[1], -1) {
		if fits, err := regexp.MatchString("^(?:"+test[1]+")$", origin); err == nil && fits && origin != "" {
			return origin, true
		}
	}
	return "", true
}
