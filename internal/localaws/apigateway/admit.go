// SPDX-License-Identifier: MIT

package apigateway

import (
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
)

// admit wants an API key of a usage plan where the method does, and counts the
// request against the limits and the quota of the plan.
func (v *visit) admit() (httpevent.Response, bool) {
	if !v.method.ApiKeyRequired {
		return httpevent.Response{}, false
	}
	value := v.event.Header.Get("X-Api-Key")
	if v.definition.Settings.ApiKeySourceType == "AUTHORIZER" {
		value = v.usageKey
	}
	s := v.service
	s.mu.Lock()
	defer s.mu.Unlock()
	key, plan := s.state.subscriber(v, value)
	if plan == nil {
		return v.refuse("INVALID_API_KEY", http.StatusForbidden, "Forbidden"), true
	}
	v.identity.APIKey, v.identity.APIKeyID = &key.Settings.Value, &key.ID
	v.variables["identity.apiKey"], v.variables["identity.apiKeyId"] = key.Settings.Value, key.ID
	if !s.withinPlan(v, key, plan) {
		return v.refuse("THROTTLED", http.StatusTooManyRequests, "Too Many Requests"), true
	}
	if !plan.Keys[key.ID].use(plan.Settings.Quota, v.event.Now) {
		return v.refuse("QUOTA_EXCEEDED", http.StatusTooManyRequests, "Limit Exceeded"), true
	}
	if plan.Settings.Quota != nil {
		s.changed()
	}
	return httpevent.Response{}, false
}

// subscriber returns the API key with a value and the plan of the stage that it
// is in; nil if there is none.
func (st state) subscriber(v *visit, value string) (*apiKey, *usagePlan) {
	for _, k := range st.Keys {
		if k.Scope != v.scope || k.Settings.Value != value || !k.Settings.Enabled {
			continue
		}
		for _, p := range st.Plans {
			if p.Keys[k.ID] != nil && p.covers(v.apiID, v.stage.StageName) != nil {
				return k, p
			}
		}
	}
	return nil, nil
}

// withinPlan counts the request against the limits of a plan, of the method
// first.
func (s *Service) withinPlan(v *visit, key *apiKey, plan *usagePlan) bool {
	name := strings.Join([]string{"plan", plan.ID, key.ID}, "/")
	path := strings.TrimSuffix(v.entry.path.String(), "/") + "/" + v.method.HttpMethod
	if t, ok := plan.covers(v.apiID, v.stage.StageName).Throttle[path]; ok {
		return s.throttle.Allow(strings.Join([]string{name, v.apiID, v.stage.StageName, path}, "/"), gateway.NewLimit(t.RateLimit, t.BurstLimit), v.event.Now)
	}
	if t := plan.Settings.Throttle; t != nil {
		return s.throttle.Allow(name, gateway.NewLimit(t.RateLimit, t.BurstLimit), v.event.Now)
	}
	return true
}
