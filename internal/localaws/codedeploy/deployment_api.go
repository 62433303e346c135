// SPDX-License-Identifier: MIT

package codedeploy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type deploymentInput struct {
	DeploymentID string `json:"deploymentId"`
}

type getDeploymentOutput struct {
	DeploymentInfo deploymentInfo `json:"deploymentInfo"`
}

type deploymentInfo struct {
	ApplicationName      string        `json:"applicationName"`
	DeploymentGroupName  string        `json:"deploymentGroupName"`
	DeploymentConfigName string        `json:"deploymentConfigName"`
	DeploymentID         string        `json:"deploymentId"`
	Status               string        `json:"status"`
	CreateTime           timestamp     `json:"createTime"`
	StartTime            timestamp     `json:"startTime"`
	CompleteTime         *timestamp    `json:"completeTime,omitempty"`
	Creator              string        `json:"creator"`
	ComputePlatform      string        `json:"computePlatform"`
	DeploymentStyle      style         `json:"deploymentStyle"`
	Revision             revision      `json:"revision"`
	ErrorInformation     *errorInfo    `json:"errorInformation,omitempty"`
	RollbackInfo         *rollbackInfo `json:"rollbackInfo,omitempty"`
}

type errorInfo struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type rollbackInfo struct {
	RollbackDeploymentID           string `json:"rollbackDeploymentId,omitempty"`
	RollbackTriggeringDeploymentID string `json:"rollbackTriggeringDeploymentId,omitempty"`
	RollbackMessage                string `json:"rollbackMessage,omitempty"`
}

type revision struct {
	RevisionType   string         `json:"revisionType"`
	AppSpecContent appSpecContent `json:"appSpecContent"`
}

type appSpecContent struct {
	Content string `json:"content"`
	SHA256  string `json:"sha256"`
}

// appSpec writes what is deployed as an AppSpec file ("AppSpec file example for
// an AWS Lambda deployment", CodeDeploy User Guide).
func (d *deployment) appSpec() appSpecContent {
	var hooks []map[string]string
	if d.Order.BeforeTraffic != "" {
		hooks = append(hooks, map[string]string{"BeforeAllowTraffic": d.Order.BeforeTraffic})
	}
	if d.Order.AfterTraffic != "" {
		hooks = append(hooks, map[string]string{"AfterAllowTraffic": d.Order.AfterTraffic})
	}
	properties := map[string]string{"Name": d.Order.Function, "Alias": d.Order.Alias, "CurrentVersion": d.From, "TargetVersion": d.Order.Target}
	text, err := json.Marshal(map[string]any{
		"version": 0.0, "Hooks": hooks,
		"Resources": []any{map[string]any{d.Order.Function: map[string]any{"Type": "AWS::Lambda::Function", "Properties": properties}}},
	})
	if err != nil {
		panic(err) // strings always marshal
	}
	hash := sha256.Sum256(text)
	return appSpecContent{string(text), hex.EncodeToString(hash[:])}
}

func (s *Service) getDeployment(scope arn.Scope, in deploymentInput) (getDeploymentOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.deployment(scope, in.DeploymentID)
	if err != nil {
		return getDeploymentOutput{}, err
	}
	info := deploymentInfo{
		ApplicationName: d.Order.Application, DeploymentGroupName: d.Order.Group, DeploymentConfigName: d.Config, DeploymentID: d.ID,
		Status: d.Status, CreateTime: timestamp{d.Created}, StartTime: timestamp{d.Started}, Creator: d.Order.Creator,
		ComputePlatform: "Lambda", DeploymentStyle: trafficStyle(), Revision: revision{"AppSpecContent", d.appSpec()},
	}
	if !d.underWay() {
		info.CompleteTime = &timestamp{d.Ended}
	}
	if d.Code != "" {
		info.ErrorInformation = &errorInfo{d.Code, d.Message}
	}
	if d.Rollback+d.Trigger != "" {
		info.RollbackInfo = &rollbackInfo{d.Rollback, d.Trigger, d.RollbackNote}
	}
	return getDeploymentOutput{info}, nil
}

type listDeploymentsInput struct {
	ApplicationName     string   `json:"applicationName"`
	DeploymentGroupName string   `json:"deploymentGroupName"`
	IncludeOnlyStatuses []string `json:"includeOnlyStatuses"`
	NextToken           string   `json:"nextToken"` // there is one page only
}

type listDeploymentsOutput struct {
	Deployments []string `json:"deployments"`
}

// listDeployments lists the deployments of an account or a group, newest first.
func (s *Service) listDeployments(scope arn.Scope, in listDeploymentsInput) (listDeploymentsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := listDeploymentsOutput{Deployments: []string{}}
	if in.ApplicationName != "" || in.DeploymentGroupName != "" {
		if _, _, err := s.group(scope, in.ApplicationName, in.DeploymentGroupName); err != nil {
			return out, err
		}
	}
	for _, d := range slices.Backward(s.deployments) {
		switch {
		case d.Scope != scope,
			in.ApplicationName != "" && (d.Order.Application != in.ApplicationName || d.Order.Group != in.DeploymentGroupName),
			len(in.IncludeOnlyStatuses) > 0 && !slices.Contains(in.IncludeOnlyStatuses, d.Status):
		default:
			out.Deployments = append(out.Deployments, d.ID)
		}
	}
	return out, nil
}

type stopInput struct {
	DeploymentID        string `json:"deploymentId"`
	AutoRollbackEnabled *bool  `json:"autoRollbackEnabled"`
}

type stopOutput struct {
	Status        string `json:"status"`
	StatusMessage string `json:"statusMessage"`
}

func (s *Service) stopDeployment(scope arn.Scope, in stopInput) (stopOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.deployment(scope, in.DeploymentID)
	if err != nil {
		return stopOutput{}, err
	}
	if !d.underWay() {
		return stopOutput{}, wire.Errorf(400, "DeploymentAlreadyCompletedException", "The deployment %s has ended", d.ID)
	}
	why := &failure{code: "MANUAL_STOP", message: "The deployment was stopped by the user", event: onRequest, stopped: true}
	if in.AutoRollbackEnabled != nil && *in.AutoRollbackEnabled {
		why.event = ""
	}
	d.cancel(why)
	return stopOutput{"Pending", "The deployment is being stopped"}, nil
}

type listTargetsOutput struct {
	TargetIDs []string `json:"targetIds"`
}

type listTargetsInput struct {
	DeploymentID string `json:"deploymentId"`
	NextToken    string `json:"nextToken"` // there is one page only
}

// targetID names the only target of a deployment.
func (d *deployment) targetID() string { return d.Order.Function + ":" + d.Order.Alias }

func (s *Service) listTargets(scope arn.Scope, in listTargetsInput) (listTargetsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.deployment(scope, in.DeploymentID)
	if err != nil {
		return listTargetsOutput{}, err
	}
	return listTargetsOutput{[]string{d.targetID()}}, nil
}

type targetInput struct {
	DeploymentID string `json:"deploymentId"`
	TargetID     string `json:"targetId"`
}

type getTargetOutput struct {
	DeploymentTarget target `json:"deploymentTarget"`
}

type target struct {
	DeploymentTargetType string       `json:"deploymentTargetType"`
	LambdaTarget         lambdaTarget `json:"lambdaTarget"`
}

type lambdaTarget struct {
	DeploymentID       string        `json:"deploymentId"`
	TargetID           string        `json:"targetId"`
	TargetArn          string        `json:"targetArn"`
	Status             string        `json:"status"`
	LifecycleEvents    []eventOutput `json:"lifecycleEvents"`
	LambdaFunctionInfo functionInfo  `json:"lambdaFunctionInfo"`
}

type eventOutput struct {
	LifecycleEventName string     `json:"lifecycleEventName"`
	StartTime          timestamp  `json:"startTime"`
	EndTime            *timestamp `json:"endTime,omitempty"`
	Status             string     `json:"status"`
}

type functionInfo struct {
	FunctionName        string  `json:"functionName"`
	FunctionAlias       string  `json:"functionAlias"`
	CurrentVersion      string  `json:"currentVersion"`
	TargetVersion       string  `json:"targetVersion"`
	TargetVersionWeight float64 `json:"targetVersionWeight"`
}

func (s *Service) getTarget(scope arn.Scope, in targetInput) (getTargetOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.deployment(scope, in.DeploymentID)
	if err != nil {
		return getTargetOutput{}, err
	}
	if in.TargetID != d.targetID() {
		return getTargetOutput{}, wire.Errorf(400, "DeploymentTargetDoesNotExistException", "The deployment %s has no target %s", d.ID, in.TargetID)
	}
	status := d.Status
	if status == "Stopped" {
		status = "Failed"
	}
	t := lambdaTarget{
		DeploymentID: d.ID, TargetID: in.TargetID, TargetArn: d.Scope.Regional("lambda", "function:"+in.TargetID), Status: status,
		LifecycleEvents:    []eventOutput{},
		LambdaFunctionInfo: functionInfo{d.Order.Function, d.Order.Alias, d.From, d.Order.Target, float64(d.Share) / 100},
	}
	for _, e := range d.Steps {
		out := eventOutput{LifecycleEventName: e.Name, StartTime: timestamp{e.Start}, Status: e.Status}
		if !e.End.IsZero() {
			out.EndTime = &timestamp{e.End}
		}
		t.LifecycleEvents = append(t.LifecycleEvents, out)
	}
	return getTargetOutput{target{"LambdaTarget", t}}, nil
}
