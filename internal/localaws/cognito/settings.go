// SPDX-License-Identifier: MIT

package cognito

import (
	"cmp"
	"errors"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// settings are what a pool is told, by the names of the API. They do not change.
type settings struct {
	AccountRecoverySetting      map[string]any `json:",omitempty"`
	AdminCreateUserConfig       adminCreateUserConfig
	AliasAttributes             []string `json:",omitempty"`
	AutoVerifiedAttributes      []string `json:",omitempty"`
	DeletionProtection          string
	DeviceConfiguration         map[string]any      `json:",omitempty"`
	EmailConfiguration          map[string]any      `json:",omitempty"`
	EmailVerificationMessage    string              `json:",omitempty"`
	EmailVerificationSubject    string              `json:",omitempty"`
	LambdaConfig                lambdaConfig        `json:",omitzero"`
	MfaConfiguration            string              // OFF
	Name                        string              // of the pool
	Policies                    policies            // of passwords
	SchemaAttributes            []attribute         // standard ones first
	SmsConfiguration            map[string]any      `json:",omitempty"`
	SmsVerificationMessage      string              `json:",omitempty"`
	UserAttributeUpdateSettings map[string]any      `json:",omitempty"`
	UsernameAttributes          []string            `json:",omitempty"`
	UsernameConfiguration       *usernameCase       `json:",omitempty"`
	UserPoolAddOns              map[string]any      `json:",omitempty"`
	UserPoolTier                string              // LITE, ESSENTIALS or PLUS
	VerificationMessageTemplate verificationMessage `json:",omitzero"`
}

type adminCreateUserConfig struct {
	AllowAdminCreateUserOnly  bool
	InviteMessageTemplate     inviteMessage `json:",omitzero"`
	UnusedAccountValidityDays int           `json:",omitempty"`
}

type inviteMessage struct {
	EmailMessage string `json:",omitempty"`
	EmailSubject string `json:",omitempty"`
	SMSMessage   string `json:",omitempty"`
}

type usernameCase struct{ CaseSensitive bool }

type verificationMessage struct {
	DefaultEmailOption string // CONFIRM_WITH_CODE
	EmailMessage       string `json:",omitempty"`
	EmailSubject       string `json:",omitempty"`
	SmsMessage         string `json:",omitempty"`
}

// lambdaConfig are the functions that a pool calls, by trigger.
type lambdaConfig struct {
	CreateAuthChallenge         string           `json:",omitempty"`
	CustomMessage               string           `json:",omitempty"`
	DefineAuthChallenge         string           `json:",omitempty"`
	PostAuthentication          string           `json:",omitempty"`
	PostConfirmation            string           `json:",omitempty"`
	PreAuthentication           string           `json:",omitempty"`
	PreSignUp                   string           `json:",omitempty"`
	PreTokenGeneration          string           `json:",omitempty"`
	PreTokenGenerationConfig    *versionedLambda `json:",omitempty"`
	UserMigration               string           `json:",omitempty"`
	VerifyAuthChallengeResponse string           `json:",omitempty"`
}

type versionedLambda struct {
	LambdaArn     string
	LambdaVersion string // V1_0, V2_0 or V3_0
}

// readSettings makes settings of the properties of a template. name is that of
// a pool without one.
func readSettings(properties map[string]any, name string) (*settings, error) {
	var out settings
	var more struct { // what the API calls by another name
		UserPoolName string
		Schema       []attribute
	}
	if err := errors.Join(resource.Decode(properties, &out), resource.Decode(properties, &more)); err != nil {
		return nil, invalid("%v", err)
	}
	out.Name = cmp.Or(more.UserPoolName, name)
	for i, item := range shape.Items(properties, "Schema") {
		if shape.Member(item, "Mutable") == "" {
			more.Schema[i].Mutable = true
		}
	}
	var err error
	if out.SchemaAttributes, err = schemaOf(more.Schema); err != nil {
		return nil, err
	}
	out.DeletionProtection = cmp.Or(out.DeletionProtection, "INACTIVE")
	out.MfaConfiguration = cmp.Or(out.MfaConfiguration, "OFF")
	out.UserPoolTier = cmp.Or(out.UserPoolTier, "ESSENTIALS")
	out.VerificationMessageTemplate.DefaultEmailOption = cmp.Or(out.VerificationMessageTemplate.DefaultEmailOption, "CONFIRM_WITH_CODE")
	if out.EmailConfiguration == nil {
		out.EmailConfiguration = map[string]any{"EmailSendingAccount": "COGNITO_DEFAULT"}
	}
	out.Policies.complete()
	return &out, out.check()
}

// check returns the fault of settings that do not go together.
func (s *settings) check() error {
	if len(s.UsernameAttributes) > 0 && len(s.AliasAttributes) > 0 {
		return invalid("Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")
	}
	c := s.LambdaConfig
	if c.PreTokenGenerationConfig == nil {
		return nil
	}
	if c.PreTokenGeneration != "" && c.PreTokenGeneration != c.PreTokenGenerationConfig.LambdaArn {
		return invalid("PreTokenGeneration and the LambdaArn of PreTokenGenerationConfig must be the same function")
	}
	if s.UserPoolTier == "LITE" && c.PreTokenGenerationConfig.LambdaVersion != "V1_0" {
		return refused("FeatureUnavailableInTierException", "PreTokenGenerationConfig with %s is not available in the LITE tier", c.PreTokenGenerationConfig.LambdaVersion)
	}
	return nil
}

// follows returns the fault of settings that the pool with the old ones cannot
// get.
func (s *settings) follows(old *settings) error {
	for _, one := range []struct {
		name    string
		changed bool
	}{
		{"AliasAttributes", !sameSet(s.AliasAttributes, old.AliasAttributes)},
		{"UsernameAttributes", !sameSet(s.UsernameAttributes, old.UsernameAttributes)},
		{"UsernameConfiguration", s.caseSensitive() != old.caseSensitive()},
	} {
		if one.changed {
			return invalid("Updates are not allowed for property - %s.", one.name)
		}
	}
	for _, a := range old.SchemaAttributes {
		if now, ok := s.attribute(a.Name); !ok || !now.same(a) {
			return invalid("Existing schema attributes cannot be modified or deleted.")
		}
	}
	return nil
}

// caseSensitive reports whether user names that differ in case only are two.
func (s *settings) caseSensitive() bool {
	return s.UsernameConfiguration == nil || s.UsernameConfiguration.CaseSensitive
}

// verifies reports whether codes verify an attribute.
func (s *settings) verifies(attribute string) bool {
	return slices.Contains(s.AutoVerifiedAttributes, attribute)
}

// aliases reports whether users may sign in by an attribute.
func (s *settings) aliases(attribute string) bool {
	return slices.Contains(s.AliasAttributes, attribute) || slices.Contains(s.UsernameAttributes, attribute)
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
