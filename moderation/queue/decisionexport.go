package queue

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"rejoinder/moderation"
)

// exportBatch is the number of decisions held in memory during an export.
const exportBatch = 1_000

// ExportQuery selects the decisions of one site in a time range.
type ExportQuery struct {
	SiteSlug string
	From, To time.Time // From inclusive, To exclusive; zero: unbounded
}

// exported is one decision of an export. It identifies people by id only, and omits notes, which are for
// moderators.
type exported struct {
	ID          string            `json:"id"`
	DecidedAt   time.Time         `json:"decided_at"`
	CommentID   string            `json:"comment_id"`
	Version     int               `json:"version"`
	Action      moderation.Action `json:"action"`
	From        moderation.Status `json:"from,omitempty"`
	To          moderation.Status `json:"to"`
	Actor       moderation.Actor  `json:"actor"`
	Automated   bool              `json:"automated"`
	ModeratorID string            `json:"moderator_id,omitempty"`
	RulesetID   string            `json:"ruleset_id,omitempty"`
	ReasonCode  string            `json:"reason_code,omitempty"`
	Reason      string            `json:"reason,omitempty"`
	Undoes      string            `json:"undoes,omitempty"`
	BulkID      string            `json:"bulk_id,omitempty"`
}

var exportColumns = []string{"id", "decided_at", "comment_id", "version", "action", "from", "to", "actor", "automated",
	"moderator_id", "ruleset_id", "reason_code", "reason", "undoes", "bulk_id"}

func newExported(d moderation.Decision) exported {
	return exported{ID: d.ID, DecidedAt: d.CreatedAt.UTC(), CommentID: d.CommentID, Version: d.Version, Action: d.Action,
		From: d.From, To: d.To, Actor: d.Actor, Automated: d.Actor == moderation.ActorRuleset, ModeratorID: d.ModeratorID,
		RulesetID: d.RulesetID, ReasonCode: d.ReasonCode, Reason: d.Reason, Undoes: d.Undoes, BulkID: d.BulkID}
}

func (e exported) cells() []string {
	cells := []string{
		e.ID,
		e.DecidedAt.Format(time.RFC3339Nano),
		e.CommentID,
		strconv.Itoa(e.Version),
		string(e.Action),
		string(e.From),
		string(e.To),
		string(e.Actor),
		strconv.FormatBool(e.Automated),
		e.ModeratorID,
		e.RulesetID,
		e.ReasonCode,
		e.Reason,
		e.Undoes,
		e.BulkID,
	}
	for i, cell := range cells {
		cells[i] = escapeFormula(cell)
	}
	return cells
}

// escapeFormula prefixes an apostrophe to cells that a spreadsheet would evaluate as a formula (OWASP, CSV
// injection). Programs also skip leading spaces and accept full-width signs.
func escapeFormula(cell string) string {
	first := strings.TrimLeft(cell, " \u00a0\u3000")
	if strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") || strings.HasPrefix(cell, "\n") {
		return "'" + cell
	}
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(first, sign) {
			return "'" + cell
		}
	}
	return cell
}

// WriteCSV writes the decisions of a site, oldest first, as CSV (RFC 4180) with a header row. Cells that a
// spreadsheet would evaluate start with an apostrophe. It writes nothing before the site is found and the
// first decisions are read. Errors: ErrSiteUnknown, ErrNotFound for a site that the viewer may not see,
// *Invalid, and those of w.
func (l *DecisionLog) WriteCSV(ctx context.Context, v moderation.Viewer, q ExportQuery, w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	begun := false
	begin := func() error {
		if begun {
			return nil
		}
		begun = true
		return out.Write(exportColumns)
	}
	err := l.export(ctx, v, q, begin, func(d moderation.Decision) error { return out.Write(newExported(d).cells()) })
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// WriteJSON writes the same decisions as one JSON object with the list "decisions". An interrupted export is
// invalid JSON, so it can't be mistaken for a complete one. Errors: those of WriteCSV.
func (l *DecisionLog) WriteJSON(ctx context.Context, v moderation.Viewer, q ExportQuery, w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	between := ""
	begin := func() error {
		if between != "" {
			return nil
		}
		between = "\n"
		site, err := json.Marshal(q.SiteSlug)
		if err == nil {
			_, err = fmt.Fprintf(out, `{"site":%s,"decisions":[`, site)
		}
		return err
	}
	err := l.export(ctx, v, q, begin, func(d moderation.Decision) error {
		one, err := json.Marshal(newExported(d))
		if err != nil {
			return err
		}
		_, err = out.WriteString(between + string(one))
		between = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	if _, err := out.WriteString("\n]}\n"); err != nil {
		return err
	}
	return out.Flush()
}

// export passes a site's decisions to each. It calls begin before each batch.
func (l *DecisionLog) export(
	ctx context.Context,
	v moderation.Viewer,
	q ExportQuery,
	begin func() error,
	each func(moderation.Decision) error,
) error {
	site, err := moderation.VisibleSite(ctx, l.Store, v, q.SiteSlug)
	if err != nil {
		return fmt.Errorf("export decisions: %w", err)
	}
	sel := DecisionSelect{SiteIDs: []string{site.ID}, Oldest: true, Limit: exportBatch}
	if sel.From, sel.To, err = moderation.NormalizeTimeRange(q.From, q.To); err != nil {
		return err
	}
	for more := true; more; {
		batch, err := l.Store.DecisionLog(ctx, sel)
		if err == nil {
			err = begin()
		}
		for i := 0; i < len(batch) && err == nil; i++ {
			err = each(batch[i].Decision)
		}
		if err != nil {
			return fmt.Errorf("export decisions: %w", err)
		}
		if more = len(batch) == exportBatch; more {
			last := batch[len(batch)-1].key()
			sel.After = &last
		}
	}
	return nil
}
