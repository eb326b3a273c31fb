package imports

import (
	"context"
	"errors"

	"rejoinder/moderation"
)

// maxRaces is how often a chunk is tried again that another import wrote parts of.
const maxRaces = 5

// write writes a chunk of the file. Comments whose parents are not there yet are put aside.
func (w *writer) write(ctx context.Context, j *job) error {
	return w.writeChunk(ctx, j, false)
}

// writeChunk writes a chunk; last reports that no parent will come any more.
func (w *writer) writeChunk(ctx context.Context, j *job, last bool) error {
	var c *chunk
	for try := 0; ; try++ {
		c = &chunk{writer: w, last: last, parents: map[*Row]*above{}}
		for i, d := range j.drafts {
			c.places = append(c.places, &place{draft: d.clone(), comment: j.comments[i]})
		}
		err := c.run(ctx)
		if errors.Is(err, errRace) && try < maxRaces {
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	return w.account(ctx, c)
}

// clone copies a draft, so that a chunk that is tried again starts anew.
func (d *draft) clone() *draft {
	other := *d
	other.problems = append([]Problem(nil), d.problems...)
	return &other
}

func (c *chunk) run(ctx context.Context) error {
	if err := c.load(ctx); err != nil {
		return err
	}
	if err := c.resolve(); err != nil {
		return err
	}
	return c.write(ctx)
}

// account adds a chunk to the report, and puts aside what waits for its parent.
func (w *writer) account(ctx context.Context, c *chunk) error {
	for _, p := range c.places {
		if p.later {
			if err := w.late.add(p.key, p.parent, p.comment); err != nil {
				return err
			}
			continue
		}
		w.count(p)
	}
	if w.watch.Progress != nil {
		w.watch.Progress(w.report)
	}
	if now := w.Now(); !w.request.DryRun && now.Sub(w.saved) >= saveInterval {
		w.saved = now
		w.record.Report, w.record.UpdatedAt = w.report, stored(now)
		return w.Store.SaveImport(ctx, w.record, nil)
	}
	return nil
}

func (w *writer) count(p *place) {
	r := &w.report
	r.Read++
	switch {
	case p.out:
		r.LeftOut++
	case p.present:
		r.Present++
		return // its problems were reported when it was imported
	default:
		k := p.row.Comment
		r.Imported++
		r.Statuses[string(k.Status)]++
		r.Votes += k.UpVotes + k.DownVotes
		w.articles[p.row.Article.Key] = true
		if k.ParentID != "" {
			r.Replies++
		}
		if p.email == "" && k.Status != moderation.StatusDeleted {
			r.NoEmail++
		}
	}
	for _, problem := range p.problems {
		r.Add(problem)
		if w.watch.Problem != nil {
			w.watch.Problem(problem)
		}
	}
}
