// SPDX-License-Identifier: MIT

package cognito

import (
	"maps"
)

type signUpInput struct {
	ClientId, SecretHash, Username, Password string
	UserAttributes, ValidationData           []pair
	ClientMetadata                           map[string]string
	UserContextData                          map[string]any // for threat protection, which there is none of
}

type signUpOutput struct {
	CodeDeliveryDetails *codeDelivery `json:",omitempty"`
	UserConfirmed       bool
	UserSub             string
}

func (s *Service) signUp(c call, in signUpInput) (signUpOutput, error) {
	v, err := s.byClient(c, in.ClientId)
	if err != nil {
		return signUpOutput{}, err
	}
	attributes := mapOf(in.UserAttributes)
	if err := mayRegister(v, in, attributes); err != nil {
		return signUpOutput{}, err
	}
	u, err := s.register(v, in.Username, attributes, "User already exists")
	if err != nil {
		return signUpOutput{}, err
	}
	u.Status = stateUnconfirmed
	attributes = maps.Clone(u.Attributes)
	delete(attributes, "sub")
	answer, err := s.beforeSignUp(v, "SignUp", u.Username, attributes, nonEmpty(mapOf(in.ValidationData)), in.ClientMetadata)
	if err != nil {
		return signUpOutput{}, err
	}
	u.follow(answer, v.settings)
	u.setPassword(v.pool, in.Password, v.now)
	reach, sent, err := s.enter(v, u, in.Username)
	if err != nil {
		return signUpOutput{}, err
	}
	out := signUpOutput{UserConfirmed: answer.AutoConfirmUser, UserSub: u.Attributes["sub"]}
	who := sent.to
	switch {
	case answer.AutoConfirmUser:
		err = s.afterConfirmation(v, "ConfirmSignUp", who, in.ClientMetadata)
	case reach != "":
		out.CodeDeliveryDetails = delivered(reach, who.attributes[reach])
		sent.metadata = in.ClientMetadata
		err = s.send(v, sent)
	}
	return out, err
}

func mayRegister(v party, in signUpInput, attributes map[string]string) error {
	if err := v.client.admits(in.SecretHash, in.Username); err != nil {
		return err
	}
	if v.settings.AdminCreateUserConfig.AllowAdminCreateUserOnly {
		return unauthorized("SignUp is not permitted for this user pool")
	}
	if err := v.settings.Policies.PasswordPolicy.check(in.Password); err != nil {
		return err
	}
	return v.client.writes(attributes)
}

// register makes a user who is not in the pool yet.
func (s *Service) register(v party, name string, attributes map[string]string, taken string) (*user, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := v.pool.admit(name, attributes, v.now)
	if err != nil {
		return nil, err
	}
	return u, v.pool.taken(u, name, taken)
}

// follow does what PreSignUp says.
func (u *user) follow(answer signUpAnswer, s *settings) {
	if answer.AutoConfirmUser {
		u.Status = stateConfirmed
	}
	for attribute, verified := range map[string]bool{"email": answer.AutoVerifyEmail, "phone_number": answer.AutoVerifyPhone} {
		switch {
		case u.Attributes[attribute] == "":
		case verified:
			u.verify(attribute)
		case s.verifies(attribute) && u.Attributes[attribute+"_verified"] == "":
			u.Attributes[attribute+"_verified"] = "false"
		}
	}
}

// enter puts a user into the pool and, if they are to confirm themselves, makes
// a code. reach is the attribute that it goes to, "" for none.
func (s *Service) enter(v party, u *user, name string) (reach string, sent letter, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := v.pool.taken(u, name, "User already exists"); err != nil {
		return "", letter{}, err
	}
	v.pool.Users = append(v.pool.Users, u)
	s.changed()
	reach = v.settings.reach(u.Attributes)
	sent = letter{source: "SignUp", to: u.look(), attribute: reach}
	if reach != "" && u.Status == stateUnconfirmed {
		sent.code = u.give(forSignUp, reach, v.now)
	}
	return reach, sent, nil
}

// nonEmpty returns nil for no entries: events have null there.
func nonEmpty(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}

type confirmSignUpInput struct {
	ClientId, SecretHash, Username, ConfirmationCode string
	ForceAliasCreation                               bool
	ClientMetadata                                   map[string]string
	UserContextData                                  map[string]any
}

func (s *Service) confirmSignUp(c call, in confirmSignUpInput) (nothing, error) {
	v, err := s.byClient(c, in.ClientId)
	if err == nil {
		err = v.client.admits(in.SecretHash, in.Username)
	}
	if err != nil {
		return nothing{}, err
	}
	var who person
	err = s.with(v, in.Username, func(u *user) error {
		if u.Status != stateUnconfirmed {
			return unauthorized("User cannot be confirmed. Current status is %s", u.Status)
		}
		attribute, err := u.take(forSignUp, in.ConfirmationCode, v.now)
		if err == nil {
			err = v.pool.claim(u, attribute, in.ForceAliasCreation)
		}
		if err != nil {
			return err
		}
		u.verify(attribute)
		u.Status, u.Modified = stateConfirmed, v.now
		who = u.look()
		return nil
	})
	if isGone(err) && v.client.discreet() {
		return nothing{}, errExpiredCode()
	}
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, s.afterConfirmation(v, "ConfirmSignUp", who, in.ClientMetadata)
}

// claim lets a user have an alias to themselves: of another user it is taken away
// by force only; s.mu is held.
func (p *pool) claim(u *user, attribute string, force bool) error {
	if !p.Settings.aliases(attribute) {
		return nil
	}
	for _, other := range p.Users {
		if other == u || other.Attributes[attribute] != u.Attributes[attribute] || !other.verified(attribute) {
			continue
		}
		if !force {
			return refused("AliasExistsException", "An account with the %s already exists.", attribute)
		}
		other.Attributes[attribute+"_verified"] = "false"
	}
	return nil
}

type resendInput struct {
	ClientId, SecretHash, Username string
	ClientMetadata                 map[string]string
	UserContextData                map[string]any
}

type deliveryOutput struct {
	CodeDeliveryDetails *codeDelivery `json:",omitempty"`
}

func (s *Service) resendCode(c call, in resendInput) (deliveryOutput, error) {
	v, err := s.byClient(c, in.ClientId)
	if err == nil {
		err = v.client.admits(in.SecretHash, in.Username)
	}
	if err != nil {
		return deliveryOutput{}, err
	}
	var l letter
	err = s.with(v, in.Username, func(u *user) error {
		if u.Status != stateUnconfirmed {
			return invalid("User is already confirmed.")
		}
		reach := v.settings.reach(u.Attributes)
		if reach == "" {
			return invalid("Auto verification not turned on.")
		}
		l = letter{"ResendCode", u.look(), reach, u.give(forSignUp, reach, v.now), in.ClientMetadata}
		return nil
	})
	if isGone(err) && v.client.discreet() {
		return deliveryOutput{pretend(in.Username)}, nil
	}
	if err != nil {
		return deliveryOutput{}, err
	}
	return deliveryOutput{delivered(l.attribute, l.to.attributes[l.attribute])}, s.send(v, l)
}

// pretend is what a client gets to know of a message to nobody, if it is not to
// know who exists.
func pretend(name string) *codeDelivery {
	if !isEmail(name) {
		name = name + "@example.com"
	}
	return delivered("email", name)
}
