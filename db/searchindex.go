package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// searchIndex is what an engine has for finding comments by their words: the one part of the schema that is
// not the same on both. Words are made here, by queue.SearchWords, and not by the engines, so that both
// find the same.
type searchIndex struct {
	// create makes the tables, after the first migration.
	create string
	// kept has a row with comment_id for every comment that can be found.
	kept string
	// write puts documents there: parameters of each are the comment and what document returns.
	write []rowsStatement
	// forget takes comments out: a list of ids.
	forget []string
	// found lists the comments that match, as comment_id, in no order and without an end: what expression
	// returns.
	found string
	// fits is a condition that says of the comment with an id whether it matches, with ? for parameters. It
	// costs a look-up.
	fits func(id, site string, terms []queue.SearchTerm) (string, []any)
	// head and rare are searchHead and searchRare.
	head, rare int
	// document and expression say in the engine's own language what is written and what is asked for.
	document   func(site string, fields [][]string) []any
	expression func(site string, terms []queue.SearchTerm) string
}

// A comment's words and nothing else are in the vector. It has the site's key too, so that a search on one
// site does not visit the matches on others, and one that only leaves out has something to leave out from.
// PostgreSQL gathers new words before it sorts them into the index. With 4 MB of them, the default, whoever
// comes when that is full waits for tens of milliseconds, and each search goes through them all; 256 kB are
// sorted in before anybody notices
// (https://www.postgresql.org/docs/current/gin-implementation.html#GIN-FAST-UPDATE).
var postgresSearch = searchIndex{
	create: `
		CREATE TABLE comment_search (
			comment_id  TEXT      NOT NULL PRIMARY KEY REFERENCES comments (id),
			document    TSVECTOR  NOT NULL
		);
		CREATE INDEX comment_search_document ON comment_search USING GIN (document) WITH (gin_pending_list_limit = 256)`,
	kept: `comment_search`,
	write: []rowsStatement{overRows(`INSERT INTO comment_search (comment_id, document) VALUES`, `(?, CAST(? AS TSVECTOR))`,
		`ON CONFLICT (comment_id) DO UPDATE SET document = excluded.document`)},
	forget:     []string{`DELETE FROM comment_search WHERE comment_id IN (?)`},
	found:      `SELECT comment_id FROM comment_search WHERE document @@ CAST(? AS TSQUERY)`,
	fits:       vectorFits,
	head:       searchHead,
	rare:       searchRare,
	document:   vector,
	expression: vectorQuery,
}

// With secure-delete, words that are erased are gone from the file at once, not when segments are merged
// (https://www.sqlite.org/fts5.html). The tokenizer only has to find the spaces between our words. Rows of an
// FTS5 table have a number that must outlive VACUUM, hence the second table.
var sqliteSearch = searchIndex{
	create: `
		CREATE TABLE comment_search_rows (
			id          INTEGER  NOT NULL PRIMARY KEY,
			comment_id  TEXT     NOT NULL UNIQUE REFERENCES comments (id)
		);
		CREATE VIRTUAL TABLE comment_search USING fts5 (site, body, name, title, tokenize = 'ascii');
		INSERT INTO comment_search (comment_search, rank) VALUES ('secure-delete', 1)`,
	kept: `comment_search_rows`,
	write: []rowsStatement{
		overRows(`INSERT INTO comment_search_rows (comment_id) VALUES`, `(?)`, `ON CONFLICT (comment_id) DO NOTHING`),
		overRows(`INSERT OR REPLACE INTO comment_search (rowid, site, body, name, title) VALUES`,
			`((SELECT id FROM comment_search_rows WHERE comment_id = ?), ?, ?, ?, ?)`, ``)},
	forget: []string{
		`DELETE FROM comment_search WHERE rowid IN (SELECT id FROM comment_search_rows WHERE comment_id IN (?))`,
		`DELETE FROM comment_search_rows WHERE comment_id IN (?)`},
	found: `SELECT r.comment_id FROM comment_search w CROSS JOIN comment_search_rows r
		WHERE w.comment_search MATCH ? AND r.id = w.rowid`,
	fits:       wordsFit,
	head:       searchHead,
	rare:       searchRare,
	document:   columns,
	expression: match,
}

// siteWord is the key of a site in the index.
func siteWord(siteID string) string {
	return "site" + strings.Join(queue.SearchWords(siteID), "")
}

// index makes a comment be found by the words of its newest text, its writer and its article.
func (s session) index(ctx context.Context, r moderation.SubmissionRecord) error {
	var title string
	if err := s.get(ctx, &title, `SELECT title FROM articles WHERE id = $1`, r.ArticleID); err != nil {
		return err
	}
	return s.indexWords(ctx, searchRow{r.CommentID, r.SiteID, r.Body, r.AuthorName, title}.words())
}

// searchRow is a comment as far as it can be searched.
type searchRow struct {
	CommentID  string `db:"comment_id"`
	SiteID     string `db:"site_id"`
	Body       string `db:"body"`
	AuthorName string `db:"author_name"`
	Title      string `db:"title"`
}

// searchWords is a comment as the words that it is found by: of its body, its writer's name and its article's
// title.
type searchWords struct {
	commentID, siteID   string
	body, author, title []string
}

func (r searchRow) words() searchWords {
	return searchWords{
		r.CommentID,
		r.SiteID,
		queue.SearchWords(r.Body),
		queue.SearchWords(r.AuthorName),
		queue.SearchWords(r.Title),
	}
}

func (s session) indexWords(ctx context.Context, all ...searchWords) error {
	rows := make([][]any, len(all))
	for i, w := range all {
		rows[i] = append([]any{w.commentID}, s.search.document(siteWord(w.siteID), [][]string{w.body, w.author, w.title})...)
	}
	for _, statement := range s.search.write {
		if _, err := s.execRows(ctx, statement, rows); err != nil {
			return fmt.Errorf("index words: %w", err)
		}
	}
	return nil
}

// indexAtOnce is how many comments of an article are read at once when its title has changed.
const indexAtOnce = 500

// indexArticle makes all comments of an article, which is locked, be found by its new title. It locks them,
// so that no text that is edited or erased meanwhile comes back. The effort grows with their number, so a
// comment that is written meanwhile does not wait, and may be found by the former title.
func (s session) indexArticle(ctx context.Context, articleID string) error {
	var ids []string
	if err := s.all(ctx, &ids, `SELECT id FROM comments WHERE article_id = $1 ORDER BY id`, articleID); err != nil {
		return err
	}
	for chunk := range slices.Chunk(ids, indexAtOnce) {
		if _, err := s.lockComments(ctx, chunk, nil, s.forUpdate); err != nil {
			return err
		}
		var rows []searchRow
		err := s.allIn(ctx, &rows, `
			SELECT s.comment_id, s.site_id, s.body, s.author_name, a.title
			FROM comments c
				JOIN submissions s ON s.comment_id = c.id AND s.revision = c.revision
				JOIN articles a ON a.id = c.article_id
				JOIN `+s.search.kept+` k ON k.comment_id = c.id
			WHERE c.id IN (?)`, chunk)
		if err != nil {
			return err
		}
		words := make([]searchWords, len(rows))
		for i, row := range rows {
			words[i] = row.words()
		}
		if err := s.indexWords(ctx, words...); err != nil {
			return err
		}
	}
	return nil
}

// forgetSearch makes comments whose text is erased be found no more.
func (s session) forgetSearch(ctx context.Context, commentIDs []string) error {
	for _, statement := range s.search.forget {
		if _, err := s.execIn(ctx, statement, commentIDs); err != nil {
			return fmt.Errorf("forget words: %w", err)
		}
	}
	return nil
}

// vector writes a tsvector (https://www.postgresql.org/docs/current/datatype-textsearch.html). Fields are one
// position apart, so that no phrase goes over from one to the next.
func vector(site string, fields [][]string) []any {
	var b strings.Builder
	b.WriteString(site)
	at := 1
	for _, words := range fields {
		for _, word := range words {
			b.WriteString(" '" + word + "':" + strconv.Itoa(at))
			at++
		}
		at++
	}
	return []any{b.String()}
}

func vectorQuery(site string, terms []queue.SearchTerm) string {
	var b strings.Builder
	b.WriteString(site)
	for _, term := range terms {
		b.WriteString(" & ")
		if term.Without {
			b.WriteString("!")
		}
		b.WriteString("('" + strings.Join(term.Words, "' <-> '") + "'")
		if term.Prefix {
			b.WriteString(":*")
		}
		b.WriteString(")")
	}
	return b.String()
}

func vectorFits(id, site string, terms []queue.SearchTerm) (string, []any) {
	return `(SELECT w.document @@ CAST(? AS TSQUERY) FROM comment_search w WHERE w.comment_id = ` + id + `)`, []any{
		vectorQuery(site, terms),
	}
}

func columns(site string, fields [][]string) []any {
	columns := []any{site}
	for _, words := range fields {
		columns = append(columns, strings.Join(words, " "))
	}
	return columns
}

// match writes a full-text query of FTS5 (https://www.sqlite.org/fts5.html#full_text_query_syntax).
func match(site string, terms []queue.SearchTerm) string {
	with, without := []string{`site : "` + site + `"`}, []string{}
	for _, term := range terms {
		phrase := `{body name title} : "` + strings.Join(term.Words, " ") + `"`
		if term.Prefix {
			phrase += " *"
		}
		if term.Without {
			without = append(without, phrase)
		} else {
			with = append(with, phrase)
		}
	}
	expression := `(` + strings.Join(with, ` AND `) + `)`
	if len(without) > 0 {
		expression += ` NOT (` + strings.Join(without, ` OR `) + `)`
	}
	return expression
}

// wordsFit looks at the words themselves: to ask FTS5 about one row takes as long as many rows do. They stand
// in the table in which FTS5 keeps its columns in their order
// (https://www.sqlite.org/fts5.html#fts5_data_structures), which is quicker to read.
func wordsFit(id, _ string, terms []queue.SearchTerm) (string, []any) {
	var b strings.Builder
	var args []any
	b.WriteString(
		`EXISTS (SELECT 1 FROM comment_search_content w WHERE w.id = (SELECT r.id FROM comment_search_rows r WHERE r.comment_id = ` + id + `)`,
	)
	for _, term := range terms {
		words, comparison := ` `+strings.Join(term.Words, " "), `> 0`
		if !term.Prefix {
			words += ` `
		}
		if term.Without {
			comparison = `= 0`
		}
		// No word is a full stop, so nothing goes over from one column to the next.
		b.WriteString(` AND instr(' ' || w.c1 || ' . ' || w.c2 || ' . ' || w.c3 || ' ', ?) ` + comparison)
		args = append(args, words)
	}
	return b.String() + `)`, args
}
