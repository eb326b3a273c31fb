package handlers_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rejoinder/auth"
	"rejoinder/moderation/text"
)

// corpus returns the content of a file of the corpora folder, or of the seed if there is no such folder. A
// folder that lacks the file is an error.
func corpus(t testing.TB, name, seed string) []byte {
	t.Helper()
	folder := os.Getenv("REJOINDER_CORPORA")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "corpora")
	}
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return []byte(seed)
	}
	return must(os.ReadFile(filepath.Join(folder, filepath.FromSlash(name))))(t)
}

const naughtySeed = `["", "null", "\u202etest\u202c", "\u200b", "Ω≈ç√∫", "<script>alert(1)</script>", "👩‍👩‍👧", "'; DROP TABLE comments"]`

// strange returns the texts of all corpora of strange texts and emails.
func strange(t testing.TB) []string {
	t.Helper()
	var all []string
	if err := json.Unmarshal(corpus(t, "unicode/blns.json", naughtySeed), &all); err != nil {
		t.Fatal(err)
	}
	for _, file := range []struct{ name, seed string }{
		{"unicode/utf8tests.txt", "valid: κόσμε\noverlong: \xc0\xaf\nsurrogate: \xed\xa0\x80\nalone: \x80\ncut: \xf0\x90\x80\n"},
		{"email/isemail_3.05.tsv", "a@b.example\tvalid\n\"quoted words\"@mail.example\tvalid\n@\tinvalid\n"},
		{"email/json_schema_suite.tsv", "joe@mail.example\tvalid\njoe@[127.0.0.1]\tvalid\n.joe@mail.example\tinvalid\n"},
	} {
		before := len(all)
		for line := range strings.Lines(string(corpus(t, file.name, file.seed))) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasSuffix(file.name, ".tsv") {
				line, _, _ = strings.Cut(line, "\t")
				line = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r").Replace(line)
			}
			all = append(all, line)
		}
		if len(all) == before {
			t.Fatalf("%s: no cases were read", file.name)
		}
	}
	return all
}

// rawString writes a JSON string without repairing what is not UTF-8.
func rawString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20:
			b.WriteString(`\u00` + strconv.FormatUint(uint64(c>>4), 16) + strconv.FormatUint(uint64(c&15), 16))
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// strangeFields are the fields that get the strange text, in the order of the form.
var strangeFields = []string{"author_name", "author_email", "body"}

// strangeSubmission has a strange text in some fields.
func strangeSubmission(s string, in ...string) string {
	all := map[string]string{"author_name": `"Ines"`, "author_email": `"ines@mail.example"`, "body": `"a thought"`}
	for _, field := range in {
		all[field] = rawString(s)
	}
	return `{"article":{"key":"quay"},"author_name":` + all["author_name"] + `,"author_email":` + all["author_email"] + `,"body":` + all["body"] + `}`
}

func TestStrangeTextsComeBackAsTheyWereSentOrAreRefusedWithAPointer(t *testing.T) {
	texts := strange(t)
	eachEngine(t, func(h *testServer) {
		h.registerModerator("Root", auth.RoleAdmin)
		came := map[string]int{}
		for _, s := range texts {
			h.clock.advance(25 * time.Hour) // so that no flood is counted
			if !utf8.ValidString(s) {
				for _, field := range strangeFields {
					p := h.sendStrange(s, field).wantProblem(http.StatusBadRequest, "malformed")
					if len(p.Errors) != 1 || p.Errors[0].Pointer != "/"+field {
						h.t.Errorf("%s %q: the faults are %+v", field, s, p.Errors)
					}
				}
				continue
			}
			h.checkStrangeText(s, came)
		}
		for _, field := range strangeFields {
			if came[field] == 0 {
				h.t.Errorf("nothing was accepted as %s", field)
			}
		}
	})
}

func (h *testServer) sendStrange(s string, in ...string) reply {
	return h.do(call{method: http.MethodPost, path: paperComments, body: strangeSubmission(s, in...), wrong: true})
}

// checkStrangeText sends a text in all fields, and again in the fields that accepted it.
func (h *testServer) checkStrangeText(s string, came map[string]int) {
	h.t.Helper()
	left := strangeFields
	r := h.sendStrange(s, left...)
	if r.status != http.StatusCreated {
		refused := r.wantProblem(http.StatusUnprocessableEntity, "invalid")
		left = slices.DeleteFunc(slices.Clone(left), func(field string) bool {
			return slices.ContainsFunc(refused.Errors, func(e fault) bool { return e.Pointer == "/"+field })
		})
		if len(left)+len(refused.Errors) != len(strangeFields) {
			h.t.Errorf("%q: the faults are %+v", s, refused.Errors)
		}
		r = h.sendStrange(s, left...)
	}
	var a accepted
	r.want(http.StatusCreated, &a)
	for _, field := range left {
		came[field]++
		h.wantUnchanged(a, field, s)
	}
}

// blankLines are those at the beginning of a text. The indent of its first line is Markdown.
var blankLines = regexp.MustCompile(`^([ \t]*\n)+`)

// wantUnchanged compares the values shown to the writer, or in the case of the email to an administrator,
// with the sent ones.
func (h *testServer) wantUnchanged(a accepted, field, sent string) {
	h.t.Helper()
	var own struct{ Comment ownComment }
	h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + a.Comment.ID, token: a.Receipt}).want(http.StatusOK, &own)
	want, err := text.Clean(sent)
	got := own.Comment.Body
	switch field {
	case "body":
		want = blankLines.ReplaceAllString(strings.TrimRight(want, " \t\n"), "")
	case "author_name":
		want, err = text.CleanLine(sent)
		got = own.Comment.AuthorName
	case "author_email":
		var revealed struct{ Email string }
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + a.Comment.ID + "/email-reveal", token: h.login(moderatorEmail("Root"), moderatorPassword),
			body: fields{"reason": "a test"}}).want(http.StatusOK, &revealed)
		want, got = strings.TrimSpace(sent), revealed.Email
	}
	if err != nil || got != want {
		h.t.Errorf("%s %q came back as %q, want %q (%v)", field, sent, got, want, err)
	}
}
