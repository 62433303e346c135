// SPDX-License-Identifier: MIT

package cognito

// signUpAnswer is the response of PreSignUp.
type signUpAnswer struct {
	AutoConfirmUser bool `json:"autoConfirmUser"`
	AutoVerifyEmail bool `json:"autoVerifyEmail"`
	AutoVerifyPhone bool `json:"autoVerifyPhone"`
}

// beforeSignUp asks whether a user may be made. attributes are those that the
// request has; source is SignUp or AdminCreateUser.
func (s *Service) beforeSignUp(v party, source, name string, attributes, validation, metadata map[string]string) (signUpAnswer, error) {
	var answer signUpAnswer
	function := v.settings.LambdaConfig.PreSignUp
	if function == "" {
		return answer, nil
	}
	err := s.ask(v, question{
		trigger: "PreSignUp", function: function, source: "PreSignUp_" + source, username: name,
		request: struct {
			UserAttributes map[string]string `json:"userAttributes"`
			ValidationData map[string]string `json:"validationData"`
			ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
		}{attributes, validation, metadata},
		response: answer,
	}, &answer)
	return answer, err
}

// afterConfirmation tells that a user is confirmed. source is ConfirmSignUp or
// ConfirmForgotPassword.
func (s *Service) afterConfirmation(v party, source string, who person, metadata map[string]string) error {
	function := v.settings.LambdaConfig.PostConfirmation
	if function == "" {
		return nil
	}
	return s.ask(v, question{
		trigger: "PostConfirmation", function: function, source: "PostConfirmation_" + source, username: who.name,
		request: userRequest{who.attributes, metadata}, response: nothing{},
	}, &nothing{})
}

// beforeSignIn asks whether somebody may try to sign in. missing says that the
// pool has no such user, which discreet clients do not get to know.
func (s *Service) beforeSignIn(v party, who person, missing bool, validation map[string]string) error {
	function := v.settings.LambdaConfig.PreAuthentication
	if function == "" {
		return nil
	}
	return s.ask(v, question{
		trigger: "PreAuthentication", function: function, source: "PreAuthentication_Authentication", username: who.name,
		request: struct {
			UserAttributes map[string]string `json:"userAttributes"`
			ValidationData map[string]string `json:"validationData"`
			UserNotFound   *bool             `json:"userNotFound,omitempty"`
		}{who.attributes, validation, v.told(missing)},
		response: nothing{},
	}, &nothing{})
}

// told is the member userNotFound, which events of discreet clients have.
func (v party) told(missing bool) *bool {
	if v.client == nil || !v.client.discreet() {
		return nil
	}
	return &missing
}

// afterSignIn tells that a user has signed in, before there are tokens.
func (s *Service) afterSignIn(v party, who person, metadata map[string]string) error {
	function := v.settings.LambdaConfig.PostAuthentication
	if function == "" {
		return nil
	}
	return s.ask(v, question{
		trigger: "PostAuthentication", function: function, source: "PostAuthentication_Authentication", username: who.name,
		request: struct {
			UserAttributes map[string]string `json:"userAttributes"`
			NewDeviceUsed  bool              `json:"newDeviceUsed"`
			ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
		}{who.attributes, false, metadata},
		response: nothing{},
	}, &nothing{})
}
