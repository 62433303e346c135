// SPDX-License-Identifier: MIT

package iam

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// policyXML is a managed policy in answers.
type policyXML struct {
	PolicyName       string
	PolicyID         string `xml:"PolicyId"`
	Arn, Path        string
	DefaultVersionID string `xml:"DefaultVersionId"`
	AttachmentCount  int
	IsAttachable     bool
	Description      string `xml:",omitempty"`
	CreateDate       string
	UpdateDate       string
	Tags             []tagXML `xml:"Tags>member,omitempty"`
}

func (a *account) policyXML(p *managed) policyXML {
	return policyXML{
		PolicyName: p.Name, PolicyID: p.ID, Arn: p.ARN, Path: p.Path, DefaultVersionID: "v1", AttachmentCount: len(a.attachedTo(p.ARN)), IsAttachable: true,
		Description: p.Description, CreateDate: p.Created.Format(time.RFC3339), UpdateDate: p.Updated.Format(time.RFC3339), Tags: tagsXML(p.Tags),
	}
}

// addPolicy makes a customer managed policy. The caller holds the lock.
func (s *Service) addPolicy(a *account, accountID string, p managed) (*managed, error) {
	if err := checkName("policyName", p.Name, 128); err != nil {
		return nil, err
	}
	path, err := checkPath(p.Path)
	if err != nil {
		return nil, err
	}
	if err := checkManaged(p.Document); err != nil {
		return nil, err
	}
	for _, other := range a.Policies {
		if strings.EqualFold(other.Name, p.Name) {
			return nil, alreadyExists("A policy called %s already exists. Duplicate names are not allowed.", p.Name)
		}
	}
	p.Path, p.ID, p.Created = path, newID("ANPA"), s.env.Now().UTC()
	p.Updated = p.Created
	p.ARN = arn.Scope{Partition: "aws", Account: accountID}.Global("iam", "policy"+path+p.Name)
	a.Policies[p.ARN] = &p
	return &p, nil
}

func checkManaged(document string) error {
	return checkPermissions(document, 6144, "managed policies")
}

func (s *Service) createPolicy(a *account, c call) (any, error) {
	p, err := s.addPolicy(a, c.id.Account, managed{
		Name: c.Get("PolicyName"), Path: c.Get("Path"), Document: c.Get("PolicyDocument"), Description: c.Get("Description"), Tags: c.tags(),
	})
	if err != nil {
		return nil, err
	}
	return struct{ Policy policyXML }{a.policyXML(p)}, nil
}

func (a *account) managed(c call) (*managed, error) {
	policyARN := c.Get("PolicyArn")
	if p := a.Policies[policyARN]; p != nil {
		return p, nil
	}
	if isManagedByAWS(policyARN) {
		return nil, noSuchEntity("the embedded AWS does not hold the policies that AWS manages, such as %s", policyARN)
	}
	return nil, noSuchEntity("Policy %s was not found.", policyARN)
}

func (s *Service) getPolicy(a *account, c call) (any, error) {
	p, err := a.managed(c)
	if err != nil {
		return nil, err
	}
	return struct{ Policy policyXML }{a.policyXML(p)}, nil
}

type versionXML struct {
	Document         string `xml:",omitempty"`
	VersionID        string `xml:"VersionId"`
	IsDefaultVersion bool
	CreateDate       string
}

func (s *Service) getPolicyVersion(a *account, c call) (any, error) {
	p, err := a.managed(c)
	if err != nil {
		return nil, err
	}
	if c.Get("VersionId") != "v1" {
		return nil, noSuchEntity("Policy %s version %s does not exist or is not attachable.", p.ARN, c.Get("VersionId"))
	}
	return struct{ PolicyVersion versionXML }{versionXML{escape(p.Document), "v1", true, p.Updated.Format(time.RFC3339)}}, nil
}

func (s *Service) listPolicyVersions(a *account, c call) (any, error) {
	p, err := a.managed(c)
	if err != nil {
		return nil, err
	}
	return struct {
		Versions []versionXML `xml:"Versions>member"`
		paged
	}{Versions: []versionXML{{"", "v1", true, p.Updated.Format(time.RFC3339)}}}, nil
}

// listPolicies lists the customer managed policies.
func (s *Service) listPolicies(a *account, c call) (any, error) {
	if c.Get("Scope") != "Local" {
		return nil, invalid("the embedded AWS does not hold the policies that AWS manages: use the scope Local")
	}
	arns := slices.Sorted(maps.Keys(a.Policies))
	arns = slices.DeleteFunc(arns, func(policyARN string) bool {
		unattached := c.Get("OnlyAttached") == "true" && len(a.attachedTo(policyARN)) == 0
		return unattached || !strings.HasPrefix(a.Policies[policyARN].Path, c.Get("PathPrefix"))
	})
	arns, page, err := c.page(arns)
	if err != nil {
		return nil, err
	}
	out := struct {
		Policies []policyXML `xml:"Policies>member"`
		paged
	}{paged: page}
	for _, policyARN := range arns {
		out.Policies = append(out.Policies, a.policyXML(a.Policies[policyARN]))
	}
	return out, nil
}

func (s *Service) deletePolicy(a *account, c call) (any, error) {
	p, err := a.managed(c)
	if err != nil {
		return nil, err
	}
	if len(a.attachedTo(p.ARN)) > 0 {
		return nil, deleteConflict("Cannot delete a policy attached to entities.")
	}
	delete(a.Policies, p.ARN)
	return nil, nil
}
