package moderation_test

import (
	"fmt"
	"sync"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestChangesOfOneSiteAtTheSameTimeAreAllKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFixture(t, d)
		sites := &moderation.Sites{Store: d.ForSites(), Now: f.now, NewID: f.newID}
		name, locale, origins := "The new daily", "de", []string{"https://new.example"}
		changes := []moderation.SiteChange{
			{Name: &name}, {Locale: &locale}, {Origins: &origins},
			{Settings: func(s moderation.SiteSettings) moderation.SiteSettings { s.MaxDepth = 7; return s }},
			{Settings: func(s moderation.SiteSettings) moderation.SiteSettings { s.CloseAfterDays = 8; return s }},
			{Settings: func(s moderation.SiteSettings) moderation.SiteSettings { s.EditWindowMinutes = 9; return s }},
		}
		var wait sync.WaitGroup
		failures := make([]error, len(changes))
		for i, change := range changes {
			wait.Go(func() {
				_, failures[i] = sites.Change(t.Context(), nobody, "daily", change)
			})
		}
		wait.Wait()
		for _, err := range failures {
			if err != nil {
				t.Fatal(err)
			}
		}
		site := got(sites.Find(t.Context(), nobody, "daily"))(t)
		have := fmt.Sprint(site.Name, site.Locale, site.Origins, site.Settings.MaxDepth, site.Settings.CloseAfterDays, site.Settings.EditWindowMinutes)
		if want := fmt.Sprint(name, locale, origins, 7, 8, 9); have != want {
			t.Errorf("the site is %s, want %s", have, want)
		}
		if site.Version != 1+len(changes) {
			t.Errorf("version %d after %d changes", site.Version, len(changes))
		}
	})
}
