// SPDX-License-Identifier: MIT

package cognito

import (
	"errors"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// migrateAnswer is the response of UserMigration.
type migrateAnswer struct {
	UserAttributes         map[string]string `json:"userAttributes"`
	FinalUserStatus        *string           `json:"finalUserStatus"`
	MessageAction          *string           `json:"messageAction"`
	DesiredDeliveryMediums []string          `json:"desiredDeliveryMediums"` // of a message that is not sent
	ForceAliasCreation     *bool             `json:"forceAliasCreation"`
}

// migrate has the trigger bring in a user of another directory, if the pool has
// none of the name. password is empty in source ForgotPassword. A pool without the
// trigger, or a user who is there, is no error.
func (s *Service) migrate(v party, source, name, password string, validation, metadata map[string]string) error {
	function := v.settings.LambdaConfig.UserMigration
	s.mu.Lock()
	known := v.pool.find(name) != nil
	s.mu.Unlock()
	if known || function == "" {
		return nil
	}
	var given *string
	if password != "" {
		given = &password
	}
	var answer migrateAnswer
	err := s.ask(v, question{
		trigger: "UserMigration", function: function, source: "UserMigration_" + source, username: name,
		request: struct {
			Password       *string           `json:"password"`
			ValidationData map[string]string `json:"validationData"`
			ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
		}{given, nonEmpty(validation), metadata},
		response: answer,
	}, &answer)
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "UserLambdaValidationException" && v.client.discreet() {
		return errWrongPassword()
	}
	if err != nil {
		return err
	}
	return s.settle(v, name, password, answer)
}

// settle makes the user whom the trigger described.
func (s *Service) settle(v party, name, password string, answer migrateAnswer) error {
	if answer.MessageAction == nil || *answer.MessageAction != "SUPPRESS" {
		return unmodelled("a messageAction of UserMigration but SUPPRESS")
	}
	attributes := map[string]string{}
	for attribute, value := range answer.UserAttributes {
		switch attribute {
		case "username":
			name = value
		case "sub", "cognito:user_status": // of the other directory
		default:
			attributes[attribute] = value
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := v.pool.admit(name, attributes, v.now)
	if err != nil {
		return err
	}
	if err := v.pool.taken(u, name, "User already exists"); err != nil && !isTrue(answer.ForceAliasCreation) {
		return err
	}
	for _, alias := range v.settings.AliasAttributes {
		if u.verified(alias) {
			if err := v.pool.claim(u, alias, isTrue(answer.ForceAliasCreation)); err != nil {
				return err
			}
		}
	}
	u.Status = stateResetRequired
	if answer.FinalUserStatus != nil && *answer.FinalUserStatus == stateConfirmed && password != "" {
		u.Status = stateConfirmed
		u.setPassword(v.pool, password, v.now)
	}
	v.pool.Users = append(v.pool.Users, u)
	s.changed()
	return nil
}
