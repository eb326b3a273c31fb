package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/external"
)

// ExternalStore stores the classifiers outside of this program: their settings, the calls that wait, and
// counts.
type ExternalStore struct{ *core }

type externalRow struct {
	ID           ID        `db:"id"`
	Name         string    `db:"name"`
	Settings     jsonText  `db:"settings"`
	SecretSealed nullBytes `db:"secret_sealed"`
	Version      int       `db:"version"`
	CreatedAt    Time      `db:"created_at"`
	UpdatedAt    Time      `db:"updated_at"`
}

// externalSettings is the column settings.
type externalSettings struct {
	external.Settings
	SecretHost string `json:"secret_host,omitempty"`
}

const externalColumns = `id, name, settings, secret_sealed, version, created_at, updated_at`

func newExternalRow(c external.Classifier) (externalRow, error) {
	settings, err := json.Marshal(externalSettings{c.Settings, c.SecretHost})
	if err != nil {
		return externalRow{}, fmt.Errorf("write settings: %w", err)
	}
	return externalRow{ID: ID(c.ID), Name: c.Name, Settings: settings, SecretSealed: c.SecretSealed, Version: c.Version,
		CreatedAt: Time(c.CreatedAt), UpdatedAt: Time(c.UpdatedAt)}, nil
}

// Classifiers returns all outside classifiers, by name.
func (s *ExternalStore) Classifiers(ctx context.Context) ([]external.Classifier, error) {
	var rows []externalRow
	if err := s.selectAll(ctx, &rows, `SELECT `+externalColumns+` FROM external_classifiers ORDER BY name`); err != nil {
		return nil, fmt.Errorf("list classifiers: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	var sites []struct {
		ClassifierID ID `db:"classifier_id"`
		SiteID       ID `db:"site_id"`
	}
	err := s.selectAll(ctx, &sites, `SELECT classifier_id, site_id FROM external_sites ORDER BY classifier_id, site_id`)
	if err != nil {
		return nil, fmt.Errorf("list sites of classifiers: %w", err)
	}
	list := make([]external.Classifier, len(rows))
	for i, row := range rows {
		list[i] = external.Classifier{ID: string(row.ID), Name: row.Name, SecretSealed: row.SecretSealed,
			Version: row.Version, CreatedAt: row.CreatedAt.time(), UpdatedAt: row.UpdatedAt.time()}
		var settings externalSettings
		if err := json.Unmarshal(row.Settings, &settings); err != nil {
			return nil, fmt.Errorf("read settings of classifier %s: %w", row.ID, err)
		}
		list[i].Settings, list[i].SecretHost = settings.Settings, settings.SecretHost
		for _, of := range sites {
			if of.ClassifierID == row.ID {
				list[i].SiteIDs = append(list[i].SiteIDs, string(of.SiteID))
			}
		}
	}
	return list, nil
}

// AddClassifier stores a new classifier. ErrExists for a name that is taken.
func (s *ExternalStore) AddClassifier(
	ctx context.Context, c external.Classifier, audit *moderation.AuditEntry,
) error {
	row, err := newExternalRow(c)
	if err != nil {
		return err
	}
	return s.write(ctx, "add classifier", func(tx executor) error {
		if _, err := tx.execNamed(ctx, insertNamed("external_classifiers", externalColumns), row); err != nil {
			return err
		}
		if err := insertExternalSites(ctx, tx, c); err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

// ChangeClassifier stores a changed classifier. ErrSettings unless the stored version is the one before.
func (s *ExternalStore) ChangeClassifier(
	ctx context.Context, c external.Classifier, audit *moderation.AuditEntry,
) error {
	row, err := newExternalRow(c)
	if err != nil {
		return err
	}
	return s.write(ctx, "change classifier", func(tx executor) error {
		n, err := tx.execNamed(ctx, `
			UPDATE external_classifiers SET settings = :settings, secret_sealed = :secret_sealed, version = :version,
				updated_at = :updated_at
			WHERE id = :id AND version = :version - 1`, row)
		if err == nil && n == 0 {
			err = moderation.ErrSettings
		}
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM external_sites WHERE classifier_id = $1`, row.ID); err != nil {
			return err
		}
		if err := insertExternalSites(ctx, tx, c); err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

func insertExternalSites(ctx context.Context, x executor, c external.Classifier) error {
	for _, site := range c.SiteIDs {
		_, err := x.exec(ctx, `INSERT INTO external_sites (classifier_id, site_id) VALUES ($1, $2)`, ID(c.ID), ID(site))
		if err != nil {
			return err
		}
	}
	return nil
}

// ofClassifier are the tables with rows that belong to an outside classifier, in an order that breaks no
// reference.
var ofClassifier = []string{"external_calls", "external_progress", "external_days", "external_sites"}

// RemoveClassifier removes a classifier with all that belongs to it. ErrNotFound.
func (s *ExternalStore) RemoveClassifier(ctx context.Context, id string, audit *moderation.AuditEntry) error {
	return s.write(ctx, "remove classifier", func(tx executor) error {
		for _, table := range ofClassifier {
			if _, err := tx.exec(ctx, `DELETE FROM `+table+` WHERE classifier_id = $1`, ID(id)); err != nil {
				return err
			}
		}
		n, err := tx.exec(ctx, `DELETE FROM external_classifiers WHERE id = $1`, ID(id))
		if err == nil && n == 0 {
			err = moderation.ErrNotFound
		}
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, audit)
	})
}

type externalDayRow struct {
	ClassifierID ID     `db:"classifier_id"`
	Day          string `db:"day"`
	Sent         int    `db:"sent"`
	Answered     int    `db:"answered"`
	Late         int    `db:"late"`
	Failed       int    `db:"failed"`
	Skipped      int    `db:"skipped"`
	Cached       int    `db:"cached"`
	Micros       int64  `db:"micros"`
	MaxMicros    int64  `db:"max_micros"`
	Agreed       int    `db:"agreed"`
	Disagreed    int    `db:"disagreed"`
}

const externalDayColumns = `classifier_id, day, sent, answered, late, failed, skipped, cached, micros, max_micros, agreed,
	disagreed`

// Days returns the counts from a day on, in the order of classifiers and days.
func (s *ExternalStore) Days(ctx context.Context, since string) ([]external.Day, error) {
	var rows []externalDayRow
	err := s.selectAll(ctx, &rows, `
		SELECT `+externalDayColumns+` FROM external_days WHERE day >= $1 ORDER BY classifier_id, day`, since)
	if err != nil {
		return nil, fmt.Errorf("read counts of classifiers: %w", err)
	}
	days := make([]external.Day, len(rows))
	for i, r := range rows {
		days[i] = external.Day{ClassifierID: string(r.ClassifierID), Day: r.Day, Sent: r.Sent, Answered: r.Answered,
			Late: r.Late, Failed: r.Failed, Skipped: r.Skipped, Cached: r.Cached, Took: micros(r.Micros),
			Longest: micros(r.MaxMicros), Agreed: r.Agreed, Disagreed: r.Disagreed}
	}
	return days, nil
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// AddDays adds to the counts. Those of classifiers that are gone are dropped.
func (s *ExternalStore) AddDays(ctx context.Context, days []external.Day) error {
	return s.write(ctx, "add counts of classifiers", func(tx executor) error { return addExternalDays(ctx, tx, days) })
}

func addExternalDays(ctx context.Context, x executor, days []external.Day) error {
	for _, d := range days {
		row := externalDayRow{ClassifierID: ID(d.ClassifierID), Day: d.Day, Sent: d.Sent, Answered: d.Answered, Late: d.Late,
			Failed: d.Failed, Skipped: d.Skipped, Cached: d.Cached, Micros: d.Took.Microseconds(),
			MaxMicros: d.Longest.Microseconds(), Agreed: d.Agreed, Disagreed: d.Disagreed}
		_, err := x.execNamed(ctx, `
			INSERT INTO external_days (`+externalDayColumns+`)
			SELECT id, :day, :sent, :answered, :late, :failed, :skipped, :cached, :micros, :max_micros, :agreed, :disagreed
			FROM external_classifiers WHERE id = :classifier_id
			ON CONFLICT (classifier_id, day) DO UPDATE SET sent = external_days.sent + excluded.sent,
				answered = external_days.answered + excluded.answered, late = external_days.late + excluded.late,
				failed = external_days.failed + excluded.failed, skipped = external_days.skipped + excluded.skipped,
				cached = external_days.cached + excluded.cached, micros = external_days.micros + excluded.micros,
				max_micros = CASE WHEN external_days.max_micros < excluded.max_micros
					THEN excluded.max_micros ELSE external_days.max_micros END,
				agreed = external_days.agreed + excluded.agreed,
				disagreed = external_days.disagreed + excluded.disagreed`, row)
		if err != nil {
			return err
		}
	}
	return nil
}
