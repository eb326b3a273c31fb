package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/db"
)

// Crowd is a large number of comments to copy from a few, since the intake is too slow for benchmarks of this
// size.
type Crowd struct {
	Comments   int           // how many to make; rounded up to a multiple of those that are copied
	Status     string        // of the comments that are copied
	Originals  int           // how many are copied, the oldest; 0: all with the status
	Articles   int           // of AddArticles, over which they are spread; 0: the copied comments' own
	Commenters int           // likewise, of AddCommenters
	Number     int           // how many were made before: names them
	From       time.Time     // when the first was written
	Every      time.Duration // how much later each round of copies was written
	Writers    int           // connections that write at once; 1 for SQLite
	Progress   func(made int)
}

type copiedTable struct {
	table, comment string // the name of the column that holds the comment's id
	columns        map[string]string

	articles, commenters int // see Crowd
}

// copied are the tables of a comment, with the columns in which a copy differs from its original. ID makes an
// id of one of four kinds.
var copied = []copiedTable{
	{table: "comments", comment: "id", columns: map[string]string{
		"id": "{comment}", "cluster": "NULLIF({cluster}, {comment})", "created_at": "{time}", "risk": "{risk}"}},
	{table: "submissions", comment: "comment_id", columns: map[string]string{
		"id": "{submission}", "comment_id": "{comment}", "created_at": "{time}",
		"address_index": "NULL", "address_prefix": "NULL"}}, // as after the retention
	{table: "decisions", comment: "comment_id", columns: map[string]string{
		"id": "{decision}", "comment_id": "{comment}", "submission_id": "{submission}", "created_at": "{time}"}},
	{table: "pending_rules", comment: "comment_id", columns: map[string]string{
		"comment_id": "{comment}", "created_at": "{time}"}},
	{table: "pending_hosts", comment: "comment_id", columns: map[string]string{
		"comment_id": "{comment}", "created_at": "{time}"}},
}

// copiedWords are the tables of the search index, on each engine.
var copiedWords = map[db.Engine]struct {
	table   string
	columns map[string]string
	more    []string
}{
	db.Postgres: {table: "comment_search", columns: map[string]string{"comment_id": "{comment}"}},
	db.SQLite: {
		table:   "comment_search",
		columns: map[string]string{"id": "NULL", "comment_id": "{comment}"},
		more: []string{`
		INSERT INTO comment_search_index (rowid, words)
		SELECT made.id, made.words FROM originals t CROSS JOIN comment_search made WHERE made.comment_id = ` + copyID},
	},
}

// CopyID is the id of the nth comment that Multiply made, in the form of a UUIDv7. It sorts before all
// present ids.
func CopyID(n int) string { return fmt.Sprintf("01980000-0000-7000-8000-%012d", n) }

const copyNumber = `substr(CAST(1000000000000 + {base} + t.number AS TEXT), 2)`

var copyID = IDExpr(db.SQLite, `'01980000-0000-7000-8000-' || `+copyNumber)

// IDExpr is an SQL expression for the id whose text another expression gives.
func IDExpr(engine db.Engine, text string) string {
	if engine == db.SQLite {
		return `unhex(replace(` + text + `, '-', ''))`
	}
	return `CAST(` + text + ` AS UUID)`
}

const zeroID = `'00000000-0000-0000-0000-000000000000'`

// Multiply copies the comments with a status, with their submissions, decisions and rows of the queue,
// directly in the database at address. Twenty neighbours are one cluster. Recount must follow.
func Multiply(ctx context.Context, address string, c Crowd) error {
	pool, err := OpenPool(address)
	if err != nil {
		return err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(c.Writers)
	engine, _ := driverOf(address)
	originals, err := numberOriginals(ctx, pool, engine, c)
	if err != nil {
		return err
	}
	statements, err := copyStatements(ctx, pool, address, c)
	if err != nil {
		return err
	}
	writers, ctx := errgroup.WithContext(ctx)
	writers.SetLimit(c.Writers)
	for made := 0; made < c.Comments; made += originals {
		writers.Go(func() error {
			at := c.From.Add(time.Duration(made/originals) * c.Every)
			filled := strings.NewReplacer("{base}", fmt.Sprint(c.Number+made), "{time}", timeLiteral(engine, at))
			return copyRound(ctx, pool, statements, filled)
		})
		if c.Progress != nil {
			c.Progress(made)
		}
	}
	return writers.Wait()
}

// The third group of the ids that AddArticles and AddCommenters make.
const (
	articleKind   = "b000"
	commenterKind = "c000"
)

// CopyKey is the key of the nth article of AddArticles.
func CopyKey(n int) string { return fmt.Sprintf("copy-%d", n) }

// AddArticles writes copies of one article, over which a crowd is spread.
func AddArticles(ctx context.Context, address string, count int) error {
	return addCopies(ctx, address, count, copiedTable{table: "articles", columns: map[string]string{
		"id": articleKind, "article_key": `'copy-' || CAST(n AS TEXT)`, "url": `''`,
	}})
}

// AddCommenters writes copies of one commenter, without email, over which a crowd is spread.
func AddCommenters(ctx context.Context, address string, count int) error {
	return addCopies(ctx, address, count, copiedTable{table: "commenters", columns: map[string]string{
		"id": commenterKind, "email_index": "NULL", "email_sealed": "NULL",
	}})
}

// addCopies copies the first row of a table. Of the column id, the table names the kind.
func addCopies(ctx context.Context, address string, count int, of copiedTable) error {
	pool, err := OpenPool(address)
	if err != nil {
		return err
	}
	defer pool.Close()
	columns, err := columnsOf(ctx, pool, of.table)
	if err != nil {
		return err
	}
	engine, _ := driverOf(address)
	values := make([]string, len(columns))
	for i, column := range columns {
		switch made := of.columns[column]; {
		case column == "id":
			values[i] = IDExpr(engine, `'01980000-0000-7000-`+made+`-' || substr(CAST(1000000000000 + n AS TEXT), 2)`)
		case made != "":
			values[i] = made
		default:
			values[i] = "c." + column
		}
	}
	_, err = pool.ExecContext(ctx, fmt.Sprintf(`
		INSERT INTO %s (%s) WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
		SELECT %s FROM (SELECT * FROM %s ORDER BY id LIMIT 1) c CROSS JOIN numbers`,
		of.table, strings.Join(columns, ", "), count-1, strings.Join(values, ", "), of.table))
	if err != nil {
		return fmt.Errorf("copy %s: %w", of.table, err)
	}
	return nil
}

func columnsOf(ctx context.Context, pool *sql.DB, table string) ([]string, error) {
	rows, err := pool.QueryContext(ctx, `SELECT * FROM `+table+` LIMIT 0`)
	if err != nil {
		return nil, fmt.Errorf("copy %s: %w", table, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err = errors.Join(err, rows.Err()); err != nil {
		return nil, fmt.Errorf("copy %s: %w", table, err)
	}
	return columns, nil
}

// timeLiteral writes a time for SQL.
func timeLiteral(engine db.Engine, at time.Time) string {
	if engine == db.SQLite {
		return strconv.FormatInt(at.UnixMicro(), 10)
	}
	return at.UTC().Format("'2006-01-02T15:04:05.000000Z'")
}

// OpenPool opens the database at address past the program.
func OpenPool(address string) (*sql.DB, error) {
	engine, source := driverOf(address)
	pool, err := sql.Open(string(engine), source)
	if err != nil {
		return nil, fmt.Errorf("open the database: malformed address")
	}
	return pool, nil
}

// driverOf returns the driver of a database URL, and the driver's data source name.
func driverOf(address string) (db.Engine, string) {
	if path, isFile := strings.CutPrefix(address, "sqlite:"); isFile {
		return db.SQLite, path + "?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=busy_timeout(10000)" +
			"&_pragma=cache_size(-500000)" // for the sorting of indexes
	}
	return db.Postgres, address
}

// numberOriginals numbers the comments to be copied from 0 and returns how many they are.
func numberOriginals(ctx context.Context, pool *sql.DB, engine db.Engine, c Crowd) (n int, err error) {
	oldest := ""
	if c.Originals > 0 {
		oldest = fmt.Sprintf(" ORDER BY id LIMIT %d", c.Originals)
	}
	for _, statement := range []string{
		`DROP TABLE IF EXISTS originals`,
		`CREATE TABLE originals AS SELECT id AS comment_id, row_number() OVER (ORDER BY id) - 1 AS number FROM comments
			WHERE status = '` + c.Status + `' AND parent_id IS NULL
				AND id > ` + IDExpr(engine, `'01990000-0000-0000-0000-000000000000'`) + oldest,
		`CREATE UNIQUE INDEX originals_comment ON originals (comment_id)`,
	} {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return 0, fmt.Errorf("number originals: %w", err)
		}
	}
	if err := pool.QueryRowContext(ctx, `SELECT COUNT(*) FROM originals`).Scan(&n); err != nil {
		return 0, fmt.Errorf("number originals: %w", err)
	}
	if n == 0 {
		return 0, fmt.Errorf("number originals: there is no comment with status %s to copy", c.Status)
	}
	return n, nil
}

func copyStatements(ctx context.Context, pool *sql.DB, address string, c Crowd) ([]string, error) {
	var statements []string
	for _, part := range copied {
		statement, err := copyStatement(ctx, pool, address, c.spread(part))
		if err != nil {
			return nil, err
		}
		statements = append(statements, statement)
	}
	engine, _ := driverOf(address)
	words := copiedWords[engine]
	statement, err := copyStatement(ctx, pool, address, copiedTable{table: words.table, comment: "comment_id", columns: words.columns})
	if err != nil {
		return nil, err
	}
	return append(append(statements, statement), words.more...), nil
}

// copyStatement copies all columns of a table except those with new values. CROSS JOIN makes SQLite begin
// with the few originals; it would scan the whole table for them.
func copyStatement(ctx context.Context, pool *sql.DB, address string, of copiedTable) (string, error) {
	table, comment, anew := of.table, of.comment, of.columns
	columns, err := columnsOf(ctx, pool, table)
	if err != nil {
		return "", err
	}
	values := make([]string, len(columns))
	for i, column := range columns {
		if values[i] = "c." + column; anew[column] != "" {
			values[i] = anew[column]
		}
	}
	engine, _ := driverOf(address)
	id := func(text string) string { return IDExpr(engine, text) }
	oneOf := func(kind string, count int) string {
		return id(`'01980000-0000-7000-` + kind + `-' ||
			substr(CAST(1000000000000 + ({base} + t.number) % ` + fmt.Sprint(max(count, 1)) + ` AS TEXT), 2)`)
	}
	made := strings.NewReplacer("{article}", oneOf(articleKind, of.articles),
		"{commenter}", oneOf(commenterKind, of.commenters),
		"{comment}", id(`'01980000-0000-7000-8000-' || `+copyNumber),
		"{submission}", id(`'01980000-0000-7000-9000-' || `+copyNumber),
		"{decision}", id(`'01980000-0000-7' || substr(CAST(1000 + c.version AS TEXT), 2) || '-a000-' || `+copyNumber),
		"{cluster}", id(`'01980000-0000-7000-8000-' ||
			substr(CAST(1000000000000 + {base} + t.number - t.number % 20 AS TEXT), 2)`),
		"{risk}", `c.risk + ({base} + t.number) % 997 / 100.0`).Replace(strings.Join(values, ", "))
	return `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) SELECT ` + made +
		` FROM originals t CROSS JOIN ` + table + ` c WHERE c.` + comment + ` = t.comment_id`, nil
}

// spread assigns the copies in a table to the crowd's articles and commenters, in turn.
func (c Crowd) spread(part copiedTable) copiedTable {
	if part.table != "comments" && part.table != "submissions" {
		return part
	}
	part.columns, part.articles, part.commenters = maps.Clone(part.columns), c.Articles, c.Commenters
	if c.Articles > 0 {
		part.columns["article_id"] = "{article}"
	}
	if c.Commenters > 0 {
		part.columns["commenter_id"] = "{commenter}"
	}
	return part
}

func copyRound(ctx context.Context, pool *sql.DB, statements []string, filled *strings.Replacer) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("copy comments: %w", err)
	}
	defer tx.Rollback() // nothing to undo after the commit
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, filled.Replace(statement)); err != nil {
			return fmt.Errorf("copy comments: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("copy comments: %w", err)
	}
	return nil
}

// Analyse updates PostgreSQL's statistics, as autovacuum would within a minute.
func Analyse(ctx context.Context, address string) error {
	if engine, _ := driverOf(address); engine != db.Postgres {
		return nil
	}
	pool, err := OpenPool(address)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, `ANALYZE`); err != nil {
		return fmt.Errorf("analyse: %w", err)
	}
	return nil
}

// Recount recomputes the counters from the rows and updates PostgreSQL's statistics, as autovacuum does in
// time. SQLite's plans follow from the indexes alone.
func Recount(ctx context.Context, address string) error {
	pool, err := OpenPool(address)
	if err != nil {
		return err
	}
	defer pool.Close()
	engine, _ := driverOf(address)
	zero := IDExpr(engine, zeroID)
	of := func(status string) string {
		return `COALESCE((SELECT n FROM records r WHERE r.id = commenters.id AND r.status = '` + status + `'), 0)`
	}
	for _, statement := range []string{
		`DROP TABLE originals`,
		`CREATE TABLE records AS SELECT commenter_id AS id, status, COUNT(*) AS n FROM comments GROUP BY commenter_id, status`,
		`CREATE INDEX records_id ON records (id, status)`,
		`UPDATE commenters SET pending_count = ` + of("pending") + `, approved_count = ` + of("approved") +
			`, rejected_count = ` + of("rejected") + `, spam_count = ` + of("spam"),
		`DROP TABLE records`,
		`CREATE TABLE threads AS SELECT article_id AS id, COUNT(*) AS n FROM comments WHERE status = 'approved' GROUP BY article_id`,
		`CREATE INDEX threads_id ON threads (id)`,
		`UPDATE articles SET version = version + 1, approved_count = COALESCE((SELECT n FROM threads t WHERE t.id = articles.id), 0)`,
		`DROP TABLE threads`,
		`DELETE FROM status_counts`,
		`INSERT INTO status_counts (site_id, pending, approved, rejected, spam, deleted, reported, appealed)
			SELECT site_id, COUNT(*) FILTER (WHERE status = 'pending'), COUNT(*) FILTER (WHERE status = 'approved'),
				COUNT(*) FILTER (WHERE status = 'rejected'), COUNT(*) FILTER (WHERE status = 'spam'),
				COUNT(*) FILTER (WHERE status = 'deleted'), 0, 0
			FROM comments GROUP BY site_id`,
		// Health is counted behind the submissions; that these are counted already spares a benchmark the worker's
		// reading.
		`INSERT INTO rule_day_progress (site_id, submissions_at, submissions_id, decisions_at, decisions_id)
			SELECT t.id, m.at, ` + zero + `, m.at, ` + zero + ` FROM sites t JOIN (SELECT site_id, MAX(created_at) AS at FROM submissions GROUP BY site_id) m
			ON m.site_id = t.id WHERE TRUE
			ON CONFLICT (site_id) DO UPDATE SET submissions_at = excluded.submissions_at, decisions_at = excluded.decisions_at`,
	} {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("recount: %w", err)
		}
	}
	return Analyse(ctx, address)
}
