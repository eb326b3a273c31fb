package transfer

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// scannedToken is a token, where it ends, and the error instead of it.
type scannedToken struct {
	Kind       xmlKind
	Name, Text string
	Attributes []xml.Attr
	End        int64
	Err        string
}

// scannedTokens returns the tokens of a text up to an error. Without quick, encoding/xml reads all of them.
func scannedTokens(from io.Reader, quick bool) []scannedToken {
	s := newXMLScanner(newCleaner(from))
	var all []scannedToken
	for {
		s.holds = s.holds || !quick
		t, err := s.next()
		found := scannedToken{Kind: t.kind, Name: t.name, Text: string(t.text), Attributes: t.attributes, End: s.offset()}
		if len(found.Attributes) == 0 {
			found.Attributes = nil
		}
		var syntax *xml.SyntaxError
		switch {
		case errors.As(err, &syntax):
			found.Err = syntax.Msg // the line is that of xml.Decoder, which has not seen all
		case err != nil:
			found.Err = err.Error()
		}
		all = append(all, found)
		if err != nil {
			return all
		}
	}
}

func checkScanner(t *testing.T, content string) {
	t.Helper()
	want := scannedTokens(strings.NewReader(content), false)
	if diff := cmp.Diff(want, scannedTokens(strings.NewReader(content), true)); diff != "" {
		t.Errorf("%.200q: (-encoding/xml +scanner)\n%s", content, diff)
	}
}

var scannerCases = map[string]string{
	"nothing":                              "",
	"tags and text":                        "<rss><wp:comment_id>12</wp:comment_id>\n</rss>",
	"an element that is empty":             "<a><b/><c /></a>",
	"attributes":                           `<a b="1" c=2 d><e>x</e></a>`,
	"an entity in the middle":              "<a>one &amp; two</a><b>three</b>",
	"a bare ampersand":                     "<a>one & two</a>",
	"carriage returns":                     "<a>one\r\ntwo\rthree</a><![CDATA[a\r\nb]]>",
	"CDATA":                                "<a><![CDATA[x <b> & ]] > ]]></a><c><![CDATA[]]></c>",
	"CDATA that ends like text":            "<a>one ]]> two</a>",
	"CDATA without an end":                 "<a><![CDATA[one ]]",
	"comments, instructions, directives":   "<?xml version='1.0' encoding='latin1'?><!DOCTYPE a [<!ENTITY b 'c'>]><!-- <x> --><a>b<?c d?></a>",
	"a tag without an end":                 "<a><b",
	"text without an end":                  "<a>text",
	"a broken tag":                         "<a><1b></a>",
	"a name with two prefixes":             "<a:b:c>x</a:b:c>",
	"a name with an empty prefix":          "<:a>x</:a><b:>y</b:>",
	"a name that is not ASCII":             "<ä>x</ä>",
	"spaces in an end tag":                 "<a>x</a ><b>y</ b>",
	"control and replacement characters":   "<a>x\x00\x01\xff\ufffe</a>",
	"a token that is longer than a window": "<a>" + strings.Repeat("x", 3*scannedBytes) + "</a><![CDATA[" + strings.Repeat("y", 2*scannedBytes) + "]]>",
	"a token at the end of a window":       strings.Repeat("<a>"+strings.Repeat("x", 1000)+"</a>\n", 200),
}

func TestScannerFindsTheTokensOfEncodingXML(t *testing.T) {
	for name, content := range scannerCases {
		t.Run(name, func(t *testing.T) {
			checkScanner(t, content)
		})
	}
}

func TestScannerReportsTheErrorOfItsSource(t *testing.T) {
	for _, quick := range []bool{false, true} {
		all := scannedTokens(iotest.TimeoutReader(iotest.HalfReader(strings.NewReader("<a>text</a>"))), quick)
		if last := all[len(all)-1]; last.Err != iotest.ErrTimeout.Error() {
			t.Errorf("quick %v: %+v", quick, last)
		}
	}
}

func FuzzXMLScanner(f *testing.F) {
	for _, content := range scannerCases {
		f.Add(content[:min(len(content), 200)])
	}
	f.Fuzz(checkScanner)
}
