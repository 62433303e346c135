// SPDX-License-Identifier: MIT

package cognito

import (
	"crypto/subtle"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// code is a confirmation code that somebody was sent.
type code struct {
	Code      string
	Attribute string // where it was sent to, which it verifies
	Expires   time.Time
}

// What codes are for; those that verify an attribute bear its name.
const (
	forSignUp   = "sign-up"
	forPassword = "password"
)

// How long codes are valid ("Quotas in Amazon Cognito").
const (
	signUpCodeStays   = 24 * time.Hour
	passwordCodeStays = time.Hour
)

// give makes a code for a user; s.mu is held.
func (u *user) give(purpose, attribute string, now time.Time) string {
	stays := signUpCodeStays
	if purpose == forPassword {
		stays = passwordCodeStays
	}
	c := code{random(6, digits), attribute, now.Add(stays)}
	if u.Codes == nil {
		u.Codes = map[string]code{}
	}
	u.Codes[purpose] = c
	return c.Code
}

// take uses a code up and returns the attribute that it verifies; s.mu is held.
func (u *user) take(purpose, said string, now time.Time) (string, error) {
	c, ok := u.Codes[purpose]
	switch {
	case !ok || now.After(c.Expires):
		return "", errExpiredCode()
	case subtle.ConstantTimeCompare([]byte(c.Code), []byte(said)) != 1:
		return "", errWrongCode()
	}
	delete(u.Codes, purpose)
	return c.Attribute, nil
}

func errExpiredCode() error {
	return refused("ExpiredCodeException", "Invalid code provided, please request a code again.")
}

func errWrongCode() error {
	return refused("CodeMismatchException", "Invalid verification code provided, please try again.")
}

// verify marks an attribute as verified; s.mu is held.
func (u *user) verify(attribute string) { u.Attributes[attribute+"_verified"] = "true" }

// reach returns the attribute to which the code of a sign-up goes, "" if none
// does: by text message rather than by mail.
func (s *settings) reach(attributes map[string]string) string {
	for _, name := range []string{"phone_number", "email"} {
		if slices.Contains(s.AutoVerifiedAttributes, name) && attributes[name] != "" {
			return name
		}
	}
	return ""
}

// recovery returns the attribute to which the code for another password goes, ""
// if none does.
func (s *settings) recovery(u *user) string {
	ways := map[int]string{1: "verified_phone_number", 2: "verified_email"}
	if list := shape.Items(s.AccountRecoverySetting, "RecoveryMechanisms"); list != nil {
		clear(ways)
		for _, one := range list {
			way, _ := one.(map[string]any)
			priority, _ := shape.Int(way["Priority"])
			ways[priority] = shape.Member(way, "Name")
		}
	}
	for priority := range 3 {
		name := map[string]string{"verified_phone_number": "phone_number", "verified_email": "email"}[ways[priority]]
		if name != "" && u.Attributes[name] != "" && u.verified(name) {
			return name
		}
	}
	return ""
}
