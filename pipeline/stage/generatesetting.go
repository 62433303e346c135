// SPDX-License-Identifier: MIT

package stage

import (
	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// settings are the properties of a function for what sparta.yaml sets other
// than Lambda does by itself.
func (m *marshaller) settings(f spec.Function) map[string]any {
	p := map[string]any{}
	if len(f.Layers) > 0 {
		var layers []any
		for _, layer := range f.Layers {
			layers = append(layers, layer.ARN)
		}
		p["Layers"] = layers
	}
	if f.VPC != nil {
		p["VpcConfig"] = vpcProperties(*f.VPC)
	}
	if f.FileSystem != nil {
		p["FileSystemConfigs"] = []any{map[string]any{"Arn": f.FileSystem.AccessPoint.ARN, "LocalMountPath": f.FileSystem.Path}}
	}
	if f.EphemeralStorageMB != spec.DefaultEphemeralStorageMB {
		p["EphemeralStorage"] = map[string]any{"Size": f.EphemeralStorageMB}
	}
	if f.Tracing {
		p["TracingConfig"] = map[string]any{"Mode": "Active"}
	}
	if f.ReservedConcurrency != nil {
		p["ReservedConcurrentExecutions"] = *f.ReservedConcurrency
	}
	if f.RecursiveLoop != spec.DefaultRecursiveLoop {
		p["RecursiveLoop"] = f.RecursiveLoop
	}
	if f.KMSKey.ARN != nil {
		p["KmsKeyArn"] = f.KMSKey.ARN
	}
	if f.Logs.Format != "Text" {
		p["LoggingConfig"] = loggingProperties(f)
	}
	return p
}

func vpcProperties(v spec.VPC) map[string]any {
	p := map[string]any{"SubnetIds": v.SubnetIDs, "SecurityGroupIds": v.SecurityGroupIDs}
	if v.IPv6 {
		p["Ipv6AllowedForDualStack"] = true
	}
	return p
}

func loggingProperties(f spec.Function) map[string]any {
	p := map[string]any{"LogGroup": cfn.Ref(spec.LogGroupID(f.Name)), "LogFormat": f.Logs.Format}
	if f.Logs.Level != "" {
		p["ApplicationLogLevel"] = f.Logs.Level
	}
	if f.Logs.SystemLevel != "" {
		p["SystemLogLevel"] = f.Logs.SystemLevel
	}
	return p
}

// networkActions are what Lambda does with a function's role to bring it into a
// VPC. EC2 takes no resource for most of them. Source: "Giving Lambda functions
// access to resources in an Amazon VPC", AWS Lambda Developer Guide.
func networkActions() []string {
	return []string{
		"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
		"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
	}
}

// settingRights are what a function's settings need of its role.
func (m *marshaller) settingRights(f spec.Function) []any {
	var all []any
	if f.Tracing {
		all = append(all, allow("*", "xray:PutTelemetryRecords", "xray:PutTraceSegments"))
	}
	if f.VPC != nil {
		// The code itself has no business with network interfaces, though its
		// role has; the page above says how to keep it from them.
		all = append(all, allow("*", networkActions()...), map[string]any{
			"Effect": "Deny", "Action": anys(networkActions()), "Resource": "*",
			"Condition": map[string]any{"ArnEquals": map[string]any{"lambda:SourceFunctionArn": m.functionARN(f)}},
		})
	}
	if f.KMSKey.ARN != nil {
		all = append(all, allow(f.KMSKey.ARN, "kms:Decrypt"))
	}
	if f.FileSystem != nil {
		all = append(all, fileSystemRight(*f.FileSystem))
	}
	for _, other := range m.service.Functions {
		if r := other.Rollout; r != nil && (r.Before == f.Name || r.After == f.Name) {
			all = append(all, allow(deploymentGroupARN(other), "codedeploy:PutLifecycleEventHookExecutionStatus"))
		}
	}
	return all
}

// functionARN is a function's ARN without a reference to it, for what the
// function itself needs.
func (m *marshaller) functionARN(f spec.Function) any {
	return cfn.Sub("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:" + spec.FunctionName(m.service.Name, f.Name))
}

// fileSystemRight lets a function mount a file system through one access point.
func fileSystemRight(s spec.FileSystem) any {
	actions := []string{"elasticfilesystem:ClientMount"}
	if !s.ReadOnly {
		actions = append(actions, "elasticfilesystem:ClientWrite")
	}
	statement := allow("*", actions...)
	statement["Condition"] = map[string]any{"StringEquals": map[string]any{"elasticfilesystem:AccessPointArn": s.AccessPoint.ARN}}
	return statement
}

// mountTargets are the logical ids of the stack's own mount targets: a function
// can be made only when its file system has one.
func (m *marshaller) mountTargets() []string {
	var ids []string
	for _, id := range sortedKeys(m.service.Resources) {
		if r, ok := m.service.Resources[id].(map[string]any); ok && r["Type"] == "AWS::EFS::MountTarget" {
			ids = append(ids, id)
		}
	}
	return ids
}
