// SPDX-License-Identifier: MIT

package codedeploy

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxRequest bounds a request, in bytes.
const maxRequest = 1 << 20

// handler answers one action.
type handler func(s *Service, scope arn.Scope, body []byte) (any, error)

// action makes a handler of a method with typed input and output. A member
// that the input does not have is refused by name.
func action[In, Out any](name string, f func(*Service, arn.Scope, In) (Out, error)) handler {
	return func(s *Service, scope arn.Scope, body []byte) (any, error) {
		var in In
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil && err != io.EOF {
			if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
				return nil, unmodelled("parameter %s of %s", field, name)
			}
			return nil, wire.Errorf(400, "SerializationException", "%v", err)
		}
		return f(s, scope, in)
	}
}

func actions() map[string]handler {
	return map[string]handler{
		"CreateApplication":     action("CreateApplication", (*Service).createApplication),
		"GetApplication":        action("GetApplication", (*Service).getApplication),
		"ListApplications":      action("ListApplications", (*Service).listApplications),
		"DeleteApplication":     action("DeleteApplication", (*Service).deleteApplication),
		"CreateDeploymentGroup": action("CreateDeploymentGroup", (*Service).createGroup),
		"UpdateDeploymentGroup": action("UpdateDeploymentGroup", (*Service).updateGroup),
		"GetDeploymentGroup":    action("GetDeploymentGroup", (*Service).getGroup),
		"ListDeploymentGroups":  action("ListDeploymentGroups", (*Service).listGroups),
		"DeleteDeploymentGroup": action("DeleteDeploymentGroup", (*Service).deleteGroup),
		"GetDeploymentConfig":   action("GetDeploymentConfig", (*Service).getConfig),
		"ListDeploymentConfigs": action("ListDeploymentConfigs", (*Service).listConfigs),
		"GetDeployment":         action("GetDeployment", (*Service).getDeployment),
		"ListDeployments":       action("ListDeployments", (*Service).listDeployments),
		"StopDeployment":        action("StopDeployment", (*Service).stopDeployment),
		"ListDeploymentTargets": action("ListDeploymentTargets", (*Service).listTargets),
		"GetDeploymentTarget":   action("GetDeploymentTarget", (*Service).getTarget),
		"ListTagsForResource":   action("ListTagsForResource", (*Service).listTags),

		"PutLifecycleEventHookExecutionStatus": action("PutLifecycleEventHookExecutionStatus", (*Service).putHookStatus),
	}
}

// none is the answer of actions that say nothing.
type none struct{}

// ServeAPI answers one request of the awsJson1.1 protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	out, err := s.answer(w, r, id)
	if err != nil {
		wire.WriteJSONError(w, err)
		return
	}
	wire.WriteJSON(w, http.StatusOK, out)
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, id wire.Identity) (any, error) {
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "CodeDeploy_20141006.")
	handle := s.actions[name]
	if handle == nil {
		return nil, wire.Errorf(400, "UnknownOperationException", "the embedded AWS does not model operation %q of CodeDeploy", name)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, wire.Errorf(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "%v", err)
	}
	return handle(s, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}, body)
}

// timestamp is a time as the protocol shows it: seconds since 1970. The zero
// time is left out.
type timestamp struct{ time.Time }

// MarshalJSON writes the seconds with their thousandths.
func (t timestamp) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(t.UnixMilli()) / 1000)
}
