// SPDX-License-Identifier: MIT

package codedeploy

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/awscli"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// serve answers for s and returns a client of it.
func serve(t *testing.T, s *Service) (*sdk.Client, string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := wire.Identify(r, here.Account, here.Region)
		if id.Service != "codedeploy" {
			t.Errorf("signed for %s", id.Service)
		}
		s.ServeAPI(w, r, id)
	}))
	t.Cleanup(server.Close)
	return sdk.New(sdk.Options{
		Region: here.Region, BaseEndpoint: &server.URL, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}), server.URL
}

func wantError(t *testing.T, err error, code, text string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text) {
		t.Errorf("got %v, want %s: ...%s...", err, code, text)
	}
}

func groupOf(edit func(*sdk.CreateDeploymentGroupInput)) *sdk.CreateDeploymentGroupInput {
	in := &sdk.CreateDeploymentGroupInput{
		ApplicationName: aws.String("app"), DeploymentGroupName: aws.String("group"), ServiceRoleArn: aws.String(role),
		DeploymentConfigName: aws.String("CodeDeployDefault.LambdaCanary10Percent5Minutes"),
		DeploymentStyle:      &types.DeploymentStyle{DeploymentType: types.DeploymentTypeBlueGreen, DeploymentOption: types.DeploymentOptionWithTrafficControl},
		AlarmConfiguration:   &types.AlarmConfiguration{Enabled: true, Alarms: []types.Alarm{{Name: aws.String("errors")}}},
		AutoRollbackConfiguration: &types.AutoRollbackConfiguration{
			Enabled: true, Events: []types.AutoRollbackEvent{types.AutoRollbackEventDeploymentFailure}},
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("tea")}},
	}
	if edit != nil {
		edit(in)
	}
	return in
}

func TestApplicationsAndGroups(t *testing.T) {
	t.Parallel()
	s := (&cloud{version: "1"}).open(t, t.TempDir())
	client, _ := serve(t, s)
	_, err := client.CreateApplication(t.Context(), &sdk.CreateApplicationInput{ApplicationName: aws.String("app")})
	wantError(t, err, "ValidationException", "only Lambda")
	create := &sdk.CreateApplicationInput{ApplicationName: aws.String("app"), ComputePlatform: types.ComputePlatformLambda}
	if _, err := client.CreateApplication(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	_, err = client.CreateApplication(t.Context(), create)
	wantError(t, err, "ApplicationAlreadyExistsException", "app")
	got, err := client.GetApplication(t.Context(), &sdk.GetApplicationInput{ApplicationName: aws.String("app")})
	if err != nil || got.Application.ComputePlatform != types.ComputePlatformLambda || aws.ToTime(got.Application.CreateTime).IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, test := range []struct {
		name, code, text string
		edit             func(*sdk.CreateDeploymentGroupInput)
	}{
		{"role", "InvalidRoleException", "does not have the permissions required to assume the role", func(in *sdk.CreateDeploymentGroupInput) { in.ServiceRoleArn = aws.String(role + "x") }},
		{"config", "DeploymentConfigDoesNotExistException", "mine", func(in *sdk.CreateDeploymentGroupInput) { in.DeploymentConfigName = aws.String("mine") }},
		{"config of servers", "InvalidDeploymentConfigNameException", "OneAtATime", func(in *sdk.CreateDeploymentGroupInput) {
			in.DeploymentConfigName = aws.String("CodeDeployDefault.OneAtATime")
		}},
		{"style", "InvalidDeploymentStyleException", "IN_PLACE", func(in *sdk.CreateDeploymentGroupInput) {
			in.DeploymentStyle.DeploymentType = types.DeploymentTypeInPlace
		}},
		{"no style", "InvalidDeploymentStyleException", "BLUE_GREEN", func(in *sdk.CreateDeploymentGroupInput) { in.DeploymentStyle = nil }},
		{"no alarm", "InvalidAlarmConfigException", "none", func(in *sdk.CreateDeploymentGroupInput) { in.AlarmConfiguration.Alarms = nil }},
		{"application", "ApplicationDoesNotExistException", "other", func(in *sdk.CreateDeploymentGroupInput) { in.ApplicationName = aws.String("other") }},
		{"triggers", "ValidationException", `"triggerConfigurations" of CreateDeploymentGroup`, func(in *sdk.CreateDeploymentGroupInput) {
			in.TriggerConfigurations = []types.TriggerConfig{{TriggerName: aws.String("x")}}
		}},
	} {
		_, err := client.CreateDeploymentGroup(t.Context(), groupOf(test.edit))
		t.Run(test.name, func(t *testing.T) { wantError(t, err, test.code, test.text) })
	}
	if _, err := client.CreateDeploymentGroup(t.Context(), groupOf(nil)); err != nil {
		t.Fatal(err)
	}
	_, err = client.CreateDeploymentGroup(t.Context(), groupOf(nil))
	wantError(t, err, "DeploymentGroupAlreadyExistsException", "group")
	if _, err := client.UpdateDeploymentGroup(t.Context(), &sdk.UpdateDeploymentGroupInput{
		ApplicationName: aws.String("app"), CurrentDeploymentGroupName: aws.String("group"), DeploymentConfigName: aws.String("CodeDeployDefault.LambdaAllAtOnce"),
	}); err != nil {
		t.Fatal(err)
	}
	group, err := client.GetDeploymentGroup(t.Context(), &sdk.GetDeploymentGroupInput{ApplicationName: aws.String("app"), DeploymentGroupName: aws.String("group")})
	if err != nil {
		t.Fatal(err)
	}
	info := group.DeploymentGroupInfo
	if *info.DeploymentConfigName != "CodeDeployDefault.LambdaAllAtOnce" || *info.AlarmConfiguration.Alarms[0].Name != "errors" || !info.AutoRollbackConfiguration.Enabled {
		t.Errorf("got %+v", info)
	}
	tags, err := client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: aws.String("arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup:app/group")})
	if err != nil || len(tags.Tags) != 1 {
		t.Errorf("tags %+v, %v", tags, err)
	}
	_, err = client.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{ApplicationName: aws.String("app")})
	wantError(t, err, "UnknownOperationException", `"CreateDeployment"`)
	if _, err := client.DeleteDeploymentGroup(t.Context(), &sdk.DeleteDeploymentGroupInput{ApplicationName: aws.String("app"), DeploymentGroupName: aws.String("group")}); err != nil {
		t.Fatal(err)
	}
	_, err = client.GetDeploymentGroup(t.Context(), &sdk.GetDeploymentGroupInput{ApplicationName: aws.String("app"), DeploymentGroupName: aws.String("group")})
	wantError(t, err, "DeploymentGroupDoesNotExistException", "No Deployment Group found for name: group")
}

func TestDeploymentsOverTheWire(t *testing.T) {
	t.Parallel()
	c := &cloud{version: "1"}
	s := c.open(t, t.TempDir())
	client, url := serve(t, s)
	c.hook = func(_ *Service, _, deployment, execution string) error { // through the SDK, as a hook does
		_, err := client.PutLifecycleEventHookExecutionStatus(t.Context(), &sdk.PutLifecycleEventHookExecutionStatusInput{
			DeploymentId: &deployment, LifecycleEventHookExecutionId: &execution, Status: types.LifecycleEventStatusSucceeded,
		})
		return err
	}
	addGroup(t, s, rolling(allAtOnce))
	o := order
	o.BeforeTraffic = "before"
	if err := s.Deploy(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	list, err := client.ListDeployments(t.Context(), &sdk.ListDeploymentsInput{
		ApplicationName: aws.String("app"), DeploymentGroupName: aws.String("group"), IncludeOnlyStatuses: []types.DeploymentStatus{types.DeploymentStatusSucceeded}})
	if err != nil || len(list.Deployments) != 1 {
		t.Fatalf("got %+v, %v", list, err)
	}
	id := list.Deployments[0]
	out, err := client.GetDeployment(t.Context(), &sdk.GetDeploymentInput{DeploymentId: &id})
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Resources []map[string]struct{ Properties map[string]string }
		Hooks     []map[string]string
	}
	if err := json.Unmarshal([]byte(*out.DeploymentInfo.Revision.AppSpecContent.Content), &spec); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"Name": "hello", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2"}, spec.Resources[0]["hello"].Properties); diff != "" {
		t.Error(diff)
	}
	targets, err := client.ListDeploymentTargets(t.Context(), &sdk.ListDeploymentTargetsInput{DeploymentId: &id})
	if err != nil || len(targets.TargetIds) != 1 {
		t.Fatalf("got %+v, %v", targets, err)
	}
	target, err := client.GetDeploymentTarget(t.Context(), &sdk.GetDeploymentTargetInput{DeploymentId: &id, TargetId: &targets.TargetIds[0]})
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, e := range target.DeploymentTarget.LambdaTarget.LifecycleEvents {
		events = append(events, aws.ToString(e.LifecycleEventName)+" "+string(e.Status))
	}
	if diff := cmp.Diff([]string{"BeforeAllowTraffic Succeeded", "AllowTraffic Succeeded"}, events); diff != "" || target.DeploymentTarget.LambdaTarget.LambdaFunctionInfo.TargetVersionWeight != 1 {
		t.Errorf("target %+v\n%s", target.DeploymentTarget.LambdaTarget, diff)
	}
	config, err := client.GetDeploymentConfig(t.Context(), &sdk.GetDeploymentConfigInput{DeploymentConfigName: aws.String("CodeDeployDefault.LambdaLinear10PercentEvery1Minute")})
	if err != nil || config.DeploymentConfigInfo.TrafficRoutingConfig.TimeBasedLinear.LinearInterval != 1 {
		t.Errorf("got %+v, %v", config, err)
	}
	commandLine(t, url, id)
}

// commandLine asks for a deployment with the AWS command line program.
func commandLine(t *testing.T, url, id string) {
	t.Helper()
	awscli.Need(t)
	for want, args := range map[string][]string{
		`"status": "Succeeded"`: {"deploy", "get-deployment", "--deployment-id", id},
		`"computePlatform"`:     {"deploy", "get-application", "--application-name", "app"},
	} {
		if got := (awscli.CLI{Endpoint: url}).Run(t, args...); got.Code != 0 || !strings.Contains(got.Stdout, want) {
			t.Errorf("aws %s: %+v", strings.Join(args, " "), got)
		}
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	s := (&cloud{version: "1"}).open(t, t.TempDir())
	request := func(id, text string) resource.Request {
		r := resource.Request{Scope: here, LogicalID: id, DefaultName: func(int) string { return "stack-" + id }, Tags: map[string]string{"s": "t"}}
		if err := json.Unmarshal([]byte(text), &r.Properties); err != nil {
			t.Fatal(err)
		}
		return r
	}
	kinds := s.ResourceTypes()
	application, group := kinds["AWS::CodeDeploy::Application"], kinds["AWS::CodeDeploy::DeploymentGroup"]
	a := request("App", `{"ComputePlatform":"Lambda"}`)
	made, err := application.Create(t.Context(), a)
	if err != nil || made.PhysicalID != "stack-App" {
		t.Fatalf("got %+v, %v", made, err)
	}
	const head = `{"ApplicationName":"stack-App","DeploymentStyle":{"DeploymentType":"BLUE_GREEN","DeploymentOption":"WITH_TRAFFIC_CONTROL"},"ServiceRoleArn":"` + role + `"`
	g := request("Group", head+`,"DeploymentConfigName":"CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
		"AlarmConfiguration":{"Enabled":"true","Alarms":[{"Name":"errors"}]},"AutoRollbackConfiguration":{"Enabled":true,"Events":["DEPLOYMENT_FAILURE"]}}`)
	if faults := group.Check(g.Properties); len(faults) > 0 {
		t.Errorf("faults %v", faults)
	}
	instance, err := group.Create(t.Context(), g)
	if err != nil || instance.PhysicalID != "stack-Group" {
		t.Fatalf("got %+v, %v", instance, err)
	}
	if got := s.applications[applicationARN(here, "stack-App")].Groups["stack-Group"]; !got.Alarms.Enabled || !got.Rollback.after(onFailure) {
		t.Errorf("got %+v", got)
	}
	if _, err := group.Update(t.Context(), instance, request("Group", head+`}`)); err != nil {
		t.Fatal(err)
	}
	if got := s.applications[applicationARN(here, "stack-App")].Groups["stack-Group"]; got.Alarms.Enabled || got.Rollback.Enabled || got.Config != allAtOnce {
		t.Errorf("what was left out is not back at its default: %+v", got)
	}
	bad := request("Bad", strings.Replace(head, role, role+"-new", 1)+`}`)
	if _, err := group.Create(t.Context(), bad); !errors.Is(err, resource.ErrRetry) || !strings.Contains(err.Error(), "(Service: CodeDeploy, Status Code: 400") {
		t.Errorf("a role that cannot be assumed yet: %v", err)
	}
	for _, test := range []struct {
		kind       resource.Type
		properties string
		want       []string
	}{
		{application, `{}`, []string{"#/ComputePlatform: the embedded AWS models Lambda only, and the default is Server"}},
		{application, `{"ComputePlatform":"ECS"}`, []string{"#/ComputePlatform: the embedded AWS models Lambda only"}},
		{group, `{"ApplicationName":"a","ServiceRoleArn":"r","DeploymentStyle":{"DeploymentType":"IN_PLACE","DeploymentOption":"WITH_TRAFFIC_CONTROL"},"TriggerConfigurations":[]}`,
			[]string{"#/DeploymentStyle/DeploymentType: the embedded AWS models BLUE_GREEN only", "#/TriggerConfigurations: the embedded AWS does not model this property"}},
	} {
		if diff := cmp.Diff(test.want, test.kind.Check(request("X", test.properties).Properties)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.properties, diff)
		}
	}
	for range 2 { // what is gone already is no error
		if err := errors.Join(group.Delete(t.Context(), instance, g), application.Delete(t.Context(), made, a)); err != nil {
			t.Error(err)
		}
	}
}
