// SPDX-License-Identifier: MIT

package cloudformation

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// responsePath is where custom resources answer, followed by a secret token.
const responsePath = "/_sparta/cloudformation/response/"

// Limits of an answer, from
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html
const (
	maxAnswer     = 4096 // bytes
	maxPhysicalID = 1024 // bytes
)

// expectation is what an answer must repeat.
type expectation struct{ stackID, requestID, logicalID string }

// answer is what a custom resource sends back.
type answer struct {
	Status             string
	Reason             string
	PhysicalResourceID string `json:"PhysicalResourceId"`
	StackID            string `json:"StackId"`
	RequestID          string `json:"RequestId"`
	LogicalResourceID  string `json:"LogicalResourceId"`
	NoEcho             bool
	Data               map[string]any

	invalid error // why the answer is none
}

// failure returns why the resource failed, if it did.
func (a answer) failure() error {
	switch {
	case a.invalid != nil:
		return a.invalid
	case a.Status == "SUCCESS":
		return nil
	case a.Reason == "":
		return errors.New("Received response status [FAILED] from custom resource. Message returned: none")
	}
	return fmt.Errorf("Received response status [FAILED] from custom resource. Message returned: %s (RequestId: %s)", a.Reason, a.RequestID)
}

// instance returns the resource that an answer tells of.
func (a answer) instance() resource.Instance {
	attributes := maps.Clone(a.Data)
	if attributes == nil {
		attributes = map[string]any{}
	}
	delete(attributes, noEchoKey)
	if a.NoEcho {
		attributes[noEchoKey] = true
	}
	return resource.Instance{PhysicalID: a.PhysicalResourceID, Attributes: attributes}
}

// responses are the custom resources that have not answered yet.
type responses struct {
	mu     sync.Mutex
	byPath map[string]waiter
}

type waiter struct {
	expected expectation
	answers  chan answer
}

func newResponses() *responses { return &responses{byPath: map[string]waiter{}} }

// expect makes a URL path for one answer.
func (rs *responses) expect(expected expectation) (path string, answers <-chan answer) {
	path = responsePath + strings.ToLower(rand.Text())
	w := waiter{expected, make(chan answer, 1)}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.byPath[path] = w
	return path, w.answers
}

func (rs *responses) drop(path string) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	delete(rs.byPath, path)
}

// ServeInternal answers requests below /_sparta/cloudformation/: the answers of
// custom resources, a PUT to /_sparta/cloudformation/response/<token>.
func (s *Service) ServeInternal(w http.ResponseWriter, r *http.Request) {
	s.waiting.mu.Lock()
	waiting, ok := s.waiting.byPath[r.URL.Path]
	s.waiting.mu.Unlock()
	switch {
	case !ok:
		http.Error(w, "no custom resource waits for an answer here", http.StatusForbidden)
		return
	case r.Method != http.MethodPut:
		w.Header().Set("Allow", http.MethodPut)
		http.Error(w, "custom resources answer by PUT", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case waiting.answers <- readAnswer(body, waiting.expected):
	default: // an answer is there already: the first one counts
	}
	w.WriteHeader(http.StatusOK)
}

// readAnswer checks an answer. One that breaks the rules fails the resource
// with the reason.
func readAnswer(body []byte, expected expectation) answer {
	var a answer
	if len(body) > maxAnswer {
		return answer{invalid: errors.New("Response object is too long.")}
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return answer{invalid: errors.New("Invalid JSON in the response of the custom resource: " + err.Error())}
	}
	a.invalid = a.check(expected)
	if len(a.PhysicalResourceID) > maxPhysicalID {
		a.PhysicalResourceID = ""
	}
	return a
}

func (a answer) check(expected expectation) error {
	switch {
	case a.Status != "SUCCESS" && a.Status != "FAILED":
		return errors.New("Invalid response from custom resource: Status must be SUCCESS or FAILED")
	case a.RequestID != expected.requestID:
		return errors.New("Invalid response from custom resource: RequestId is not that of the request")
	case a.StackID != expected.stackID:
		return errors.New("Invalid response from custom resource: StackId is not that of the request")
	case a.LogicalResourceID != expected.logicalID:
		return errors.New("Invalid response from custom resource: LogicalResourceId is not that of the request")
	case len(a.PhysicalResourceID) > maxPhysicalID:
		return fmt.Errorf("Invalid PhysicalResourceId: it is longer than %d bytes", maxPhysicalID)
	case a.Status == "SUCCESS" && a.PhysicalResourceID == "":
		return errors.New("Invalid PhysicalResourceId")
	}
	return nil
}
