// SPDX-License-Identifier: MIT

package scheduler

import (
	"net/http"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// protocol is that of the API; an input has at most 256 KB.
func protocol() wire.JSON {
	return wire.JSON{Service: "EventBridge Scheduler", Limit: 1 << 20, TooLarge: "RequestEntityTooLarge", Invalid: "ValidationException"}
}

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.api.ServeAPI(w, r, id)
}

// operations maps the paths of the API to operations ("Actions", EventBridge
// Scheduler API reference).
func (s *Service) operations() *wire.REST {
	api := wire.NewREST(protocol(), s.env.Default.Partition)
	const schedules, groups, tags = "/schedules", "/schedule-groups", "/tags/{ResourceArn}"
	token := []string{"clientToken"}
	parts := []string{"MaxResults", "NextToken", "NamePrefix"}
	wire.Handle(api, "GET "+schedules, "ListSchedules", append(slices.Clone(parts), "ScheduleGroup", "State"), s.listSchedules)
	wire.Handle(api, "POST "+schedules+"/{Name}", "CreateSchedule", nil, s.createSchedule)
	wire.Handle(api, "GET "+schedules+"/{Name}", "GetSchedule", []string{"groupName"}, s.getSchedule)
	wire.Handle(api, "PUT "+schedules+"/{Name}", "UpdateSchedule", nil, s.updateSchedule)
	wire.Handle(api, "DELETE "+schedules+"/{Name}", "DeleteSchedule", append(slices.Clone(token), "groupName"), s.deleteSchedule)
	wire.Handle(api, "GET "+groups, "ListScheduleGroups", parts, s.listGroups)
	wire.Handle(api, "POST "+groups+"/{Name}", "CreateScheduleGroup", nil, s.createGroup)
	wire.Handle(api, "GET "+groups+"/{Name}", "GetScheduleGroup", nil, s.getGroup)
	wire.Handle(api, "DELETE "+groups+"/{Name}", "DeleteScheduleGroup", token, s.deleteGroup)
	wire.Handle(api, "POST "+tags, "TagResource", nil, s.tagResource)
	wire.Handle(api, "DELETE "+tags, "UntagResource", []string{"TagKeys"}, s.untagResource)
	wire.Handle(api, "GET "+tags, "ListTagsForResource", nil, s.listTags)
	return api
}

// paging is how the lists of the API are asked for in parts.
func paging() wire.Paging {
	return wire.Paging{Size: "MaxResults", Token: "NextToken", Usual: 100, Most: 100}
}
