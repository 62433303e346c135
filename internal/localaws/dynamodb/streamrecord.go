// SPDX-License-Identifier: MIT

package dynamodb

import (
	"encoding/json"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

func (c *change) size() int { return c.Keys.Size() + c.New.Size() + c.Old.Size() }

// streamRecord is how the API shows a change. Events for functions differ from
// it in some names.
type streamRecord struct {
	EventID        string        `json:"eventID"`
	EventName      string        `json:"eventName"`
	EventVersion   string        `json:"eventVersion"`
	EventSource    string        `json:"eventSource"`
	AWSRegion      string        `json:"awsRegion"`
	Change         shownChange   `json:"dynamodb"`
	UserIdentity   *userIdentity `json:"userIdentity,omitempty"`
	EventSourceARN string        `json:"eventSourceARN,omitempty"` // of events
}

type shownChange struct {
	ApproximateCreationDateTime int64 // whole seconds
	Keys                        attribute.Item
	NewImage                    attribute.Item `json:",omitempty"`
	OldImage                    attribute.Item `json:",omitempty"`
	SequenceNumber              string
	SizeBytes                   int
	StreamViewType              string
}

// userIdentity is who has deleted an item, if it was time to live.
type userIdentity struct{ principal, kind string }

func (u userIdentity) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{u.principal: "dynamodb.amazonaws.com", u.kind: "Service"})
}

func (st *feed) record(c *change) streamRecord {
	r := streamRecord{
		EventID: c.ID, EventName: c.Event, EventVersion: "1.1", EventSource: "aws:dynamodb", AWSRegion: st.Scope.Region,
		Change: shownChange{c.At.Unix(), c.Keys, c.New, c.Old, sequence(c.Sequence), c.size(), st.View},
	}
	if c.Expired {
		r.UserIdentity = &userIdentity{"PrincipalId", "Type"}
	}
	return r
}
