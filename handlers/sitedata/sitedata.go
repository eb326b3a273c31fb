package sitedata

import (
	"rejoinder/handlers/console"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
)

// Pages serves the pages and the endpoints.
type Pages struct {
	*console.Pages
	Retention *moderation.Retention
	Subjects  *archive.Subjects
	Log       *moderation.AuditLog
}
