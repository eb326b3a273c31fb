package reader

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// hostile are texts that try to break out of their place in the page.
var hostile = []string{
	"", "Ines Weber", "عمر", `"><script>alert(1)</script>`, `' onmouseover='alert(1)`, "a&amp;b &lt; c + d", "\x00\x01\t\n\r\u2028\ufffe\ufdd0",
	"\xff\xfe broken \xc3", "{name} {{.ID}} {n}", "<!-- --> ]]> </article>", "\u202eright to left\u202c", "`${x}`", strings.Repeat("é'\"", 30),
}

var hostileURLs = []string{
	"", "https://harbour.example/quay?a=1&b=2#c", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>", "HTTP://x.example/'\"<>",
	"mailto:a+b@c.example", "//evil.example", "/%41%zz%", "%", "#fragment", "?q=é ü\x00\xff", "a:b/c", "a/b:c", "://", "\thttps://x.example", "ſ:x", "http\u017f:x",
	"httpſ:x", "https://paypal.com.evil.example/(a)[b]{c}|d^e\\f", "/comments/1/report?lang=de",
}

// hostileLanguage is English with texts that are full of markup.
func hostileLanguage(t testing.TB) *locale.Language {
	t.Helper()
	raw, err := json.Marshal(locale.Languages()[0])
	var catalogue map[string]any
	if err == nil {
		err = json.Unmarshal(raw, &catalogue)
	}
	if err != nil {
		t.Fatal(err)
	}
	spoil := func(texts map[string]any) {
		for key, text := range texts {
			texts[key] = fmt.Sprintf(`"%v'+<b>&amp; {name}{unknown}{`, text)
		}
	}
	spoil(catalogue["texts"].(map[string]any))
	for _, forms := range catalogue["counts"].(map[string]any) {
		spoil(forms.(map[string]any))
	}
	catalogue["moment"], catalogue["date"], catalogue["thousands"] = `{time}"<'{date}`, "{day}&{month}>{year}", "+'"
	if raw, err = json.Marshal(catalogue); err != nil {
		t.Fatal(err)
	}
	words, err := locale.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// commentTemplate writes a comment as a template does.
func commentTemplate(t testing.TB, words *locale.Language) *template.Template {
	t.Helper()
	parsed, err := template.New("").Funcs(template.FuncMap{
		"t": words.Text, "count": words.Count, "number": words.Number, "moment": words.Moment, "machineTime": page.MachineTime,
		"deadline": func(key string, at time.Time) template.HTML { return page.Deadline(words, key, at) },
	}).ParseFiles("testdata/comment.html")
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func fromTemplate(t testing.TB, parsed *template.Template, name string, view any) string {
	t.Helper()
	var b strings.Builder
	if err := parsed.ExecuteTemplate(&b, name, view); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func written(v *commentView, words *locale.Language) string {
	var w page.Writer
	writeComments(&w, []*commentView{v}, words)
	return string(w.HTML())
}

// randomComment is a comment in any state, with replies down to a depth.
func randomComment(r *rand.Rand, depth int) *commentView {
	text := func() string { return hostile[r.IntN(len(hostile))] }
	url := func() string { return hostileURLs[r.IntN(len(hostileURLs))] }
	yes := func() bool { return r.IntN(2) == 0 }
	at := func() time.Time { return time.Unix(r.Int64N(1<<33)-1<<32, 0).In(time.FixedZone("", r.IntN(7200))) }
	v := &commentView{
		ID: text(), ParentID: text(), Tombstone: r.IntN(5) == 0, Focused: yes(), AuthorName: text(), AuthorURL: url(), Staff: yes(), Pinned: yes(), Featured: yes(),
		Avatar: page.Avatar{Seed: fmt.Sprintf("%08x", r.Uint32()), Name: text()}, CreatedAt: at(), Edited: yes(), HTML: template.HTML("<p>" + text() + "</p>"),
		Permalink: url(), ParentName: text(), ParentURL: url(), ReplyURL: url(), ReportURL: url(), CopyURL: url(), MoreURL: url(), Below: r.IntN(3),
		Voted: []string{"", page.VoteReplaced, page.VoteCounted}[r.IntN(3)],
	}
	if yes() {
		v.Votes = &votesView{ID: text(), Up: r.IntN(3), Down: r.IntN(5_000_000), Both: yes()}
	}
	if yes() {
		states := []moderation.Status{moderation.StatusPending, moderation.StatusApproved, moderation.StatusRejected, moderation.StatusDeleted}
		v.Own = &authorView{State: states[r.IntN(len(states))], Notice: text(), StatusURL: url(), MayAppeal: yes()}
		if yes() {
			v.Own.EditUntil = at()
		}
	}
	for depth > 0 && r.IntN(3) > 0 && len(v.Replies) < 3 {
		v.Replies = append(v.Replies, randomComment(r, depth-1))
	}
	return v
}

func TestCommentsAreWrittenLikeTheirTemplate(t *testing.T) {
	for _, words := range append(locale.Languages(), hostileLanguage(t)) {
		parsed, r := commentTemplate(t, words), rand.New(rand.NewPCG(1, 2))
		for range 400 {
			v := randomComment(r, 3)
			want, got := fromTemplate(t, parsed, "comment", v), written(v, words)
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
				t.Fatalf("in %s (-template +written):\n%s", words.Tag, diff)
			}
		}
	}
}

func TestVotesAreWrittenLikeTheirTemplate(t *testing.T) {
	words := hostileLanguage(t)
	parsed := commentTemplate(t, words)
	for _, notice := range []string{"", page.VoteReplaced, page.VoteCounted} {
		for _, both := range []bool{false, true} {
			view := votedView{Frame: page.Frame{Locale: words}, Votes: votesView{ID: `1"<`, Up: 1, Down: 12345, Both: both}, Notice: notice}
			want := fromTemplate(t, parsed, "votes", view.Votes)
			if notice != "" {
				want += fromTemplate(t, parsed, "vote-notice", notice)
			}
			if diff := cmp.Diff(want, string(view.HTML())); diff != "" {
				t.Errorf("(-template +written):\n%s", diff)
			}
		}
	}
}

// FuzzComment compares comments with the output of a template, for texts that the fuzzer finds.
func FuzzComment(f *testing.F) {
	words := hostileLanguage(f)
	parsed := commentTemplate(f, words)
	for i, text := range hostile {
		f.Add(uint64(i), text, hostileURLs[i])
	}
	f.Fuzz(func(t *testing.T, seed uint64, text, url string) {
		v := randomComment(rand.New(rand.NewPCG(seed, 0)), 1)
		v.ID, v.AuthorName, v.ParentName, v.AuthorURL, v.Permalink, v.ReplyURL = text, text, text, url, url, url
		if v.Own != nil {
			v.Own.Notice, v.Own.StatusURL = text, url
		}
		want, got := fromTemplate(t, parsed, "comment", v), written(v, words)
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("(-template +written):\n%s", diff)
		}
	})
}
