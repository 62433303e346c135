// SPDX-License-Identifier: MIT

// Provider is the program that Sparta generates for the built-in custom
// resources of a service.
package main

import "github.com/sparta-up/sparta/customresource"

func main() {
	customresource.Main(customresource.Handlers{
		"activeReceiptRuleSet": customresource.ActiveReceiptRuleSet,
		"bucketNotifications":  customresource.BucketNotifications,
	})
}
