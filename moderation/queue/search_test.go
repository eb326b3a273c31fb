package queue_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/queue"
	"rejoinder/moderation/text"
)

func TestASearchIsParsed(t *testing.T) {
	word := func(words ...string) queue.SearchTerm { return queue.SearchTerm{Words: words} }
	for name, tc := range map[string]struct {
		query string
		want  []queue.SearchTerm
	}{
		"all words are required":                  {"Free  money", []queue.SearchTerm{word("free"), word("money")}},
		"a phrase stays together":                 {`"free money" now`, []queue.SearchTerm{word("free", "money"), word("now")}},
		"a minus excludes":                        {`free -money -"act now"`, []queue.SearchTerm{word("free"), {Words: []string{"money"}, Without: true}, {Words: []string{"act", "now"}, Without: true}}},
		"a star matches a prefix":                 {`casin*`, []queue.SearchTerm{{Words: []string{"casin"}, Prefix: true}}},
		"a star may end a phrase":                 {`"free mon*"`, []queue.SearchTerm{{Words: []string{"free", "mon"}, Prefix: true}}},
		"a star may come after a phrase":          {`"free mon"*`, []queue.SearchTerm{{Words: []string{"free", "mon"}, Prefix: true}}},
		"one letter with a star is that letter":   {`a*`, []queue.SearchTerm{word("a")}},
		"a quote that stays open ends the text":   {`"free money`, []queue.SearchTerm{word("free", "money")}},
		"a host is found by its parts":            {`shop.example`, []queue.SearchTerm{word("shop", "example")}},
		"a minus within a word separates":         {`well-known`, []queue.SearchTerm{word("well", "known")}},
		"accents and case don't matter":           {`CAFÉ`, []queue.SearchTerm{word("cafe")}},
		"scripts without spaces go by the letter": {`日本語`, []queue.SearchTerm{word("日", "本", "語")}},
		"words of the engines are words":          {`a OR b NEAR AND`, []queue.SearchTerm{word("a"), word("or"), word("b"), word("near"), word("and")}},
		"signs alone ask for nothing":             {`- "" * ** -- !&|():' "*"`, nil},
		"nothing asks for nothing":                {" \t", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, queue.ParseSearch(tc.query)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParseSearch(f *testing.F) {
	for _, seed := range []string{`free "act now" -x y*`, `"`, `-"`, `*-*"`, "\x00\xff", `日本 "n`, "Å\u0301*", `'); DROP`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, term := range queue.ParseSearch(query) {
			if len(term.Words) == 0 {
				t.Fatalf("%q: a term without words", query)
			}
			for _, word := range term.Words {
				if again := text.SearchWords(word); len(again) != 1 || again[0] != word {
					t.Fatalf("%q: %q becomes %q", query, word, again)
				}
				if strings.ContainsAny(word, `'"\&|!<>():*^+-`+"{} \x00") {
					t.Fatalf("%q: %q has a sign", query, word)
				}
			}
		}
	})
}
