package text

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// heaped returns a letter with n of each of the marks.
func heaped(letter string, marks string, n int) string { return letter + strings.Repeat(marks, n) }

func TestAtMostFourMarksInARowAreShown(t *testing.T) {
	for name, s := range map[string]string{
		"accents":                     heaped("a", "\u0300\u0316", 40),
		"accents on every letter":     strings.Repeat(heaped("z", "\u0351", 9), 5),
		"enclosing marks":             heaped("1", "\u20dd\u20de\u20e3", 5),
		"Thai vowels":                 heaped("ก", "\u0e49", 30),
		"Arabic vowels":               heaped("ب", "\u064e\u0651", 30),
		"Hebrew points":               heaped("ש", "\u05b0\u0591", 30),
		"marks without a letter":      heaped("", "\u0363", 30),
		"with joiners between them":   heaped("a", "\u0301\u200d\u0302\u200c\ufe0f", 30),
		"in emphasis":                 "*" + heaped("a", "\u0301", 5) + "*" + heaped("", "\u0301", 9),
		"marks of entities":           heaped("a", "&#x301;", 30),
		"behind an angle bracket":     "<" + heaped("", "\u0338", 30) + ">" + heaped("", "\u0338", 30),
		"with spacing marks in there": heaped("क", "\u0941\u093e", 30),
	} {
		rendered, err := Read(s).HTML()
		if err != nil {
			t.Fatal(err)
		}
		line, err := CleanLine(s)
		if err != nil {
			t.Fatal(err)
		}
		for where, shown := range map[string]string{"text": shownOf(t, rendered), "name": line} {
			row := 0
			for _, r := range shown {
				switch {
				case unicode.In(r, unicode.Mn, unicode.Me):
					row++
				case !hidden(r) && !unicode.Is(unicode.Mc, r):
					row = 0
				}
				if row > 4 {
					t.Errorf("%s in a %s: %+q", name, where, shown)
					break
				}
			}
		}
	}
}

// Words with as many marks as their language uses.
func TestMarksOfOrdinaryWordsStay(t *testing.T) {
	for language, words := range map[string]string{
		"Thai":                "ที่นี่ ปั๊ม น้ำ เกี๊ยว ผู้ใหญ่",
		"Lao":                 "ສະບາຍດີ ເຂົ້າໜົມ ຜູ້ໃຫຍ່",
		"Vietnamese":          "Tiếng Việt Nguyễn đường phở những ngữ nghĩa",
		"Vietnamese, apart":   norm.NFD.String("Tiếng Việt Nguyễn đường phở những ngữ nghĩa"),
		"Devanagari":          "नमस्ते कर्त्ता श्रृंखला ज्यों द्वन्द्व त्र्यंबकं हिन्दी",
		"Bengali":             "বাংলা স্বাস্থ্য রাষ্ট্র ক্ষুদ্র",
		"Tamil":               "வணக்கம் ஸ்ரீ க்ஷேத்திரம்",
		"Burmese":             "မျှော်လင့်ချက် ကြွေးကြော်သံ ကျွန်ုပ်",
		"Khmer":               "ស្ត្រី ភ្នំពេញ ញ៉ាំ កញ្ច្រែង",
		"Tibetan":             "བཀྲ་ཤིས་བདེ་ལེགས རྒྱུན སྒྲུབ",
		"Arabic":              "مُحَمَّدٌ اَللّٰهُ السَّلَامُ عَلَيْكُمْ",
		"Koranic Arabic":      "ٱلرَّحۡمَٰنِ ٱلرَّحِيمِ يُؤۡمِنُونَۖ",
		"Hebrew":              "שָׁלוֹם בְּרֵאשִׁית",
		"Hebrew with accents": "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם וְאֵ֥ת הָאָֽרֶץ",
		"Greek":               "ᾧ ἔργον ᾠδή",
		"Yoruba":              norm.NFD.String("Ọ̀rúnmìlà ẹ̀kọ́"),
		"keycaps and flags":   "1️⃣ 🏳️‍🌈 👩🏽‍🚀 🇩🇪",
	} {
		composed := norm.NFC.String(words)
		if rendered, err := Read(words).HTML(); err != nil || shownOf(t, rendered) != words {
			t.Errorf("%s: a text shows %+q, %v; want %+q", language, rendered, err, words)
		}
		if name, err := CleanLine(words); err != nil || name != composed {
			t.Errorf("%s: a name is %+q, %v; want %+q", language, name, err, composed)
		}
	}
}

func TestOverridesOfDirectionAreNotShown(t *testing.T) {
	out, err := Read("a \u202emoc.elpmaxe\u202c b \u2067ש\u2069").HTML()
	if err != nil || strings.ContainsAny(out, "\u202d\u202e") || !strings.Contains(out, "\u2067ש\u2069") {
		t.Errorf("rendered %+q, %v", out, err)
	}
}

func TestBlankTextsShowNothing(t *testing.T) {
	for _, s := range []string{
		"", " \n\t", "\u200b\u2060", "\u00a0\u3000", "&nbsp;", "&#8203;\u00ad", "***", "---\n\n___", "> ", ">\n> >", "![]()", "[]()", "[]( <> )", "<!-- a -->",
		"<!-- a -->\n\n<!-- b\nc -->", "```\n```", "```go\n\n```", "\u0301", "> ***", "\u202e", "[\u200b]()",
	} {
		if !Read(s).Blank() {
			out, _ := Read(s).HTML()
			t.Errorf("%q is not blank, but shows %q", s, out)
		}
	}
	for _, s := range []string{
		"a", "?", "…", "🙂", "5)", "-", "[Edit]: solved", "[a][b]", "#", ">_<", "> a", "[](b)", "![](b.png)", "[](http://a.example)", "<!-- a --> b", "<!-- a",
		"```\na\n```", "`a`", "&amp;", "* * *\na", "<b></b>", "1. a", strings.Repeat(" ", MaxRenderBytes+1), "\xff",
	} {
		if Read(s).Blank() {
			t.Errorf("%q is blank", s[:min(len(s), 30)])
		}
	}
}
