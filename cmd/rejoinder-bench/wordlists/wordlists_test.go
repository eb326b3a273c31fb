package wordlists

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHunspellStemsGetTheSuffixesThatFit(t *testing.T) {
	dir := t.TempDir()
	aff := "SET UTF-8\nFLAG long\nNEEDAFFIX ()\nFORBIDDENWORD {}\n" +
		"SFX S. Y 2\nSFX S. 0 s [^sx]\nSFX S. al aux al\nSFX A. Y 1\nSFX A. er ons/XX er\n"
	dic := "4\ncheval/S. po:nom\nchat/S.\nmanger/A.()\nfaute/{}\n"
	for name, content := range map[string]string{"xx.aff": aff, "xx.dic": dic} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	err := readHunspell(filepath.Join(dir, "xx"), func(form string, _ bool) { got = append(got, form) })
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"cheval", "chevals", "chevaux", "chat", "chats", "mangons"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheWordsOfAGraphAreRead(t *testing.T) {
	// Characters: 1 = a, 2 = b. Words: "a", "ab", "b". The bits of an edge: 2 for the character, 3 flags, the
	// target.
	edge := func(char, flags, target uint64) uint64 { return char | flags<<2 | target<<5 }
	words := binary.LittleEndian.AppendUint16(nil, 42)
	words = binary.LittleEndian.AppendUint32(words, 3)
	words = binary.LittleEndian.AppendUint32(words, 3)
	for _, e := range []uint64{edge(1, wordEnd, 2), edge(2, wordEnd|lastEdge, 0), edge(2, wordEnd|lastEdge, 0)} {
		words = binary.LittleEndian.AppendUint64(words, e)
	}
	g, err := parseGraph(words, []byte("3\nNULL 0\na 3 x\nb 3 x\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	g.walk(0, nil, func(word string) { got = append(got, word) })
	if diff := cmp.Diff([]string{"a", "ab", "b"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenSourcesAreErrors(t *testing.T) {
	path := write(t, "broken", "no list of words")
	if err := readTesseract(path, func(string) {}); err == nil {
		t.Error("readTesseract accepts a text file")
	}
	if err := readCatalogue(path, func(string) {}); err == nil {
		t.Error("readCatalogue accepts a text file")
	}
	if _, err := Build(t.TempDir(), t.TempDir()); err == nil {
		t.Error("Build accepts empty folders")
	}
}

func TestEntriesAreSplitIntoWords(t *testing.T) {
	var got []string
	for _, raw := range []string{"l'Homme", "O'Neill", "A4", "don't", "Saint-Étienne", "Straße", "aб", "NATO", "www.x.org"} {
		eachWord(raw, func(word string, _ spelling) { got = append(got, word) })
	}
	if diff := cmp.Diff([]string{"homme", "neill", "don", "saint", "étienne", "strasse", "nato"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestOffensiveWordsAreLeftOutOfTheirLanguageWithTheirForms(t *testing.T) {
	dir := t.TempDir()
	list := "# words\nmode: loose\n*slut*, gimp, foul mouth\nwhole: scum\nexcept: scuttle\n"
	if err := os.WriteFile(filepath.Join(dir, "insults-en.txt"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	bad, err := readOffensive(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"slut", "sluts", "slutty", "gimps", "scum"} {
		if !bad.has(word, "en") {
			t.Errorf("%q counts as ordinary", word)
		}
	}
	for _, word := range []string{"foul", "mouth", "scuttle", "gimpel"} {
		if bad.has(word, "en") {
			t.Errorf("%q counts as offensive", word)
		}
	}
	if bad.hasRelated("slut", "sv", map[string]bool{"slut": true}) || !bad.hasRelated("gimp", "sv", nil) {
		t.Error("an English term is not left out of Swedish unless Swedish has the word")
	}
}

func TestSharedWordsBelongToLanguagesOfTheTable(t *testing.T) {
	for code, words := range readShared() {
		if !slices.ContainsFunc(sources, func(l language) bool { return l.code == code }) || len(words) == 0 {
			t.Errorf("shared.txt has a line for %q", code)
		}
	}
}
