package db

import (
	"context"
	"encoding/json"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/imports"
)

// ImportStore stores imports, imported_comments and imported_votes, and writes imported comments.
type ImportStore struct{ *core }

type importRow struct {
	ID        ID       `db:"id"`
	SiteID    ID       `db:"site_id"`
	Format    string   `db:"format"`
	Source    string   `db:"source"`
	FileName  string   `db:"file_name"`
	Status    string   `db:"status"`
	Report    jsonText `db:"report"`
	Learn     bool     `db:"learn"`
	LearnedID ID       `db:"learned_id"`
	CreatedBy string   `db:"created_by"`
	StartedAt Time     `db:"started_at"`
	UpdatedAt Time     `db:"updated_at"`
}

const importColumns = `id, site_id, format, source, file_name, status, report, learn, learned_id, created_by,
	started_at, updated_at`

func (r importRow) imported() (imports.Import, error) {
	i := imports.Import{
		ID: string(r.ID), SiteID: string(r.SiteID), Format: r.Format, Source: r.Source, FileName: r.FileName,
		Status: imports.Status(r.Status), Learn: r.Learn, CreatedBy: r.CreatedBy,
		StartedAt: r.StartedAt.time(), UpdatedAt: r.UpdatedAt.time(),
	}
	if err := json.Unmarshal(r.Report, &i.Report); err != nil {
		return i, fmt.Errorf("read report of import %s: %w", r.ID, err)
	}
	return i, nil
}

func newImportRow(i imports.Import) (importRow, error) {
	report, err := json.Marshal(i.Report)
	if err != nil {
		return importRow{}, fmt.Errorf("write report: %w", err)
	}
	return importRow{
		ID: ID(i.ID), SiteID: ID(i.SiteID), Format: i.Format, Source: i.Source, FileName: i.FileName,
		Status: string(i.Status), Report: report, Learn: i.Learn, CreatedBy: i.CreatedBy, StartedAt: Time(i.StartedAt),
		UpdatedAt: Time(i.UpdatedAt),
	}, nil
}

// SaveImport inserts or updates an import.
func (s *ImportStore) SaveImport(ctx context.Context, i imports.Import, audit *moderation.AuditEntry) error {
	row, err := newImportRow(i)
	if err != nil {
		return fmt.Errorf("save import: %w", err)
	}
	return s.write(ctx, "save import", func(tx executor) error {
		_, err := tx.execNamed(ctx, insertNamed("imports", importColumns)+`
			ON CONFLICT (id) DO UPDATE SET status = excluded.status, report = excluded.report, learn = excluded.learn,
				updated_at = excluded.updated_at`, row)
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

// UnfinishedImport returns the newest import of the same site, source and file that did not end. ErrNotFound.
func (s *ImportStore) UnfinishedImport(ctx context.Context, i imports.Import) (imports.Import, error) {
	var row importRow
	err := s.get(ctx, &row, `
		SELECT `+importColumns+` FROM imports
		WHERE site_id = $1 AND source = $2 AND file_name = $3 AND status IN ('running', 'failed')
		ORDER BY started_at DESC, id DESC LIMIT 1`, ID(i.SiteID), i.Source, i.FileName)
	if err != nil {
		return imports.Import{}, fmt.Errorf("find import: %w", err)
	}
	return row.imported()
}

// Imported returns the comments of a site that have one of the source keys.
func (s *ImportStore) Imported(ctx context.Context, siteID string, keys []string) ([]imports.Ref, error) {
	var rows []struct {
		Key        []byte `db:"source_key"`
		CommentID  ID     `db:"comment_id"`
		RootID     ID     `db:"root_id"`
		Depth      int    `db:"depth"`
		ArticleKey string `db:"article_key"`
		CreatedAt  Time   `db:"created_at"`
	}
	err := s.prepared.selectAll(ctx, &rows, `
		SELECT i.source_key, i.comment_id, COALESCE(c.root_id, c.id) AS root_id, c.depth, a.article_key, c.created_at
		FROM imported_comments i JOIN comments c ON c.id = i.comment_id JOIN articles a ON a.id = c.article_id
		WHERE i.site_id = ? AND i.source_key IN (?)`, ID(siteID), padded(toBytes(keys)))
	if err != nil {
		return nil, fmt.Errorf("find imported comments: %w", err)
	}
	refs := make([]imports.Ref, len(rows))
	for i, r := range rows {
		refs[i] = imports.Ref{Key: string(r.Key), CommentID: string(r.CommentID), RootID: string(r.RootID), Depth: r.Depth,
			ArticleKey: r.ArticleKey, CreatedAt: r.CreatedAt.time()}
	}
	return refs, nil
}

func toBytes(texts []string) [][]byte {
	list := make([][]byte, len(texts))
	for i, text := range texts {
		list[i] = []byte(text)
	}
	return list
}

// CommenterIDs returns the ids of a site's commenters by the index of their email.
func (s *ImportStore) CommenterIDs(ctx context.Context, siteID string, indexes [][]byte) (map[string]string, error) {
	var rows []commenterRow
	err := s.prepared.selectAll(ctx, &rows, `SELECT id, email_index FROM commenters WHERE site_id = ? AND email_index IN (?)`,
		ID(siteID), padded(indexes))
	if err != nil {
		return nil, fmt.Errorf("find commenters: %w", err)
	}
	ids := make(map[string]string, len(rows))
	for _, r := range rows {
		ids[string(r.EmailIndex)] = string(r.ID)
	}
	return ids, nil
}
