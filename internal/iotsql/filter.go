// SPDX-License-Identifier: MIT

package iotsql

import "strings"

// The limits of a topic ("AWS IoT Core message broker and protocol limits and
// quotas", AWS General Reference).
const (
	maxTopic   = 256 // bytes
	maxSlashes = 7
)

// ReservedPrefix begins the topics that AWS IoT keeps to itself.
const ReservedPrefix = "$aws/"

// FilterFault says why a text is no topic filter, "" if it is one ("Topic
// filters", AWS IoT Core Developer Guide).
func FilterFault(filter string) string {
	levels := strings.Split(filter, "/")
	switch {
	case filter == "":
		return "has an empty topic filter"
	case len(filter) > maxTopic:
		return "has a topic filter of more than 256 bytes"
	case len(levels) > maxSlashes+1 && !strings.HasPrefix(filter, ReservedPrefix):
		return "has a topic filter with more than 7 slashes"
	}
	for i, level := range levels {
		switch {
		case strings.Contains(level, "#") && (level != "#" || i != len(levels)-1):
			return "has # in its topic filter, which is the whole last level or nothing"
		case strings.Contains(level, "+") && level != "+":
			return "has + in its topic filter, which is a whole level or nothing"
		}
	}
	return ""
}

// TopicFault says why nothing can be published on a topic, "" if it can.
func TopicFault(topic string) string {
	switch {
	case topic == "":
		return "the topic is empty"
	case strings.ContainsAny(topic, "+#"):
		return "the topic has a wildcard"
	case strings.Contains(topic, "\x00"):
		return "the topic has a zero byte"
	case strings.HasPrefix(topic, ReservedPrefix):
	case len(topic) > maxTopic:
		return "the topic has more than 256 bytes"
	case strings.Count(topic, "/") > maxSlashes:
		return "the topic has more than 7 slashes"
	}
	return ""
}

// Matches reports whether a topic matches a filter. # stands for what is above
// it, too; a wildcard at the beginning does not stand for $ (MQTT 3.1.1, 4.7).
func Matches(filter, topic string) bool {
	if strings.HasPrefix(topic, "$") && (strings.HasPrefix(filter, "+") || strings.HasPrefix(filter, "#")) {
		return false
	}
	want, got := strings.Split(filter, "/"), strings.Split(topic, "/")
	for i, level := range want {
		switch {
		case level == "#":
			return true
		case i >= len(got) || level != "+" && level != got[i]:
			return false
		}
	}
	return len(want) == len(got)
}
