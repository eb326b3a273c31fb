package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"rejoinder/handlers"
	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
	"rejoinder/moderation/rulebook"
	"rejoinder/outbound"
)

// externalLimits bound the calls to outside classifiers. Those for which a submission waits end earlier.
var externalLimits = outbound.Limits{Timeout: 10 * time.Second, Response: 64 << 10}

// openExternals reads the classifiers that are set up.
func (a *app) openExternals(ctx context.Context, metrics *metrics) (*external.Admin, error) {
	admin := a.externals(metrics.worker(a.log, "externals"))
	admin.Asker.Observe = metrics.externalCall
	if err := admin.Asker.Reload(ctx); err != nil {
		return nil, fmt.Errorf("read classifiers: %w", err)
	}
	metrics.followExternals(admin.Asker.States)
	return admin, nil
}

// externals wires the use cases of outside classifiers.
func (a *app) externals(log *slog.Logger) *external.Admin {
	client := outbound.New(externalLimits, a.config.OutboundNetworks)
	asker := &external.Asker{
		Store: a.db.External, Client: client, Keys: a.keys, Now: time.Now, NewID: newID, Log: log,
		Secrets: os.DirFS(filepath.Join(a.config.DataDir, external.SecretsFolder)),
	}
	return &external.Admin{Store: a.db.ForExternal(), Asker: asker, Now: time.Now, NewID: newID, Random: rand.Reader,
		ParseURL: client.ParseURL}
}

// externalWorkers returns the background workers of the classifiers, which run until ctx ends.
func (a *app) externalWorkers(server *handlers.Server, metrics *metrics) []func(context.Context) {
	asker := server.Externals.Asker
	judge := &rulebook.LateJudge{
		Store: a.db.ForLateJudge(), Rulebook: server.Rulebook, Keys: a.keys, Now: time.Now, NewID: newID,
	}
	worker := &external.Worker{Store: a.db.ForExternalWorker(), Asker: asker, Judge: judge, Now: time.Now, NewID: newID,
		Log: metrics.worker(a.log, "external-calls")}
	return []func(context.Context){asker.Run, worker.Run}
}

// newExternalCalls returns the histogram of calls to outside classifiers.
func newExternalCalls() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "rejoinder_external_call_duration_seconds",
		Help:    "Time of calls to outside classifiers by outcome; 0 for answers from the cache and calls that were not sent.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .2, .4, .8, 1.6, 5},
	}, []string{"classifier", "outcome"})
}

// externalCall records a call to an outside classifier.
func (m *metrics) externalCall(classifier, outcome string, took time.Duration) {
	m.external.WithLabelValues(classifier, outcome).Observe(took.Seconds())
}

// followExternals adds the metrics of the state of outside classifiers.
func (m *metrics) followExternals(states func() []external.State) {
	m.registry.MustRegister(newStatsCollector([]statMetric[external.State]{
		{prometheus.GaugeValue, "rejoinder_external_paused",
			"1 while calls to an outside classifier are paused after several failures, or it cannot be called at all.",
			func(s external.State) float64 { return oneIf(s.Paused) }},
		{prometheus.GaugeValue, "rejoinder_external_sent_today", "Calls to an outside classifier since midnight UTC, by all nodes.",
			func(s external.State) float64 { return float64(s.Today.Sent) }},
		{prometheus.GaugeValue, "rejoinder_external_agreed_today",
			"Decisions of moderators since midnight UTC that agree with an outside classifier.",
			func(s external.State) float64 { return float64(s.Today.Agreed) }},
		{prometheus.GaugeValue, "rejoinder_external_disagreed_today",
			"Decisions of moderators since midnight UTC that disagree with an outside classifier.",
			func(s external.State) float64 { return float64(s.Today.Disagreed) }},
	}, func(tell func(external.State, ...string)) {
		for _, s := range states() {
			tell(s, s.Name)
		}
	}, "classifier"))
}

// classifierState says whether a classifier is asked. Pauses after failures are known to running servers only.
func classifierState(c external.Health) string {
	switch {
	case !c.Enabled:
		return "paused"
	case c.Fault != "":
		return "cannot be called"
	}
	return "active"
}

func classifierSites(c external.Classifier, slugs map[string]string) string {
	switch {
	case c.AllSites:
		return "all"
	case len(c.SiteIDs) == 0:
		return "none"
	}
	return siteList(c.SiteIDs, slugs)
}

func listClassifiersCommand(std stdio) *cobra.Command {
	list := &cobra.Command{
		Use:   "list",
		Short: "List all classifiers with their calls of the last seven days",
		Args:  noArguments,
		RunE: withExisting(std, func(cmd *cobra.Command, a *app) error {
			admin := a.externals(a.log)
			if err := admin.Asker.Reload(cmd.Context()); err != nil {
				return err
			}
			all, err := admin.List(cmd.Context(), moderation.Viewer{})
			if err != nil {
				return err
			}
			slugs, err := a.slugs(cmd.Context())
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "NAME\tPROTOCOL\tURL\tSITES\tSTATE\tCALLS\tRESPONSES\tLATE\tFAILED")
			for _, c := range all {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\n", c.Name, c.Protocol, c.URL,
					classifierSites(c.Classifier, slugs), classifierState(c), c.Week.Sent, c.Week.Answered, c.Week.Late, c.Week.Failed)
			}
			return table.Flush()
		}),
	}
	addFlags(list.Flags())
	return list
}

func showClassifier(ctx context.Context, out io.Writer, c chosenClassifier) error {
	slugs, err := c.app.slugs(ctx)
	if err != nil {
		return err
	}
	secret := "none"
	switch {
	case c.SecretInFile:
		secret = "in the file " + external.SecretsFolder + "/" + c.Name + ", for " + c.SecretHost
	case len(c.SecretSealed) > 0:
		secret = "stored"
	}
	budget := "no limit"
	if c.DailyBudget > 0 {
		budget = strconv.Itoa(c.DailyBudget)
	}
	state := classifierState(c.Health)
	if c.Fault != "" {
		state += ": " + c.Fault
	}
	lines := [][2]string{{"Name", c.Name}, {"Protocol", string(c.Protocol)}, {"URL", c.URL}, {"Secret", secret},
		{"State", state}, {"Sites", classifierSites(c.Classifier, slugs)},
		{"Sent besides the text", sentBesidesText(c.Sends)}, {"Time limit", c.Timeout().String()},
		{"Concurrent calls", strconv.Itoa(c.Concurrency)}, {"Calls per day", budget},
		{"Minutes to cache scores", strconv.Itoa(c.CacheMinutes)}, {"If it is late", string(c.OnLate)},
		{"Feedback", onOff(c.Feedback)}, {"Blog", c.Blog}, {"Model", c.Model}, {"Labels", strings.Join(c.Labels, ", ")},
		{"Today", callsOf(c.Today)}, {"Last 7 days", callsOf(c.Week)},
		{"Waiting calls", fmt.Sprintf("%d for held comments, %d with feedback, %d given up", c.Judging, c.Waiting,
			c.CallCounts.Failed)}}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		if line[1] != "" {
			fmt.Fprintf(table, "%s:\t%s\n", line[0], line[1])
		}
	}
	return table.Flush()
}

func sentBesidesText(s external.Sends) string {
	var sent []string
	for _, one := range []struct {
		on   bool
		what string
	}{{s.Name, sendName}, {s.URL, sendURL}, {s.Pseudonym, sendPseudonym}, {s.AddressPrefix, sendAddress}} {
		if one.on {
			sent = append(sent, one.what)
		}
	}
	if len(sent) == 0 {
		return "nothing"
	}
	return strings.Join(sent, ", ")
}

func callsOf(d external.Day) string {
	calls := fmt.Sprintf("%s, %s in %s on average, %d late, %d failed, %d from the cache", locale.Plural(d.Sent, "call"),
		locale.Plural(d.Answered, "response"), d.MeanTime().Round(100*time.Microsecond), d.Late, d.Failed, d.Cached)
	if share, known := d.Agreement(); known {
		calls += fmt.Sprintf("; moderators agree with %.0f%% of %d", 100*share, d.Agreed+d.Disagreed)
	}
	return calls
}
