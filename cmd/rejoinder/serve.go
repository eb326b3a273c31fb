package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"rejoinder/handlers"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/retention"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/stats"
)

func serveCommand(std stdio) *cobra.Command {
	demo := noDemo
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Args:  noArguments,
		RunE: withOpened(std, func(ctx context.Context, config Config) (*app, error) {
			config.WritesMail = demo != noDemo
			if err := config.readOIDC(); err != nil {
				return nil, usageError{err}
			}
			return openApp(ctx, config)
		}, func(cmd *cobra.Command, a *app) error {
			limitMemory(std.getenv, availableMemory(os.DirFS("/")))
			return a.serve(cmd.Context(), std, demo)
		}),
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().Var(&demo, "demo", "also serve a demo: a site with two articles, a week of comments, and a moderator;\n"+
		"--demo=empty: one article without comments")
	cmd.Flags().Lookup("demo").NoOptDefVal = string(fullDemo)
	addFlags(cmd.Flags())
	return cmd
}

// serve listens before it wires the server, so that a taken port is reported first.
func (a *app) serve(ctx context.Context, std stdio, demo demoMode) error {
	listener, err := listen("addr", a.config.Addr)
	if err != nil {
		return err
	}
	publicURL := a.config.publicURL(listener.Addr().String())
	metrics := newMetrics(metricSources{
		pools: a.db.Stats, batchSizes: a.batchSizes, counts: a.db.Sites.SiteCounts, outbox: a.db.Outbox.OutboxCounts,
		webhooks: a.db.Webhooks.WebhookCounts,
		now:      time.Now, log: a.log,
	})
	if err := a.openReplica(metrics); err != nil {
		return errors.Join(err, listener.Close())
	}
	transport, err := a.transport(publicURL, demo != noDemo)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server, err := a.server(ctx, publicURL, metrics, serverOptions{demo: demo != noDemo, mail: transport != nil})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	handler, err := server.Handler()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	metrics.follow(server.Stats)
	var signIn *demoSignIn
	if demo != noDemo {
		if signIn, err = a.prepareDemo(ctx, publicURL, server.Auth, demo == emptyDemo); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	banner, err := a.newBanner(ctx, publicURL, server.Auth)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	banner.signIn = signIn
	defer a.closeReplica()
	a.db.LimitStatements(a.config.Limits.QueryTime)
	clients := newConnections(listener, a.config)
	metrics.watch(clients)
	all := []served{{clients, handler}}
	if a.config.MetricsAddr != "" {
		private, err := listen("metrics-addr", a.config.MetricsAddr)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		all = append(all, served{newConnections(private, Config{}), metrics.handler()})
	}
	banner.print(std.out)
	debug.FreeOSMemory() // startup memory, for example for hashing a password, is not needed again soon
	defer showVotes(ctx, server.Votes)()
	return a.runUntilDone(ctx, running{server, metrics, all, a.outboxWorkers(publicURL, transport, metrics)})
}

// showVotes publishes vote counts until stop, which also publishes the last ones.
func showVotes(ctx context.Context, votes *moderation.Votes) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { votes.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// serverOptions say what a server does besides the usual.
type serverOptions struct {
	demo bool // serves the demo
	mail bool // sends mail
}

// server wires the use cases together.
func (a *app) server(
	ctx context.Context, publicURL string, metrics *metrics, o serverOptions,
) (*handlers.Server, error) {
	accounts, providers, err := a.signIn(ctx, publicURL)
	if err != nil {
		return nil, err
	}
	keys, err := a.serverKeys()
	if err != nil {
		return nil, err
	}
	book := rulebook.New(a.db.ForRulebook(), time.Now, newID)
	externals, err := a.openExternals(ctx, metrics)
	if err != nil {
		return nil, err
	}
	book.Externals = externals.Asker.Names
	signed := a.readers()
	intake := a.intake(metrics.judges(book), signed, o.mail)
	intake.External = externals.Asker
	moderators := a.queue(metrics)
	return &handlers.Server{
		Intake:   intake,
		Editor:   &moderation.Editor{Intake: intake, Store: a.db.ForEditor()},
		Own:      a.authors(),
		Readers:  signed,
		Threads:  &moderation.Threads{Store: a.threads(), Keys: a.keys, Now: time.Now},
		Votes:    a.votes(metrics.worker(a.log, "votes")),
		Reports:  a.reports(),
		Queue:    moderators,
		Sites:    a.sites(),
		Rulebook: book,
		Trials:   &rulebook.Trials{Rulebook: book, Classifier: moderation.NewClassifiers(a.db.Classifiers, time.Now, a.log)},
		// Use half the processors, so that readers need not wait for a backtest.
		Backtests:  a.backtests(book, max(1, runtime.GOMAXPROCS(0)/2)),
		Rerun:      a.rerun(book),
		RuleHealth: &rulebook.Health{Store: a.db.ForRuleHealth(), Rulebook: book, Now: time.Now},
		Drafts:     &rulebook.Drafts{Store: a.db.Rulesets, Rulebook: book, Now: time.Now},
		Effects:    &rulebook.Effects{Store: a.db.History, Rulebook: book, Keys: a.keys},
		Auth:       accounts,
		ServerKeys: keys,
		Providers:  providers,
		AuditLog:   &moderation.AuditLog{Store: a.db.ForAuditLog()},
		Decisions:  a.decisionLog(),
		Imports:    a.importLog(),
		Uploads:    a.uploads(ctx),
		Exports:    &archive.Exporter{Store: a.db.ForExport(), Keys: a.keys, Now: time.Now, NewID: newID},
		Figures:    &stats.Stats{Store: a.db.ForStats(), Now: time.Now},
		Retention:  a.retention(a.log),
		Subjects:   a.subjects(),
		Mail:       a.mailPages(publicURL, moderators, o),
		Webhooks:   a.webhooks(publicURL),
		Externals:  externals,
		Keys:       a.keys,
		Database:   a.db, Changes: a.db,
		Metrics: metrics,
		Log:     a.log, Now: time.Now, NewID: newID,
		Config: a.handlersConfig(publicURL, o),
	}, nil
}

// handlersConfig returns the operator's settings of the handlers.
func (a *app) handlersConfig(publicURL string, o serverOptions) handlers.Config {
	return handlers.Config{
		PublicURL: publicURL, TrustedProxies: a.config.TrustedProxies, Demo: o.demo,
		CacheBytes: int64(a.config.CacheBytes),
		StaleFor:   a.config.StaleFor, Streams: a.config.Streams, AddressStreams: a.config.AddressStreams,
		Limits:    a.config.Limits.handlers(),
		Unlimited: a.config.AddressLimit == 0,
	}
}

// authors wires the use cases of comments' authors.
func (a *app) authors() *moderation.AuthorService {
	return &moderation.AuthorService{Store: a.db.ForAuthors(), Keys: a.keys,
		Limiter: a.limiter(moderation.AppealsPerMinute), Now: time.Now, NewID: newID}
}

// queue wires the moderators' queue.
func (a *app) queue(metrics *metrics) *queue.Queue {
	return &queue.Queue{Store: metrics.measureStore(a.db.ForQueue()), Keys: a.keys, Now: time.Now, NewID: newID,
		ClaimFor: a.config.ClaimFor}
}

// votes wires readers' votes.
func (a *app) votes(log *slog.Logger) *moderation.Votes {
	return &moderation.Votes{Store: a.db.ForVotes(), Keys: a.keys, Limiter: a.limiter(moderation.VotesPerMinute),
		Now: time.Now, Log: log}
}

// reports wires readers' reports.
func (a *app) reports() *moderation.Reports {
	return &moderation.Reports{Store: a.db.ForReports(), Keys: a.keys, Limiter: a.limiter(moderation.ReportsPerMinute),
		Now: time.Now, NewID: newID}
}

func (a *app) retention(log *slog.Logger) *retention.Sweeper {
	return &retention.Sweeper{Store: a.db.ForRetention(), Now: time.Now, NewID: newID, Log: log}
}

// intake wires the processing of submissions.
func (a *app) intake(judges moderation.Judges, readers moderation.Readers, mail bool) *moderation.Intake {
	return &moderation.Intake{
		Store: a.db.ForIntake(), Judges: judges, Keys: a.keys, Log: a.log, Now: time.Now, NewID: newID,
		Limiter:     moderation.NewRateLimiter(a.config.AddressLimit, time.Now),
		SiteLimiter: moderation.NewRateLimiter(a.config.SiteLimit, time.Now),
		Classifier:  moderation.NewClassifiers(a.db.Classifiers, time.Now, a.log),
		Mail:        mail,
		Readers:     readers,
	}
}

// limiter limits actions per IP address other than submissions. There is no limit if the operator disabled
// the one for submissions.
func (a *app) limiter(perMinute int) *moderation.RateLimiter {
	if a.config.AddressLimit == 0 {
		perMinute = 0
	}
	return moderation.NewRateLimiter(perMinute, time.Now)
}

// served is a listener with its server.
type served struct {
	listener *connections
	handler  http.Handler
}

// running is everything that runs until shutdown.
type running struct {
	server  *handlers.Server
	metrics *metrics
	all     []served
	outbox  []func(context.Context) // plans and sends messages
}

// runUntilDone runs the servers and workers until ctx ends or a listener fails, then shuts down gracefully.
func (a *app) runUntilDone(ctx context.Context, r running) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	running.Go(func() {
		if err := r.server.Follow(ctx); err != nil {
			cancel(fmt.Errorf("serve: %w", err))
		}
	})
	workers := slices.Concat(a.workers(r.metrics), r.outbox, a.externalWorkers(r.server, r.metrics))
	for _, work := range append(workers, r.server.Auth.Federation.RunChecks) {
		running.Go(func() { work(ctx) })
	}
	servers := make([]*http.Server, len(r.all))
	for i, s := range r.all {
		servers[i] = a.config.Limits.server(s.handler)
		servers[i].RegisterOnShutdown(s.listener.stop)
		running.Go(func() {
			if err := servers[i].Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
				cancel(fmt.Errorf("serve: %w", err))
			}
		})
	}
	<-ctx.Done()
	a.log.Info("stopping", "shutdown_timeout", a.config.ShutdownTime)
	r.server.Stop()
	err := a.shutDown(context.WithoutCancel(ctx), servers)
	running.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	return err
}

// shutDown waits for requests in progress, at most for the shutdown timeout. It then cuts off the rest and
// returns an error, since their work is lost.
func (a *app) shutDown(ctx context.Context, servers []*http.Server) error {
	ctx, stop := context.WithTimeout(ctx, a.config.ShutdownTime)
	defer stop()
	var errs []error
	for _, server := range servers {
		err := server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("requests were still in progress after %s (shutdown-timeout) and were cut off", a.config.ShutdownTime)
			err = errors.Join(err, server.Close())
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// workers returns the background workers, which run until ctx ends.
func (a *app) workers(metrics *metrics) []func(ctx context.Context) {
	janitor := &moderation.Janitor{Store: a.db.Janitor, AddressesKept: a.config.AddressKept, Now: time.Now,
		Log: metrics.worker(a.log, "janitor")}
	retention := a.retention(metrics.worker(a.log, "retention"))
	counter := &rulebook.Counter{Store: a.db.ForRuleCounter(), Now: time.Now, Log: metrics.worker(a.log, "rule-counter")}
	rollup := &stats.RollupWorker{Store: a.db.ForRollups(), Now: time.Now, Log: metrics.worker(a.log, "rollup")}
	learner := &moderation.Learner{Store: a.db.ForLearner(), Now: time.Now, Log: metrics.worker(a.log, "learner")}
	guard := func(ctx context.Context) {
		a.db.Guard(ctx, func(reason error) { a.reportHealth(ctx, metrics, reason) })
	}
	upkeepLog := metrics.worker(a.log, "upkeep")
	upkeep := func(ctx context.Context) {
		a.db.Upkeep(ctx, func(err error) { upkeepLog.ErrorContext(ctx, "upkeep of the database failed", "err", err) })
	}
	follow := func(ctx context.Context) { a.followReplica(ctx) }
	return []func(context.Context){guard, upkeep, follow, janitor.Run, retention.Run, counter.Run, rollup.Run, learner.Run}
}

// reportHealth records that the database is unreachable or rejects writes, with the reason, or that it is
// healthy again.
func (a *app) reportHealth(ctx context.Context, metrics *metrics, reason error) {
	refuses := errors.Is(reason, moderation.ErrStorageFull) || errors.Is(reason, moderation.ErrReadOnly)
	metrics.reachable.Set(oneIf(reason == nil || refuses))
	metrics.writable.Set(oneIf(reason == nil))
	switch {
	case reason == nil:
		a.log.WarnContext(ctx, "the database responds again")
	case refuses:
		a.log.ErrorContext(ctx, "the database refuses writes; reads still work", "err", reason)
	default:
		a.log.ErrorContext(ctx, "the database does not respond; only cached pages are served", "err", reason)
	}
}

func oneIf(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}
