// SPDX-License-Identifier: MIT

// Package customresource is what the handlers of a service's custom resources
// import: CloudFormation asks, Go code answers. A handler is a function, or a
// value with methods for create, update and delete; sparta.yaml names it:
//
//	// customResources: {Seed: {handler: ./setup.SeedTable, properties: {Rows: 3}}}
//	func SeedTable(ctx context.Context, r customresource.Request) (customresource.Response, error) {
//		if r.Type == customresource.Delete {
//			return customresource.Response{}, nil
//		}
//		var properties struct{ Rows int }
//		if err := r.Decode(&properties); err != nil {
//			return customresource.Response{}, err
//		}
//		...
//		return customresource.Response{Data: map[string]any{"Rows": properties.Rows}}, nil
//	}
//
// CloudFormation always gets an answer: also when the handler fails, panics or
// is about to run out of time. Physical ids stay the same over updates.
//
// # The site
//
// [Site] is the custom resource of Sparta itself that brings the files of an
// uploaded archive into a bucket. It reads the archive by ranges and writes only
// what differs. To know what differs it compares the directory of the new
// archive (name, CRC-32, sizes) with that of the archive of the resource's old
// properties, and with one listing of the bucket: an object that is missing or
// of another size was changed by hand and is written again. This costs a few
// requests however many files there are; looking at each object would cost a
// request a file, and a state file in the bucket would be public. If the old
// archive is gone, the MD5 of each new file is compared with the ETag in the
// listing, which means reading the whole archive. The same is done after an
// update that failed, when the bucket may hold files of two archives: such an
// update removes the manifest, and a missing manifest tells the next one. What
// this cannot see is an object that something else has replaced by another of
// equal size.
//
// Only files that the resource has written are removed, so that what an
// application has put into the bucket itself stays there until the site is
// deleted.
//
// # What belongs to somebody else
//
// [BucketNotifications] and [ActiveReceiptRuleSet] change what a stack does not
// own: the notification configuration of an existing bucket, and which receipt
// rule set of SES is active. CloudFormation has no type for either. Both keep
// what is foreign: the first by ids that tell its own entries from others, the
// second by refusing to displace another rule set unless it is told to.
package customresource
