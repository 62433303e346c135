// SPDX-License-Identifier: MIT

package scheduler

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon EventBridge Scheduler", Service Authorization
// Reference).
func needs() access.Routes {
	const schedule, group, tags = "/schedules/{Name}", "/schedule-groups/{Name}", "/tags/{ResourceArn}"
	do := func(action string, on access.Resource) access.Rule { return access.Do("scheduler:"+action, on) }
	groupNamed, tagged := access.Regional("scheduler", "schedule-group/*", "Name"), access.ARNIn("ResourceArn")
	return access.NewRoutes(map[string]access.Rule{
		"GET /schedules":       do("ListSchedules", access.Any),
		"POST " + schedule:     access.All(do("CreateSchedule", scheduleNamed("GroupName")), passing),
		"PUT " + schedule:      access.All(do("UpdateSchedule", scheduleNamed("GroupName")), passing),
		"GET " + schedule:      do("GetSchedule", scheduleNamed("groupName")),
		"DELETE " + schedule:   do("DeleteSchedule", scheduleNamed("groupName")),
		"GET /schedule-groups": do("ListScheduleGroups", access.Any),
		"POST " + group:        do("CreateScheduleGroup", groupNamed),
		"GET " + group:         do("GetScheduleGroup", groupNamed),
		"DELETE " + group:      do("DeleteScheduleGroup", groupNamed),
		"POST " + tags:         do("TagResource", tagged),
		"DELETE " + tags:       do("UntagResource", tagged),
		"GET " + tags:          do("ListTagsForResource", tagged),
	})
}

// scheduleNamed is the schedule of the path in the group that a member names.
func scheduleNamed(groupMember string) access.Resource {
	return func(in *access.Input) []string {
		group := in.Text(groupMember)
		if group == "" {
			group = defaultGroup
		}
		return []string{in.Scope.Regional("scheduler", "schedule/"+group+"/"+in.Text("Name"))}
	}
}

// passing needs the right to hand the target its role.
func passing(in *access.Input) []access.Need {
	target, _ := in.Member("Target").(map[string]any)
	role, _ := target["RoleArn"].(string)
	return access.Pass(role, principal)
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region})
}
