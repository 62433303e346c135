// SPDX-License-Identifier: MIT

package apigateway

import (
	"context"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// usagePlan says who may call which stages, how often.
type usagePlan struct {
	Scope    arn.Scope
	ID       string
	Settings planSettings
	Keys     map[string]*usage // by identifier of the API key
}

// usage counts the requests of a key in a period.
type usage struct {
	Period time.Time
	Count  int
}

// planSettings is what a template says of a usage plan.
type planSettings struct {
	ApiStages     []apiStage        `json:"apiStages,omitempty"`
	Description   string            `json:"description,omitempty"`
	Quota         *quota            `json:"quota,omitempty"`
	TagMap        map[string]string `json:"tagMap,omitempty"`
	Throttle      *planThrottle     `json:"throttle,omitempty"`
	UsagePlanName string            `json:"usagePlanName,omitempty"`
}

type apiStage struct {
	ApiId    string                  `json:"apiId"`
	Stage    string                  `json:"stage"`
	Throttle map[string]planThrottle `json:"throttle,omitempty"` // by path and method, such as /pets/GET
}

type planThrottle struct {
	BurstLimit *int     `json:"burstLimit,omitempty"`
	RateLimit  *float64 `json:"rateLimit,omitempty"`
}

type quota struct {
	Limit  int    `json:"limit"`
	Offset int    `json:"offset"` // taken off the first period
	Period string `json:"period"` // DAY, WEEK or MONTH
}

// begin returns when the period of now began.
func (q *quota) begin(now time.Time) time.Time {
	now = now.UTC()
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch q.Period {
	case "WEEK": // from Sunday
		return day.AddDate(0, 0, -int(day.Weekday()))
	case "MONTH":
		return day.AddDate(0, 0, 1-day.Day())
	}
	return day
}

// use counts a request and reports whether the quota lets it through.
func (u *usage) use(q *quota, now time.Time) bool {
	if q == nil {
		return true
	}
	if begin := q.begin(now); !u.Period.Equal(begin) {
		first := u.Period.IsZero()
		u.Period, u.Count = begin, 0
		if first {
			u.Count = q.Offset
		}
	}
	if u.Count >= q.Limit {
		return false
	}
	u.Count++
	return true
}

// covers returns what a plan says of a stage, or nil.
func (p *usagePlan) covers(api, stage string) *apiStage {
	i := slices.IndexFunc(p.Settings.ApiStages, func(s apiStage) bool { return s.ApiId == api && s.Stage == stage })
	if i < 0 {
		return nil
	}
	return &p.Settings.ApiStages[i]
}

// planType is AWS::ApiGateway::UsagePlan.
type planType struct{ service *Service }

// Check returns the faults of the properties.
func (t planType) Check(properties map[string]any) []string {
	text := shape.String
	throttle := shape.Object(shape.Fields{"BurstLimit": shape.Integer(0, 1<<31-1), "RateLimit": text})
	return shape.Check(shape.Object(shape.Fields{
		"ApiStages":   shape.List(shape.Object(shape.Fields{"ApiId": text, "Stage": text, "Throttle": shape.Entries(throttle)})),
		"Description": text,
		"Quota":       shape.Object(shape.Fields{"Limit": shape.Integer(0, 1<<31-1), "Offset": shape.Integer(0, 1<<31-1), "Period": shape.Enum("DAY", "WEEK", "MONTH")}),
		"Tags":        shape.Tags, "Throttle": throttle, "UsagePlanName": text,
	}), properties)
}

// Replaces reports false: a plan keeps its identifier.
func (t planType) Replaces(_, _ map[string]any) bool { return false }

func (t planType) put(r resource.Request, id string, isNew bool) error {
	var settings planSettings
	if err := resource.Decode(r.Properties, &settings); err != nil {
		return gateway.BadRequest("%v", err)
	}
	settings.TagMap = shape.TagMap(r.Tags, r.Properties)
	if settings.UsagePlanName == "" {
		settings.UsagePlanName = r.DefaultName(128)
	}
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := settings.check(s.state, r.Scope); err != nil {
		return err
	}
	p := &usagePlan{Scope: r.Scope, ID: id, Settings: settings, Keys: map[string]*usage{}}
	old := s.state.Plans[id]
	switch {
	case old != nil:
		p.Keys = old.Keys
		if r.Properties["UsagePlanName"] == nil {
			p.Settings.UsagePlanName = old.Settings.UsagePlanName
		}
	case !isNew:
		return gateway.NotFound("Invalid Usage Plan ID specified")
	}
	s.state.Plans[id] = p
	s.changed()
	return nil
}

func (p planSettings) check(st state, scope arn.Scope) error {
	if p.Quota != nil && p.Quota.Period == "" {
		return gateway.BadRequest("Usage Plan quota period is required")
	}
	for _, each := range p.ApiStages {
		a := st.APIs[each.ApiId]
		if a == nil || a.Scope != scope || a.Stages[each.Stage] == nil {
			return gateway.NotFound("API Stage not found: %s:%s", each.ApiId, each.Stage)
		}
	}
	return nil
}

// Create makes a usage plan. Ref is its identifier.
func (t planType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	id := gateway.NewID(6)
	if err := t.put(r, id, true); err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{"Id": id}}, nil
}

// Update gives a usage plan other settings; its keys stay.
func (t planType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return old, t.put(r, old.PhysicalID, false)
}

// Delete removes a usage plan.
func (t planType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.state.Plans, old.PhysicalID)
	s.throttle.Forget("plan/" + old.PhysicalID + "/")
	s.changed()
	return nil
}
