// SPDX-License-Identifier: MIT

package cognito

type forgotInput struct {
	ClientId, SecretHash, Username string
	ClientMetadata                 map[string]string
	UserContextData                map[string]any
}

func (s *Service) forgotPassword(c call, in forgotInput) (deliveryOutput, error) {
	v, err := s.byClient(c, in.ClientId)
	if err == nil {
		err = v.client.admits(in.SecretHash, in.Username)
	}
	if err == nil {
		err = s.migrate(v, "ForgotPassword", in.Username, "", nil, in.ClientMetadata)
	}
	if err != nil {
		return deliveryOutput{}, err
	}
	l, err := s.reset(v, in.Username, in.ClientMetadata)
	if isGone(err) && v.client.discreet() {
		return deliveryOutput{pretend(in.Username)}, nil
	}
	if err != nil {
		return deliveryOutput{}, err
	}
	return deliveryOutput{delivered(l.attribute, l.to.attributes[l.attribute])}, s.send(v, l)
}

// reset makes the message with which a user can choose another password.
func (s *Service) reset(v party, username string, metadata map[string]string) (letter, error) {
	var l letter
	err := s.with(v, username, func(u *user) error {
		reach := v.settings.recovery(u)
		switch {
		case u.Disabled:
			return unauthorized("User is disabled.")
		case u.Status == stateForceChange:
			return unauthorized("User password cannot be reset in the current state.")
		case reach == "":
			return invalid("Cannot reset password for the user as there is no registered/verified email or phone_number")
		}
		l = letter{"ForgotPassword", u.look(), reach, u.give(forPassword, reach, v.now), metadata}
		return nil
	})
	return l, err
}

type confirmForgotInput struct {
	ClientId, SecretHash, Username, ConfirmationCode, Password string
	ClientMetadata                                             map[string]string
	UserContextData                                            map[string]any
}

func (s *Service) confirmForgotPassword(c call, in confirmForgotInput) (nothing, error) {
	v, err := s.byClient(c, in.ClientId)
	if err == nil {
		err = v.client.admits(in.SecretHash, in.Username)
	}
	if err == nil {
		err = v.settings.Policies.PasswordPolicy.check(in.Password)
	}
	if err != nil {
		return nothing{}, err
	}
	var who person
	err = s.with(v, in.Username, func(u *user) error {
		attribute, err := u.take(forPassword, in.ConfirmationCode, v.now)
		if err != nil {
			return err
		}
		u.verify(attribute)
		u.setPassword(v.pool, in.Password, v.now)
		u.Status = stateConfirmed
		who = u.look()
		return nil
	})
	if isGone(err) && v.client.discreet() {
		return nothing{}, errExpiredCode()
	}
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, s.afterConfirmation(v, "ConfirmForgotPassword", who, in.ClientMetadata)
}

// adminReset takes the password away and sends the user a code for another one.
func (s *Service) adminReset(c call, in adminConfirmInput) (nothing, error) {
	v, err := s.byPool(c, in.UserPoolId)
	if err != nil {
		return nothing{}, err
	}
	l, err := s.reset(v, in.Username, in.ClientMetadata)
	if err == nil {
		err = s.with(v, in.Username, func(u *user) error {
			u.Status, u.Password, u.Modified = stateResetRequired, nil, v.now
			return nil
		})
	}
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, s.send(v, l)
}

type changePasswordInput struct {
	AccessToken, PreviousPassword, ProposedPassword string
}

func (s *Service) changePassword(c call, in changePasswordInput) (nothing, error) {
	v, sub, err := s.bearer(c, in.AccessToken)
	if err != nil {
		return nothing{}, err
	}
	if err := v.settings.Policies.PasswordPolicy.check(in.ProposedPassword); err != nil {
		return nothing{}, err
	}
	return nothing{}, s.with(v, sub, func(u *user) error {
		if !u.Password.matches(v.id, u.Username, in.PreviousPassword) {
			return errWrongPassword()
		}
		u.setPassword(v.pool, in.ProposedPassword, v.now)
		return nil
	})
}
