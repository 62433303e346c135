// SPDX-License-Identifier: MIT

package cognito

import (
	"context"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns the CloudFormation types that are modelled.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::Cognito::UserPool":                      poolType{s},
		"AWS::Cognito::UserPoolClient":                clientType{s},
		"AWS::Cognito::UserPoolGroup":                 groupType{s},
		"AWS::Cognito::UserPoolUser":                  userType{s},
		"AWS::Cognito::UserPoolUserToGroupAttachment": membershipType{s},
	}
}

// serviceName is how CloudFormation calls Cognito in the reasons of its events.
const serviceName = "CognitoIdentityProvider"

// poolType is AWS::Cognito::UserPool.
type poolType struct{ service *Service }

// Check returns the faults of the properties.
func (t poolType) Check(properties map[string]any) []string {
	text, flag, texts := shape.String, shape.Boolean, shape.List(shape.String)
	return shape.Check(shape.Object(shape.Fields{
		"AccountRecoverySetting": shape.Object(shape.Fields{"RecoveryMechanisms": shape.List(shape.Object(shape.Fields{
			"Name": shape.Enum("verified_email", "verified_phone_number", "admin_only"), "Priority": shape.Integer(1, 2),
		}, "Name", "Priority"))}),
		"AdminCreateUserConfig": shape.Object(shape.Fields{
			"AllowAdminCreateUserOnly": flag, "UnusedAccountValidityDays": shape.Integer(0, 365),
			"InviteMessageTemplate": shape.Object(shape.Fields{"EmailMessage": text, "EmailSubject": text, "SMSMessage": text}),
		}),
		"AliasAttributes": shape.List(shape.Enum("phone_number", "email", "preferred_username")), "AutoVerifiedAttributes": shape.List(shape.Enum("phone_number", "email")),
		"DeletionProtection":  shape.Enum("ACTIVE", "INACTIVE"),
		"DeviceConfiguration": shape.Object(shape.Fields{"ChallengeRequiredOnNewDevice": flag, "DeviceOnlyRememberedOnUserPrompt": flag}),
		"EmailConfiguration": shape.Object(shape.Fields{
			"ConfigurationSet": text, "EmailSendingAccount": shape.Enum("COGNITO_DEFAULT", "DEVELOPER"), "From": text, "ReplyToEmailAddress": text, "SourceArn": text,
		}),
		"EmailVerificationMessage": text, "EmailVerificationSubject": text, "LambdaConfig": lambdaShape(),
		"MfaConfiguration": shape.Only("OFF"), "Policies": policiesShape(), "Schema": shape.List(schemaShape()),
		"SmsConfiguration": shape.Object(shape.Fields{"ExternalId": text, "SnsCallerArn": text, "SnsRegion": text}), "SmsVerificationMessage": text,
		"UserAttributeUpdateSettings": shape.Object(shape.Fields{"AttributesRequireVerificationBeforeUpdate": shape.List(shape.Unmodelled)}),
		"UserPoolAddOns":              shape.Object(shape.Fields{"AdvancedSecurityMode": shape.Only("OFF"), "AdvancedSecurityAdditionalFlows": shape.Unmodelled}),
		"UserPoolName":                text, "UserPoolTags": shape.Any, "UserPoolTier": shape.Enum("LITE", "ESSENTIALS", "PLUS"),
		"UsernameAttributes": shape.List(shape.Enum("phone_number", "email")), "UsernameConfiguration": shape.Object(shape.Fields{"CaseSensitive": flag}),
		"VerificationMessageTemplate": shape.Object(shape.Fields{
			"DefaultEmailOption": shape.Only("CONFIRM_WITH_CODE"), "EmailMessage": text, "EmailSubject": text, "SmsMessage": text,
			"EmailMessageByLink": shape.Unmodelled, "EmailSubjectByLink": shape.Unmodelled,
		}),
		"EmailAuthenticationMessage": shape.Unmodelled, "EmailAuthenticationSubject": shape.Unmodelled, "EnabledMfas": noMFA(texts),
		"SmsAuthenticationMessage": shape.Unmodelled, "WebAuthnFactorConfiguration": shape.Unmodelled, "WebAuthnRelyingPartyID": shape.Unmodelled,
		"WebAuthnUserVerification": shape.Unmodelled,
	}), properties)
}

// noMFA accepts a list without anything in it.
func noMFA(list shape.Rule) shape.Rule {
	return func(path string, value any) []string {
		if items, ok := value.([]any); ok && len(items) > 0 {
			return shape.Unmodelled(path, value)
		}
		return list(path, value)
	}
}

func lambdaShape() shape.Rule {
	fields := shape.Fields{}
	for _, name := range []string{
		"CreateAuthChallenge", "CustomMessage", "DefineAuthChallenge", "PostAuthentication", "PostConfirmation", "PreAuthentication", "PreSignUp",
		"PreTokenGeneration", "UserMigration", "VerifyAuthChallengeResponse",
	} {
		fields[name] = shape.String
	}
	fields["PreTokenGenerationConfig"] = shape.Object(shape.Fields{
		"LambdaArn": shape.String, "LambdaVersion": shape.Enum("V1_0", "V2_0", "V3_0"),
	}, "LambdaArn", "LambdaVersion")
	fields["CustomEmailSender"], fields["CustomSMSSender"], fields["KMSKeyID"] = encrypted, encrypted, encrypted
	fields["InboundFederation"] = shape.Unmodelled
	return shape.Object(fields)
}

// encrypted refuses what takes KMS.
func encrypted(path string, _ any) []string {
	return []string{path + ": the embedded AWS does not model this property: it has no KMS, with which Cognito encrypts the codes that custom senders get"}
}

func policiesShape() shape.Rule {
	return shape.Object(shape.Fields{
		"PasswordPolicy": shape.Object(shape.Fields{
			"MinimumLength": shape.Integer(6, 99), "RequireLowercase": shape.Boolean, "RequireNumbers": shape.Boolean, "RequireSymbols": shape.Boolean,
			"RequireUppercase": shape.Boolean, "TemporaryPasswordValidityDays": shape.Integer(0, 365), "PasswordHistorySize": shape.Unmodelled,
		}),
		"SignInPolicy": shape.Object(shape.Fields{"AllowedFirstAuthFactors": shape.List(shape.Only("PASSWORD"))}),
	})
}

func schemaShape() shape.Rule {
	return shape.Object(shape.Fields{
		"AttributeDataType": shape.Enum("String", "Number", "DateTime", "Boolean"), "DeveloperOnlyAttribute": shape.Boolean, "Mutable": shape.Boolean,
		"Name": shape.String, "Required": shape.Boolean,
		"NumberAttributeConstraints": shape.Object(shape.Fields{"MaxValue": shape.String, "MinValue": shape.String}),
		"StringAttributeConstraints": shape.Object(shape.Fields{"MaxLength": shape.String, "MinLength": shape.String}),
	})
}

// Replaces reports that no property makes another pool: what cannot be changed
// fails instead.
func (t poolType) Replaces(_, _ map[string]any) bool { return false }

// Create makes a pool. Ref is its identifier.
func (t poolType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	in, err := readSettings(r.Properties, r.DefaultName(128))
	if err == nil {
		err = in.targets()
	}
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	p, err := newPool(r.Scope, in, t.service.env.Now().UTC())
	if err != nil {
		return resource.Instance{}, err
	}
	p.Tags = poolTags(r)
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	t.service.pools[p.ID] = p
	t.service.changed()
	return p.instance(), nil
}

// targets returns an error unless every trigger is a function.
func (s *settings) targets() error {
	c := s.LambdaConfig
	list := []string{
		c.CreateAuthChallenge, c.CustomMessage, c.DefineAuthChallenge, c.PostAuthentication, c.PostConfirmation, c.PreAuthentication, c.PreSignUp,
		c.PreTokenGeneration, c.UserMigration, c.VerifyAuthChallengeResponse,
	}
	if c.PreTokenGenerationConfig != nil {
		list = append(list, c.PreTokenGenerationConfig.LambdaArn)
	}
	for _, function := range slices.DeleteFunc(list, func(function string) bool { return function == "" }) {
		if _, ok := gateway.Target(function); !ok {
			return invalid("1 validation error detected: Value '%s' at 'lambdaConfig' failed to satisfy constraint: it is not the ARN of a function", function)
		}
	}
	return nil
}

func poolTags(r resource.Request) map[string]string {
	tags := shape.TagMap(r.Tags, nil)
	own, _ := r.Properties["UserPoolTags"].(map[string]any)
	for name := range own {
		tags[name] = shape.Member(own, name)
	}
	return tags
}

func (p *pool) instance() resource.Instance {
	return resource.Instance{PhysicalID: p.ID, Attributes: map[string]any{
		"Arn": p.arn(), "ProviderName": p.provider(), "ProviderURL": p.issuer(), "UserPoolId": p.ID,
	}}
}

// Update gives a pool other settings.
func (t poolType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	err := t.service.edit(r, old.PhysicalID, func(p *pool) error {
		in, err := readSettings(r.Properties, p.Settings.Name)
		if err == nil {
			err = in.targets()
		}
		if err == nil {
			err = in.follows(p.Settings)
		}
		if err != nil {
			return err
		}
		p.Settings, p.Tags, p.Modified = in, poolTags(r), t.service.env.Now().UTC()
		return nil
	})
	return old, err
}

// edit changes a pool for CloudFormation.
func (s *Service) edit(r resource.Request, id string, change func(p *pool) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.pool(r.Scope, id)
	if err == nil {
		err = change(p)
	}
	if err != nil {
		return wire.FromService(serviceName, err)
	}
	s.changed()
	return nil
}

// remove is edit for what may be gone already.
func (s *Service) remove(r resource.Request, id string, change func(p *pool) error) error {
	if err := s.edit(r, id, change); !isGone(err) {
		return err
	}
	return nil
}

// Delete removes a pool with all that is in it, unless it is protected.
func (t poolType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return t.service.remove(r, old.PhysicalID, func(p *pool) error {
		if p.Settings.DeletionProtection == "ACTIVE" {
			return invalid("The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
		}
		delete(t.service.pools, p.ID)
		return nil
	})
}
