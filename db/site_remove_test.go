package db_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rejoinder"
	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// ofInstallation are the tables whose rows belong to no site.
var ofInstallation = []string{"schema_migrations", "login_failures", "moderators", "sessions", "refresh_tokens", "sign_ins"}

// TestRemovingASiteLeavesNothingOfIt removes a site on which driveEverything has called every method.
func TestRemovingASiteLeavesNothingOfIt(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Migrated(t, address)
		driveEverything(t, d)
		site := must[moderation.Site](t)(d.Sites.SiteBySlug(t.Context(), "daily"))
		removed := must[moderation.SiteRemoval](t)(d.Sites.RemoveSite(t.Context(), site.ID, nil))
		if removed.Comments < 3 || removed.Decisions < 3 || removed.Articles < 1 {
			t.Errorf("removed %+v", removed)
		}
		for table, rows := range dbtest.Rows(t, address) {
			// SQLite's index keeps its own structure in these tables, without words.
			own := table == "comment_search_index_data" || table == "comment_search_index_idx" || table == "comment_search_index_config"
			if len(rows) > 0 && !own && !slices.Contains(ofInstallation, table) {
				t.Errorf("%d rows are left in %s", len(rows), table)
			}
		}
		checkCounters(t, d)
	})
}

// TestRemovingASiteKnowsEveryTable fails for a table that neither RemoveSite nor this test knows.
func TestRemovingASiteKnowsEveryTable(t *testing.T) {
	address := dbtest.SQLiteURL(t)
	dbtest.Migrated(t, address)
	for table := range dbtest.Rows(t, address) {
		search := strings.HasPrefix(table, "comment_search")
		if !search && !slices.Contains([]string{"schema_migrations", "login_failures", "setup_links", "mail_stops", "mail_requests", "external_classifiers", "external_days"}, table) && !db.RemovedWithSite(table) {
			t.Errorf("RemoveSite does not delete from %s; add it to ofSite, ofAccount or this test", table)
		}
	}
}

var tableDefinition = regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\);`)

// TestUndoingAnImportKnowsEveryTable fails for a table about comments that neither undoing an import nor this
// test knows.
func TestUndoingAnImportKnowsEveryTable(t *testing.T) {
	stays := []string{
		"blocks", // lose the reference
		"outbox", // messages about comments that are gone are dropped when their turn comes
	}
	tables := tableDefinition.FindAllStringSubmatch(rejoinder.Schema, -1)
	if len(tables) < 30 {
		t.Fatalf("%d tables found", len(tables))
	}
	for _, m := range tables {
		about := strings.Contains(m[2], "\n    comment_id ")
		if table := m[1]; about && !slices.Contains(stays, table) && !db.RemovedWithComment(table) {
			t.Errorf("undoing an import does not delete from %s; add it to ofComment or this test", table)
		}
	}
}

func TestRemovingASiteRemovesAccountsOfNoOtherSite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		gone, stays := b.Site("gone"), b.Site("stays")
		here := b.Comment(b.Article(gone, "one"), dbtest.Draft{})
		elsewhere := b.Comment(b.Article(stays, "one"), dbtest.Draft{})
		all, both, only := b.Moderator("all", auth.RoleAdmin), b.Moderator("both", auth.RoleModerator), b.Moderator("only", auth.RoleModerator)
		for _, access := range [][2]string{{both.ID, gone.ID}, {both.ID, stays.ID}, {only.ID, gone.ID}} {
			tamper(t, d, `INSERT INTO moderator_sites (moderator_id, site_id) VALUES ($1, $2)`, access[0], db.ID(access[1]))
		}
		note := func(c moderation.Comment) queue.Note {
			return queue.Note{ID: b.NewID(), CommentID: c.ID, CommenterID: c.CommenterID, About: queue.NoteComment,
				ModeratorID: only.ID, Body: "Well.", CreatedAt: b.Now()}
		}
		ok(t, d.Notes.CreateNote(t.Context(), note(here)))
		ok(t, d.Notes.CreateNote(t.Context(), note(elsewhere)))

		_, err := d.Sites.RemoveSite(t.Context(), gone.ID, nil)
		var invalid *moderation.Invalid
		if !errors.As(err, &invalid) || queryInt(t, d, `SELECT COUNT(*) FROM comments`) != 2 {
			t.Fatalf("with a note on another site: %v", err)
		}
		tamper(t, d, `DELETE FROM notes WHERE comment_id = $1`, db.ID(elsewhere.ID))
		removed := must[moderation.SiteRemoval](t)(d.Sites.RemoveSite(t.Context(), gone.ID, nil))
		wantEqual(t, removed, moderation.SiteRemoval{Articles: 1, Comments: 1, Decisions: 1, Accounts: 1})
		left := must[[]auth.Moderator](t)(d.Moderators.Moderators(t.Context()))
		sites := map[string][]string{}
		for _, m := range left {
			sites[m.ID] = m.SiteIDs
		}
		wantEqual(t, len(left), 2)
		wantEqual(t, len(sites[all.ID]), 0)
		wantEqual(t, sites[both.ID], []string{stays.ID})
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM comments`), 1)
		_, err = d.Sites.RemoveSite(t.Context(), gone.ID, nil)
		wantErr(t, err, moderation.ErrNotFound)
		checkCounters(t, d)
	})
}
