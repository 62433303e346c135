// SPDX-License-Identifier: MIT

package localaws

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Needs returns what a request to the API of API Gateway needs: the action is
// named like its HTTP method and the resource like its path ("Actions,
// resources, and condition keys for Amazon API Gateway Management", Service
// Authorization Reference).
func (g *gateways) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return []access.Need{{Action: "apigateway:" + r.Method, Resource: "arn:aws:apigateway:" + id.Region + "::" + r.URL.EscapedPath()}}, true
}
