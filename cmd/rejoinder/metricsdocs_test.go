package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"

	"rejoinder/db"
	"rejoinder/handlers"
	"rejoinder/moderation/external"
	"rejoinder/moderation/queue"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

// describedMetric is a metric as the document or the program describes it.
type describedMetric struct{ Labels, Help string }

// everyMetric returns the metrics of a server that has done nothing yet.
func everyMetric() *metrics {
	sources := metricSources{
		pools:      func() []db.PoolStats { return []db.PoolStats{{Pool: "all"}} },
		batchSizes: newBatchSizes(),
		outbox:     func(context.Context) (notify.OutboxCounts, error) { return notify.OutboxCounts{}, nil },
		webhooks:   func(context.Context) (webhook.Counts, error) { return webhook.Counts{}, nil },
		counts: func(context.Context) ([]queue.SiteCounts, error) {
			return []queue.SiteCounts{{Slug: "daily"}}, nil
		},
		now: time.Now, log: slog.New(slog.DiscardHandler),
	}
	m := newMetrics(sources)
	m.follow(func() handlers.Stats { return handlers.Stats{} })
	m.externalCall("toxicity", external.OutcomeAnswered, 0)
	m.followExternals(func() []external.State { return []external.State{{Name: "toxicity"}} })
	m.watchReplica(func() db.ReplicaStats { return db.ReplicaStats{} })
	m.watch(&connections{})
	m.ObserveRequest("GET", "/", 200, 0)
	m.verdicts.WithLabelValues("hold")
	m.decisions.WithLabelValues("approve")
	m.messages.WithLabelValues("reply", "sent")
	m.webhooks.requests.WithLabelValues("comment.held", "accepted")
	sources.batchSizes.WithLabelValues("facts")
	m.worker(slog.New(slog.DiscardHandler), "janitor")
	return m
}

var descText = regexp.MustCompile(`fqName: "([^"]*)", help: ("(?:[^"\\]|\\.)*"), .*variableLabels: \{([^}]*)\}`)

// described returns the program's descriptions of its own metrics.
func described(t *testing.T, m *metrics) map[string]describedMetric {
	t.Helper()
	descs := make(chan *prometheus.Desc)
	go func() {
		m.registry.Describe(descs)
		close(descs)
	}()
	found := map[string]describedMetric{}
	for desc := range descs {
		parts := descText.FindStringSubmatch(desc.String())
		if parts == nil {
			t.Fatalf("a description that can't be read: %s", desc)
		}
		if strings.HasPrefix(parts[1], "rejoinder_") {
			found[parts[1]] = describedMetric{parts[3], strings.Trim(parts[2], `"`)}
		}
	}
	return found
}

// kinds returns the type of every metric, as Prometheus calls it, by name.
func kinds(t *testing.T, m *metrics) map[string]string {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, family := range families {
		found[family.GetName()] = strings.ToLower(family.GetType().String())
	}
	return found
}

var documentedLine = regexp.MustCompile("(?m)^\\| `(rejoinder_[a-z_]+)` \\| ([a-z]+) \\| ([^|]*)\\| (.*) \\|$")

func TestTheDocumentOfMetricsIsComplete(t *testing.T) {
	raw, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	m := everyMetric()
	documented, documentedKinds := map[string]describedMetric{}, map[string]string{}
	for _, line := range documentedLine.FindAllStringSubmatch(string(raw), -1) {
		labels := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(line[3]), "`", ""), ", ", ",")
		documented[line[1]], documentedKinds[line[1]] = describedMetric{labels, line[4]}, line[2]
	}
	if diff := cmp.Diff(described(t, m), documented); diff != "" {
		t.Errorf("the program (-) and docs/metrics.md (+) differ:\n%s", diff)
	}
	own := kinds(t, m)
	maps.DeleteFunc(own, func(name, _ string) bool { return !strings.HasPrefix(name, "rejoinder_") })
	if diff := cmp.Diff(own, documentedKinds); diff != "" {
		t.Errorf("the types in the program (-) and in docs/metrics.md (+) differ:\n%s", diff)
	}
}

func TestMetricsAreNamedByTheConventionsOfPrometheus(t *testing.T) {
	for name, kind := range kinds(t, everyMetric()) {
		switch total := strings.HasSuffix(name, "_total"); {
		case !strings.HasPrefix(name, "rejoinder_"):
		case total != (kind == "counter"):
			t.Errorf("%s is a %s: counters, and only they, end in _total", name, kind)
		case kind == "histogram" && !strings.HasSuffix(name, "_seconds") && !strings.HasSuffix(name, "_size"):
			t.Errorf("the name of the histogram %s lacks its unit", name)
		}
	}
}

// queryWords are names in a query that may be metrics: an expression's words without its strings, labels and variables.
var (
	quoted     = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	metricWord = regexp.MustCompile(`\b(?:rejoinder|go|process)_[a-z_]+\b`)
)

// checkQuery reports names in a query that are no metrics, and syntax errors.
func checkQuery(t *testing.T, where, query string, kinds map[string]string) {
	t.Helper()
	bare := quoted.ReplaceAllString(query, `""`)
	for _, pair := range []string{"()", "{}", "[]"} {
		if strings.Count(bare, pair[:1]) != strings.Count(bare, pair[1:]) {
			t.Errorf("%s: unequal %s in %s", where, pair, query)
		}
	}
	for _, name := range metricWord.FindAllString(bare, -1) {
		base, kind := name, kinds[name]
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			if cut, ok := strings.CutSuffix(name, suffix); ok && kind == "" {
				base, kind = cut, kinds[cut]
				if kind != "histogram" && kind != "summary" {
					kind = ""
				}
			}
		}
		if kind == "" || kind == "histogram" && base == name {
			t.Errorf("%s asks for %s, which there is not", where, name)
		}
	}
}

func TestTheDashboardUsesExistingMetrics(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/grafana/rejoinder.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Title  string
		Panels []struct {
			ID      int
			Type    string
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(raw, &dashboard); err != nil {
		t.Fatal(err)
	}
	kinds := kinds(t, everyMetric())
	queries := 0
	var ids []int
	for _, panel := range dashboard.Panels {
		if ids = append(ids, panel.ID); panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("the panel %q shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			checkQuery(t, panel.Title, target.Expr, kinds)
			queries++
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != len(dashboard.Panels) || queries == 0 {
		t.Errorf("%d panels with ids %v and %d queries", len(dashboard.Panels), ids, queries)
	}
}

func TestTheAlertsUseExistingMetrics(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/prometheus/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(raw)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	kinds := kinds(t, everyMetric())
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			checkQuery(t, rule.Alert, rule.Expr, kinds)
			if rule.Alert == "" || rule.Expr == "" || rule.Labels["severity"] == "" || rule.Annotations["summary"] == "" {
				t.Errorf("an incomplete rule: %+v", rule)
			}
		}
	}
	if len(file.Groups) == 0 || len(file.Groups[0].Rules) == 0 {
		t.Error("there are no rules")
	}
}
