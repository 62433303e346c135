// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// stamp formats times as the XML of S3 does: UTC with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// errOwned is the answer to making a bucket that one has.
func errOwned() error {
	return wire.Errorf(http.StatusConflict, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
}

// plan is a bucket that is to be made.
type plan struct {
	scope      arn.Scope
	name       string
	namespace  string // "" or account-regional
	ownership  string
	configured func(*bucket) error // sets the rest; nil for nothing
}

// make makes a bucket as buckets are made since April 2023: public access
// blocked and ACLs off.
func (s *Service) make(p plan) error {
	if err := checkName(p); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[p.name]; b != nil {
		if b.Account == p.scope.Account {
			return errOwned()
		}
		return wire.Errorf(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.")
	}
	b := &bucket{
		Name: p.name, Account: p.scope.Account, Region: p.scope.Region, Namespace: p.namespace,
		Created: s.env.Now().UTC(), Ownership: p.ownership, Access: new(blockAll()),
	}
	if p.configured != nil {
		if err := p.configured(b); err != nil {
			return err
		}
	}
	s.buckets[p.name] = b
	s.changed()
	return nil
}

// createBucket follows the page CreateBucket of the API reference.
func (s *Service) createBucket(r *request) error {
	if r.Header.Get("X-Amz-Bucket-Object-Lock-Enabled") == "true" {
		return notModelled("object lock")
	}
	if acl := r.Header.Get("X-Amz-Acl"); acl != "" && acl != "private" {
		return wire.Errorf(http.StatusBadRequest, "InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
	}
	body, err := r.document(16 << 10)
	if err != nil {
		return err
	}
	var config struct {
		XMLName            xml.Name
		LocationConstraint string
		Location           *struct{}
		Bucket             *struct{}
		Tags               []tag `xml:"Tags>Tag"`
	}
	if len(body) > 0 {
		if err := xml.Unmarshal(body, &config); err != nil || config.XMLName.Local != "CreateBucketConfiguration" {
			return malformedXML()
		}
	}
	if config.Location != nil || config.Bucket != nil {
		return notModelled("directory buckets")
	}
	region, err := constraint(config.LocationConstraint, r.id.Region)
	if err != nil {
		return err
	}
	ownership := r.Header.Get("X-Amz-Object-Ownership")
	if ownership == "" {
		ownership = "BucketOwnerEnforced"
	}
	if !slices.Contains(ownerships(), ownership) {
		return invalidArgument("Invalid x-amz-object-ownership header: %s", ownership)
	}
	if ns := r.Header.Get("X-Amz-Bucket-Namespace"); ns != "" && ns != "global" && ns != accountRegional {
		return invalidArgument("Invalid x-amz-bucket-namespace header: %s", ns)
	}
	p := plan{
		scope: arn.Scope{Partition: "aws", Account: r.id.Account, Region: region}, name: r.bucket, ownership: ownership,
		configured: func(b *bucket) error {
			if len(config.Tags) > 0 {
				b.Tags = tagMap(config.Tags)
			}
			return nil
		},
	}
	if r.Header.Get("X-Amz-Bucket-Namespace") == accountRegional {
		p.namespace = accountRegional
	}
	err = s.make(p)
	if code(err) == "BucketAlreadyOwnedByYou" && region == "us-east-1" {
		err = nil // the one region where this succeeds
	}
	if err != nil {
		return err
	}
	location := "/" + r.bucket
	if region != "us-east-1" {
		location = "http://" + r.bucket + ".s3.amazonaws.com/"
	}
	r.w.Header().Set("Location", location)
	r.w.Header().Set("X-Amz-Bucket-Arn", p.scope.Bucket(r.bucket))
	return r.empty(http.StatusOK)
}

// constraint returns the region of a new bucket: the LocationConstraint must
// name the region that is asked, and must be left out in us-east-1.
func constraint(location, region string) (string, error) {
	if location == "EU" {
		location = "eu-west-1"
	}
	switch {
	case location == "us-east-1":
		return "", wire.Errorf(http.StatusBadRequest, "InvalidLocationConstraint", "The specified location-constraint is not valid")
	case location == "" && region != "us-east-1":
		return "", wire.Errorf(http.StatusBadRequest, "IllegalLocationConstraintException", "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.")
	case location != "" && region != "us-east-1" && location != region:
		return "", wire.Errorf(http.StatusBadRequest, "IllegalLocationConstraintException", "The %s location constraint is incompatible for the region specific endpoint this request was sent to.", location)
	case location == "":
		return region, nil
	}
	return location, nil
}

func (s *Service) headBucket(r *request) error {
	r.w.Header().Set("X-Amz-Access-Point-Alias", "false")
	return r.empty(http.StatusOK)
}

func (s *Service) deleteBucket(r *request) error {
	s.mu.Lock()
	b, err := s.lookup(r)
	if err == nil {
		err = s.dropEmpty(b)
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.env.Doors.Close(doorName(r.bucket))
	return r.empty(http.StatusNoContent)
}

// dropEmpty removes a bucket without objects; parts of unfinished uploads go
// with it. The caller holds the lock and closes the door.
func (s *Service) dropEmpty(b *bucket) error {
	if len(b.Objects) > 0 {
		text := "The bucket you tried to delete is not empty"
		if b.Versioning != "" {
			text += ". You must delete all versions in the bucket."
		}
		return wire.Errorf(http.StatusConflict, "BucketNotEmpty", "%s", text)
	}
	for _, u := range b.Uploads {
		for _, p := range u.Parts {
			s.blobs.remove(p.Blob)
		}
	}
	delete(s.buckets, b.Name)
	s.changed()
	return nil
}

func (s *Service) bucketLocation(r *request) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.lookup(r)
	if err != nil {
		return err
	}
	location := b.Region
	if location == "us-east-1" {
		location = "" // the page GetBucketLocation: null for us-east-1
	}
	r.xml(http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
		Value   string   `xml:",chardata"`
	}{Value: location})
	return nil
}

type owner struct {
	ID          string
	DisplayName string `xml:",omitempty"`
}

// ownerOf derives the canonical user id of an account: 64 hexadecimal digits.
func ownerOf(account string) owner {
	return owner{ID: strings.Repeat("0", 64-len(account)) + account}
}

type listedBucket struct {
	Name         string
	CreationDate string
	BucketRegion string
	BucketArn    string
}

// listBuckets follows the page ListBuckets, pages included.
func (s *Service) listBuckets(r *request) error {
	most := 10000
	if text := r.query.Get("max-buckets"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > most {
			return invalidArgument("max-buckets must be between 1 and %d", most)
		}
		most = n
	}
	out := struct {
		XMLName           xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
		Owner             owner
		Buckets           []listedBucket `xml:"Buckets>Bucket"`
		ContinuationToken string         `xml:",omitempty"`
		Prefix            string         `xml:",omitempty"`
	}{Owner: ownerOf(r.id.Account), Prefix: r.query.Get("prefix")}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(s.buckets)) {
		b := s.buckets[name]
		region := r.query.Get("bucket-region")
		if b.Account != r.id.Account || !strings.HasPrefix(name, out.Prefix) || name <= r.query.Get("continuation-token") || region != "" && region != b.Region {
			continue
		}
		if len(out.Buckets) == most {
			out.ContinuationToken = out.Buckets[most-1].Name
			break
		}
		out.Buckets = append(out.Buckets, listedBucket{name, stamp(b.Created), b.Region, "arn:aws:s3:::" + name})
	}
	r.xml(http.StatusOK, out)
	return nil
}
