// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// UserPoolEvent has a user pool of the stack call a function at a step of
// sign-up or sign-in.
type UserPoolEvent struct {
	Pool    Source `key:"pool"`    // always one of resources
	Trigger string `key:"trigger"` // such as preSignUp
	Version int    `key:"version"` // of the events of preTokenGeneration, 1 to 3
	KMSKey  Source `key:"kmsKey"`  // of customSmsSender and customEmailSender; zero: LambdaConfig has it
}

// The triggers with more than a function.
const (
	TriggerTokenGeneration = "preTokenGeneration"
	TriggerSMSSender       = "customSmsSender"
	TriggerEmailSender     = "customEmailSender"
)

// triggerTimeout is how long Cognito waits for an answer. Source: "Customizing user pool workflows with Lambda triggers",
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
const triggerTimeout = 5 * time.Second

// Property is the trigger's key in LambdaConfig.
func (u *UserPoolEvent) Property() string {
	switch {
	case u.Trigger == TriggerSMSSender:
		return "CustomSMSSender"
	case u.Trigger == TriggerTokenGeneration && u.Version > 1:
		return "PreTokenGenerationConfig"
	case u.Trigger == "":
		return ""
	}
	return strings.ToUpper(u.Trigger[:1]) + u.Trigger[1:]
}

// Invites reports whether the trigger is called when an administrator, such as
// CloudFormation, makes a user.
func (u *UserPoolEvent) Invites() bool {
	return slices.Contains([]string{"preSignUp", "customMessage", TriggerSMSSender, TriggerEmailSender}, u.Trigger)
}

// PermissionID is the logical id of the permission to call the function.
func (u *UserPoolEvent) PermissionID(function string) string {
	return EventID(function, "UserPool"+u.Property()+"Permission", u.Pool.ARN)
}

func (u *UserPoolEvent) ids(function string) []string { return []string{u.PermissionID(function)} }
func (u *UserPoolEvent) from() Source                 { return u.Pool }
func (*UserPoolEvent) pulled() bool                   { return false }
func (u *UserPoolEvent) taken() (what, name string)   { return "trigger", claim(u.Trigger, u.Pool.ID) }

// calling returns the resource that refers to the function, and what to do if
// the function needs that resource.
func (u *UserPoolEvent) calling() (id, hint string) {
	return u.Pool.ID, fmt.Sprintf("the trigger makes %[1]s need the function: give the function's role and environment no reference to %[1]s, "+
		"but a pattern such as !Sub arn:aws:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/*; events have the pool's id", u.Pool.ID)
}

func userPoolKind() sourceKind {
	return sourceKind{what: "a user pool", service: "cognito-idp", types: []string{"AWS::Cognito::UserPool"}, attribute: "Arn", form: "userpool/<id>"}
}

func kmsKeyKind() sourceKind {
	return sourceKind{what: "a KMS key", service: "kms", types: []string{"AWS::KMS::Key"}, attribute: "Arn", form: "key/<id>"}
}

// userPoolEvent decodes a trigger.
func (d *decoder) userPoolEvent(n *node, f Function) *UserPoolEvent {
	pool, trigger := n.field("pool"), n.field("trigger")
	u := &UserPoolEvent{
		Pool:    d.sourceOf(pool, userPoolKind()),
		Trigger: d.literal(trigger),
		Version: d.number(n.field("version"), 1),
		KMSKey:  d.sourceOf(n.field("kmsKey"), kmsKeyKind()),
	}
	if usable(pool) && u.Pool.Type == "" {
		d.fault(pool, diag.ForeignPool, "is no user pool under resources", "a pool of elsewhere keeps its own settings: to add a trigger, all of them would have to be written anew, and what is left out is reset")
		return u
	}
	d.poolOptions(n, u)
	d.poolConfig(trigger, u)
	if f.Timeout > triggerTimeout {
		d.warn(trigger, diag.EventLimit, fmt.Sprintf("Cognito waits %d s for an answer, and %s may take %d s", triggerTimeout/time.Second, f.Name, f.Timeout/time.Second), "set timeout: 5s")
	}
	return u
}

// poolOptions checks the keys that only some triggers have.
func (d *decoder) poolOptions(n *node, u *UserPoolEvent) {
	sender := u.Trigger == TriggerSMSSender || u.Trigger == TriggerEmailSender
	version, key := n.field("version"), n.field("kmsKey")
	if usable(version) && u.Trigger != TriggerTokenGeneration && u.Version > 1 {
		d.fault(version, diag.SourceOptions, "only "+TriggerTokenGeneration+" has versions", "leave version out")
	}
	if usable(key) && !sender {
		d.fault(key, diag.SourceOptions, "only "+TriggerSMSSender+" and "+TriggerEmailSender+" have a key", "leave kmsKey out")
	}
	if sender && key == nil && d.property(u.Pool.ID, "LambdaConfig").field("KMSKeyID") == nil {
		d.say(n, diag.MissingKey, "`kmsKey` is missing", "Cognito encrypts the codes that "+u.Trigger+" sends: name a KMS key")
	}
}

// poolConfig checks that the pool leaves room for the trigger.
func (d *decoder) poolConfig(n *node, u *UserPoolEvent) {
	config := d.property(u.Pool.ID, "LambdaConfig")
	if config == nil || !usable(n) {
		return
	}
	if _, _, call := intrinsicOf(config); call || config.kind != object {
		d.fault(n, diag.TriggerTaken, "cannot be added to LambdaConfig of "+u.Pool.ID+" in line "+strconv.Itoa(int(config.keyAt.line))+", which is no plain map", "write a map there, or the trigger")
		return
	}
	taken := []string{u.Property()}
	if u.Trigger == TriggerTokenGeneration {
		taken = []string{"PreTokenGeneration", "PreTokenGenerationConfig"}
	}
	if u.KMSKey.ARN != nil {
		taken = append(taken, "KMSKeyID")
	}
	for _, key := range taken {
		if other := config.field(key); other != nil {
			d.fault(n, diag.TriggerTaken, fmt.Sprintf("LambdaConfig of %s has %s in line %d", u.Pool.ID, key, other.keyAt.line), "keep one of them")
			return
		}
	}
}
