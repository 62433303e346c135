// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"net/http"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// versioning is the body of Get- and PutBucketVersioning.
type versioning struct {
	XMLName   xml.Name `xml:"VersioningConfiguration"`
	Status    string   `xml:",omitempty"`
	MFADelete string   `xml:"MfaDelete,omitempty"`
}

func getVersioning(b *bucket) (any, error) { return versioning{Status: b.Versioning}, nil }

func putVersioning(b *bucket, body []byte) error {
	var in versioning
	switch {
	case xml.Unmarshal(body, &in) != nil:
		return malformedXML()
	case in.MFADelete != "" && in.MFADelete != "Disabled":
		return notModelled("MFA delete")
	case in.Status != "Enabled" && in.Status != "Suspended":
		return wire.Errorf(http.StatusBadRequest, "IllegalVersioningConfigurationException", "The Versioning element must be specified")
	}
	b.Versioning = in.Status
	return nil
}

// lifecycle is the part of a lifecycle configuration that is checked, and that
// CloudFormation can write.
type lifecycle struct {
	XMLName xml.Name        `xml:"LifecycleConfiguration"`
	Rules   []lifecycleRule `xml:"Rule"`
}

type lifecycleRule struct {
	ID                    string           `xml:",omitempty"`
	Status                string           // Enabled or Disabled
	Prefix                *string          `xml:",omitempty"` // the older form of Filter
	Filter                *lifecycleFilter `xml:",omitempty"`
	Expiration            *expiration      `xml:",omitempty"`
	Noncurrent            *noncurrent      `xml:"NoncurrentVersionExpiration,omitempty"`
	Abort                 *abortUploads    `xml:"AbortIncompleteMultipartUpload,omitempty"`
	Transitions           []struct{}       `xml:"Transition,omitempty"`
	NoncurrentTransitions []struct{}       `xml:"NoncurrentVersionTransition,omitempty"`
}

type lifecycleFilter struct {
	Prefix string
}

type expiration struct {
	Days                      int    `xml:",omitempty"`
	Date                      string `xml:",omitempty"`
	ExpiredObjectDeleteMarker bool   `xml:",omitempty"`
}

type noncurrent struct {
	NoncurrentDays          int `xml:",omitempty"`
	NewerNoncurrentVersions int `xml:",omitempty"`
}

type abortUploads struct {
	DaysAfterInitiation int
}

func getLifecycle(b *bucket) (any, error) {
	if text, ok := b.Kept["lifecycle"]; ok {
		return text, nil
	}
	return nil, missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
}

// putLifecycle keeps the rules. Nothing expires in the embedded AWS.
func putLifecycle(b *bucket, body []byte) error {
	var in lifecycle
	if xml.Unmarshal(body, &in) != nil || len(in.Rules) == 0 || len(in.Rules) > 1000 {
		return malformedXML()
	}
	seen := map[string]bool{}
	for _, rule := range in.Rules {
		acts := rule.Expiration != nil || rule.Noncurrent != nil || rule.Abort != nil || len(rule.Transitions)+len(rule.NoncurrentTransitions) > 0
		switch {
		case rule.Status != "Enabled" && rule.Status != "Disabled":
			return malformedXML()
		case !acts:
			return invalidRequest("At least one action needs to be specified in a rule")
		case rule.ID != "" && seen[rule.ID]:
			return invalidArgument("Rule ID must be unique. Found same ID for more than one rule")
		}
		seen[rule.ID] = true
	}
	b.keep("lifecycle", body)
	return nil
}

// encryption is a ServerSideEncryptionConfiguration.
type encryption struct {
	XMLName xml.Name         `xml:"ServerSideEncryptionConfiguration"`
	Rules   []encryptionRule `xml:"Rule"`
}

type encryptionRule struct {
	Default struct {
		SSEAlgorithm   string
		KMSMasterKeyID string `xml:",omitempty"`
	} `xml:"ApplyServerSideEncryptionByDefault"`
	BucketKeyEnabled bool
}

// getEncryption returns SSE-S3 where nothing else is configured, as S3 has it
// since January 2023.
func getEncryption(b *bucket) (any, error) {
	if text, ok := b.Kept["encryption"]; ok {
		return text, nil
	}
	var rule encryptionRule
	rule.Default.SSEAlgorithm = "AES256"
	return encryption{Rules: []encryptionRule{rule}}, nil
}

func putEncryption(b *bucket, body []byte) error {
	var in encryption
	if xml.Unmarshal(body, &in) != nil || len(in.Rules) != 1 {
		return malformedXML()
	}
	if algorithm := in.Rules[0].Default.SSEAlgorithm; algorithm != "AES256" {
		return notModelled("encryption with " + algorithm)
	}
	b.keep("encryption", body)
	return nil
}

// tag is a tag in XML.
type tag struct {
	Key   string
	Value string
}

type tagging struct {
	XMLName xml.Name `xml:"Tagging"`
	Set     []tag    `xml:"TagSet>Tag"`
}

func getTags(b *bucket) (any, error) {
	if len(b.Tags) == 0 {
		return nil, missing("NoSuchTagSet", "The TagSet does not exist")
	}
	return tagging{Set: tagList(b.Tags)}, nil
}

// putTags replaces the tags; those of the system, such as aws:cloudformation:*,
// can be neither set nor lost.
func putTags(b *bucket, body []byte) error {
	tags, err := parseTagging(body, 50)
	if err != nil {
		return err
	}
	for key, value := range b.Tags {
		if isSystemTag(key) {
			if given, ok := tags[key]; ok && given != value {
				return invalidRequest("System tags cannot be added/updated by requester")
			}
			tags[key] = value
		}
	}
	for key := range tags {
		if isSystemTag(key) && !slices.Contains(keysOf(b.Tags), key) {
			return invalidRequest("System tags cannot be added/updated by requester")
		}
	}
	b.Tags = tags
	return nil
}
