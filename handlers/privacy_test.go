package handlers_test

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// Planted values, which must not be found anywhere.
const (
	plantedEmail    = "Rosa.Quill+secret@Planted-Mail.example"
	plantedAddress  = "198.51.100.77"
	plantedAddress6 = "2001:db8:77:1234:5678:9abc:def0:1357"
)

// needles are the planted email and addresses, and all values computed from them: plain, encoded, hashed, and
// as keyed indexes of the database.
func (h *testServer) needles() map[string]string {
	all := map[string]string{}
	add := func(name, needle string) { all[strings.ToLower(needle)] = name }
	encodings := func(name string, raw []byte) {
		add(name+" in hexadecimal", hex.EncodeToString(raw))
		add(name+" in base64", strings.TrimRight(base64.StdEncoding.EncodeToString(raw), "="))
		add(name+" in base64url", base64.RawURLEncoding.EncodeToString(raw))
		add(name+" in base32", strings.TrimRight(base32.StdEncoding.EncodeToString(raw), "="))
		add(name+" as it is", string(raw))
	}
	for _, plain := range []string{plantedEmail, strings.ToLower(plantedEmail), "rosa.quill@planted-mail.example", plantedAddress, plantedAddress6} {
		add(plain, plain)
		add(plain+" in a URL", url.QueryEscape(plain))
		add(plain+" in HTML", html.EscapeString(plain))
		s256, s1, m5 := sha256.Sum256([]byte(plain)), sha1.Sum([]byte(plain)), md5.Sum([]byte(plain))
		encodings("the SHA-256 of "+plain, s256[:])
		encodings("the SHA-1 of "+plain, s1[:])
		encodings("the MD5 of "+plain, m5[:])
		encodings(plain, []byte(plain))
		for _, index := range h.Intake.Keys.Indexes(plain) {
			encodings("the index of "+plain, index)
		}
	}
	for _, address := range []string{plantedAddress, plantedAddress6} {
		encodings("the index of "+address, h.Intake.Keys.AddressIndex(netip.MustParseAddr(address)))
		encodings("the bytes of "+address, netip.MustParseAddr(address).AsSlice())
	}
	add("the email's name", "rosa.quill")
	add("the email's host", "planted-mail")
	// Four raw bytes occur by chance.
	delete(all, strings.ToLower(string(netip.MustParseAddr(plantedAddress).AsSlice())))
	return all
}

// needlesOf are those that must not be in the responses of a route. An export has the facts that rules used,
// including the email's host, and the keyed indexes, so that a person keeps their record elsewhere.
func needlesOf(route string, needles map[string]string) map[string]string {
	if route != "GET /api/v1/sites/:site/export" && route != "GET /console/sites/:site/export" {
		return needles
	}
	fewer := maps.Clone(needles)
	maps.DeleteFunc(fewer, func(_, name string) bool {
		return name == "the email's host" || strings.HasPrefix(name, "the index of ") && strings.Contains(name, " in base64")
	})
	return fewer
}

// wantNone requires that no needle is in the text.
func wantNone(t testing.TB, needles map[string]string, where, text string) {
	t.Helper()
	text = strings.ToLower(text)
	for needle, name := range needles {
		if strings.Contains(text, needle) {
			t.Errorf("%s shows %s", where, name)
		}
	}
}

// labels collects the labels of metrics.
type labels struct {
	mu   sync.Mutex
	seen strings.Builder
}

func (l *labels) ObserveRequest(method, route string, status int, _ time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(&l.seen, method, route, status)
}

// TestNothingShowsAnEmailOrAnAddress plants both, sends every public and every moderator's request, and
// searches all responses, the log, the metrics and the database for them.
func TestNothingShowsAnEmailOrAnAddress(t *testing.T) {
	metrics := &labels{}
	h := newTestServer(t, func(h *testServer) { h.Metrics = metrics })
	needles, tokens := h.needles(), h.registerCallers()
	answers, shown, revealed := 0, 0, 0
	var s targets
	changed := true // by the request before, so that the next needs targets of its own
	for n, route := range h.routes(routeCases(targets{})) {
		for _, who := range []string{"nobody", "other-moderator", "other-admin", "moderator", "admin"} {
			for i := range routeCases(targets{})[route] {
				if changed {
					address := []string{plantedAddress, plantedAddress6}[n%2]
					s = h.newTargets(fmt.Sprintf("%d-%d-%s", n, i, who), plantedEmail, address)
				}
				v := routeCases(s)[route][i]
				r := h.do(v.as(route, tokens[who]))
				changed = r.status < 400 && !strings.HasPrefix(route, "GET ")
				answers++
				if strings.Contains(string(r.body), v.shows) {
					shown++
				} else {
					t.Errorf("%s as %s lacks its content: %.300s", r.what, who, r.body)
				}
				where := fmt.Sprintf("%s as %s", r.what, who)
				wantNone(t, needles, where+" in its headers", fmt.Sprint(r.header))
				if strings.HasSuffix(route, "/email-reveal") && r.status == http.StatusOK {
					if strings.Contains(string(r.body), plantedEmail) {
						revealed++
					}
					continue
				}
				wantNone(t, needlesOf(route, needles), where, string(r.body))
			}
		}
	}
	if answers < 150 || shown != answers || revealed != 2 {
		t.Errorf("%d responses were checked, %d had their content, %d emails were revealed", answers, shown, revealed)
	}
	wantNone(t, needles, "the log", h.log.String())
	wantNone(t, needles, "the metrics", metrics.seen.String())
	if !strings.Contains(metrics.seen.String(), "POST /api/v1/sites/:site/comments 201") || !strings.Contains(h.log.String(), "route=/console") {
		t.Error("log or metrics hold nothing at all")
	}
	h.wantNoPlainBytes(h.database)
}

// wantNoPlainBytes requires that the files of an SQLite database hold neither email nor address in clear.
func (h *testServer) wantNoPlainBytes(path string) {
	h.t.Helper()
	// The facts keep the email's host, which does not identify a person.
	plain := map[string]string{"rosa.quill": "the email", plantedAddress: "the address", plantedAddress6: "the address"}
	for _, suffix := range []string{"", "-wal"} {
		wantNone(h.t, plain, "the file database"+suffix, string(must(os.ReadFile(path+suffix))(h.t)))
	}
}

// TestAGuessedEmailIsNeverConfirmed sends a stranger's comments under somebody else's email, with and without
// their name, and compares every public rendering: the stranger's comment must have nothing in common with
// the victim's that a comment under a third email does not have, too.
func TestAGuessedEmailIsNeverConfirmed(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		victim := h.submit("The same words, please publish it", fields{"author_email": plantedEmail, "author_name": "Rosa", "remember": true})
		again := h.submit("The same words, please publish it", fields{"author_email": plantedEmail, "author_name": "Rosa",
			"commenter_token": victim.CommenterToken})
		strangers := map[string]string{}
		for who, more := range map[string]fields{
			"with another name":                {"author_name": "Eve"},
			"with the name":                    {"author_name": "Rosa"},
			"with the name and a new browser":  {"author_name": "Rosa", "remember": true},
			"with another name, same spelling": {"author_name": "rosa", "remember": true},
		} {
			strangers[who] = h.submit("The same words, please publish it", fields{"author_email": plantedEmail}, more).Comment.ID
		}
		pseudonym := h.submit("The same words, please publish it", fields{"author_email": plantedEmail, "author_name": "Moss",
			"commenter_token": victim.CommenterToken})
		strangers["as another name of the same browser"] = pseudonym.Comment.ID
		control := h.submit("The same words, please publish it", fields{"author_email": "somebody@else.example", "author_name": "Rosa",
			"remember": true})
		for _, path := range []string{paperThread, "/sites/paper/thread?article=quay", "/sites/paper/page?article=quay",
			"/sites/paper/feed.atom?article=quay"} {
			body := string(h.get(path).body)
			public := map[string]bool{}
			for _, token := range renderedTokens(t, body, control.Comment.ID) {
				public[token] = true
			}
			own := renderedTokens(t, body, victim.Comment.ID)
			for who, id := range strangers {
				for _, token := range renderedTokens(t, body, id) {
					if slices.Contains(own, token) && !public[token] {
						t.Errorf("%s: the author of %s shares %q with the owner of the email", path, who, token)
					}
				}
			}
			shared := slices.DeleteFunc(renderedTokens(t, body, again.Comment.ID), func(token string) bool {
				return public[token] || !slices.Contains(own, token)
			})
			// HTML shows one of eight tints of an avatar, which the control may share by chance.
			if path == paperThread && len(shared) == 0 {
				t.Errorf("%s: the same name from the same browser has not kept its avatar", path)
			}
		}
	})
}

// TestAGuessedEmailChangesNoResponse sends, under the shipped rules, a copy of another reader's comment: the
// response must not depend on whether the sender knows the reader's email, and must not use up the reader's
// limits.
func TestAGuessedEmailChangesNoResponse(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		h.followShippedRules()
		send := func(email, address, body string) (status, reason string) {
			var a accepted
			h.do(call{method: http.MethodPost, path: paperComments, address: address,
				body: submission(body, fields{"author_email": email})}).want(http.StatusCreated, &a)
			return string(a.Comment.Status), a.Comment.PublicReason
		}
		const victims, strangers = "198.51.100.7", "203.0.113.9"
		texts := []string{"The bridge should have been repaired years ago."}
		for i := range 8 {
			texts = append(texts, fmt.Sprintf("Thought number %d about the bridge.", i))
		}
		for _, text := range texts {
			send(plantedEmail, victims, text)
		}
		if status, reason := send(plantedEmail, victims, texts[0]); status != "rejected" || reason == "" {
			t.Fatalf("the same again by the same person is %s: %q", status, reason)
		}
		for _, text := range []string{texts[0], "Another text."} {
			status, reason := send("nobody@else.example", strangers, text)
			if s, r := send(plantedEmail, strangers, text); s != status || r != reason {
				t.Errorf("%q is %s (%q) under the guessed email, and %s (%q) under another", text, s, r, status, reason)
			}
		}
		h.clock.advance(2 * time.Minute)
		for i := range 8 {
			send("ines@mail.example", strangers, fmt.Sprintf("Noise number %d.", i))
		}
		if status, reason := send("ines@mail.example", victims, "What she meant to say."); status != "pending" || strings.Contains(reason, "fast") {
			t.Errorf("after a stranger's flood the owner of the email is %s: %q", status, reason)
		}
	})
}

var tokenBreak = regexp.MustCompile(`[<>"{}\[\],=&]+`)

// renderedTokens returns the words and values that a page shows for one comment: from the first occurrence of
// its id to the start of the next comment.
func renderedTokens(t testing.TB, body, id string) []string {
	t.Helper()
	parts := commentStart.Split(body, -1)
	for i, start := range commentStart.FindAllString(body, -1) {
		if strings.Contains(start, id) {
			// After the last comment, the rest of the page follows.
			part, _, _ := strings.Cut(parts[i+1], "</article>")
			return tokenBreak.Split(strings.ReplaceAll(part, id, "ID"), -1)
		}
	}
	t.Fatalf("the page does not show the comment %s:\n%s", id, body)
	return nil
}

// commentStart matches the start of a comment in JSON, in HTML and in a feed.
var commentStart = regexp.MustCompile(`"id":"[0-9a-f-]{36}"|id="comment-[0-9a-f-]{36}"|<entry>\s*<id>[^<]*[0-9a-f-]{36}`)

func TestRefusalsDoNotRepeatAnEmail(t *testing.T) {
	h := newTestServer(t)
	needles := h.needles()
	for _, c := range []call{
		{path: paperComments, body: submission("x", fields{"author_email": plantedEmail + "@twice"})},
		{path: paperComments, body: submission("", fields{"author_email": plantedEmail})},
		{path: paperComments, body: submission("x", fields{"author_email": []string{plantedEmail}})},
		{path: paperComments, body: `{"author_email":"` + plantedEmail + `",`},
		{path: paperComments, body: submission("x", fields{"author_email": plantedEmail, "article": fields{"key": "nosuch"}})},
		{path: loginPath, body: fields{"email": plantedEmail, "password": "x"}},
		{path: loginPath + "?email=" + url.QueryEscape(plantedEmail), body: fields{}},
		{path: "/" + plantedEmail, body: fields{}},
	} {
		c.method, c.address, c.wrong = http.MethodPost, plantedAddress, true
		r := h.do(c)
		if r.status < 400 || r.status >= 500 {
			t.Errorf("%s: status %d", c.body, r.status)
		}
		wantNone(t, needles, "a refusal", fmt.Sprint(r.header)+string(r.body))
	}
	wantNone(t, needles, "the log", h.log.String())
}

// panicJudges panic with the judged text in their message.
type panicJudges struct{}

func (panicJudges) Judge(context.Context, string) (moderation.Judge, error) {
	return panicJudges{}, nil
}

func (panicJudges) Evaluate(_ context.Context, facts *rules.Facts) rules.Verdict {
	panic(facts.Author.Email + facts.Body + facts.Address.String())
}

func (panicJudges) DependsOnExternal(string) bool { return false }

func TestAPanicLogsNoRequestData(t *testing.T) {
	h := newTestServer(t, func(h *testServer) { h.Intake.Judges = panicJudges{} })
	r := h.do(call{method: http.MethodPost, path: paperComments, address: plantedAddress,
		body: submission("planted words", fields{"author_email": plantedEmail})})
	r.wantProblem(http.StatusInternalServerError, "internal")
	needles := h.needles()
	needles["planted words"] = "the text"
	wantNone(t, needles, "the answer", string(r.body))
	wantNone(t, needles, "the log", h.log.String())
	if !strings.Contains(h.log.String(), "panic of type string") {
		t.Errorf("the log lacks the panic:\n%s", h.log)
	}
}

func TestRevealingAnEmailNeedsAReasonAndLeavesAnAuditEntry(t *testing.T) {
	h := newTestServer(t)
	sent := h.submit("Who am I?", fields{"author_email": plantedEmail})
	reveal := call{method: http.MethodPost, path: "/api/v1/comments/" + sent.Comment.ID + "/email-reveal", token: h.ada()}
	reveal.body, reveal.wrong = fields{"reason": " "}, true
	h.do(reveal).wantProblem(http.StatusUnprocessableEntity, "invalid", "/reason required")
	reveal.body = fields{"reason": "A threat against a colleague."}
	var answer struct{ Email string }
	r := h.do(reveal).want(http.StatusOK, &answer)
	if answer.Email != plantedEmail || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("revealed is %q, to be kept %q", answer.Email, r.header.Get("Cache-Control"))
	}
	var entries int
	database := must(sql.Open("sqlite", "file:"+h.database+"?mode=ro"))(t)
	defer database.Close()
	err := database.QueryRowContext(t.Context(), `SELECT count(*) FROM audit_entries WHERE action = 'reveal_email' AND subject_id = $1
		AND reason = 'A threat against a colleague.' AND moderator_id <> ''`, sent.Comment.ID).Scan(&entries)
	if err != nil || entries != 1 {
		t.Errorf("the audit log has %d entries about it (%v)", entries, err)
	}
}
