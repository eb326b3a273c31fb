package imports_test

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"

	"rejoinder/db/dbtest"
	"rejoinder/moderation/imports"
)

// hostile are payloads against sanitizers, of the corpora or a few.
func hostile(t *testing.T) []string {
	t.Helper()
	all := []string{`<img src=x onerror=alert(1)>`, `<a href="javascript:alert(1)">x</a>`, "<script>alert(1)</script>text",
		`<a href='java&#9;script:alert(1)'>x</a>`, `<svg><style><img title='</style><img src=x onerror=alert(1)>'>`,
		"[x](javascript:alert(1)) <b>y</b>", "`<img src=x onerror=alert(1)>` <i>z</i>", "&lt;script&gt;alert(1)&lt;/script&gt; <b>w</b>"}
	folder := corpora(t)
	if folder == "" {
		return all
	}
	for _, name := range []string{"dompurify_expect.json", "bluemonday_pairs.json"} {
		raw, err := os.ReadFile(filepath.Join(filepath.Dir(folder), "html", name))
		ok(t, err)
		var cases []struct{ Payload, In string }
		ok(t, json.Unmarshal(raw, &cases))
		before := len(all)
		for _, c := range cases {
			all = append(all, c.Payload+c.In)
		}
		if len(all) == before {
			t.Fatalf("%s: no cases were read", name)
		}
	}
	return all
}

// allowedTags have these attributes.
var allowedTags = map[string][]string{"p": nil, "br": nil, "em": nil, "strong": nil, "del": nil, "code": nil, "pre": nil,
	"blockquote": {"dir"}, "ul": {"dir"}, "ol": {"dir", "start"}, "li": {"value"}, "hr": nil, "a": {"href", "rel"}}

func checkHTML(t *testing.T, shown string) {
	t.Helper()
	z := nethtml.NewTokenizer(strings.NewReader(shown))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			return
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			tag := z.Token()
			attributes, known := allowedTags[tag.Data]
			if !known {
				t.Errorf("<%s> in %q", tag.Data, shown)
			}
			for _, a := range tag.Attr {
				if !slices.Contains(attributes, a.Key) ||
					a.Key == "href" && !strings.HasPrefix(a.Val, "http://") && !strings.HasPrefix(a.Val, "https://") {
					t.Errorf("%s=%q in %q", a.Key, a.Val, shown)
				}
			}
		}
	}
}

// TestNothingHostileSurvivesAnyFormat sends payloads as text, name and website through every format.
func TestNothingHostileSurvivesAnyFormat(t *testing.T) {
	payloads := hostile(t)
	b := newBench(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	quoted := func(s string) string {
		raw, err := json.Marshal(s)
		ok(t, err)
		return string(raw)
	}
	var posts, remark, commento, artalk, isso, table []string
	var wxrComments []string
	for i, p := range payloads {
		cdata := strings.ReplaceAll(p, "]]>", "")
		cdata = strings.Map(func(r rune) rune {
			if r < 0x20 && r != '\n' && r != '\t' {
				return -1
			}
			return r
		}, cdata)
		wxrComments = append(wxrComments, wxrComment(i+1, 0, "1", cdata))
		posts = append(posts, fmt.Sprintf(`<post dsq:id="%d"><message><![CDATA[%s]]></message><createdAt>2020-01-01T10:00:00Z</createdAt>
<author><name>%s</name></author><thread dsq:id="1"/></post>`, i, cdata, html.EscapeString(cdata)))
		remark = append(remark, fmt.Sprintf(`{"id":"%d","text":%s,"user":{"id":"u","name":%s},"locator":{"url":"https://gazette.example/r"},"time":"2020-01-01T10:00:00Z"}`, i, quoted(p), quoted(p)))
		commento = append(commento, fmt.Sprintf(`{"commentHex":"%d","domain":"gazette.example","url":"/c","commenterHex":"anonymous","markdown":%s,"parentHex":"root","state":"approved","creationDate":"2020-01-01T10:00:00Z"}`, i, quoted(p)))
		artalk = append(artalk, fmt.Sprintf(`{"id":"%d","content":%s,"nick":%s,"link":%s,"page_key":"/a","created_at":"2020-01-01 10:00:00 +0000"}`, i, quoted(p), quoted(p), quoted(p)))
		isso = append(isso, fmt.Sprintf(`{"id":%d,"author":"x","text":%s,"created":"2020-01-01 10:00:00"}`, i, quoted(p)))
		table = append(table, fmt.Sprintf(`%d,/t,"%s",2020-01-01`, i, strings.ReplaceAll(p, `"`, `""`)))
	}
	for _, file := range []string{
		wxr(wxrComments...),
		`<disqus xmlns="http://disqus.com" xmlns:dsq="x"><thread dsq:id="1"><link>https://gazette.example/d</link></thread>` + strings.Join(posts, "\n") + `</disqus>`,
		`{"version":1,"users":[],"posts":[]}` + "\n" + strings.Join(remark, "\n"),
		`{"version":1,"comments":[` + strings.Join(commento, ",\n") + `],"commenters":[]}`,
		"[" + strings.Join(artalk, ",\n") + "]",
		`[{"id":"/i","comments":[` + strings.Join(isso, ",\n") + `]}]`,
		"id,url,html,date\n" + strings.Join(table, "\n"),
	} {
		report := b.mustRun(file, imports.Request{})
		if report.Imported+report.LeftOut+report.Present < len(payloads)/2 {
			t.Errorf("only %+v", report)
		}
	}
	checked := 0
	for _, row := range b.rows() {
		checkHTML(t, row.Comment.BodyHTML)
		if strings.HasPrefix(strings.ToLower(row.Comment.AuthorURL), "javascript:") {
			t.Errorf("website %q", row.Comment.AuthorURL)
		}
		checked++
	}
	if checked < len(payloads) {
		t.Errorf("only %d comments were checked", checked)
	}
}
