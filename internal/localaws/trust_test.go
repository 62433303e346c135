// SPDX-License-Identifier: MIT

package localaws_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	codedeploytypes "github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// trusted makes a role that a service may assume under a condition.
func trusted(t *testing.T, client *iam.Client, name, service, condition string) *string {
	t.Helper()
	out, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole","Condition":` + condition + `}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Role.Arn
}

// trustsOf are conditions of trust policies on who a service acts for, given the
// ARN of what it acts for, and whether they are met.
func trustsOf(own, other string) map[string]struct {
	condition string
	met       bool
} {
	arnLike := func(arn string) string { return `{"ArnLike":{"aws:SourceArn":"` + arn + `"}}` }
	return map[string]struct {
		condition string
		met       bool
	}{
		"nothing":         {`{}`, true},
		"account":         {`{"StringEquals":{"aws:SourceAccount":"` + account + `"}}`, true},
		"another-account": {`{"StringEquals":{"aws:SourceAccount":"999999999999"}}`, false},
		"source":          {arnLike(own), true},
		"another-source":  {arnLike(other), false},
		"no-source":       {`{"Null":{"aws:SourceArn":"true"}}`, false},
	}
}

// CodeDeploy says for which deployment group it assumes a role.
func TestTrustOfDeploymentGroups(t *testing.T) {
	t.Parallel()
	cfg := config(openCloud(t, t.TempDir()).Endpoint())
	roles, deploys := iam.NewFromConfig(cfg), codedeploy.NewFromConfig(cfg)
	if _, err := deploys.CreateApplication(t.Context(), &codedeploy.CreateApplicationInput{ApplicationName: aws.String("app"), ComputePlatform: codedeploytypes.ComputePlatformLambda}); err != nil {
		t.Fatal(err)
	}
	for name, test := range trustsOf(arnOf("codedeploy", "deploymentgroup:app/*"), arnOf("codedeploy", "deploymentgroup:other/*")) {
		_, err := deploys.CreateDeploymentGroup(t.Context(), &codedeploy.CreateDeploymentGroupInput{
			ApplicationName: aws.String("app"), DeploymentGroupName: &name, ServiceRoleArn: trusted(t, roles, name, "codedeploy.amazonaws.com", test.condition),
			DeploymentStyle: &codedeploytypes.DeploymentStyle{DeploymentType: codedeploytypes.DeploymentTypeBlueGreen, DeploymentOption: codedeploytypes.DeploymentOptionWithTrafficControl},
		})
		if refused := err != nil && strings.Contains(err.Error(), "InvalidRoleException"); refused == test.met || err != nil && !refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The scheduler says for which group of schedules it assumes a role.
func TestTrustOfSchedules(t *testing.T) {
	t.Parallel()
	endpoint := openCloud(t, t.TempDir()).Endpoint()
	roles := iam.NewFromConfig(config(endpoint))
	for name, test := range trustsOf(arnOf("scheduler", "schedule-group/default"), arnOf("scheduler", "schedule-group/other")) {
		body := fmt.Sprintf(`{"ScheduleExpression":"rate(1 day)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":%q,"RoleArn":%q}}`,
			arnOf("sqs", "q"), *trusted(t, roles, name, "scheduler.amazonaws.com", test.condition))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+"/schedules/"+name, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		sign("scheduler")(request)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if refused := strings.Contains(string(answer), "must allow AWS EventBridge Scheduler to assume the role"); refused == test.met || response.StatusCode != http.StatusOK && !refused {
			t.Errorf("%s: %d %s", name, response.StatusCode, answer)
		}
	}
}
