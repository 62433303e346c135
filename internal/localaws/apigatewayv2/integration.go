// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"cmp"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// integration says which function answers a route, and in which format.
type integration struct {
	ConnectionType       string `json:"connectionType"`
	Description          string `json:"description,omitempty"`
	IntegrationMethod    string `json:"integrationMethod"`
	IntegrationType      string `json:"integrationType"`
	IntegrationUri       string `json:"integrationUri"`
	PayloadFormatVersion string `json:"payloadFormatVersion"` // 1.0 or 2.0
	TimeoutInMillis      int    `json:"timeoutInMillis"`      // 50 to 30,000
}

var integrations = kind[integration]{
	name: "Integration", id: "integrationId",
	list:     func(d *definition) map[string]*integration { return d.Integrations },
	complete: completeIntegration,
	used: func(d *definition, id string) error {
		for _, r := range d.Routes {
			if r.integration() == id {
				return gateway.Conflict("Cannot delete Integration '%s' it's referenced by Route '%s'", id, r.RouteKey)
			}
		}
		return nil
	},
}

func completeIntegration(_ *definition, _ string, i *integration) error {
	i.ConnectionType = cmp.Or(i.ConnectionType, "INTERNET")
	i.IntegrationMethod = cmp.Or(i.IntegrationMethod, "POST")
	i.PayloadFormatVersion = cmp.Or(i.PayloadFormatVersion, "1.0")
	i.TimeoutInMillis = cmp.Or(i.TimeoutInMillis, 30000)
	switch {
	case i.IntegrationType != "AWS_PROXY":
		return gateway.Unmodelled("integrations of type " + strconv.Quote(i.IntegrationType) + ": only AWS_PROXY with a function")
	case i.ConnectionType != "INTERNET":
		return gateway.Unmodelled("connections of type " + i.ConnectionType)
	case i.IntegrationMethod != "POST":
		return gateway.BadRequest("Invalid integrationMethod %s: functions are invoked with POST", i.IntegrationMethod)
	case i.PayloadFormatVersion != "1.0" && i.PayloadFormatVersion != "2.0":
		return gateway.BadRequest("Invalid payloadFormatVersion %s. Must be one of [1.0, 2.0]", i.PayloadFormatVersion)
	case i.TimeoutInMillis < 50 || i.TimeoutInMillis > 30000:
		return gateway.BadRequest("Timeout should be between 50 ms and 30000 ms")
	}
	if _, ok := gateway.Target(gateway.Variables(i.IntegrationUri, nil)); !ok {
		return gateway.BadRequest("Invalid integration URI specified: %s is not the ARN of a function", i.IntegrationUri)
	}
	return nil
}
