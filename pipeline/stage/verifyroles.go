// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
)

// Roles holds the ARN of each static role by the way sparta.yaml writes it.
type Roles map[string]string

// VerifyRoles checks that every static role of sparta.yaml exists, belongs to
// the account and may be assumed by Lambda. Roles that the service makes for
// itself, and those that it refers to with an intrinsic function, are
// CloudFormation's business. It also refuses a region where the stack could not
// use what sparta.yaml names by its ARN.
type VerifyRoles struct {
	Project pipeline.Result[Project]
	Session pipeline.Result[Session]
	IAM     func(Session) roleGetter // nil: the session's own client
}

type roleGetter interface {
	GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error)
}

// Title returns the words of the box.
func (*VerifyRoles) Title() string { return "Verify Static IAM Roles" }

// roleUse is one place in sparta.yaml that names a static role.
type roleUse struct {
	role string
	path []string
}

// Run asks IAM for each role once, all at the same time. It fails with a
// *diag.Fault that holds every faulty use.
func (v *VerifyRoles) Run(ctx context.Context) (Roles, error) {
	project, session := v.Project.Get(), v.Session.Get()
	var client roleGetter = session.Clients.IAM
	if v.IAM != nil {
		client = v.IAM(session)
	}
	if !session.Local { // the embedded AWS has what it has wherever one looks for it
		if err := project.Service.Elsewhere(session.Region, session.Account).Err(); err != nil {
			return nil, err
		}
	}
	uses := project.roleUses()
	roles, faults := Roles{}, map[string]error{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, role := range distinctRoles(uses) {
		wg.Go(func() {
			arn, err := verifyRole(ctx, client, session, role)
			mu.Lock()
			defer mu.Unlock()
			roles[role], faults[role] = arn, err
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var problems diag.List
	for _, u := range uses {
		if err := faults[u.role]; err != nil {
			hint := ""
			if h, ok := errors.AsType[*hintError](err); ok {
				hint = h.hint
			}
			problems.Add(project.Service.Problem(diag.StaticRole, err.Error(), hint, u.path...))
		}
	}
	return roles, problems.Err()
}

func (p Project) roleUses() []roleUse {
	var uses []roleUse
	for _, f := range p.Service.Functions {
		if role, ok := f.Role.(string); ok {
			uses = append(uses, roleUse{role, []string{"functions", f.Name, "role"}})
		}
	}
	for _, c := range p.Service.CustomResources {
		if role, ok := c.Role.(string); ok {
			uses = append(uses, roleUse{role, []string{"customResources", c.Name, "role"}})
		}
	}
	return uses
}

func distinctRoles(uses []roleUse) []string {
	var names []string
	for _, u := range uses {
		names = append(names, u.role)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// verifyRole returns the ARN of a role given by name or ARN.
func verifyRole(ctx context.Context, client roleGetter, session Session, role string) (string, error) {
	name := role
	if strings.HasPrefix(role, "arn:") {
		parts := strings.SplitN(role, ":", 6)
		if len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/") {
			return "", fmt.Errorf("%q is no ARN of an IAM role", role)
		}
		if parts[4] != session.Account {
			return "", withHint(fmt.Errorf("role %q belongs to account %s, but the service goes to account %s", role, parts[4], session.Account),
				"Lambda can't take a role of another account: create the role in account %s, or deploy with other credentials", session.Account)
		}
		name = parts[5][strings.LastIndex(parts[5], "/")+1:]
	}
	out, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if _, missing := errors.AsType[*types.NoSuchEntityException](err); missing {
		return "", withHint(fmt.Errorf("role %q does not exist in account %s", name, session.Account),
			"create it, or leave `role` out and list `permissions`: then the function gets a role of its own")
	}
	if err != nil {
		return "", withHint(fmt.Errorf("get role %q: %w", name, plain(err)), "%s needs iam:GetRole on it", session.Caller)
	}
	arn := aws.ToString(out.Role.Arn)
	if strings.HasPrefix(role, "arn:") && arn != role {
		return "", fmt.Errorf("role %q does not exist: the role of that name is %s", role, arn)
	}
	trust, err := parseTrust(aws.ToString(out.Role.AssumeRolePolicyDocument))
	if err != nil {
		return "", fmt.Errorf("role %q: read its trust policy: %w", name, err)
	}
	switch allowed, conditional := trust.allows("lambda.amazonaws.com"); {
	case !allowed:
		return "", withHint(fmt.Errorf("role %q can't be assumed by Lambda", name),
			"let its trust policy allow sts:AssumeRole to the service lambda.amazonaws.com")
	case conditional:
		zerolog.Ctx(ctx).Warn().Str("role", name).Msg("trust policy has conditions that can't be checked here")
	}
	return arn, nil
}
