// SPDX-License-Identifier: MIT

package gateway

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/lambda"
)

// Authorizers asks Lambda authorizers, and keeps what they say for a while.
// NewAuthorizers makes it; its methods may be called concurrently.
type Authorizers struct {
	caller  *Caller
	answers Cache[Answer]
}

// NewAuthorizers returns Authorizers that call their functions by caller.
func NewAuthorizers(caller *Caller) *Authorizers { return &Authorizers{caller: caller} }

// Question is what an authorizer is asked.
type Question struct {
	API, Stage, Authorizer string // identifiers
	// Identities are the values of the identity sources: an answer is kept for
	// the same ones.
	Identities []string
	Keep       time.Duration // for how long; 0: not at all
	Now        time.Time
	Call       Call       // without Payload
	Event      func() any // makes the event for the function
	// Read makes the answer of what came of the call.
	Read func(response lambda.Response, err error) (Answer, error)
}

// Ask returns what the authorizer says, or has said a while ago of the same
// identities.
func (a *Authorizers) Ask(q Question) (Answer, error) {
	key := strings.Join(append([]string{q.API + "/" + q.Stage + "/" + q.Authorizer}, q.Identities...), "\x00")
	if q.Keep > 0 {
		if answer, ok := a.answers.Get(key, q.Now); ok {
			return answer, nil
		}
	}
	var err error
	if q.Call.Payload, err = json.Marshal(q.Event()); err != nil {
		return Answer{}, err
	}
	answer, err := q.Read(a.caller.Call(q.Call))
	if err == nil && q.Keep > 0 {
		a.answers.Put(key, answer, q.Now, q.Now.Add(q.Keep))
	}
	return answer, err
}

// Forget drops what is kept for an API, or for a stage of it unless stage is "".
func (a *Authorizers) Forget(apiID, stage string) {
	prefix := apiID + "/"
	if stage != "" {
		prefix += stage + "/"
	}
	a.answers.Forget(prefix)
}
