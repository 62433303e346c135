// SPDX-License-Identifier: MIT

package cognito

import (
	"maps"
	"strings"
)

type updateAttributesInput struct {
	UserPoolId, Username string // of an administrator
	AccessToken          string // of the user
	UserAttributes       []pair
	ClientMetadata       map[string]string
}

type updateAttributesOutput struct{ CodeDeliveryDetailsList []*codeDelivery }

func (s *Service) adminUpdateAttributes(c call, in updateAttributesInput) (nothing, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err == nil {
		_, err = s.updateUser(v, in.Username, mapOf(in.UserAttributes), in.ClientMetadata)
	}
	return nothing{}, err
}

func (s *Service) updateAttributes(c call, in updateAttributesInput) (updateAttributesOutput, error) {
	out := updateAttributesOutput{[]*codeDelivery{}}
	v, sub, err := s.bearer(c, in.AccessToken)
	if err != nil {
		return out, err
	}
	attributes := mapOf(in.UserAttributes)
	if err := v.client.writes(attributes); err != nil {
		return out, err
	}
	sent, err := s.updateUser(v, sub, attributes, in.ClientMetadata)
	for _, l := range sent {
		out.CodeDeliveryDetailsList = append(out.CodeDeliveryDetailsList, delivered(l.attribute, l.to.attributes[l.attribute]))
	}
	return out, err
}

// updateUser gives a user other attributes, and sends codes to addresses that
// are to be verified.
func (s *Service) updateUser(v party, name string, attributes, metadata map[string]string) ([]letter, error) {
	var sent []letter
	err := s.with(v, name, func(u *user) error {
		for name := range attributes {
			if a, ok := v.settings.attribute(name); ok && (!a.Mutable || name == "sub") {
				return invalid("user.%s: Attribute cannot be updated.\n", name)
			}
		}
		if err := v.settings.checkAttributes(attributes, false); err != nil {
			return err
		}
		changed := u.change(attributes)
		for _, alias := range changed {
			if u.verified(alias) {
				if err := v.pool.claim(u, alias, false); err != nil {
					return err
				}
			} else if v.settings.verifies(alias) {
				u.Attributes[alias+"_verified"] = "false"
				sent = append(sent, letter{"UpdateUserAttribute", person{}, alias, u.give(alias, alias, v.now), metadata})
			}
		}
		u.Modified = v.now
		for i := range sent {
			sent[i].to = u.look()
		}
		return nil
	})
	for _, l := range sent {
		if err == nil {
			err = s.send(v, l)
		}
	}
	return sent, err
}

// change sets attributes, "" removes one, and returns the addresses that are
// others now: they are not verified unless that is said, too. The user's old
// attributes stay as they are.
func (u *user) change(attributes map[string]string) (changed []string) {
	next := maps.Clone(u.Attributes)
	for _, address := range []string{"email", "phone_number"} {
		value, ok := attributes[address]
		if ok && value != next[address] {
			delete(next, address+"_verified")
			changed = append(changed, address)
		}
	}
	for name, value := range attributes {
		next[name] = value
		if value == "" {
			delete(next, name)
		}
		if strings.HasSuffix(name, "_verified") {
			next[name] = strings.ToLower(value)
		}
	}
	u.Attributes = next
	return changed
}

type verifyAttributeInput struct {
	AccessToken, AttributeName, Code string
}

func (s *Service) verifyAttribute(c call, in verifyAttributeInput) (nothing, error) {
	v, sub, err := s.bearer(c, in.AccessToken)
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, s.with(v, sub, func(u *user) error {
		attribute, err := u.take(in.AttributeName, in.Code, v.now)
		if err == nil {
			err = v.pool.claim(u, attribute, false)
		}
		if err == nil {
			u.verify(attribute)
		}
		return err
	})
}

type attributeCodeInput struct {
	AccessToken, AttributeName string
	ClientMetadata             map[string]string
}

func (s *Service) attributeCode(c call, in attributeCodeInput) (deliveryOutput, error) {
	v, sub, err := s.bearer(c, in.AccessToken)
	if err != nil {
		return deliveryOutput{}, err
	}
	var l letter
	err = s.with(v, sub, func(u *user) error {
		if in.AttributeName != "email" && in.AttributeName != "phone_number" || u.Attributes[in.AttributeName] == "" {
			return invalid("Attribute %s cannot be verified", in.AttributeName)
		}
		l = letter{"VerifyUserAttribute", u.look(), in.AttributeName, u.give(in.AttributeName, in.AttributeName, v.now), in.ClientMetadata}
		return nil
	})
	if err != nil {
		return deliveryOutput{}, err
	}
	return deliveryOutput{delivered(l.attribute, l.to.attributes[l.attribute])}, s.send(v, l)
}
