package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// redactNames removes texts by readers, moderators and rules that quote the name or website of authors who
// become anonymous. redactQuotes does the same with the logs.
func redactNames(ctx context.Context, x executor, commentIDs []string) error {
	var rows []struct {
		CommentID ID     `db:"comment_id"`
		Name      string `db:"author_name"`
		URL       string `db:"author_url"`
	}
	err := x.selectAll(ctx, &rows, `SELECT comment_id, author_name, author_url FROM submissions WHERE comment_id IN (?)`,
		toIDs(commentIDs))
	if err != nil {
		return err
	}
	names := map[string][]string{}
	for _, row := range rows {
		names[string(row.CommentID)] = append(names[string(row.CommentID)], row.Name, row.URL)
	}
	for _, of := range []struct{ table, key, column string }{
		{"reports", "id", "note"}, {"appeals", "comment_id", "body"}, {"notes", "id", "body"},
	} {
		var written []struct {
			Key       ID     `db:"written_key"`
			CommentID ID     `db:"comment_id"`
			Words     string `db:"words"`
		}
		err := x.selectAll(ctx, &written, `
			SELECT `+of.key+` AS written_key, comment_id, `+of.column+` AS words
			FROM `+of.table+` WHERE comment_id IN (?) AND `+of.column+` <> ''`, toIDs(commentIDs))
		if err != nil {
			return err
		}
		for _, w := range written {
			if !moderation.ContainsQuote(w.Words, names[string(w.CommentID)]...) {
				continue
			}
			if _, err := x.exec(ctx, `UPDATE `+of.table+` SET `+of.column+` = '' WHERE `+of.key+` = $1`, w.Key); err != nil {
				return err
			}
		}
	}
	return redactSubmissions(ctx, x, commentIDs, names)
}

// nameRemoved replaces a rule's reason that quoted the author's name or website.
const nameRemoved = "The reason named the author, who is anonymous now."

// redactSubmissions removes names and websites from the hits of rules, and the domain of the email from the
// facts.
func redactSubmissions(ctx context.Context, x executor, commentIDs []string, names map[string][]string) error {
	var rows []struct {
		CommentID ID         `db:"comment_id"`
		Revision  int        `db:"revision"`
		Facts     frozenJSON `db:"facts"`
		Verdict   frozenJSON `db:"verdict"`
	}
	err := x.selectAll(ctx, &rows, `
		SELECT comment_id, revision, facts, verdict FROM submissions
		WHERE comment_id IN (?) AND body IS DISTINCT FROM ''`, toIDs(commentIDs))
	if err != nil {
		return err
	}
	for _, row := range rows {
		var verdict rules.Verdict
		if err := json.Unmarshal(row.Verdict, &verdict); err != nil {
			return fmt.Errorf("read verdict of comment %s: %w", row.CommentID, err)
		}
		var facts rules.Facts
		if err := json.Unmarshal(row.Facts, &facts); err != nil {
			return fmt.Errorf("read facts of comment %s: %w", row.CommentID, err)
		}
		quoted := redactHits(verdict.Hits, names[string(row.CommentID)])
		if !quoted && facts.Author.EmailDomain == "" {
			continue
		}
		facts.Author.EmailDomain = ""
		newFacts, err := json.Marshal(facts)
		if err != nil {
			return err
		}
		newVerdict, err := json.Marshal(verdict)
		if err != nil {
			return err
		}
		_, err = x.exec(ctx, `UPDATE submissions SET facts = $3, verdict = $4 WHERE comment_id = $1 AND revision = $2`,
			row.CommentID, row.Revision, frozenJSON(newFacts), frozenJSON(newVerdict))
		if err != nil {
			return err
		}
	}
	return nil
}

// redactHits changes hits in place, and reports whether it did.
func redactHits(hits []rules.Hit, names []string) (changed bool) {
	for i := range hits {
		hit := &hits[i]
		before := len(hit.Spans)
		hit.Spans = slices.DeleteFunc(hit.Spans, func(s rules.Span) bool { return s.Field != "body" })
		changed = changed || len(hit.Spans) < before
		if moderation.ContainsQuote(hit.Reason, names...) {
			hit.Reason, changed = nameRemoved, true
		}
		if moderation.ContainsQuote(hit.PublicReason, names...) {
			hit.PublicReason, changed = "", true
		}
	}
	return changed
}

// redactPublicReasons removes public reasons that quote the comment.
func redactPublicReasons(ctx context.Context, x executor, commentIDs []string, said map[string][]string) error {
	var rows []struct {
		ID     ID     `db:"id"`
		Reason string `db:"public_reason"`
	}
	err := x.selectAll(ctx, &rows, `SELECT id, public_reason FROM comments WHERE id IN (?) AND public_reason <> ''`,
		toIDs(commentIDs))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if redactIfQuoting(row.Reason, said[string(row.ID)]) == row.Reason {
			continue
		}
		if _, err := x.exec(ctx, `UPDATE comments SET public_reason = '' WHERE id = $1`, row.ID); err != nil {
			return err
		}
	}
	return nil
}
