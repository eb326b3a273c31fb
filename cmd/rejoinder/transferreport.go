package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation/imports"
	"rejoinder/transfer"
)

// problemLog writes the problems of an import to a file.
type problemLog struct {
	file   *os.File // nil: nowhere
	buffer *bufio.Writer
	err    error
}

func newProblemLog(path string) (*problemLog, error) {
	if path == "" {
		return &problemLog{}, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--report: %w", err)
	}
	return &problemLog{file: file, buffer: bufio.NewWriter(file)}, nil
}

func (l *problemLog) add(p imports.Problem) {
	if l.file == nil || l.err != nil {
		return
	}
	line, err := json.Marshal(p)
	if err == nil {
		_, err = l.buffer.Write(append(line, '\n'))
	}
	l.err = err
}

func (l *problemLog) close() error {
	if l.file == nil {
		return nil
	}
	err := errors.Join(l.err, l.buffer.Flush(), l.file.Close())
	if err != nil {
		err = fmt.Errorf("write --report: %w", err)
	}
	return err
}

// transferBar shows the progress of a transfer: a line with rate and time left on a terminal, JSON lines
// otherwise.
type transferBar struct {
	out      io.Writer
	line     *progressLine
	progress func() (done, total int64)
	began    time.Time
	last     time.Time
}

// linePause is the time between lines of JSON.
const linePause = 5 * time.Second

func newTransferBar(out io.Writer, progress func() (done, total int64)) *transferBar {
	now := time.Now()
	return &transferBar{out: out, line: newProgressLine(out), progress: progress, began: now, last: now}
}

func (b *transferBar) show(n int) {
	now := time.Now()
	took := now.Sub(b.began)
	rate := float64(n) / max(took.Seconds(), 0.001)
	done, total := b.progress()
	var left time.Duration
	if done > 0 && total > done {
		left = time.Duration(float64(took) * float64(total-done) / float64(done)).Round(time.Second)
	}
	if b.line.out != nil {
		if now.Sub(b.line.last) < progressPause {
			return
		}
		b.line.last = now
		b.line.write(fmt.Sprintf("%3d %%  %d comments, %.0f per second, %s left", percentOf(done, total), n, rate, left))
		return
	}
	if now.Sub(b.last) >= linePause {
		b.last = now
		b.json(n, rate, done, total)
	}
}

func percentOf(done, total int64) int64 {
	if total <= 0 {
		return 0
	}
	return min(100, 100*done/total)
}

func (b *transferBar) json(n int, rate float64, done, total int64) {
	fmt.Fprintf(b.out, `{"comments":%d,"per_second":%.0f,"bytes":%d,"of_bytes":%d}`+"\n", n, rate, done, total)
}

func (b *transferBar) end(n int) {
	if b.line.out != nil {
		b.line.clear()
		return
	}
	done, total := b.progress()
	b.json(n, float64(n)/max(time.Since(b.began).Seconds(), 0.001), done, total)
}

// importHeads begin the report.
var importHeads = map[imports.Status]string{
	imports.Done: "Imported", imports.Failed: "Imported before it stopped", imports.Undone: "Imported and undone",
}

func printImport(std stdio, f *importFlags, done imports.Import) error {
	if f.asJSON {
		return printJSON(std, struct {
			ID     string         `json:"id,omitempty"`
			Format string         `json:"format"`
			DryRun bool           `json:"dry_run,omitempty"`
			Status imports.Status `json:"status"`
			imports.Report
		}{done.ID, done.Format, f.DryRun, done.Status, done.Report})
	}
	r := done.Report
	head := importHeads[done.Status]
	if f.DryRun {
		head = "Would import"
	}
	title := transfer.Title(done.Format)
	if done.Format == "native" {
		title = "an export of Rejoinder"
	}
	fmt.Fprintf(std.out, "%s, from %s: %d of %s on %s", head, title, r.Imported,
		locale.Plural(r.Read, "comment"), locale.Plural(r.Articles, "page"))
	if r.Imported > 0 {
		fmt.Fprintf(std.out, " (%s)", countsText(r.Statuses))
	}
	fmt.Fprintf(std.out, ".\nReplies: %d. Without an email: %d. Votes: %d. Already there: %d. Left out: %d.\n", r.Replies,
		r.NoEmail, r.Votes, r.Present, r.LeftOut)
	printProblems(std.out, r)
	if !f.DryRun && done.Status == imports.Done && r.Imported > 0 {
		fmt.Fprintf(std.out, "\nTo undo the import: rejoinder import undo --site %s %s\n", f.SiteSlug, done.ID)
	}
	return nil
}

func countsText(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[name], name))
	}
	return strings.Join(parts, ", ")
}

func printProblems(out io.Writer, r imports.Report) {
	if len(r.Problems) == 0 {
		return
	}
	fmt.Fprintln(out, "\nChanged or left out:")
	for _, p := range r.Problems {
		what := ""
		if p.ID != "" {
			what = fmt.Sprintf(", comment %q", p.ID)
		}
		left := ""
		if p.LeftOut {
			left = "left out: "
		}
		fmt.Fprintf(out, "  %s%s: %s%s (%s)\n", p.Place, what, left, p.Detail, p.Code)
	}
	if n := r.Unseen(); n > 0 {
		fmt.Fprintf(out, "  … and %d more; --report FILE writes them all\n", n)
	}
	fmt.Fprint(out, "Total:")
	for _, c := range r.ByCode() {
		fmt.Fprintf(out, " %s %d", c.Code, c.N)
	}
	fmt.Fprintln(out)
}
