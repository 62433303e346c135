// SPDX-License-Identifier: MIT

package cognito

import (
	"maps"
	"slices"
	"time"
)

// userInput names a user to an administrator.
type userInput struct{ UserPoolId, Username string }

// described is a user as lists have it.
type described struct {
	Attributes           []pair
	Enabled              bool
	UserCreateDate       float64
	UserLastModifiedDate float64
	UserStatus           string
	Username             string
}

func (u *user) described() described {
	return described{pairs(u.Attributes), !u.Disabled, seconds(u.Created), seconds(u.Modified), u.Status, u.Username}
}

type createUserInput struct {
	UserPoolId, Username, TemporaryPassword string
	UserAttributes, ValidationData          []pair
	ForceAliasCreation                      bool
	MessageAction                           string // RESEND or SUPPRESS
	DesiredDeliveryMediums                  []string
	ClientMetadata                          map[string]string
}

type createUserOutput struct{ User described }

func (s *Service) adminCreateUser(c call, in createUserInput) (createUserOutput, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return createUserOutput{}, err
	}
	if in.TemporaryPassword == "" {
		in.TemporaryPassword = v.settings.Policies.PasswordPolicy.temporary()
	} else if err := v.settings.Policies.PasswordPolicy.check(in.TemporaryPassword); err != nil {
		return createUserOutput{}, err
	}
	var u *user
	if in.MessageAction == "RESEND" {
		u, err = s.invited(v, in)
	} else {
		u, err = s.invite(v, in)
	}
	if err != nil {
		return createUserOutput{}, err
	}
	s.mu.Lock()
	who, out := u.look(), createUserOutput{u.described()}
	s.mu.Unlock()
	if in.MessageAction == "SUPPRESS" {
		return out, nil
	}
	for _, attribute := range invitations(in.DesiredDeliveryMediums, who.attributes) {
		if err := s.send(v, letter{"AdminCreateUser", who, attribute, in.TemporaryPassword, in.ClientMetadata}); err != nil {
			return out, err
		}
	}
	return out, nil
}

// invitations are the attributes to which the temporary password goes.
func invitations(mediums []string, attributes map[string]string) []string {
	if len(mediums) == 0 {
		if attributes["phone_number"] != "" {
			return []string{"phone_number"}
		}
		mediums = []string{"EMAIL"}
	}
	var list []string
	for _, attribute := range []string{"email", "phone_number"} {
		if slices.Contains(mediums, medium(attribute)) && attributes[attribute] != "" {
			list = append(list, attribute)
		}
	}
	return list
}

// invite makes a user with a temporary password.
func (s *Service) invite(v party, in createUserInput) (*user, error) {
	u, err := s.register(v, in.Username, mapOf(in.UserAttributes), "User account already exists")
	if err != nil {
		return nil, err
	}
	attributes := maps.Clone(u.Attributes)
	delete(attributes, "sub")
	answer, err := s.beforeSignUp(v, "AdminCreateUser", u.Username, attributes, nonEmpty(mapOf(in.ValidationData)), in.ClientMetadata)
	if err != nil {
		return nil, err
	}
	u.follow(answer, v.settings)
	u.temporary(v, in.TemporaryPassword)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := v.pool.taken(u, in.Username, "User account already exists"); err != nil && !in.ForceAliasCreation {
		return nil, err
	}
	for _, alias := range v.settings.AliasAttributes {
		if u.verified(alias) {
			if err := v.pool.claim(u, alias, in.ForceAliasCreation); err != nil {
				return nil, err
			}
		}
	}
	v.pool.Users = append(v.pool.Users, u)
	s.changed()
	return u, nil
}

// invited gives a user who never signed in another temporary password.
func (s *Service) invited(v party, in createUserInput) (*user, error) {
	var found *user
	err := s.with(v, in.Username, func(u *user) error {
		if u.Status != stateForceChange {
			return refused("UnsupportedUserStateException", "Resend not possible. %s status is not FORCE_CHANGE_PASSWORD", u.Username)
		}
		u.temporary(v, in.TemporaryPassword)
		found = u
		return nil
	})
	return found, err
}

// temporary gives the user a password that has to be changed.
func (u *user) temporary(v party, password string) {
	u.setPassword(v.pool, password, v.now)
	u.Status = stateForceChange
	u.Temporary = v.now.Add(time.Duration(v.settings.Policies.PasswordPolicy.TemporaryPasswordValidityDays) * 24 * time.Hour)
}

type setPasswordInput struct {
	UserPoolId, Username, Password string
	Permanent                      bool
}

func (s *Service) adminSetPassword(c call, in setPasswordInput) (nothing, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return nothing{}, err
	}
	if err := v.settings.Policies.PasswordPolicy.check(in.Password); err != nil {
		return nothing{}, err
	}
	return nothing{}, s.with(v, in.Username, func(u *user) error {
		if !in.Permanent {
			u.temporary(v, in.Password)
			return nil
		}
		u.setPassword(v.pool, in.Password, v.now)
		u.Status = stateConfirmed
		return nil
	})
}

type adminConfirmInput struct {
	UserPoolId, Username string
	ClientMetadata       map[string]string
}

func (s *Service) adminConfirm(c call, in adminConfirmInput) (nothing, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return nothing{}, err
	}
	var who person
	err = s.with(v, in.Username, func(u *user) error {
		if u.Status != stateUnconfirmed {
			return unauthorized("User cannot be confirmed. Current status is %s", u.Status)
		}
		u.Status, u.Modified = stateConfirmed, v.now
		who = u.look()
		return nil
	})
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, s.afterConfirmation(v, "ConfirmSignUp", who, in.ClientMetadata)
}

type getUserOutput struct {
	UserAttributes       []pair
	Enabled              bool
	UserCreateDate       float64
	UserLastModifiedDate float64
	UserStatus           string
	Username             string
}

func (s *Service) adminGetUser(c call, in userInput) (getUserOutput, error) {
	var out getUserOutput
	err := s.admin(c, in, func(_ party, u *user) error {
		d := u.described()
		out = getUserOutput{d.Attributes, d.Enabled, d.UserCreateDate, d.UserLastModifiedDate, d.UserStatus, d.Username}
		return nil
	})
	return out, err
}

// admin is with for an administrator.
func (s *Service) admin(c call, in userInput, f func(v party, u *user) error) error {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return err
	}
	return s.with(v, in.Username, func(u *user) error { return f(v, u) })
}

func (s *Service) adminDeleteUser(c call, in userInput) (nothing, error) {
	return nothing{}, s.admin(c, in, func(v party, u *user) error { v.pool.drop(u); return nil })
}

func (s *Service) adminSignOut(c call, in userInput) (nothing, error) {
	return nothing{}, s.admin(c, in, func(v party, u *user) error { v.pool.revoke(u); return nil })
}

func (s *Service) adminDisable(c call, in userInput) (nothing, error) {
	return nothing{}, s.admin(c, in, func(v party, u *user) error {
		u.Disabled, u.Modified = true, v.now
		v.pool.revoke(u)
		return nil
	})
}

func (s *Service) adminEnable(c call, in userInput) (nothing, error) {
	return nothing{}, s.admin(c, in, func(v party, u *user) error { u.Disabled, u.Modified = false, v.now; return nil })
}
