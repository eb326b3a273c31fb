package archive

import (
	"context"
	"maps"
	"slices"

	"rejoinder/moderation"
)

// flushReaders restores signed-in readers, unless their indexes were made with other keys.
func (w *restoring) flushReaders(ctx context.Context) error {
	lines := w.readers
	w.readers = nil
	if len(lines) == 0 || w.dryRun || !w.sealed {
		return nil
	}
	ids, err := w.Store.RestoreReaders(ctx, w.site.ID, lines)
	maps.Copy(w.readerIDs, ids)
	return err
}

// setReaders gives comments of signed-in readers the readers' ids in this database. Comments of readers who are
// unknown here lose theirs: nobody could edit or withdraw these comments, nor get them as imported ones with the
// email (readers.Store.AdoptImported).
func (b *batch) setReaders(ctx context.Context) error {
	asked := map[string]bool{}
	for _, row := range b.ordered {
		if id := row.Comment.ReaderID(); id != "" {
			if here := b.readerIDs[id]; here != "" {
				id = here
			}
			row.Comment.BrowserID = moderation.SignedReader{ID: id}.BrowserID()
			asked[id] = true
		}
	}
	known, err := b.Store.KnownReaders(ctx, b.site.ID, slices.Sorted(maps.Keys(asked)))
	for _, row := range b.ordered {
		if id := row.Comment.ReaderID(); id != "" && !slices.Contains(known, id) {
			row.Comment.BrowserID = ""
		}
	}
	return err
}
