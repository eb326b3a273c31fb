package moderation_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/stats"
)

func TestTheMedianWaitIsRightWithinFivePercent(t *testing.T) {
	for _, want := range []time.Duration{time.Second, 7 * time.Second, 100 * time.Second, 3 * time.Hour, 90 * 24 * time.Hour} {
		waits := stats.Waits{}
		for _, wait := range []time.Duration{0, want / 3, want, 3 * want, 4 * want} {
			waits[stats.WaitBucket(wait)]++
		}
		median, n := waits.Median()
		if off := median.Seconds()/want.Seconds() - 1; n != 5 || off < -0.05 || off > 0.05 {
			t.Errorf("the middle of %d waits is %s, want %s", n, median, want)
		}
	}
	if median, n := (stats.Waits{}).Median(); median != 0 || n != 0 {
		t.Errorf("of none it is %s of %d", median, n)
	}
	if median, n := (stats.Waits{0: 3}).Median(); median != 0 || n != 3 {
		t.Errorf("of those that did not wait it is %s of %d", median, n)
	}
}

// buildFiveHours creates two sites with five hours of comments and decisions, on the second of which two
// moderators decide on every third.
func buildFiveHours(t *testing.T, d *db.DB) (*dbtest.Builder, []string) {
	t.Helper()
	b := dbtest.Build(t, d)
	daily, weekly := b.Site("daily"), b.Site("weekly")
	articles := []moderation.Article{b.Article(daily, "one"), b.Article(weekly, "two")}
	mods := []string{b.Moderator("mo@example.org", auth.RoleModerator).ID, b.Moderator("cleo@example.org", auth.RoleModerator).ID}
	for hour := range 5 {
		for i := range 4 {
			c := b.Comment(articles[i%2], dbtest.Draft{Status: moderation.StatusPending})
			b.Comment(articles[0], dbtest.Draft{})
			b.Advance(5 * time.Minute)
			decision := b.NewDecision(c, []moderation.Action{moderation.ActionApprove, moderation.ActionReject, moderation.ActionSpam}[(i+hour)%3])
			decision.ModeratorID = mods[min(1, i%3)]
			if decision.To == moderation.StatusRejected {
				decision.ReasonCode = "hate"
			}
			if err := d.Decisions.RecordDecision(t.Context(), decision); err != nil {
				t.Fatal(err)
			}
		}
		b.Advance(dbtest.Epoch.Add(time.Duration(hour+1) * time.Hour).Sub(b.Now()))
	}
	b.Comment(articles[0], dbtest.Draft{Status: moderation.StatusPending})
	b.Advance(90 * time.Minute)
	return b, mods
}

func TestStatisticsDoNotDependOnRollups(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, mods := buildFiveHours(t, d)
		figures := &stats.Stats{Store: d.ForStats(), Now: b.Now}
		all := func() []any {
			day := got(figures.Dashboard(t.Context(), moderation.Viewer{}, "", stats.PeriodDay))(t)
			month := got(figures.Dashboard(t.Context(), moderation.Viewer{}, "weekly", stats.PeriodMonth))(t)
			whole := got(figures.TransparencyReport(t.Context(), moderation.Viewer{}, stats.TransparencyQuery{SiteSlug: "daily"}))(t)
			part := got(figures.TransparencyReport(t.Context(), moderation.Viewer{}, stats.TransparencyQuery{SiteSlug: "daily",
				From: dbtest.Epoch.Add(10 * time.Minute), To: dbtest.Epoch.Add(190 * time.Minute)}))(t)
			return []any{day, month, whole, part}
		}
		before := all()
		day := before[0].(stats.Dashboard)
		if day.Arrived != 41 || day.Automated != 20 || day.People != 20 || day.Queue.Pending != 1 || len(day.Steps) != 24 {
			t.Errorf("%d came, %d by rules, %d by people, %d wait, %d steps", day.Arrived, day.Automated, day.People, day.Queue.Pending, len(day.Steps))
		}
		want := []stats.ModeratorStats{
			{ID: mods[1], Name: "Mo", Decisions: 10, Approved: 3}, {ID: mods[0], Name: "Mo", Decisions: 10, Approved: 4},
		}
		if mods[0] < mods[1] {
			want[0], want[1] = want[1], want[0]
		}
		if diff := cmp.Diff(want, day.Moderators); diff != "" {
			t.Errorf("moderators (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]int{0, 1, 0, 0, 0, 0}, agesOf(day)); diff != "" {
			t.Errorf("ages (-want +got):\n%s", diff)
		}
		account := before[2].(stats.TransparencyReport)
		if account.Arrived != 31 || account.Automated.Approved != 20 || account.Timed != 10 || account.People.Approved+account.People.Rejected+account.People.Spam != 10 {
			t.Errorf("the account is %+v", account)
		}
		if off := account.MedianWait - 5*time.Minute; off < -20*time.Second || off > 20*time.Second {
			t.Errorf("the middle wait is %s", account.MedianWait)
		}
		counter := &stats.RollupWorker{Store: d.ForRollups(), Log: slog.New(slog.DiscardHandler)}
		for hours := range 8 {
			counter.Now = func() time.Time { return dbtest.Epoch.Add(time.Duration(hours) * time.Hour) }
			for range 2 {
				if err := counter.CatchUp(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(before, all()); diff != "" {
				t.Fatalf("after %d hours (-want +got):\n%s", hours, diff)
			}
		}
		if progress := got(d.Rollups.RollupProgress(t.Context()))(t); len(progress) != 2 {
			t.Errorf("added up: %v", progress)
		}
	})
}

func agesOf(d stats.Dashboard) []int {
	var counts []int
	for _, band := range d.Ages {
		counts = append(counts, band.N)
	}
	return counts
}

func TestStatisticsCoverTheViewersSitesOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, _ := buildFiveHours(t, d)
		figures := &stats.Stats{Store: d.ForStats(), Now: b.Now}
		weekly := got(d.Sites.SiteBySlug(t.Context(), "weekly"))(t)
		viewer := moderation.Viewer{SiteIDs: []string{weekly.ID}}
		own := got(figures.Dashboard(t.Context(), viewer, "", stats.PeriodWeek))(t)
		if own.Arrived != 10 || own.Automated != 0 || own.People != 10 || own.Queue.Pending != 0 {
			t.Errorf("it is %+v", own)
		}
		if rate, known := own.AutomationRate(); rate != 0 || !known {
			t.Errorf("the rate is %v, %v", rate, known)
		}
		for name, err := range map[string]error{
			"dashboard": errorOf(figures.Dashboard(t.Context(), viewer, "daily", stats.PeriodDay)),
			"account":   errorOf(figures.TransparencyReport(t.Context(), viewer, stats.TransparencyQuery{SiteSlug: "daily"})),
		} {
			if !isSiteUnknown(err) {
				t.Errorf("%s of another site: %v", name, err)
			}
		}
	})
}

func errorOf[T any](_ T, err error) error { return err }

func isSiteUnknown(err error) bool { return errors.Is(err, moderation.ErrSiteUnknown) }
