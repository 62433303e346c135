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
// # What is built in
//
// Four custom resources are Sparta's own. Each is a package below this one, and
// its function New makes what [Handlers] takes:
//
//   - site brings the files of a site into its bucket,
//   - distribution does so for a site that CloudFront serves, and tells it what
//     has changed,
//   - notification has a bucket notify functions which exists already or which
//     they refer to,
//   - receipt makes the stack's receipt rule set the active one of SES, for
//     functions that receive mail.
//
// The program that Sparta generates for a service's custom resources imports
// those that the service uses: by its site, and by its functions' s3 and ses
// events. This package imports none of them, and no client
// of an AWS service: such clients take long to compile, and a handler that calls
// AWS brings its own.
package customresource
