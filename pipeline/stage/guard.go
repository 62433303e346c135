// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"
	"slices"
	"strings"
)

// AccountError says that the credentials are those of an account to which the
// environment may not go. Nothing has been changed.
type AccountError struct {
	Environment string   // such as prod
	Account     string   // twelve digits, of the credentials
	Allowed     []string // twelve digits each
}

// Error returns both accounts.
func (e *AccountError) Error() string {
	return fmt.Sprintf("these credentials are of account %s: environment %q goes to account %s only",
		e.Account, e.Environment, strings.Join(e.Allowed, " or "))
}

// Hint says how to get to the right one.
func (e *AccountError) Hint() string {
	return "choose another profile with --profile or AWS_PROFILE, or another environment with --environment; " +
		"accounts in sparta.yaml says which belongs to which"
}

// guard refuses an account that sparta.yaml does not allow for the environment.
// The embedded AWS is no account that could be the wrong one.
func (c *Connect) guard(account string) error {
	service := c.Project.Get().Service
	if c.Local || len(service.Accounts) == 0 || slices.Contains(service.Accounts, account) {
		return nil
	}
	return &AccountError{Environment: service.Environment, Account: account, Allowed: service.Accounts}
}
