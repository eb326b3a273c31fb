package rules

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// largeRuleset returns a document with that many terms in ten lists, and 100 rules of the usual kinds.
func largeRuleset(terms int) string {
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("lists:\n")
	modes := []string{"word", "word", "word", "word", "prefix", "word", "word", "substring", "word", "exact"}
	for l, mode := range modes {
		fmt.Fprintf(&b, "  list-%d:\n    mode: %s\n    terms:\n", l, mode)
		for range terms / len(modes) {
			fmt.Fprintf(&b, "      - \"%s\"\n", inventedTerm(random, mode))
		}
	}
	b.WriteString("rules:\n")
	conditions := []string{
		"listed(\"list-%d\")", "listed(\"list-%d\") && author.approved < 3", "links.count > %d", "text.length > 100%d",
		"author.spam > %d && !author.confirmed", "velocity.address_1h > 1%d", "form.age_known && form.age_seconds < 2 && reply.depth == %d",
		"similarity.site_24h > %d", "article.closed && reply.depth > %d", "text.capitals > 0.8 && text.letters > 5%d",
	}
	for i := range 100 {
		fmt.Fprintf(&b, "  - {id: rule-%d, then: hold, reason: \"Fires.\", when: '%s'}\n", i, fmt.Sprintf(conditions[i%10], i/10))
	}
	return b.String()
}

func inventedTerm(random *rand.Rand, mode string) string {
	word := func() string {
		letters := make([]byte, 5+random.IntN(6))
		for i := range letters {
			letters[i] = "abcdefghijklmnopqrstuvwxyz"[random.IntN(26)]
		}
		return string(letters)
	}
	if mode == "word" && random.IntN(4) == 0 {
		return word() + " " + word()
	}
	return word()
}

// plainComment is 500 bytes of what people write.
var plainComment = strings.Repeat("The mill by the harbour was built when the tide still reached the old wall, and my grandfather worked there. ", 5)[:500]

func benchmarkEvaluate(b *testing.B, terms int) {
	rs, err := Parse(b.Context(), []byte(largeRuleset(terms)))
	if err != nil {
		b.Fatal(err)
	}
	facts := Neutral(plainComment)
	b.ReportAllocs()
	for b.Loop() {
		rs.Evaluate(context.Background(), facts)
	}
	b.ReportMetric(40_000, "limit-ns/op")
	b.ReportMetric(50, "limit-allocs/op")
}

func BenchmarkEvaluate(b *testing.B)                   { benchmarkEvaluate(b, 10_000) }
func BenchmarkEvaluateWithHundredthTerms(b *testing.B) { benchmarkEvaluate(b, 100) }

// benchSentences make comments of which no two are alike.
var benchSentences = []string{
	"The council promised a new bridge in 2019, and we are still waiting for the first stone.",
	"My daughter takes the 7:40 bus to school, which is late three days out of five.",
	"I don't agree with Marianne, but she has a point about the rents in Harbour Street.",
	"Did anybody read the report of the auditors? Page 12 says it all: nobody knew what it would cost!",
	"You can't compare Leeds with Copenhagen; the hills alone make cycling a different thing.",
	"Thanks for this article, it's the first one that asks the shopkeepers what they think.",
	"Honestly, the old ferry was faster (and cheaper) than this train will ever be.",
	"As somebody who worked at the mill for thirty years, I can tell you that the noise was never the problem.",
	"So the mayor wants our opinion noww, after the trees are gone?",
	"There is a good map at https://www.library.example/maps that shows where the river used to be.",
}

// BenchmarkEvaluateShipped reads and judges a new comment each time, as the server does.
func BenchmarkEvaluateShipped(b *testing.B) {
	rs, err := parseExtending(b.Context(), Default(), Shipped)
	if err != nil {
		b.Fatal(err)
	}
	rs.LoadLists()
	random := rand.New(rand.NewPCG(1, 2))
	texts := make([]string, 500)
	for i := range texts {
		for len(texts[i]) < 420 {
			texts[i] += benchSentences[random.IntN(len(benchSentences))] + " "
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		rs.Evaluate(context.Background(), Neutral(texts[i%len(texts)]))
	}
}

// BenchmarkCompileShipped is what only the first evaluation costs.
func BenchmarkCompileShipped(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		compileShippedLoose()
		compileShippedWords()
	}
}

func BenchmarkParseDefault(b *testing.B) {
	for b.Loop() {
		if _, err := parseExtending(b.Context(), Default(), Shipped); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseLarge(b *testing.B) {
	source := []byte(largeRuleset(10_000))
	for b.Loop() {
		if _, err := Parse(b.Context(), source); err != nil {
			b.Fatal(err)
		}
	}
}
