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

// searchIndex is an engine's full-text index, the only part of the schema that differs.
// queue.SearchWords splits texts into words, not the engines, so both find the same comments.
type searchIndex struct {
	// create is the DDL, run after the first migration.
	create string
	// table has a row with comment_id for every indexed comment.
	table string
	// write adds documents. The parameters are the comment's id and what encode returns.
	write []insertStmt
	// remove deletes comments; the parameter is a list of ids.
	remove []string
	// indexQuery lists all hits, as comment_id, in no order. Its parameter is what query returns.
	indexQuery string
	// matchExpr is a condition on the comment with an id, with ? for parameters. It costs a look-up.
	matchExpr func(id, site string, terms []queue.SearchTerm) (string, []any)
	// The constants searchProbeSize and maxIndexHits; tests change them.
	probeSize, maxIndexHits int
	// encode and query write a document and a query in the engine's own syntax.
	encode func(site string, fields [][]string) []any
	query  func(site string, terms []queue.SearchTerm) string
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
			comment_id  UUID      NOT NULL PRIMARY KEY REFERENCES comments (id),
			document    TSVECTOR  NOT NULL
		);
		CREATE INDEX comment_search_document ON comment_search USING GIN (document) WITH (gin_pending_list_limit = 256)`,
	table: `comment_search`,
	write: []insertStmt{insertInto("comment_search", `comment_id, document`,
		`ON CONFLICT (comment_id) DO UPDATE SET document = excluded.document`)},
	remove:       []string{`DELETE FROM comment_search WHERE comment_id IN (?)`},
	indexQuery:   `SELECT comment_id FROM comment_search WHERE document @@ CAST(? AS TSQUERY)`,
	matchExpr:    tsvectorMatch,
	probeSize:    searchProbeSize,
	maxIndexHits: maxIndexHits,
	encode:       tsvector,
	query:        tsquery,
}

// With secure-delete, words that are erased are gone from the file at once, not when segments are merged
// (https://www.sqlite.org/fts5.html). The tokenizer only has to find the spaces between our words. Rows of an
// FTS5 table have a number that must outlive VACUUM, hence the second table.
var sqliteSearch = searchIndex{
	create: `
		CREATE TABLE comment_search_rows (
			id          INTEGER  NOT NULL PRIMARY KEY,
			comment_id  UUID     NOT NULL UNIQUE REFERENCES comments (id)
		);
		CREATE VIRTUAL TABLE comment_search USING fts5 (site, body, name, title, tokenize = 'ascii');
		INSERT INTO comment_search (comment_search, rank) VALUES ('secure-delete', 1)`,
	table: `comment_search_rows`,
	write: []insertStmt{
		insertInto("comment_search_rows", `comment_id`, `ON CONFLICT (comment_id) DO NOTHING`),
		{batchStmt: newValuesStmt(`INSERT OR REPLACE INTO comment_search (rowid, site, body, name, title) VALUES`,
			`((SELECT id FROM comment_search_rows WHERE comment_id = ?), ?, ?, ?, ?)`, ``)}},
	remove: []string{
		`DELETE FROM comment_search WHERE rowid IN (SELECT id FROM comment_search_rows WHERE comment_id IN (?))`,
		`DELETE FROM comment_search_rows WHERE comment_id IN (?)`},
	indexQuery: `SELECT r.comment_id FROM comment_search w CROSS JOIN comment_search_rows r
		WHERE w.comment_search MATCH ? AND r.id = w.rowid`,
	matchExpr:    ftsContentMatch,
	probeSize:    searchProbeSize,
	maxIndexHits: maxIndexHits,
	encode:       ftsColumns,
	query:        ftsQuery,
}

// siteTermDigits are the random digits at the end of an id.
const siteTermDigits = 12

// siteTerm returns the search term that marks a site's comments in the index. It is short because every comment has
// it. Two sites may share one, so queries also compare the site.
func siteTerm(siteID string) string {
	return "site" + siteID[max(0, len(siteID)-siteTermDigits):]
}

// indexComment indexes a comment under its newest text, its author and its article's title.
func indexComment(ctx context.Context, x executor, r moderation.SubmissionRecord) error {
	var title string
	if err := x.get(ctx, &title, `SELECT title FROM articles WHERE id = $1`, ID(r.ArticleID)); err != nil {
		return err
	}
	return writeIndex(ctx, x, searchTokens{r.CommentID, r.SiteID, r.Reading().SearchWords(),
		queue.SearchWords(r.AuthorName), queue.SearchWords(title)})
}

// searchText is what a comment can be searched by.
type searchText struct {
	CommentID  ID     `db:"comment_id"`
	SiteID     ID     `db:"site_id"`
	Body       string `db:"body"`
	AuthorName string `db:"author_name"`
	Title      string `db:"title"`
}

// searchTokens are the words that a comment is found by.
type searchTokens struct {
	commentID, siteID   string
	body, author, title []string
}

func (r searchText) tokens() searchTokens {
	return searchTokens{
		string(r.CommentID),
		string(r.SiteID),
		moderation.SubmissionRecord{Body: r.Body}.Reading().SearchWords(),
		queue.SearchWords(r.AuthorName),
		queue.SearchWords(r.Title),
	}
}

func writeIndex(ctx context.Context, x executor, all ...searchTokens) error {
	return wrap("index words", x.insertAll(ctx, x.search.rows(all)...))
}

// rows are what is written for comments.
func (s searchIndex) rows(all []searchTokens) []tableRows {
	rows := make([][]any, len(all))
	for i, w := range all {
		rows[i] = append([]any{ID(w.commentID)}, s.encode(siteTerm(w.siteID), [][]string{w.body, w.author, w.title})...)
	}
	var tables []tableRows
	for _, insert := range s.write {
		tables = append(tables, tableRows{insert, rows})
	}
	return tables
}

// commentsPerIndexing is how many comments of an article are indexed at once when its title has changed.
const commentsPerIndexing = 500

// indexArticle indexes all comments of an article, which is locked, under its new title. It locks the
// comments, so that it does not restore a text that is edited or erased meanwhile. A comment that is written
// meanwhile may be found under the former title.
func indexArticle(ctx context.Context, x executor, articleID string) error {
	ids, err := x.selectIDs(ctx, `SELECT id FROM comments WHERE article_id = $1 ORDER BY id`, ID(articleID))
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(ids, commentsPerIndexing) {
		if _, err := x.lockComments(ctx, chunk, nil, x.forUpdate); err != nil {
			return err
		}
		var rows []searchText
		err := x.selectAll(ctx, &rows, `
			SELECT s.comment_id, s.site_id, s.body, s.author_name, a.title
			FROM comments c
				JOIN submissions s ON s.comment_id = c.id AND s.revision = c.revision
				JOIN articles a ON a.id = c.article_id
				JOIN `+x.search.table+` k ON k.comment_id = c.id
			WHERE c.id IN (?)`, toIDs(chunk))
		if err != nil {
			return err
		}
		words := make([]searchTokens, len(rows))
		for i, row := range rows {
			words[i] = row.tokens()
		}
		if err := writeIndex(ctx, x, words...); err != nil {
			return err
		}
	}
	return nil
}

// removeFromIndex removes erased comments from the search index.
func removeFromIndex(ctx context.Context, x executor, commentIDs []string) error {
	for _, statement := range x.search.remove {
		if _, err := x.exec(ctx, statement, toIDs(commentIDs)); err != nil {
			return fmt.Errorf("forget words: %w", err)
		}
	}
	return nil
}

// tsvector writes a document for PostgreSQL
// (https://www.postgresql.org/docs/current/datatype-textsearch.html). Fields are one position apart, so that
// no phrase spans two.
func tsvector(site string, fields [][]string) []any {
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

func tsquery(site string, terms []queue.SearchTerm) string {
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

func tsvectorMatch(id, site string, terms []queue.SearchTerm) (string, []any) {
	return `(SELECT w.document @@ CAST(? AS TSQUERY) FROM comment_search w WHERE w.comment_id = ` + id + `)`, []any{
		tsquery(site, terms),
	}
}

func ftsColumns(site string, fields [][]string) []any {
	columns := []any{site}
	for _, words := range fields {
		columns = append(columns, strings.Join(words, " "))
	}
	return columns
}

// ftsQuery writes a full-text query of FTS5 (https://www.sqlite.org/fts5.html#full_text_query_syntax).
func ftsQuery(site string, terms []queue.SearchTerm) string {
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

// ftsContentMatch matches the stored words of one row, in the content table of FTS5
// (https://www.sqlite.org/fts5.html#fts5_data_structures). A MATCH restricted to one row takes as long as one
// over all rows.
func ftsContentMatch(id, _ string, terms []queue.SearchTerm) (string, []any) {
	var b strings.Builder
	var args []any
	b.WriteString(
		`EXISTS (SELECT 1 FROM comment_search_content w
			WHERE w.id = (SELECT r.id FROM comment_search_rows r WHERE r.comment_id = ` + id + `)`,
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
