// SPDX-License-Identifier: MIT

package cognito

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Target is what the header X-Amz-Target of the API's requests begins with.
// Those of users bear no signature, which would name the service.
const Target = "AWSCognitoIdentityProviderService."

func protocol() wire.JSON {
	return wire.JSON{
		Service: "Cognito user pools", Target: Target, Limit: 1 << 20, TooLarge: "RequestEntityTooLargeException", Invalid: "InvalidParameterException",
	}
}

// actions are the modelled operations. They take Service.mu for the time in
// which no trigger runs.
func actions() wire.Actions[*Service, call] {
	return wire.Actions[*Service, call]{
		"SignUp":                           wire.Method((*Service).signUp),
		"ConfirmSignUp":                    wire.Method((*Service).confirmSignUp),
		"ResendConfirmationCode":           wire.Method((*Service).resendCode),
		"InitiateAuth":                     wire.Method((*Service).initiateAuth),
		"RespondToAuthChallenge":           wire.Method((*Service).respondToChallenge),
		"ForgotPassword":                   wire.Method((*Service).forgotPassword),
		"ConfirmForgotPassword":            wire.Method((*Service).confirmForgotPassword),
		"RevokeToken":                      wire.Method((*Service).revokeToken),
		"GetUser":                          wire.Method((*Service).getUser),
		"DeleteUser":                       wire.Method((*Service).deleteUser),
		"GlobalSignOut":                    wire.Method((*Service).globalSignOut),
		"ChangePassword":                   wire.Method((*Service).changePassword),
		"UpdateUserAttributes":             wire.Method((*Service).updateAttributes),
		"VerifyUserAttribute":              wire.Method((*Service).verifyAttribute),
		"GetUserAttributeVerificationCode": wire.Method((*Service).attributeCode),
		"AdminInitiateAuth":                wire.Method((*Service).adminInitiateAuth),
		"AdminRespondToAuthChallenge":      wire.Method((*Service).adminRespondToChallenge),
		"AdminCreateUser":                  wire.Method((*Service).adminCreateUser),
		"AdminSetUserPassword":             wire.Method((*Service).adminSetPassword),
		"AdminResetUserPassword":           wire.Method((*Service).adminReset),
		"AdminConfirmSignUp":               wire.Method((*Service).adminConfirm),
		"AdminGetUser":                     wire.Method((*Service).adminGetUser),
		"AdminDeleteUser":                  wire.Method((*Service).adminDeleteUser),
		"AdminDisableUser":                 wire.Method((*Service).adminDisable),
		"AdminEnableUser":                  wire.Method((*Service).adminEnable),
		"AdminUserGlobalSignOut":           wire.Method((*Service).adminSignOut),
		"AdminUpdateUserAttributes":        wire.Method((*Service).adminUpdateAttributes),
		"AdminAddUserToGroup":              wire.Method((*Service).adminAddToGroup),
		"AdminRemoveUserFromGroup":         wire.Method((*Service).adminRemoveFromGroup),
		"AdminListGroupsForUser":           wire.Method((*Service).adminListGroups),
		"GetGroup":                         wire.Method((*Service).getGroup),
		"ListGroups":                       wire.Method((*Service).listGroups),
		"ListUsersInGroup":                 wire.Method((*Service).listUsersInGroup),
		"ListUsers":                        wire.Method((*Service).listUsers),
		"ListUserPools":                    wire.Method((*Service).listPools),
		"DescribeUserPool":                 wire.Method((*Service).describePool),
		"ListUserPoolClients":              wire.Method((*Service).listClients),
		"DescribeUserPoolClient":           wire.Method((*Service).describeClient),
	}
}

// unsigned are the operations of users and of those who want to be one: their
// requests bear no signature.
func unsigned() []string {
	return []string{
		"SignUp", "ConfirmSignUp", "ResendConfirmationCode", "InitiateAuth", "RespondToAuthChallenge", "ForgotPassword", "ConfirmForgotPassword",
		"RevokeToken", "GetUser", "DeleteUser", "GlobalSignOut", "ChangePassword", "UpdateUserAttributes", "VerifyUserAttribute",
		"GetUserAttributeVerificationCode",
	}
}

// ServeAPI answers one request. One without a signature gets at the operations of
// users only.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
	if id.Anonymous && !isUnsigned(r) {
		wire.WriteJSONError(w, wire.Errorf(http.StatusBadRequest, "MissingAuthenticationTokenException", "Missing Authentication Token"))
		return
	}
	actions().Serve(protocol(), s, call{scope, s.env.Now().UTC()}, w, r)
}
