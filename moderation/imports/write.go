package imports

import (
	"context"
	"errors"

	"rejoinder/moderation"
)

// maxRaces is how often a chunk is tried again that another import wrote parts of.
const maxRaces = 5

// prepare builds the rows of a job. last reports that no parent will come any more. The previous chunk may be
// unwritten yet.
func (w *writer) prepare(ctx context.Context, j *job, last bool) (*chunk, error) {
	w.preparing.Lock()
	defer w.preparing.Unlock()
	c := &chunk{writer: w, job: j, last: last, parents: map[*Row]*above{}}
	for i, d := range j.drafts {
		c.places = append(c.places, &place{draft: d, comment: &j.comments[i]})
	}
	j.drafts = nil // preparing changes them
	if err := c.load(ctx); err != nil {
		return nil, err
	}
	if err := c.resolve(); err != nil {
		return nil, err
	}
	if err := c.setCommenters(ctx); err != nil {
		return nil, err
	}
	c.plan()
	return c, nil
}

// write writes a chunk. Comments whose parents are not there yet are put aside. If another process wrote one of
// the rows meanwhile, write prepares the chunk again.
func (w *writer) write(ctx context.Context, c *chunk) error {
	for try := 0; ; try++ {
		if w.raced {
			for _, comment := range c.job.comments {
				c.job.drafts = append(c.job.drafts, w.draft(ctx, comment))
			}
			var err error
			if c, err = w.prepare(ctx, c.job, c.last); err != nil {
				return err
			}
		}
		err := c.write(ctx)
		if errors.Is(err, errRace) && try < maxRaces {
			w.raced = true
			continue
		}
		if err != nil {
			return err
		}
		return w.account(ctx, c)
	}
}

// account adds a chunk to the report, and puts aside what waits for its parent.
func (w *writer) account(ctx context.Context, c *chunk) error {
	for _, p := range c.places {
		if p.later {
			if err := w.late.add(p.key, p.parent, *p.comment); err != nil {
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
