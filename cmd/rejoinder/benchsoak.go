package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"rejoinder/moderation"
)

// What a newspaper's server does all day, on a small machine: so many do so much a second.
const (
	soakSubmissions = 20
	soakThreads     = 100
	soakDecisions   = 10
	soakStreams     = 50
	// soakTeam is how many clients share each of these.
	soakTeam = 4
)

// How many comments there are from the beginning, so that pages have their full length, and nobody runs out of decisions.
const (
	soakPending  = 20_000
	soakApproved = 10_000
)

// soakSamples is into how many moments a soak is divided; what is measured in the second quarter of them is compared with
// the last. In the first, caches fill.
const soakSamples = 100

// soakGrowth is how much more memory or goroutines there may be in the end than is put down to chance.
const soakGrowth = 1.10

// benchSoak has a server do a bit of everything for long, and looks whether it grows.
type benchSoak struct{ benchRun }

func benchSoakCommand(con console) *cobra.Command {
	var options benchSoak
	soak := &cobra.Command{
		Use:   "soak",
		Short: "Have a server do a bit of everything for an hour, and look whether it grows",
		Long: "Have a server on each engine take submissions, show threads, hold live streams and carry out decisions, for half an\n" +
			"hour each. It fails when memory or goroutines grow from the second quarter of the time to the last by more than a\n" +
			"tenth, and when a counter in the database does not equal its rows in the end.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return options.run(cmd.Context(), con) },
	}
	options.addDatabase(soak.Flags())
	options.addFlags(soak.Flags(), 30*time.Minute)
	return soak
}

func (b benchSoak) run(ctx context.Context, con console) error {
	return b.report(ctx, con, 3*soakTeam, func(ctx context.Context, stage benchStage) ([]measured, error) { return stage.soak(ctx) })
}

func (s benchStage) soak(ctx context.Context) ([]measured, error) {
	full := queueStage{benchStage: s, pending: soakPending, approved: soakApproved, writers: 1}
	if err := full.fill(ctx); err != nil {
		return nil, err
	}
	if err := s.withApp(ctx, judgeAsShipped(ctx)); err != nil {
		return nil, err
	}
	found, err := s.soakServer(ctx)
	if err != nil {
		return nil, err
	}
	return found, s.withApp(ctx, func(a *app) error {
		wrong, err := a.db.Miscounts(ctx)
		if err == nil && len(wrong) > 0 {
			err = fmt.Errorf("soak: %d counters are wrong, the first: %v", len(wrong), wrong[0])
		}
		return err
	})
}

// judgeAsShipped lets the shipped ruleset judge again, which is the first that a site has.
func judgeAsShipped(ctx context.Context) func(a *app) error {
	return func(a *app) error {
		rulebook := moderation.NewRulebook(a.db, time.Now, newID)
		_, err := rulebook.Activate(ctx, moderation.Viewer{}, moderation.RulesetRef{SiteSlug: benchSite, Version: 1})
		return err
	}
}

// withApp does something with the stage's database while no server runs on it.
func (s benchStage) withApp(ctx context.Context, do func(a *app) error) error {
	a, err := openApp(ctx, Config{DatabaseURL: s.database, DataDir: s.dir})
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.db.Close())
}

// soakServer drives a server for the stage's duration and fails when it grew.
func (s benchStage) soakServer(ctx context.Context) (found []measured, err error) {
	metrics, err := unusedAddress()
	if err != nil {
		return nil, err
	}
	server, err := s.serve(ctx, "", "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SITE_LIMIT=0", "REJOINDER_TRUSTED_PROXIES=127.0.0.1", "REJOINDER_METRICS_ADDR="+metrics,
		"REJOINDER_ADDRESS_STREAMS="+strconv.Itoa(soakStreams))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	fmt.Fprintf(s.progress, "%s: doing a bit of everything for %s\n", s.name, s.duration)
	watch := growth{server: server, metrics: "http://" + metrics + "/metrics"}
	loads := s.soakLoads(server)
	found = make([]measured, len(loads))
	end, cancel := context.WithTimeout(ctx, s.duration)
	defer cancel()
	all, running := errgroup.WithContext(ctx)
	for i, load := range loads {
		all.Go(func() (err error) {
			found[i], err = load.drive(running, s.duration)
			return err
		})
	}
	for range soakStreams {
		all.Go(func() error { return listen(end, server.url) })
	}
	all.Go(func() error { return watch.sample(end, s.duration/soakSamples) })
	if err := all.Wait(); err != nil {
		return nil, err
	}
	said, err := watch.verdict()
	fmt.Fprintf(s.progress, "%s: %s\n", s.name, said)
	return found, err
}

func (s benchStage) soakLoads(server *child) []clientLoad {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4 * soakTeam}}
	writer := &benchWriter{client: client}
	desk := &soakDesk{queueDesk{server: server.url, client: client, tokens: make([]string, soakTeam)}}
	every := func(perSecond int) time.Duration {
		return time.Duration(soakTeam) * time.Second / time.Duration(perSecond)
	}
	var asked atomic.Int64
	return []clientLoad{
		{name: s.name + ", submissions", clients: soakTeam, every: every(soakSubmissions),
			step: writer.sends(server.url + "/api/v1/sites/" + benchSite + "/comments")},
		{name: s.name + ", threads", clients: soakTeam, every: every(soakThreads), step: func(ctx context.Context, _, _ int) error {
			return readPage(ctx, client, server.url+embeddedAddress(fmt.Sprintf("story-%d", asked.Add(1)%benchArticles)))
		}},
		{name: s.name + ", decisions", clients: soakTeam, every: every(soakDecisions), step: desk.decideNext},
	}
}

// soakDesk is moderators who take what is next, again and again.
type soakDesk struct{ queueDesk }

// soakSession is after how many decisions a moderator signs in anew, long before the session is over.
const soakSession = 500

func (d *soakDesk) decideNext(ctx context.Context, client, n int) error {
	if n%soakSession == 0 {
		if err := d.signIn(ctx, client); err != nil {
			return err
		}
	}
	var taken struct {
		Items []struct {
			Comment struct {
				ID      string `json:"id"`
				Version int    `json:"version"`
			} `json:"comment"`
		} `json:"items"`
	}
	err := d.call(ctx, deskCall{client: client, method: http.MethodPost, path: "/api/v1/queue/claims", target: &taken,
		body: map[string]any{"site": benchSite, "count": 1, "sort": "oldest"}})
	if err != nil || len(taken.Items) == 0 {
		return err
	}
	action := []string{"approve", "approve", "approve", "reject", "spam"}[n%5]
	next := taken.Items[0].Comment
	return d.call(ctx, deskCall{client: client, method: http.MethodPost, path: "/api/v1/comments/" + next.ID + "/decisions",
		body: map[string]any{"action": action, "version": next.Version}})
}

// listen follows an article's live events until ctx ends. Like a browser, it comes back when the server sends it away because
// it was too slow.
func listen(ctx context.Context, server string) error {
	address := server + "/api/v1/sites/" + benchSite + "/events?article=story-1"
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("answered %d", answer.StatusCode)
		}
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			err = errors.Join(err, answer.Body.Close())
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	return nil
}

// growth watches how large a server is.
type growth struct {
	server     *child
	metrics    string
	memory     []float64 // MB
	goroutines []float64
}

// sample looks at the server until ctx ends.
func (g *growth) sample(ctx context.Context, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		memory, err := residentMemory(g.server.cmd.Process.Pid)
		if err != nil {
			return err
		}
		_, metrics, err := fetch(ctx, g.metrics, nil)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		goroutines, err := numberAfter(string(metrics), "go_goroutines ")
		if err != nil {
			return err
		}
		g.memory, g.goroutines = append(g.memory, memory), append(g.goroutines, goroutines)
	}
}

// verdict says how large the server was, and fails when it grew.
func (g *growth) verdict() (string, error) {
	memory, memoryThen := quarters(g.memory)
	goroutines, goroutinesThen := quarters(g.goroutines)
	said := fmt.Sprintf("%.0f MB of memory in the second quarter of the time, %.0f MB in the last, %.0f MB at most; %.0f goroutines, then %.0f",
		memory, memoryThen, slices.Max(append(g.memory, 0)), goroutines, goroutinesThen)
	if memoryThen > memory*soakGrowth || goroutinesThen > goroutines*soakGrowth {
		return said, errors.New("soak: the server grows")
	}
	return said, nil
}

// quarters returns the middle values of the second and of the last quarter.
func quarters(samples []float64) (second, last float64) {
	middle := func(from, to int) float64 {
		part := slices.Sorted(slices.Values(samples[from:to]))
		if len(part) == 0 {
			return 0
		}
		return part[len(part)/2]
	}
	n := len(samples)
	return middle(n/4, n/2), middle(n*3/4, n)
}

// residentMemory reads how much memory a process takes, in MB (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html).
func residentMemory(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	kilobytes, err := numberAfter(string(status), "VmRSS:")
	return kilobytes * 1024 / 1e6, err
}

// numberAfter reads the number that follows a word at the beginning of a line.
func numberAfter(text, word string) (float64, error) {
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), word); ok {
			fields := strings.Fields(rest)
			if len(fields) > 0 {
				return strconv.ParseFloat(fields[0], 64)
			}
		}
	}
	return 0, fmt.Errorf("there is no number after %s", word)
}

// unusedAddress finds an address that nobody listens on.
func unusedAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free address: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}
