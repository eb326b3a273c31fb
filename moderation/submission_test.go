package moderation

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func goodSubmission() Submission {
	return Submission{
		SiteSlug: "gazette", Article: ArticleRef{Key: "a-1"},
		AuthorName: "Ada", AuthorEmail: "ada@mail.example", Body: "A good point, well made.",
	}
}

func TestPrepareNamesEveryFault(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Submission)
		want   []string // pointer and code
	}{
		{"a complete submission has none", func(*Submission) {}, nil},
		{"an empty one lacks all that is required",
			func(s *Submission) { *s = Submission{} },
			[]string{"/article/key required", "/author_name required", "/author_email required", "/body required"}},
		{"blank counts as empty",
			func(s *Submission) { s.AuthorName, s.AuthorEmail, s.Body = " \t", "  ", " \n\n " },
			[]string{"/author_name required", "/author_email required", "/body required"}},
		{"a text that shows nothing counts as empty", func(s *Submission) { s.Body = "> ***" }, []string{"/body required"}},
		{"a text of marks that are shown does not", func(s *Submission) { s.Body = "[Edit]: solved" }, nil},
		{"a name of 100 characters fits", func(s *Submission) { s.AuthorName = strings.Repeat("é", 100) }, nil},
		{"a name of 101 characters does not",
			func(s *Submission) { s.AuthorName = strings.Repeat("é", 101) }, []string{"/author_name too_long"}},
		{"a name must be visible", func(s *Submission) { s.AuthorName = "\u200b\u2060" }, []string{"/author_name required"}},
		{"a body of 10,000 characters fits", func(s *Submission) { s.Body = strings.Repeat("ü", 10_000) }, nil},
		{"a body of 10,001 characters does not",
			func(s *Submission) { s.Body = strings.Repeat("ü", 10_001) }, []string{"/body too_long"}},
		{"invalid UTF-8 is refused where it is",
			func(s *Submission) { s.AuthorName, s.Body = "A\xffda", "B\xc3" },
			[]string{"/author_name malformed", "/body malformed"}},
		{"NUL is refused where it is",
			func(s *Submission) { s.AuthorName, s.Body, s.Article.Key = "A\x00da", "B\x00", "k\x00" },
			[]string{"/article/key malformed", "/author_name malformed", "/body malformed"}},
		{"an email needs its form", func(s *Submission) { s.AuthorEmail = "ada at mail" }, []string{"/author_email malformed"}},
		{"two addresses are not one",
			func(s *Submission) { s.AuthorEmail = "a@mail.example,b@mail.example" }, []string{"/author_email malformed"}},
		{"a website is http or https",
			func(s *Submission) { s.AuthorURL = "javascript:alert(1)" }, []string{"/author_url malformed"}},
		{"an article key has 512 bytes at most",
			func(s *Submission) { s.Article.Key = strings.Repeat("é", 257) }, []string{"/article/key too_long"}},
		{"a parent is an id", func(s *Submission) { s.ParentID = "1' OR '1'='1" }, []string{"/parent_id unknown"}},
		{"an idempotency key has 255 bytes at most",
			func(s *Submission) { s.IdempotencyKey = strings.Repeat("k", 256) }, []string{"/Idempotency-Key too_long"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := goodSubmission()
			tc.change(&s)
			if diff := cmp.Diff(tc.want, faultsOf(t, s.prepare())); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func faultsOf(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var invalid *Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("not a list of faults: %v", err)
	}
	var list []string
	for _, f := range invalid.Fields {
		if f.Detail == "" || !strings.HasSuffix(f.Detail, ".") {
			t.Errorf("%s %s has no sentence for people: %q", f.Pointer, f.Code, f.Detail)
		}
		list = append(list, f.Pointer+" "+f.Code)
	}
	return list
}

func TestFaultsNeverQuoteValues(t *testing.T) {
	s := goodSubmission()
	s.AuthorEmail = "secret.person@@mail.example"
	err := s.prepare()
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error for the log is %q", err)
	}
}

func TestInvisibleTextIsRefusedEverywhere(t *testing.T) {
	for _, body := range []string{"\u200b", "<!-- a -->", "***", "> ", "![]()", "&nbsp;", "```\n```"} {
		s := goodSubmission()
		s.Body = body
		_, preview := Preview(body)
		for where, err := range map[string]error{"comment": s.prepare(), "preview": preview} {
			if diff := cmp.Diff([]string{"/body required"}, faultsOf(t, err)); diff != "" {
				t.Errorf("%q as a %s: faults (-want +got):\n%s", body, where, diff)
			}
		}
	}
}
