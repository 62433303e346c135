// SPDX-License-Identifier: MIT

package cognito

import (
	"encoding/json"
	"errors"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// event is what a trigger gets ("Customizing user pool workflows with Lambda
// triggers", Amazon Cognito Developer Guide).
type event struct {
	Version       string        `json:"version"` // 1, but of token generation
	Region        string        `json:"region"`
	UserPoolID    string        `json:"userPoolId"`
	UserName      string        `json:"userName"`
	CallerContext callerContext `json:"callerContext"`
	TriggerSource string        `json:"triggerSource"`
	Request       any           `json:"request"`
	Response      any           `json:"response"`
}

type callerContext struct {
	AWSSDKVersion string `json:"awsSdkVersion"`
	ClientID      string `json:"clientId"`
}

// question is one call of a trigger.
type question struct {
	trigger  string // its name in LambdaConfig
	function string // ARN
	version  string // "" is 1
	source   string // such as PreSignUp_SignUp
	username string
	request  any
	response any // what the function finds
}

// attempts is how often a trigger is called that does not answer in time.
const attempts = 3

// ask has a trigger answer, and decodes its response into answer. s.mu is not
// held.
func (s *Service) ask(v party, q question, answer any) error {
	if q.version == "" {
		q.version = "1"
	}
	payload, err := json.Marshal(event{
		q.version, v.scope.Region, v.id, q.username, callerContext{"aws-sdk-unknown-unknown", v.clientID()}, q.source, q.request, q.response,
	})
	if err != nil {
		return err
	}
	in := gateway.Call{
		Scope: v.scope, Principal: principal, Function: q.function, Source: v.scope.Regional("cognito-idp", "userpool/"+v.id),
		Payload: payload, Timeout: s.deps.Patience,
	}
	response, err := s.caller.Call(in)
	for n := 1; n < attempts && errors.Is(err, gateway.ErrTimeout); n++ {
		response, err = s.caller.Call(in)
	}
	if err != nil {
		s.env.Log.Warn().Err(err).Str("pool", v.id).Str("trigger", q.source).Msg("trigger failed")
		return q.failure(err, response.Payload)
	}
	return decodeAnswer(response.Payload, answer)
}

// failure words why a trigger did not answer.
func (q question) failure(err error, payload []byte) error {
	unexpected := func(why string) error {
		return refused("UnexpectedLambdaException", "%s invocation failed due to error %s.", q.trigger, why)
	}
	switch {
	case errors.Is(err, gateway.ErrFunction):
		var said struct {
			ErrorMessage string `json:"errorMessage"`
		}
		_ = json.Unmarshal(payload, &said) // what is no JSON has no message
		return refused("UserLambdaValidationException", "%s failed with error %s.", q.trigger, said.ErrorMessage)
	case errors.Is(err, gateway.ErrTimeout):
		return unexpected("Socket timeout while invoking Lambda function")
	case errors.Is(err, gateway.ErrPermission):
		return unexpected("AccessDeniedException")
	}
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return unexpected(e.Code)
	}
	return unexpected(err.Error())
}

// decodeAnswer reads the response of the event that a trigger returns.
func decodeAnswer(payload []byte, answer any) error {
	var event struct {
		Response json.RawMessage `json:"response"`
	}
	if json.Unmarshal(payload, &event) != nil || len(event.Response) == 0 || event.Response[0] != '{' || json.Unmarshal(event.Response, answer) != nil {
		return refused("InvalidLambdaResponseException", "Unrecognizable lambda output")
	}
	return nil
}

// nothing is the response of triggers that answer nothing.
type nothing struct{}

// userRequest is what most triggers are told.
type userRequest struct {
	UserAttributes map[string]string `json:"userAttributes"`
	ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
}
