// SPDX-License-Identifier: MIT

// Package arn names things the way AWS does: by partition, account and region.
package arn

import "strings"

// Scope is the place a request acts in.
type Scope struct {
	Partition string // "aws"
	Account   string // twelve digits
	Region    string // such as us-east-1
}

// Regional returns arn:partition:service:region:account:resource.
func (s Scope) Regional(service, resource string) string {
	return strings.Join([]string{"arn", s.Partition, service, s.Region, s.Account, resource}, ":")
}

// Global returns arn:partition:service::account:resource, the form of services
// without regions such as IAM.
func (s Scope) Global(service, resource string) string {
	return strings.Join([]string{"arn", s.Partition, service, "", s.Account, resource}, ":")
}

// Bucket returns the ARN of an S3 bucket, which bears neither region nor
// account.
func (s Scope) Bucket(name string) string {
	return "arn:" + s.Partition + ":s3:::" + name
}

// ARN is a parsed Amazon Resource Name.
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// Parse splits an ARN into its six parts. It reports false if s is none.
func Parse(s string) (ARN, bool) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return ARN{}, false
	}
	return ARN{parts[1], parts[2], parts[3], parts[4], parts[5]}, true
}
