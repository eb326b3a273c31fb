package rulebook

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// MaxBacktestDays is the maximum number of days of a backtest.
const MaxBacktestDays = 366

// backtestBatch is the number of submissions per read. Only a few batches are in memory at a time.
const backtestBatch = 500

// BacktestStore is the storage for backtests, which only read.
type BacktestStore interface {
	PastSubmissions(ctx context.Context, q moderation.HistoryQuery) ([]moderation.HistoricalSubmission, error)
	CountPastSubmissions(ctx context.Context, q moderation.HistoryQuery) (int, error)
}

// Backtests judge past submissions under a draft, using the facts of that time.
type Backtests struct {
	Store    BacktestStore
	Rulebook *Rulebook
	Keys     *privacy.Keyring
	Now      func() time.Time
	Workers  int // number of submissions judged concurrently; 0: one per processor

	running chan struct{}
}

// NewBacktests returns Backtests that run one at a time, because each run uses all workers.
func NewBacktests(b Backtests) *Backtests {
	if b.Workers == 0 {
		b.Workers = runtime.GOMAXPROCS(0)
	}
	b.running = make(chan struct{}, 1)
	return &b
}

// BacktestQuery selects the draft and the submissions of a backtest.
type BacktestQuery struct {
	SiteSlug string
	Ruleset  DraftRef
	Days     int // before now: 1 to MaxBacktestDays
}

// Progress reports the progress of a long operation.
type Progress func(done, total int)

// Run judges the submissions of the last days under the draft and under the active ruleset, and compares the
// results with each other, with the original verdicts and with the moderators' decisions. It writes nothing.
// It calls progress after every batch, from one goroutine. Errors: *Invalid, *rules.Faults for an invalid
// document, ErrSiteUnknown, ErrNotFound, ErrBusy while another backtest runs.
func (b *Backtests) Run(
	ctx context.Context,
	v moderation.Viewer,
	q BacktestQuery,
	progress Progress,
) (BacktestReport, error) {
	if err := q.check(); err != nil {
		return BacktestReport{}, err
	}
	stored, compiled, err := b.Rulebook.draft(ctx, v, q.SiteSlug, q.Ruleset)
	if err != nil {
		return BacktestReport{}, fmt.Errorf("backtest: %w", err)
	}
	select {
	case b.running <- struct{}{}:
		defer func() { <-b.running }()
	default:
		return BacktestReport{}, fmt.Errorf("backtest: another one is running: %w", moderation.ErrBusy)
	}
	active, err := b.active(ctx, v, q.SiteSlug, stored)
	if err != nil {
		return BacktestReport{}, fmt.Errorf("backtest: %w", err)
	}
	until := b.Now().UTC()
	sel := moderation.HistoryQuery{
		SiteID: stored.SiteID,
		After:  moderation.Keyset{At: until.AddDate(0, 0, -q.Days)},
		Until:  until,
		Limit:  backtestBatch,
		Emails: compiled.AsksForEmails() || active.compiled != nil && active.compiled.AsksForEmails(),
	}
	total, err := b.Store.CountPastSubmissions(ctx, sel)
	if err != nil {
		return BacktestReport{}, fmt.Errorf("backtest: %w", err)
	}
	t := newTally(compiled, active)
	t.report.Version, t.report.From, t.report.Until = stored.Version, sel.After.At, until
	err = b.replay(ctx, sel, judgeWith(ctx, compiled, active.compiled), func(batch *replayed) {
		t.add(batch)
		progress(min(t.seen, total), total)
	})
	if err != nil {
		return BacktestReport{}, fmt.Errorf("backtest: %w", err)
	}
	return t.finish(), nil
}

func (q BacktestQuery) check() error {
	var faults moderation.Invalid
	checkDraft(&faults, q.Ruleset)
	if q.Days < 1 || q.Days > MaxBacktestDays {
		faults.Add("/days", "out_of_range", fmt.Sprintf("A backtest looks back 1 to %d days.", MaxBacktestDays))
	}
	return faults.Err()
}

// draftVerdict is the draft's verdict on a submission.
type draftVerdict struct {
	rules.Verdict
	decisive []string     // rules on which publication depends alone
	active   rules.Action // verdict of the active ruleset; empty without a comparison
}

// judgeWith returns a function that judges one submission; active may be nil.
func judgeWith(ctx context.Context, draft, active *rules.Ruleset) func(*rules.Facts) draftVerdict {
	return func(facts *rules.Facts) draftVerdict {
		v := draftVerdict{Verdict: draft.Evaluate(ctx, facts)}
		v.decisive = draft.Decisive(v.Verdict)
		if active != nil {
			v.active = active.Evaluate(ctx, facts).Action
		}
		return v
	}
}

// replayed is a batch of submissions with their verdicts under the draft.
type replayed struct {
	past     []moderation.HistoricalSubmission
	verdicts []draftVerdict // one per submission; zero if the text was erased
	err      error
	done     chan struct{} // closed when verdicts is complete
}

// replay reads batches, judges them concurrently, and passes them on one by one in order of arrival.
func (b *Backtests) replay(
	ctx context.Context,
	sel moderation.HistoryQuery,
	judge func(*rules.Facts) draftVerdict,
	take func(*replayed),
) error {
	group, ctx := errgroup.WithContext(ctx)
	toJudge, inOrder := make(chan *replayed, b.Workers), make(chan *replayed, b.Workers)
	group.Go(func() error {
		defer close(toJudge)
		defer close(inOrder)
		return b.read(ctx, sel, func(batch *replayed) error {
			for _, queue := range []chan *replayed{inOrder, toJudge} {
				select {
				case queue <- batch:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	for range b.Workers {
		group.Go(func() error {
			for batch := range toJudge {
				b.judge(ctx, batch, judge)
				close(batch.done)
			}
			return nil
		})
	}
	group.Go(func() error {
		for batch := range inOrder {
			select {
			case <-batch.done:
			case <-ctx.Done():
				return ctx.Err()
			}
			if batch.err != nil {
				return batch.err
			}
			take(batch)
		}
		return nil
	})
	return group.Wait()
}

func (b *Backtests) read(ctx context.Context, sel moderation.HistoryQuery, hand func(*replayed) error) error {
	for {
		past, err := b.Store.PastSubmissions(ctx, sel)
		if err != nil {
			return err
		}
		if len(past) > 0 {
			if err := hand(&replayed{past: past, done: make(chan struct{})}); err != nil {
				return err
			}
		}
		if len(past) < sel.Limit {
			return nil
		}
		last := past[len(past)-1]
		sel.After = moderation.Keyset{At: last.CreatedAt, ID: last.SubmissionID}
	}
}

func (b *Backtests) judge(ctx context.Context, batch *replayed, judge func(*rules.Facts) draftVerdict) {
	batch.verdicts = make([]draftVerdict, len(batch.past))
	for i, p := range batch.past {
		if erased(p) {
			continue
		}
		facts, err := p.Facts(b.Keys)
		if err != nil {
			batch.err = err
			return
		}
		batch.verdicts[i] = judge(facts)
		if ctx.Err() != nil {
			batch.err = ctx.Err()
			return
		}
	}
}

// erased reports whether the text was erased, so the submission can't be judged.
func erased(p moderation.HistoricalSubmission) bool { return p.Body == "" }
