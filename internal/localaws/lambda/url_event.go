// SPDX-License-Identifier: MIT

package lambda

import (
	"net/http"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// urlAuthorizer is requestContext.authorizer of a URL with AWS_IAM.
type urlAuthorizer struct {
	IAM struct {
		AccessKey string `json:"accessKey"`
		AccountID string `json:"accountId"`
		CallerID  string `json:"callerId"`
		UserARN   string `json:"userArn"`
		UserID    string `json:"userId"`
	} `json:"iam"`
}

// urlRequest makes the request of a function URL, whose path is as the client
// wrote it.
func urlRequest(r *http.Request, body []byte, u *functionURL, account string, now time.Time) httpevent.Request {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return httpevent.Request{
		Request: r, Content: body, Port: u.Port, Account: account, APIID: u.ID, Stage: "$default", RouteKey: "$default",
		Path: path, RequestID: wire.RequestID(), TraceID: httpevent.Trace(r, now), Now: now,
	}
}
