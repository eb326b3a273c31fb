package db

import (
	"context"
	"fmt"

	"rejoinder/moderation/archive"
	"rejoinder/transfer"
)

// ExportedReaders returns the signed-in readers of a site, also for a part of it.
func (s *ArchiveStore) ExportedReaders(
	ctx context.Context, sel archive.Selection, after string, limit int,
) ([]transfer.SignedReader, error) {
	var rows []signedReaderRow
	err := s.selectAll(ctx, &rows, `SELECT `+signedReaderColumns+` FROM signed_readers
		WHERE `+s.unindexed+`site_id = ? AND id > ? ORDER BY id LIMIT ?`, ID(sel.SiteID), ID(after), limit)
	if err != nil {
		return nil, fmt.Errorf("read signed-in readers: %w", err)
	}
	all := make([]transfer.SignedReader, len(rows))
	for i, r := range rows {
		all[i] = transfer.SignedReader{Type: transfer.TypeReader, ID: string(r.ID), Index: r.SubjectIndex,
			FirstSeenAt: r.FirstSeenAt.time()}
	}
	return all, nil
}

var (
	restoredReader = insertInto("signed_readers", signedReaderColumns, `ON CONFLICT DO NOTHING`)
	readerByIndex  = newSelectStmt(`subject_index BYTEA, site_id UUID`, `
		SELECT id, subject_index FROM signed_readers WHERE subject_index = :subject_index AND site_id = :site_id`)
)

// RestoreReaders adds signed-in readers that are missing. It returns the ids of readers that are there under another
// id, by those given.
func (s *ArchiveStore) RestoreReaders(
	ctx context.Context, siteID string, readers []transfer.SignedReader,
) (map[string]string, error) {
	ids := map[string]string{}
	err := s.write(ctx, "restore signed-in readers", func(tx executor) error {
		var rows, asked [][]any
		given := map[string]string{}
		for _, r := range readers {
			rows = append(rows, []any{ID(r.ID), ID(siteID), r.Index, Time(r.FirstSeenAt)})
			asked = append(asked, []any{r.Index, ID(siteID)})
			given[string(r.Index)] = r.ID
		}
		if err := tx.insertAll(ctx, tableRows{restoredReader, rows}); err != nil {
			return err
		}
		found, err := selectRows[signedReaderRow](ctx, tx, readerByIndex, asked)
		for _, r := range found {
			if id := given[string(r.SubjectIndex)]; id != string(r.ID) {
				ids[id] = string(r.ID)
			}
		}
		return err
	})
	return ids, err
}

// KnownReaders returns which signed-in readers a site has.
func (s *ArchiveStore) KnownReaders(ctx context.Context, siteID string, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	known, err := s.selectIDs(ctx, `SELECT id FROM signed_readers WHERE id IN (?) AND site_id = ?`,
		padded(toIDs(ids)), ID(siteID))
	return known, wrap("find signed-in readers", err)
}
