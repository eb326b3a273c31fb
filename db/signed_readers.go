package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/readers"
)

// SignedReaderStore stores identity keys and signed-in readers, and lists their comments.
type SignedReaderStore struct{ *core }

type identityKeyRow struct {
	ID        ID       `db:"id"`
	SiteID    ID       `db:"site_id"`
	Name      string   `db:"name"`
	Kind      string   `db:"kind"`
	Sealed    []byte   `db:"sealed"`
	CreatedBy string   `db:"created_by"`
	CreatedAt Time     `db:"created_at"`
	ExpiresAt NullTime `db:"expires_at"`
}

// IdentityKeys returns a site's keys, oldest first.
func (s *SignedReaderStore) IdentityKeys(ctx context.Context, siteID string) ([]readers.Key, error) {
	var rows []identityKeyRow
	err := s.prepared.selectAll(ctx, &rows, `
		SELECT id, site_id, name, kind, sealed, created_by, created_at, expires_at
		FROM identity_keys WHERE site_id = $1 ORDER BY created_at, id`, ID(siteID))
	if err != nil {
		return nil, fmt.Errorf("list identity keys: %w", err)
	}
	keys := make([]readers.Key, len(rows))
	for i, r := range rows {
		keys[i] = readers.Key{ID: string(r.ID), SiteID: string(r.SiteID), Name: r.Name, Kind: readers.Kind(r.Kind),
			Sealed: r.Sealed, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.time(), ExpiresAt: r.ExpiresAt.time()}
	}
	return keys, nil
}

// CreateIdentityKey writes a key with its audit entry.
func (s *SignedReaderStore) CreateIdentityKey(ctx context.Context, k readers.Key, audit *moderation.AuditEntry) error {
	return s.write(ctx, "create identity key", func(tx executor) error {
		_, err := tx.exec(ctx, `
			INSERT INTO identity_keys (id, site_id, name, kind, sealed, created_by, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, ID(k.ID), ID(k.SiteID), k.Name, string(k.Kind), k.Sealed, k.CreatedBy,
			Time(k.CreatedAt), NullTime(k.ExpiresAt))
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

// DeleteIdentityKey removes a key. ErrNotFound if the site has none with that id.
func (s *SignedReaderStore) DeleteIdentityKey(
	ctx context.Context, siteID, id string, audit *moderation.AuditEntry,
) error {
	return s.write(ctx, "delete identity key", func(tx executor) error {
		n, err := tx.exec(ctx, `DELETE FROM identity_keys WHERE id = $1 AND site_id = $2`, ID(id), ID(siteID))
		if err == nil && n == 0 {
			err = moderation.ErrNotFound
		}
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

type signedReaderRow struct {
	ID           ID     `db:"id"`
	SiteID       ID     `db:"site_id"`
	SubjectIndex []byte `db:"subject_index"`
	FirstSeenAt  Time   `db:"first_seen_at"`
}

func (r signedReaderRow) reader() readers.Reader {
	return readers.Reader{ID: string(r.ID), SiteID: string(r.SiteID), SubjectIndex: r.SubjectIndex,
		FirstSeenAt: r.FirstSeenAt.time()}
}

const signedReaderColumns = `id, site_id, subject_index, first_seen_at`

// SignedReader returns the reader of the site with one of the indexes. ErrNotFound.
func (s *SignedReaderStore) SignedReader(ctx context.Context, siteID string, indexes [][]byte) (readers.Reader, error) {
	return findSignedReader(ctx, s.executor, siteID, indexes)
}

func findSignedReader(ctx context.Context, x executor, siteID string, indexes [][]byte) (readers.Reader, error) {
	var rows []signedReaderRow
	err := x.selectAll(ctx, &rows, `SELECT `+signedReaderColumns+` FROM signed_readers
		WHERE subject_index IN (?) AND site_id = ? ORDER BY first_seen_at, id LIMIT 1`, indexes, ID(siteID))
	if err == nil && len(rows) == 0 {
		err = moderation.ErrNotFound
	}
	if err != nil {
		return readers.Reader{}, fmt.Errorf("find signed-in reader: %w", err)
	}
	return rows[0].reader(), nil
}

// CreateSignedReader stores a reader, unless the subject is known, and returns the one that is stored.
func (s *SignedReaderStore) CreateSignedReader(ctx context.Context, r readers.Reader) (readers.Reader, error) {
	var stored readers.Reader
	err := s.write(ctx, "create signed-in reader", func(tx executor) error {
		_, err := tx.exec(ctx, `INSERT INTO signed_readers (`+signedReaderColumns+`) VALUES ($1, $2, $3, $4)
			ON CONFLICT (subject_index, site_id) DO NOTHING`, ID(r.ID), ID(r.SiteID), r.SubjectIndex, Time(r.FirstSeenAt))
		if err != nil {
			return err
		}
		stored, err = findSignedReader(ctx, tx, r.SiteID, [][]byte{r.SubjectIndex})
		return err
	})
	return stored, err
}

// keepsReader is the condition that a comment still needs its signed-in reader.
const keepsReader = `browser_id LIKE 'reader:%' AND (status <> 'deleted' OR author_name <> '')`

// RenewReader counts a reader as first seen at a time, unless comments of theirs are stored. ErrNotFound.
func (s *SignedReaderStore) RenewReader(ctx context.Context, readerID string, at time.Time) (readers.Reader, error) {
	const one = `SELECT ` + signedReaderColumns + ` FROM signed_readers WHERE id = $1`
	var commented bool
	err := s.get(ctx, &commented, `SELECT EXISTS (SELECT 1 FROM comments WHERE browser_id = $1 AND `+keepsReader+`)`,
		moderation.SignedReader{ID: readerID}.BrowserID())
	if err != nil {
		return readers.Reader{}, fmt.Errorf("renew signed-in reader: %w", err)
	}
	var row signedReaderRow
	if commented {
		err = s.get(ctx, &row, one, ID(readerID))
		return row.reader(), wrap("renew signed-in reader", err)
	}
	err = s.write(ctx, "renew signed-in reader", func(tx executor) error {
		_, err := tx.exec(ctx, `UPDATE signed_readers SET first_seen_at = $2 WHERE id = $1`, ID(readerID), Time(at))
		if err != nil {
			return err
		}
		return tx.get(ctx, &row, one, ID(readerID))
	})
	return row.reader(), err
}

// importedUnclaimed holds for a comment c that was imported and that no signed-in reader has.
const importedUnclaimed = `c.browser_id = '' AND NOT c.staff AND (c.status <> 'deleted' OR c.author_name <> '')
	AND EXISTS (SELECT 1 FROM imported_comments i WHERE i.comment_id = c.id)`

// AdoptImported gives the imported comments with an email to a reader. Of several readers with the email, the one who
// has imported comments comes first, then the one whom the site has seen first.
func (s *SignedReaderStore) AdoptImported(ctx context.Context, a readers.Adoption) (int64, error) {
	commenters, err := s.selectIDs(ctx, `
		SELECT w.id FROM commenters w
		WHERE w.email_index IN (?) AND w.site_id = ?
			AND EXISTS (SELECT 1 FROM comments c WHERE c.commenter_id = w.id AND `+importedUnclaimed+`)`,
		a.EmailIndexes, ID(a.SiteID))
	if err != nil || len(commenters) == 0 {
		return 0, wrap("look for imported comments", err)
	}
	var adopted int64
	err = s.write(ctx, "adopt imported comments", func(tx executor) error {
		adopted = 0
		for _, commenter := range commenters {
			n, err := adoptFrom(ctx, tx, commenter, moderation.SignedReader{ID: a.ReaderID}.BrowserID())
			if err != nil {
				return err
			}
			adopted += n
		}
		return nil
	})
	return adopted, err
}

func adoptFrom(ctx context.Context, tx executor, commenterID, browserID string) (int64, error) {
	const unclaimed = ` FROM comments c WHERE c.commenter_id = $1 AND ` + importedUnclaimed
	articles, err := tx.selectIDs(ctx, `SELECT DISTINCT c.article_id`+unclaimed, ID(commenterID))
	if err != nil {
		return 0, err
	}
	if err := tx.lockThreads(ctx, articles...); err != nil {
		return 0, err
	}
	// The lock makes readers who come at the same time take turns.
	ids, err := tx.selectIDs(ctx, `SELECT c.id`+unclaimed+` ORDER BY c.id`+tx.forUpdate, ID(commenterID))
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	var senders []adopter
	err = tx.selectAll(ctx, &senders, `
		SELECT DISTINCT browser_id, EXISTS (SELECT 1 FROM imported_comments i WHERE i.comment_id = comments.id) AS imported
		FROM comments WHERE commenter_id = $1 AND `+keepsReader, ID(commenterID))
	if err != nil || !comesFirst(browserID, senders) {
		return 0, err
	}
	var adopted int64
	for chunk := range slices.Chunk(ids, sweepRows) {
		n, err := tx.exec(ctx, `UPDATE comments SET browser_id = ? WHERE id IN (?)`, browserID, toIDs(chunk))
		if err != nil {
			return adopted, err
		}
		adopted += n
	}
	return adopted, announceEdits(ctx, tx, ids) // their avatars change
}

// adopter is a signed-in reader with comments under an email.
type adopter struct {
	BrowserID string `db:"browser_id"`
	Imported  bool   `db:"imported"` // the comments were imported
}

// comesFirst reports whether a reader gets the imported comments with an email. IDs of readers sort by the time when
// they were first seen.
func comesFirst(browserID string, senders []adopter) bool {
	first := true
	for _, s := range senders {
		switch {
		case s.Imported:
			return s.BrowserID == browserID
		case s.BrowserID < browserID:
			first = false
		}
	}
	return first
}

// FirstSeen returns when a reader was first seen. ErrNotFound.
func (s *SignedReaderStore) FirstSeen(ctx context.Context, readerID string) (time.Time, error) {
	var at Time
	err := s.get(ctx, &at, `SELECT first_seen_at FROM signed_readers WHERE id = $1`, ID(readerID))
	return at.time(), wrap("find signed-in reader", err)
}

// ReaderComments returns the ids of a signed-in reader's comments that have a text, newest first.
func (s *SignedReaderStore) ReaderComments(ctx context.Context, sel readers.CommentsSelect) ([]string, error) {
	at, id := keysetStart(sel.After, maxTime)
	ids, err := s.selectIDs(ctx, `
		SELECT c.id FROM comments c JOIN articles a ON a.id = c.article_id
		WHERE c.browser_id = $1 AND c.browser_id LIKE 'reader:%' AND c.site_id = $2
			AND (c.status <> 'deleted' OR c.author_name <> '')
			AND ($3 = '' OR a.article_key = $3
				OR EXISTS (SELECT 1 FROM article_aliases l WHERE l.site_id = $2 AND l.alias_key = $3 AND l.article_id = a.id))
			AND (c.created_at, c.id) < ($4, $5)
		ORDER BY c.created_at DESC, c.id DESC
		LIMIT $6`,
		moderation.SignedReader{ID: sel.ReaderID}.BrowserID(), ID(sel.SiteID), sel.ArticleKey, at, ID(id), sel.Limit)
	return ids, wrap("list a reader's comments", err)
}
