package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/moderation"
)

func TestRetentionAsksBeforeItDeletes(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	const path = "/console/sites/paper/retention"
	if got := admin.get("/console/sites/paper").link("Retention"); got != path {
		t.Errorf("the site's page leads to %q", got)
	}
	page := admin.get(path)
	page.want(http.StatusOK, "Nothing has been deleted yet.")
	bad := page.fill(admin, path, "declined_days", "soon", "inactive_years", "1")
	bad.want(http.StatusUnprocessableEntity, "Must be a whole number.")
	bad = bad.fill(admin, path, "declined_days", "30", "inactive_years", "101")
	bad.want(http.StatusUnprocessableEntity, "Must be a number from 0 to 100.", `href="#retention-inactive_years"`)
	stored := func() moderation.RetentionSettings {
		return must(s.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t).Settings.Retention
	}
	admin.follow(page.fill(admin, path, "declined_days", "300", "inactive_years", "0")).want(http.StatusOK, "Saved.")

	s.comment("quay", "", "Lou", "Hello from Lou.")
	s.clock.advance(3 * 366 * 24 * time.Hour)
	admin = s.newModerator("Boss", auth.RoleAdmin, nil) // the other session has ended
	asked := admin.get(path).fill(admin, path, "declined_days", "300", "inactive_years", "2")
	asked.want(http.StatusOK, "Delete now?", "<b>0 comments</b>", "<b>1 commenter</b>", "Save and delete")
	if diff := cmp.Diff(moderation.RetentionSettings{DeclinedDays: 300}, stored()); diff != "" {
		t.Errorf("stored before it was confirmed (-want +got):\n%s", diff)
	}
	admin.follow(asked.fill(admin, path)).want(http.StatusOK, "Saved.")
	if diff := cmp.Diff(moderation.RetentionSettings{DeclinedDays: 300, InactiveYears: 2}, stored()); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if err := s.Retention.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	admin.get(path).want(http.StatusOK, "comments deleted: 0; commenters anonymized: 1")
	admin.get("/console/audit").want(http.StatusOK, "The server", "deleted data past its retention period")
	site := admin.get("/console/sites/paper")
	admin.follow(site.fill(admin, "/console/sites/paper", "name", "The Gazette")).want(http.StatusOK, "Saved.")
	if diff := cmp.Diff(moderation.RetentionSettings{DeclinedDays: 300, InactiveYears: 2}, stored()); diff != "" {
		t.Errorf("the form of the other settings changed it (-want +got):\n%s", diff)
	}
}
