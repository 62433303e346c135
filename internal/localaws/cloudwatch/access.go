// SPDX-License-Identifier: MIT

package cloudwatch

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon CloudWatch", Service Authorization Reference).
func needs() access.Table {
	named := access.On(alarmsNamed)
	return access.Table{Prefix: "cloudwatch", Decode: members, Rules: map[string]access.Rule{
		"PutMetricAlarm":      named,
		"DescribeAlarms":      named,
		"DeleteAlarms":        named,
		"SetAlarmState":       named,
		"ListTagsForResource": access.On(access.ARNIn("ResourceARN")),
	}}
}

// members reads a body of either protocol that has one.
func members(body []byte) map[string]any {
	var in map[string]any
	if json.Unmarshal(body, &in) == nil {
		return in
	}
	in, _ = readCBOR(bytes.NewReader(body)) // what is neither has no members
	return in
}

// alarmsNamed are the alarms that a request names, or all.
func alarmsNamed(in *access.Input) []string {
	var names []string
	if name := in.Text("AlarmName"); name != "" {
		names = append(names, name)
	}
	list, _ := in.Member("AlarmNames").([]any)
	for _, item := range list {
		if name, ok := item.(string); ok {
			names = append(names, name)
		}
	}
	for n := 1; in.Form().Has("AlarmNames.member." + strconv.Itoa(n)); n++ {
		names = append(names, in.Form().Get("AlarmNames.member."+strconv.Itoa(n)))
	}
	if names == nil {
		names = []string{"*"}
	}
	arns := make([]string, len(names))
	for i, name := range names {
		arns[i] = alarmARN(in.Scope, name)
	}
	return arns
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}
