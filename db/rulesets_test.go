package db_test

import (
	"sync"
	"testing"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func newRuleset(b *dbtest.Builder, siteID string) moderation.Ruleset {
	return moderation.Ruleset{ID: b.NewID(), SiteID: siteID, Source: "rules: []", Checksum: "c", Note: "n", CreatedAt: b.Now()}
}

func TestRulesetsAreNumberedAndOneIsActive(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		s := b.Site("daily")
		second := must[moderation.Ruleset](t)(d.Rulesets.SaveRuleset(t.Context(), newRuleset(b, s.ID), nil))
		wantEqual(t, second.Version, 2)
		wantEqual(t, must[moderation.Ruleset](t)(d.Rulesets.Ruleset(t.Context(), second.ID)), second)
		wantEqual(t, must[moderation.Ruleset](t)(d.Rulesets.RulesetVersion(t.Context(), s.ID, 2)), second)
		wantEqual(t, must[moderation.Site](t)(d.Sites.Site(t.Context(), s.ID)).ActiveRulesetID, s.ActiveRulesetID)

		ok(t, d.Rulesets.ActivateRuleset(t.Context(), second, nil))
		wantEqual(t, must[moderation.Site](t)(d.Sites.Site(t.Context(), s.ID)).ActiveRulesetID, second.ID)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM active_rulesets`), 1)
		list := must[[]moderation.Ruleset](t)(d.Rulesets.Rulesets(t.Context(), s.ID))
		second.Source, second.Active, second.ActivatedAt = "", true, list[0].ActivatedAt
		wantEqual(t, len(list), 2)
		wantEqual(t, list[0], second)
		if list[1].Active || list[1].Version != 1 {
			t.Errorf("the first version: %+v", list[1])
		}
	})
}

func TestARulesetOfAnotherSiteIsNotActivated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		daily, weekly := b.Site("daily"), b.Site("weekly")
		r := must[moderation.Ruleset](t)(d.Rulesets.Ruleset(t.Context(), weekly.ActiveRulesetID))
		r.SiteID = daily.ID
		wantErr(t, d.Rulesets.ActivateRuleset(t.Context(), r, nil), moderation.ErrNotFound)
		_, err := d.Rulesets.SaveRuleset(t.Context(), newRuleset(b, b.NewID()), nil)
		wantErr(t, err, moderation.ErrNotFound)
		_, err = d.Rulesets.RulesetVersion(t.Context(), daily.ID, 9)
		wantErr(t, err, moderation.ErrNotFound)
		_, err = d.Rulesets.Ruleset(t.Context(), b.NewID())
		wantErr(t, err, moderation.ErrNotFound)
	})
}

func TestActivationRecordsModeratorAndTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		s, m := b.Site("daily"), b.Moderator("mo@example.org", auth.RoleAdmin)
		r := must[moderation.Ruleset](t)(d.Rulesets.SaveRuleset(t.Context(), newRuleset(b, s.ID), nil))
		entry := &moderation.AuditEntry{ID: b.NewID(), ModeratorID: m.ID, Action: moderation.AuditActivateRuleset,
			SiteID: s.ID, SubjectID: r.ID, CreatedAt: b.Now()}
		ok(t, d.Rulesets.ActivateRuleset(t.Context(), r, entry))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM active_rulesets WHERE activated_by = $1 AND activated_at = $2`,
			m.ID, db.Time(entry.CreatedAt)), 1)
		named := must[moderation.Ruleset](t)(d.Rulesets.Ruleset(t.Context(), r.ID))
		if named.Activator != m.Name || named.Author != "" || !named.ActivatedAt.Equal(entry.CreatedAt) {
			t.Errorf("%+v", named)
		}
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM audit_entries WHERE subject_id = $1`, r.ID), 1)
	})
}

func TestRulesetsSavedAtOnceGetDifferentNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		s := b.Site("daily")
		const savers = 8
		var group sync.WaitGroup
		for range savers {
			r := newRuleset(b, s.ID)
			group.Go(func() {
				if _, err := d.Rulesets.SaveRuleset(t.Context(), r, nil); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		wantEqual(t, queryInt(t, d, `SELECT MAX(version) FROM rulesets`), savers+1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(DISTINCT version) FROM rulesets`), savers+1)
	})
}
