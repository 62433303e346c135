// SPDX-License-Identifier: MIT

package spec

import (
	"math"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/diag"
)

// knownSecrets are what credentials look like that have a form of their own.
// Sources: "IAM identifiers" of AWS, "About authentication to GitHub", "Token
// types" of Slack, RFC 7468 and RFC 7519.
var knownSecrets = []struct {
	what string
	form *regexp.Regexp
}{
	{"an AWS access key", regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z2-7]{16}\b`)},
	{"a private key", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)},
	{"a GitHub token", regexp.MustCompile(`\b(?:gh[opsur]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})`)},
	{"a Slack token", regexp.MustCompile(`\bxox[abeoprs]-[A-Za-z0-9-]{10,}`)},
	{"a JSON web token", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`)},
	{"a URL with a password", regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@]{4,}@`)},
}

// secretNames matches the names of variables that hold secrets.
var secretNames = regexp.MustCompile(`(?i)(?:^|_)(?:SECRET|SECRET_?KEY|PASSWORD|PASSWD|PASSPHRASE|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)S?$`)

// secretIn says what secret a value seems to hold, or "". Name is that of the
// variable.
func secretIn(name, value string) string {
	if strings.Contains(value, "{{resolve:") {
		return ""
	}
	for _, known := range knownSecrets {
		if known.form.MatchString(value) {
			return known.what
		}
	}
	const short, random = 8, 2.75
	if !secretNames.MatchString(name) || len(value) < short || strings.ContainsAny(value, " /") || strings.HasPrefix(value, "arn:") {
		return "" // a path, an ARN or a sentence names a secret rather than being one
	}
	if entropy(value) >= random {
		return "a secret"
	}
	return ""
}

// entropy is how many bits each character of a text holds (Shannon).
func entropy(s string) float64 {
	count := map[rune]float64{}
	total := 0.0
	for _, r := range s {
		count[r]++
		total++
	}
	bits := 0.0
	for _, n := range count {
		bits -= n / total * math.Log2(n/total)
	}
	return bits
}

// plainSecret warns of a value that would stand in the template, which many
// people and tools can read.
func (d *decoder) plainSecret(n *node) {
	if n.kind != text {
		return
	}
	if what := secretIn(n.key, n.written); what != "" {
		if !n.masked {
			d.hide(n.written, n.raw())
		}
		d.warn(n, diag.PlainSecret, "this looks like "+what+", and stands in the template as it is",
			"keep it in Secrets Manager or Parameter Store and write ${secret:name} or ${ssm:/name}")
	}
}

// hide keeps texts of the file out of the lines that problems show: logs and
// reports of checks are read by more people than the file is.
func (s *source) hide(texts ...string) {
	const short = 4 // what is shorter tells nothing, and stands in many words
	for _, text := range texts {
		for part := range strings.SplitSeq(text, "\n") {
			if part = strings.TrimSpace(part); len(part) >= short {
				s.hidden = append(s.hidden, part)
			}
		}
	}
}

// veil replaces what is hidden in a line, and keeps the columns.
func (s *source) veil(line string) string {
	for _, part := range s.hidden {
		line = strings.ReplaceAll(line, part, strings.Repeat("*", utf8.RuneCountInString(part)))
	}
	return line
}

// veilAll does so in problems that were found before the secret was.
func (s *source) veilAll(problems diag.List) {
	for i := range problems {
		problems[i].Source = s.veil(problems[i].Source)
	}
}
