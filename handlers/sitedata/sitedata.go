package sitedata

import (
	"rejoinder/handlers/console"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/retention"
)

// Pages serves the pages and the endpoints.
type Pages struct {
	*console.Pages
	Retention *retention.Sweeper
	Subjects  *archive.Subjects
	Log       *moderation.AuditLog
}
