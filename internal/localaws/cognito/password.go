// SPDX-License-Identifier: MIT

package cognito

import (
	"strings"
)

// policies are those of passwords and of sign-in.
type policies struct {
	PasswordPolicy passwordPolicy
}

// passwordPolicy says what a password must have. The zero value is what AWS has
// where nothing is said.
type passwordPolicy struct {
	MinimumLength                 int
	RequireUppercase              bool
	RequireLowercase              bool
	RequireNumbers                bool
	RequireSymbols                bool
	TemporaryPasswordValidityDays int
}

// complete fills in what is not said.
func (p *policies) complete() {
	if p.PasswordPolicy == (passwordPolicy{}) {
		p.PasswordPolicy = passwordPolicy{8, true, true, true, true, 7}
	}
	if p.PasswordPolicy.MinimumLength == 0 {
		p.PasswordPolicy.MinimumLength = 8
	}
	if p.PasswordPolicy.TemporaryPasswordValidityDays == 0 {
		p.PasswordPolicy.TemporaryPasswordValidityDays = 7
	}
}

const (
	lowerLetters = "abcdefghijklmnopqrstuvwxyz"
	upperLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	// symbols are those that count as such ("Adding user pool password
	// requirements", Amazon Cognito Developer Guide); a space within counts, too.
	symbols = `^$*.[]{}()?"!@#%&/\,><':;|_~` + "`=+- "
)

// check returns the fault of a password.
func (p passwordPolicy) check(password string) error {
	for _, one := range []struct {
		wanted bool
		of     string
		fault  string
	}{
		{p.RequireLowercase, lowerLetters, "Password must have lowercase characters"},
		{p.RequireUppercase, upperLetters, "Password must have uppercase characters"},
		{p.RequireNumbers, digits, "Password must have numeric characters"},
		{p.RequireSymbols, symbols, "Password must have symbol characters"},
	} {
		if len(password) < p.MinimumLength {
			return refused("InvalidPasswordException", "Password did not conform with policy: Password not long enough")
		}
		if one.wanted && !strings.ContainsAny(password, one.of) {
			return refused("InvalidPasswordException", "Password did not conform with policy: %s", one.fault)
		}
	}
	if len(password) > 256 {
		return invalid("1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length less than or equal to 256")
	}
	if password != strings.TrimSpace(password) {
		return invalid("1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$")
	}
	return nil
}

// temporary makes a password that any policy takes.
func (p passwordPolicy) temporary() string {
	password := []byte(random(max(p.MinimumLength, 8)-4, lettersAndDigits))
	for _, kind := range []string{lowerLetters, upperLetters, digits, "!#%&*+-.:=?@_"} {
		password = append(password, random(1, kind)...)
	}
	return string(password)
}
