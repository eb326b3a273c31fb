package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// searchIndex is an engine's full-text index, the only part of the schema that differs. In both engines, the
// table comment_search has each comment's words as text, and an index of these words without positions:
// phrases are searched in the text. queue.SearchWords splits texts into words instead of the engines, so both
// engines find the same comments.
type searchIndex struct {
	// create is the DDL, run after the first migration.
	create string
	// write adds comments. The parameters are a comment's id and words.
	write []insertStmt
	// remove deletes comments; the parameter is a list of ids.
	remove []string
	// hits selects the comment_id of all hits in comment_search w, in no order. Its parameter is what query returns.
	hits string
	// position is a function of a text and a part of it; 0 without.
	position string
	// The constants searchProbeSize and maxIndexHits; tests change them.
	probeSize, maxIndexHits int
	// query writes a query in the engine's own syntax; without the phrases that must not occur.
	query func(site string, terms []queue.SearchTerm) string
}

// PostgreSQL collects new words in the index's pending list; the more it merges at once, the less it writes
// (https://www.postgresql.org/docs/current/gin-implementation.html#GIN-FAST-UPDATE). Upkeep merges the list.
// A writer that finds 8 MB in it must merge it, which takes long, but so many words arrive between two rounds
// of Upkeep only at thousands of submissions a second.
var postgresSearch = searchIndex{
	create: `
		CREATE TABLE comment_search (
			comment_id  UUID  NOT NULL PRIMARY KEY,
			words       TEXT  NOT NULL
		);
		CREATE INDEX comment_search_words ON comment_search USING GIN (CAST(words AS TSVECTOR))
			WITH (gin_pending_list_limit = 8192)`,
	write:        []insertStmt{insertInto("comment_search", `comment_id, words`, "")},
	remove:       []string{`DELETE FROM comment_search WHERE comment_id IN (?)`},
	hits:         `SELECT w.comment_id FROM comment_search w WHERE CAST(w.words AS TSVECTOR) @@ CAST(? AS TSQUERY)`,
	position:     `strpos`,
	probeSize:    searchProbeSize,
	maxIndexHits: maxIndexHits,
	query:        tsquery,
}

// The table is the index's external content (https://www.sqlite.org/fts5.html#external_content_tables), so
// words must be deleted from the index before the table. With secure-delete, erased words disappear from the
// file at once, not when segments are merged. The tokenizer only splits at spaces. The id keeps row numbers
// stable across VACUUM. One statement adds all comments of a batch, because each statement writes a segment
// that must be merged later.
var sqliteSearch = searchIndex{
	create: `
		CREATE TABLE comment_search (
			id          INTEGER  NOT NULL PRIMARY KEY,
			comment_id  UUID     NOT NULL UNIQUE,
			words       TEXT     NOT NULL
		);
		CREATE VIRTUAL TABLE comment_search_index USING fts5 (words, content = 'comment_search', content_rowid = 'id',
			tokenize = 'ascii', detail = 'none', columnsize = 0);
		INSERT INTO comment_search_index (comment_search_index, rank) VALUES ('secure-delete', 1)`,
	write: []insertStmt{
		insertInto("comment_search", `comment_id, words`, ""),
		{fromIDs: `INSERT INTO comment_search_index (rowid, words)
			SELECT id, words FROM comment_search WHERE comment_id IN (?)`}},
	remove: []string{
		`INSERT INTO comment_search_index (comment_search_index, rowid, words)
			SELECT 'delete', id, words FROM comment_search WHERE comment_id IN (?)`,
		`DELETE FROM comment_search WHERE comment_id IN (?)`},
	hits: `SELECT w.comment_id FROM comment_search_index i CROSS JOIN comment_search w
		WHERE i.comment_search_index MATCH ? AND w.id = i.rowid`,
	position:     `instr`,
	probeSize:    searchProbeSize,
	maxIndexHits: maxIndexHits,
	query:        ftsQuery,
}

// siteTermDigits are the random digits at the end of an id.
const siteTermDigits = 6

// siteTerm returns the term that marks a site's comments in the index, so that a search on one site does not
// visit matches on others, and a search with only excluded terms has something to exclude them from. It is
// short because every comment has it. Two sites may share a term, so queries also compare the site.
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

// searchText holds the texts by which a comment is found.
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

// writeIndex indexes comments anew.
func writeIndex(ctx context.Context, x executor, all ...searchTokens) error {
	ids := make([]string, len(all))
	for i, w := range all {
		ids[i] = w.commentID
	}
	if err := removeFromIndex(ctx, x, ids); err != nil {
		return err
	}
	return wrap("index words", x.insertAll(ctx, x.search.rows(all)...))
}

// rows returns the rows for comments that are not indexed yet.
func (s searchIndex) rows(all []searchTokens) []tableRows {
	rows := make([][]any, len(all))
	for i, w := range all {
		rows[i] = []any{ID(w.commentID), w.text()}
	}
	var tables []tableRows
	for _, insert := range s.write {
		tables = append(tables, tableRows{insert, rows})
	}
	return tables
}

// text writes the words for the index: a space before and after each, and a line end between fields, so that no
// phrase spans two.
func (w searchTokens) text() string {
	var b strings.Builder
	b.WriteString(siteTerm(w.siteID))
	for _, words := range [][]string{w.body, w.author, w.title} {
		b.WriteString("\n ")
		for _, word := range words {
			b.WriteString(word + " ")
		}
	}
	return b.String()
}

// commentsPerIndexing is how many comments of an article are indexed at once when its title has changed.
const commentsPerIndexing = 500

// indexArticle indexes all comments of a locked article under its new title. It locks the comments, so that
// it does not restore a text that is being edited or erased. A comment that is being created may be indexed
// under the old title.
func indexArticle(ctx context.Context, x executor, articleID string) error {
	ids, err := x.selectIDs(ctx, `SELECT id FROM comments WHERE article_id = $1 ORDER BY id`, ID(articleID))
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(ids, commentsPerIndexing) {
		if _, err := x.lockComments(ctx, chunk, nil, x.forUpdate); err != nil {
			return err
		}
		if err := reindex(ctx, x, chunk); err != nil {
			return err
		}
	}
	return nil
}

// reindex indexes those of the comments anew that are indexed. They are locked.
func reindex(ctx context.Context, x executor, ids []string) error {
	for chunk := range slices.Chunk(ids, commentsPerIndexing) {
		var rows []searchText
		err := x.selectAll(ctx, &rows, `
			SELECT s.comment_id, s.site_id, `+bodyExpr("s", "c")+` AS body, s.author_name, a.title
			FROM comments c
				JOIN submissions s ON s.comment_id = c.id AND s.revision = c.revision
				JOIN articles a ON a.id = c.article_id
				JOIN comment_search k ON k.comment_id = c.id
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
	if len(commentIDs) == 0 {
		return nil
	}
	for _, statement := range x.search.remove {
		if _, err := x.exec(ctx, statement, toIDs(commentIDs)); err != nil {
			return fmt.Errorf("forget words: %w", err)
		}
	}
	return nil
}

// indexQuery selects the comment_id of all hits that the index finds.
func (s searchIndex) indexQuery(site string, terms []queue.SearchTerm) (string, []any) {
	var phrases []queue.SearchTerm
	for _, term := range terms {
		if len(term.Words) > 1 {
			phrases = append(phrases, term)
		}
	}
	condition, args := s.textCondition(phrases)
	return s.hits + condition, append([]any{s.query(site, terms)}, args...)
}

// matchExpr is a condition on the comment with an id, with ? for parameters. It costs a look-up.
func (s searchIndex) matchExpr(id string, terms []queue.SearchTerm) (string, []any) {
	condition, args := s.textCondition(terms)
	return `EXISTS (SELECT 1 FROM comment_search w WHERE w.comment_id = ` + id + condition + `)`, args
}

// textCondition looks for terms in the words of comment_search w.
func (s searchIndex) textCondition(terms []queue.SearchTerm) (string, []any) {
	var b strings.Builder
	var args []any
	for _, term := range terms {
		words, comparison := ` `+strings.Join(term.Words, " "), `> 0`
		if !term.Prefix {
			words += ` `
		}
		if term.Without {
			comparison = `= 0`
		}
		b.WriteString(` AND ` + s.position + `(w.words, ?) ` + comparison)
		args = append(args, words)
	}
	return b.String(), args
}

// tsquery writes a query for PostgreSQL (https://www.postgresql.org/docs/current/datatype-textsearch.html).
func tsquery(site string, terms []queue.SearchTerm) string {
	with, without := indexWords(terms)
	var b strings.Builder
	b.WriteString(site)
	for _, word := range with {
		b.WriteString(" & " + word.quoted("'", ":*"))
	}
	for _, word := range without {
		b.WriteString(" & !" + word.quoted("'", ":*"))
	}
	return b.String()
}

// ftsQuery writes a query for FTS5 (https://www.sqlite.org/fts5.html#full_text_query_syntax).
func ftsQuery(site string, terms []queue.SearchTerm) string {
	with, without := indexWords(terms)
	quoted := func(words []indexWord) []string {
		var all []string
		for _, word := range words {
			all = append(all, word.quoted(`"`, " *"))
		}
		return all
	}
	expression := `(` + strings.Join(append([]string{`"` + site + `"`}, quoted(with)...), ` AND `) + `)`
	if len(without) > 0 {
		expression += ` NOT (` + strings.Join(quoted(without), ` OR `) + `)`
	}
	return expression
}

// indexWord is a word, or the beginning of one, to look up in the index.
type indexWord struct {
	text   string
	prefix bool
}

// quoted writes the word in quotation marks, with a star behind a prefix.
func (w indexWord) quoted(mark, star string) string {
	if !w.prefix {
		star = ""
	}
	return mark + w.text + mark + star
}

// indexWords lists the words that a comment must have and those that it must not have. A phrase that it must not
// have says nothing about its words.
func indexWords(terms []queue.SearchTerm) (with, without []indexWord) {
	for _, term := range terms {
		for i, text := range term.Words {
			word := indexWord{text, term.Prefix && i == len(term.Words)-1}
			switch {
			case !term.Without:
				with = append(with, word)
			case len(term.Words) == 1:
				without = append(without, word)
			}
		}
	}
	return with, without
}
