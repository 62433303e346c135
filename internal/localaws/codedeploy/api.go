// SPDX-License-Identifier: MIT

package codedeploy

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API.
func protocol() wire.JSON {
	return wire.JSON{
		Service: "CodeDeploy", Target: "CodeDeploy_20141006.", Limit: 1 << 20, TooLarge: "RequestEntityTooLarge", Invalid: "ValidationException",
	}
}

func actions() wire.Actions[*Service, arn.Scope] {
	return wire.Actions[*Service, arn.Scope]{
		"CreateApplication":     wire.Method((*Service).createApplication),
		"GetApplication":        wire.Method((*Service).getApplication),
		"ListApplications":      wire.Method((*Service).listApplications),
		"DeleteApplication":     wire.Method((*Service).deleteApplication),
		"CreateDeploymentGroup": wire.Method((*Service).createGroup),
		"UpdateDeploymentGroup": wire.Method((*Service).updateGroup),
		"GetDeploymentGroup":    wire.Method((*Service).getGroup),
		"ListDeploymentGroups":  wire.Method((*Service).listGroups),
		"DeleteDeploymentGroup": wire.Method((*Service).deleteGroup),
		"GetDeploymentConfig":   wire.Method((*Service).getConfig),
		"ListDeploymentConfigs": wire.Method((*Service).listConfigs),
		"GetDeployment":         wire.Method((*Service).getDeployment),
		"ListDeployments":       wire.Method((*Service).listDeployments),
		"StopDeployment":        wire.Method((*Service).stopDeployment),
		"ListDeploymentTargets": wire.Method((*Service).listTargets),
		"GetDeploymentTarget":   wire.Method((*Service).getTarget),
		"ListTagsForResource":   wire.Method((*Service).listTags),

		"PutLifecycleEventHookExecutionStatus": wire.Method((*Service).putHookStatus),
	}
}

// none is the answer of actions that say nothing.
type none struct{}

// ServeAPI answers one request of the awsJson1.1 protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	scope := arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}
	s.actions.Serve(protocol(), s, scope, w, r)
}

// timestamp is a time as the protocol shows it: seconds since 1970. The zero
// time is left out.
type timestamp struct{ time.Time }

// MarshalJSON writes the seconds with their thousandths.
func (t timestamp) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(t.UnixMilli()) / 1000)
}
