package schedule

import (
	_ "embed"
	"strings"
)

// zoneNames are the names of the time zones in zone.tab of the IANA Time Zone Database, which is in the public
// domain, and UTC.
//
//go:embed zones.txt
var zoneNames string

// Zones returns the names of time zones for menus: UTC, and one or more for each country. Others are valid, too.
func Zones() []string { return strings.Fields(zoneNames) }
