// SPDX-License-Identifier: MIT

package cron

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // time zones also where the system has none
)

// Zone finds a time zone by its name in the IANA Time Zone Database, such as
// Europe/Berlin or UTC.
func Zone(name string) (*time.Location, error) {
	area, _, _ := strings.Cut(name, "/")
	zone, err := time.LoadLocation(name)
	switch {
	case err != nil, name == "", name == "Local", area == "posix", area == "right":
		return nil, fmt.Errorf("%.60q is no time zone of the IANA Time Zone Database", name)
	}
	return zone, nil
}

// NearestZone is the time zone that a wrong name was meant to be, "" if none
// comes to mind: another case of letters, a city without its continent.
func NearestZone(name string) string {
	name = titled(strings.ReplaceAll(strings.TrimSpace(name), " ", "_"))
	for _, area := range []string{"", "Europe/", "America/", "Asia/", "Africa/", "Australia/", "Pacific/", "Atlantic/", "Indian/", "Antarctica/", "Arctic/", "America/Argentina/"} {
		for _, spelled := range []string{area + name, area + strings.ToUpper(name)} {
			if _, err := Zone(spelled); err == nil {
				return spelled
			}
		}
	}
	return ""
}

// titled spells each word of a name as time zones are: with a capital letter.
func titled(name string) string {
	letters := []byte(strings.ToLower(name))
	for i, c := range letters {
		if c >= 'a' && c <= 'z' && (i == 0 || strings.IndexByte("/_-", letters[i-1]) >= 0) {
			letters[i] = c - 'a' + 'A'
		}
	}
	return string(letters)
}
