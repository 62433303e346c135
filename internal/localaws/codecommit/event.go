// SPDX-License-Identifier: MIT

package codecommit

import (
	"context"
	"encoding/json"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// referenceChange is the detail of the event that a branch has changed
// ("Monitoring CodeCommit events in Amazon EventBridge").
type referenceChange struct {
	CallerUserArn     string `json:"callerUserArn"`
	CommitID          string `json:"commitId,omitempty"`
	OldCommitID       string `json:"oldCommitId,omitempty"`
	Event             string `json:"event"`
	ReferenceFullName string `json:"referenceFullName"`
	ReferenceName     string `json:"referenceName"`
	ReferenceType     string `json:"referenceType"`
	RepositoryID      string `json:"repositoryId"`
	RepositoryName    string `json:"repositoryName"`
}

const (
	eventSource = "aws.codecommit"
	detailType  = "CodeCommit Repository State Change"
)

// tell has EventBridge know that a branch was created, moved or deleted: from or
// to is empty then.
func (s *Service) tell(c caller, r *repository, branch, from, to string) {
	detail := referenceChange{
		CallerUserArn: c.arn, CommitID: to, OldCommitID: from, Event: "referenceUpdated", ReferenceFullName: "refs/heads/" + branch, ReferenceName: branch,
		ReferenceType: "branch", RepositoryID: r.ID, RepositoryName: r.Name,
	}
	switch {
	case from == "":
		detail.Event = "referenceCreated"
	case to == "":
		detail.Event = "referenceDeleted"
	}
	body, err := json.Marshal(detail)
	if err != nil {
		panic("codecommit: encode event: " + err.Error()) // our own structs always can be
	}
	err = s.table.Send(context.Background(), delivery.Message{
		Source: r.arn(), Account: r.Scope.Account, Target: r.Scope.Regional("events", "event-bus/default"), Body: body,
		EventSource: eventSource, DetailType: detailType, Resources: []string{r.arn()},
	})
	if err != nil {
		s.env.Log.Warn().Err(err).Str("repository", r.arn()).Msg("dropped event: the event bus does not take it")
	}
}
