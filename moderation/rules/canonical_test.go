package rules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// seedDisguises stands in for the corpus where there is none: a disguised spelling, a label, and the word
// itself.
const seedDisguises = "b4dger\tbad\tbadger\nb-dg-r\tbad\tbadger\nm111\tbad\tmill\n" +
	"mi ll\tbad\tmill\nd v c k\tbad\tduck\nduckface\tbad\tduck\nducking\tbad\tduck\nd--k\tbad\tduck\n"

// canonicalWords returns the corpus of disguised spellings, and each word that one of them stands for once.
func canonicalWords(t *testing.T) (source string, words []string) {
	t.Helper()
	folder := os.Getenv("REJOINDER_CORPORA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "corpora")
	}
	source = seedDisguises
	if raw, err := os.ReadFile(filepath.Join(folder, "words", "surge.tsv")); err == nil {
		source = string(raw)
	} else if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("there are corpora, but not this one")
	}
	for line := range strings.Lines(source) {
		if columns := strings.Split(strings.TrimSpace(line), "\t"); len(columns) > 2 && !strings.HasPrefix(line, "#") {
			words = append(words, columns[2])
		}
	}
	slices.Sort(words)
	return source, slices.Compact(words)
}

func TestWordsInALooseListFindTheirDisguises(t *testing.T) {
	source, words := canonicalWords(t)
	var document strings.Builder
	document.WriteString("default: approve\nlists:\n  words:\n    mode: loose\n    terms:\n")
	for _, word := range words {
		fmt.Fprintf(&document, "      - %q\n", word)
	}
	document.WriteString("rules: [{id: found, when: listed(\"words\"), then: hold, reason: x}]\n")
	rs, err := Parse(t.Context(), []byte(document.String()))
	if err != nil {
		t.Fatal(err)
	}
	cases, err := ReadCases(strings.NewReader(source), "bad")
	if err != nil {
		t.Fatal(err)
	}
	result, _, err := rs.Eval(context.Background(), cases, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if want := 0.83; result.Cases == 0 || source != seedDisguises && result.Recall < want || result.Recall < 0.75 {
		t.Errorf("%+v, want %v of the spellings found", result, want)
	}
}

func TestShippedListsLeaveOrdinaryTextAlone(t *testing.T) {
	rs, err := Parse(t.Context(), Default())
	if err != nil {
		t.Fatal(err)
	}
	for name, bodies := range map[string][]string{
		"French":             {"Je suis en retard.", "Le train a du retard."},
		"German":             {"Das ist dick.", "Das Buch ist nicht dick.", "Kraut und Rüben"},
		"Spanish":            {"el gato negro", "Es un perro negro.", "Rio Negro"},
		"Swedish":            {"bra fart", "Jag fick det.", "slut på året", "en kock"},
		"medicine":           {"breast cancer", "spastic diplegia", "What is the ABO system?", "a urine sample"},
		"names":              {"Offa's Dyke", "Uncle Tom's Cabin", "Dick Van Dyke", "Moby Dick", "John Lee Hooker"},
		"food":               {"faggots and peas", "chicken breast", "pork faggots", "cocktails"},
		"sports":             {"sambo wrestling", "golf balls"},
		"plants and animals": {"great tits", "pussy willow", "Maine coon"},
		"light and smoke":    {"chinks of light", "fag ends"},
		"signs":              {"see prices***", "well--then", "5 stars *****", "QQQ"},
	} {
		for _, body := range bodies {
			if v := rs.Evaluate(context.Background(), Neutral(body)); v.Action != Approve {
				t.Errorf("%s: %q is flagged: %+v", name, body, v.Hits)
			}
		}
	}
}

func TestShippedListsSeeThroughDisguises(t *testing.T) {
	rs, err := Parse(t.Context(), Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"f***", "f--k", "b****", "f-ck", "f.\nu.\nc.\nk.", "wa nker", "SHlT", "|=uck", "ffuck", "ﬀuck", "🇫 🇺 🇨 🇰",
		"youidiot", "killyourself", "kys", "shaggin", "fockin", "mothafecka", "whorish", "dumbbitch", "fvcк", "sh!+", "n1g3r", "breasts", "hell"} {
		if v := rs.Evaluate(context.Background(), Neutral(body)); v.Action == Approve {
			t.Errorf("%q is not flagged", body)
		}
	}
}
