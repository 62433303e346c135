// SPDX-License-Identifier: MIT

package elbv2

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// action is what is done with a request. It has the members of templates and of
// the API, which are the same.
type action struct {
	Type                string
	Order               int            `xml:",omitempty" json:",omitempty"`
	TargetGroupArn      string         `xml:",omitempty" json:",omitempty"`
	ForwardConfig       *forward       `json:",omitempty"`
	FixedResponseConfig *fixedResponse `json:",omitempty"`
	RedirectConfig      *redirect      `json:",omitempty"`
}

// forward shares requests among target groups.
type forward struct {
	TargetGroups                []share     `xml:"TargetGroups>member"`
	TargetGroupStickinessConfig *stickiness `json:",omitempty"`
}

// share is a target group and its part of the requests.
type share struct {
	TargetGroupArn string
	Weight         *int
}

// stickiness would send a client to the same target group again.
type stickiness struct {
	Enabled         bool
	DurationSeconds int `xml:",omitempty" json:",omitempty"`
}

// fixedResponse is an answer of the load balancer itself.
type fixedResponse struct {
	StatusCode  string
	ContentType string `xml:",omitempty" json:",omitempty"`
	MessageBody string `xml:",omitempty" json:",omitempty"`
}

// redirect sends a client elsewhere. What is not said stays as it is.
type redirect struct {
	Protocol, Host, Port, Path, Query string
	StatusCode                        string // HTTP_301 or HTTP_302
}

// maxWeight is how much a target group may weigh.
const maxWeight = 999

var (
	fixedStatus  = lazy.MustCompile(`^[245]\d\d$`)
	fixedTypes   = []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}
	redirectPort = lazy.MustCompile(`^(#\{port\}|[1-9]\d{0,4})$`)
)

// completeActions checks the actions of a rule or listener and fills in what is
// not said. Exactly one decides what becomes of a request; those that may come
// before it authenticate, and are refused by name. s.mu is held.
func (s *Service) completeActions(list []action) ([]action, error) {
	if len(list) != 1 {
		for _, a := range list {
			if strings.HasPrefix(a.Type, "authenticate-") || a.Type == "jwt-validation" {
				return nil, unmodelled("actions of type '" + a.Type + "'")
			}
		}
		return nil, invalid("Exactly one action of type 'forward', 'redirect' or 'fixed-response' must be specified, there are '%d'", len(list))
	}
	a := list[0]
	var err error
	switch a.Type {
	case "forward":
		err = s.completeForward(&a)
	case "fixed-response":
		err = a.FixedResponseConfig.complete()
	case "redirect":
		var done redirect
		done, err = a.RedirectConfig.complete()
		a.RedirectConfig = &done
	default:
		err = unmodelled("actions of type '" + a.Type + "'")
	}
	return []action{a}, err
}

func (s *Service) completeForward(a *action) error {
	f := forward{}
	switch {
	case a.ForwardConfig != nil:
		f = *a.ForwardConfig
		f.TargetGroups = slices.Clone(f.TargetGroups)
	case a.TargetGroupArn != "":
		f.TargetGroups = []share{{TargetGroupArn: a.TargetGroupArn}}
	}
	if len(f.TargetGroups) < 1 || len(f.TargetGroups) > 5 {
		return invalid("An action of type 'forward' must have '1' to '5' target groups")
	}
	if a.TargetGroupArn != "" && (len(f.TargetGroups) > 1 || f.TargetGroups[0].TargetGroupArn != a.TargetGroupArn) {
		return invalid("You cannot specify both TargetGroupArn and a ForwardConfig with other target groups")
	}
	if f.TargetGroupStickinessConfig != nil && f.TargetGroupStickinessConfig.Enabled {
		return unmodelled("TargetGroupStickinessConfig: target group stickiness")
	}
	for i, g := range f.TargetGroups {
		if s.groups[g.TargetGroupArn] == nil {
			return noGroup(g.TargetGroupArn)
		}
		if g.Weight == nil {
			one := 1
			f.TargetGroups[i].Weight = &one
		} else if *g.Weight < 0 || *g.Weight > maxWeight {
			return invalid("The weight '%d' of a target group must be between '0' and '%d'", *g.Weight, maxWeight)
		}
	}
	if len(f.TargetGroups) == 1 {
		a.TargetGroupArn = f.TargetGroups[0].TargetGroupArn
	}
	f.TargetGroupStickinessConfig = &stickiness{}
	a.ForwardConfig = &f
	return nil
}

// complete checks a fixed response.
func (f *fixedResponse) complete() error {
	switch {
	case f == nil:
		return invalid("A 'FixedResponseConfig' must be specified with 'fixed-response'")
	case !fixedStatus.MatchString(f.StatusCode):
		return invalid("1 validation error detected: Value '%s' at 'actions.1.member.fixedResponseConfig.statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(2|4|5)\\d\\d$", f.StatusCode)
	case f.ContentType != "" && !slices.Contains(fixedTypes, f.ContentType):
		return wire.Errorf(400, "InvalidLoadBalancerAction", "The ContentType must be one of:'text/html', 'application/json', 'application/javascript', 'text/css', 'text/plain'")
	case len(f.MessageBody) > 1024:
		return invalid("The message body of a fixed response is too long; the limit is '1024'")
	}
	return nil
}

// complete checks a redirection and fills in what is not said.
func (r *redirect) complete() (redirect, error) {
	if r == nil {
		return redirect{}, invalid("A 'RedirectConfig' must be specified with 'redirect'")
	}
	out := *r
	for _, part := range []struct {
		value    *string
		fallback string
	}{{&out.Protocol, "#{protocol}"}, {&out.Host, "#{host}"}, {&out.Port, "#{port}"}, {&out.Path, "/#{path}"}, {&out.Query, "#{query}"}} {
		if *part.value == "" {
			*part.value = part.fallback
		}
	}
	port, _ := strconv.Atoi(out.Port) // 0 for #{port}
	switch {
	case out.StatusCode != "HTTP_301" && out.StatusCode != "HTTP_302":
		return out, invalid("The StatusCode '%s' of a redirect must be one of 'HTTP_301', 'HTTP_302'", out.StatusCode)
	case out.Protocol != "HTTP" && out.Protocol != "HTTPS" && out.Protocol != "#{protocol}":
		return out, invalid("The Protocol '%s' of a redirect must be 'HTTP', 'HTTPS' or '#{protocol}'", out.Protocol)
	case !redirectPort.MatchString(out.Port) || port > 65535:
		return out, invalid("The Port '%s' of a redirect must be between '1' and '65535', or '#{port}'", out.Port)
	case !strings.HasPrefix(out.Path, "/"):
		return out, invalid("The Path '%s' of a redirect must begin with '/'", out.Path)
	case out.loops():
		return out, wire.Errorf(400, "InvalidLoadBalancerAction", "The redirect would lead to the same URL: at least one of protocol, host, port and path must be modified")
	}
	return out, nil
}

// loops reports whether a redirection leads to where the request was sent.
func (r redirect) loops() bool {
	return r.Protocol == "#{protocol}" && r.Host == "#{host}" && r.Port == "#{port}" && r.Path == "/#{path}"
}

// targets returns the target groups that actions lead to.
func targets(list []action) []string {
	var arns []string
	for _, a := range list {
		if a.ForwardConfig != nil {
			for _, g := range a.ForwardConfig.TargetGroups {
				arns = append(arns, g.TargetGroupArn)
			}
		}
	}
	return arns
}
