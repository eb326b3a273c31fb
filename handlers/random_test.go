package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/handlers/httpio"
)

// Settings of the test of random requests. Each seed gets its own server, so a seed alone reproduces its
// requests.
const (
	seedVariable   = "REJOINDER_FUZZ_SEED" // the only seed to run; by default 1, 2 and 3
	runsVariable   = "REJOINDER_FUZZ_RUNS" // number of seeds, starting at the current time
	defaultRuns    = 3
	requestsPerRun = 400
)

// TestRandomRequestsAreAnsweredOrRefused takes valid requests to every route, changes some of their values,
// and sends them as every kind of caller to both engines. No response may be a 5xx, and every refusal must be
// a documented problem.
func TestRandomRequestsAreAnsweredOrRefused(t *testing.T) {
	for _, seed := range fuzzSeeds(t) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				t.Parallel()
				newRandomCaller(t, newTestServerOn(t, d), seed).run(requestsPerRun)
			})
		})
	}
}

func fuzzSeeds(t *testing.T) []uint64 {
	t.Helper()
	if given := os.Getenv(seedVariable); given != "" {
		return []uint64{must(strconv.ParseUint(given, 10, 64))(t)}
	}
	houses, first := defaultRuns, uint64(1)
	if given := os.Getenv(runsVariable); given != "" {
		houses, first = must(strconv.Atoi(given))(t), uint64(time.Now().Unix())
	}
	seeds := make([]uint64, houses)
	for i := range seeds {
		seeds[i] = first + uint64(i)
	}
	return seeds
}

// randomCaller generates requests.
type randomCaller struct {
	*testServer
	seed   uint64
	random *rand.Rand
	cases  map[string][]routeCase
	routes []string
	tokens callerTokens
	who    []string
	known  map[string]string // problem types
	query  map[string][]string
}

func newRandomCaller(t testing.TB, h *testServer, seed uint64) *randomCaller {
	tokens := h.registerCallers()
	s := h.newTargets("random", "ines@mail.example", "")
	tokens["reader"] = s.pending.Receipt
	tokens["confined"] = h.registerModerator("Confined", auth.RoleAdmin, "paper")
	r := &randomCaller{testServer: h, seed: seed, random: rand.New(rand.NewPCG(seed, 1)), cases: routeCases(s), tokens: tokens,
		known: httpio.ProblemTypes(), query: documentedQuery(t)}
	r.routes = h.routes(r.cases)
	for who := range tokens {
		r.who = append(r.who, who)
	}
	slices.Sort(r.who)
	return r
}

// documentedQuery holds the names of each operation's query parameters, by method and gin's path.
func documentedQuery(t testing.TB) map[string][]string {
	t.Helper()
	names := map[string][]string{}
	for _, o := range must(theContract())(t).Operations() {
		route := o.Method + " " + strings.NewReplacer("{", ":", "}", "").Replace(o.Path)
		names[route] = o.Query
	}
	return names
}

func (r *randomCaller) run(requests int) {
	for n := range requests {
		route := r.routes[n%len(r.routes)] // every route several times
		if n >= len(r.routes) {
			route = pick(r.random, r.routes)
		}
		who := pick(r.random, r.who)
		c := pick(r.random, r.cases[route]).as(route, r.tokens[who])
		c.wrong = true
		for range r.random.IntN(4) {
			r.change(&c, route)
		}
		r.check(n, who, c)
		if r.t.Failed() {
			return
		}
	}
}

// check sends a request and requires success or a documented refusal.
func (r *randomCaller) check(n int, who string, c call) {
	ctx := r.t.Context()
	if strings.HasSuffix(strings.SplitN(c.path, "?", 2)[0], "/events") { // a stream would not end
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer time.AfterFunc(50*time.Millisecond, cancel).Stop()
	}
	r.log.forget()
	answer := r.sendWith(c, func(request *http.Request) { *request = *request.WithContext(ctx) })
	written := r.log.String()
	switch {
	case strings.Contains(written, "level=ERROR") || strings.Contains(written, "panic"):
		r.t.Errorf("the log has a line that only an operator should have to read")
	case answer.status >= 500:
		r.t.Errorf("status %d", answer.status)
	case answer.status >= 400 && ctx.Err() == nil:
		r.checkProblem(c, answer)
	}
	if r.t.Failed() {
		r.t.Logf("request %d of seed %d (%s=%d make fuzz-http), as %s:\n%s %s\n%s\n%s\nis answered:\n%d %.2000s\nlog:\n%s", n, r.seed, seedVariable, r.seed, who,
			c.method, c.path, must(json.Marshal(c.header))(r.t), bodyText(c.body), answer.status, answer.body, written)
	}
}

func bodyText(body any) string {
	if text, ok := body.(string); ok {
		return strconv.Quote(text)
	}
	raw, _ := json.Marshal(body)
	return string(raw)
}

// checkProblem requires a documented problem; pages show it in HTML.
func (r *randomCaller) checkProblem(c call, answer reply) {
	if mediaType := answer.header.Get("Content-Type"); strings.HasPrefix(mediaType, "text/html") && !strings.HasPrefix(c.path, "/api/") || c.method == http.MethodHead {
		return
	} else if mediaType != "application/problem+json" {
		r.t.Errorf("a refusal of type %q", mediaType)
		return
	}
	var p problem
	answer.read(&p)
	if p.Status != answer.status || p.Type == "" || r.known[p.Type] != strconv.Itoa(p.Status) {
		r.t.Errorf("the problem %q with status %d is not documented", p.Type, p.Status)
	}
}

// change changes one part of a request.
func (r *randomCaller) change(c *call, route string) {
	switch r.random.IntN(8) {
	case 0:
		r.changePath(c, route)
	case 1, 2:
		r.changeQuery(c, route)
	case 3:
		r.changeHeader(c)
	case 4:
		if r.random.IntN(4) == 0 {
			c.method = pick(r.random, []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY"})
		}
	default:
		r.changeBody(c)
	}
}

// changePath replaces the value of one of the route's parameters.
func (r *randomCaller) changePath(c *call, route string) {
	_, pattern, _ := strings.Cut(route, " ")
	path, query, asked := strings.Cut(c.path, "?")
	parts := strings.Split(path, "/")
	for i, name := range strings.Split(pattern, "/") {
		if strings.HasPrefix(name, ":") && i < len(parts) && r.random.IntN(2) == 0 {
			parts[i] = escaped(r.value())
		}
	}
	c.path = strings.Join(parts, "/")
	if asked {
		c.path += "?" + query
	}
}

func (r *randomCaller) changeQuery(c *call, route string) {
	path, query, _ := strings.Cut(c.path, "?")
	parts := slices.DeleteFunc(strings.Split(query, "&"), func(s string) bool { return s == "" })
	switch choice := r.random.IntN(4); {
	case choice == 0 && len(parts) > 0:
		i := r.random.IntN(len(parts))
		name, _, _ := strings.Cut(parts[i], "=")
		parts[i] = name + "=" + escaped(r.value())
	case choice == 1 && len(parts) > 0:
		i := r.random.IntN(len(parts))
		parts = slices.Delete(parts, i, i+1)
	case choice == 2 && r.random.IntN(4) == 0:
		parts = append(parts, escaped(r.value())+"="+escaped(r.value()))
	default:
		if names := r.query[route]; len(names) > 0 {
			parts = append(parts, pick(r.random, names)+"="+escaped(r.value()))
		}
	}
	c.path = path
	if len(parts) > 0 {
		c.path += "?" + strings.Join(parts, "&")
	}
}

var changedHeaders = []string{"Idempotency-Key", "Origin", "Accept", "Accept-Language", "User-Agent", "If-None-Match", "Last-Event-ID", "Content-Type",
	"Cookie", "X-Forwarded-For", "Authorization", "Accept-Encoding", "Sec-Fetch-Site", "Range", "Referer"}

func (r *randomCaller) changeHeader(c *call) {
	header := map[string]string{}
	for name, value := range c.header {
		header[name] = value
	}
	value := strings.Map(func(s rune) rune { // the server accepts no control characters in a header
		if s < ' ' || s == 0x7f {
			return -1
		}
		return s
	}, r.value())
	header[pick(r.random, changedHeaders)] = value
	c.header = header
}

func (r *randomCaller) changeBody(c *call) {
	switch body := c.body.(type) {
	case nil:
		c.body = pick(r.random, []string{"", "{}", "null", "[]", "a=b", `"x"`, "\xff"})
	case string: // a form
		parts := strings.Split(body, "&")
		i := r.random.IntN(len(parts))
		name, _, _ := strings.Cut(parts[i], "=")
		switch r.random.IntN(4) {
		case 0:
			parts = slices.Delete(parts, i, i+1)
		case 1:
			parts = append(parts, name+"="+escaped(r.value()))
		default:
			parts[i] = name + "=" + escaped(r.value())
		}
		c.body = strings.Join(parts, "&")
	default:
		var parsed any
		decoder := json.NewDecoder(bytes.NewReader(must(json.Marshal(body))(r.t)))
		decoder.UseNumber()
		if err := decoder.Decode(&parsed); err != nil {
			r.t.Fatal(err)
		}
		c.body = r.changed(parsed)
	}
}

// changed returns JSON with one value changed somewhere in it.
func (r *randomCaller) changed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 || r.random.IntN(10) == 0 {
			break
		}
		name := pick(r.random, sortedNames(v))
		if r.random.IntN(8) == 0 {
			delete(v, name)
		} else {
			v[name] = r.changed(v[name])
		}
		return v
	case []any:
		if len(v) == 0 || r.random.IntN(4) == 0 {
			break
		}
		i := r.random.IntN(len(v))
		v[i] = r.changed(v[i])
		return v
	}
	switch r.random.IntN(8) {
	case 0:
		return nil
	case 1:
		return r.random.IntN(2) == 0
	case 2:
		return []any{r.value(), r.number()}
	case 3:
		return map[string]any{r.value(): r.number()}
	case 4:
		return r.number()
	}
	return strings.ToValidUTF8(r.value(), "\uFFFD")
}

func (r *randomCaller) number() json.Number {
	return json.Number(pick(r.random, []string{"0", "-1", "1", "2", "3.5", "201", "1e3", "2147483647", "2147483648", "-2147483649", "4294967296",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e300", "1e-300", "1E400", "123456789012345678901234567890"}))
}

// value returns a text that may be invalid in many ways, or valid in some places.
func (r *randomCaller) value() string {
	if r.random.IntN(3) == 0 {
		return r.number().String()
	}
	v := pick(r.random, []string{"", " ", "\x00", "a\x00b", "\xff", "\xc3", "paper", "demo", "lake", "quay", "default", "paper/1", "../..", "%", "%00", "%s%n", "'", `"`, ";--",
		"' OR 1=1", "\\", "*", "NaN", "Infinity", "null", "true", "-0", "+1", "0x10", "1_000", "٣", "é", "e\u0301", "\u202e", "\u200d", "\ufeff", "😀", "\U0010ffff",
		"\ud7ff", "\r\n", "\t", "<script>", "{{.}}", "${x}", nowhere, strings.ToUpper(nowhere), "2026-03-02T09:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
		"-0001-01-01T00:00:00Z", "2026-03-02T09:00:00+99:99", "10000-01-01T00:00:00Z", "7d", "oldest", "best", "rule", "commenter", "approve", "reject", "spam",
		"approved", "pending", "ines@mail.example", "a@b", "@", "192.0.2.7", "2001:db8::/32", "https://harbour.example/quay", "javascript:alert(1)", "http://[::1",
		"rules: []", fixtureRules, "rules: [{id: x, when: 'true', then: hold, reason: '{{matched}}'}]", "bulk:approve:1:2:3", "A.B", "eyJhIjoxfQ", "AAAA", "de", "ar", "zz-ZZ", "image/png",
		"multipart/form-data; boundary=x", "multipart/form-data", "application/json", "application/x-www-form-urlencoded; charset=utf-16"})
	switch r.random.IntN(12) {
	case 0:
		return strings.Repeat(v, 1+r.random.IntN(300))
	case 1:
		return v + pick(r.random, []string{"\x00", "\xff", " ", "1", "é", ".", ":", "@", "%"})
	case 2:
		return strings.Repeat("x", pick(r.random, []int{63, 64, 65, 100, 101, 255, 256, 513, 2_001, 10_001, 70_000}))
	}
	return v
}

func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// escaped percent-encodes every byte except letters and digits.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
