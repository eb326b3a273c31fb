package transfer_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"rejoinder/transfer"
)

// samples are exports of a few comments in each format that is a text.
var samples = map[string]string{
	"wxr": `<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>A &amp; B</title>
<link>https://a.example/1</link><wp:post_id>1</wp:post_id><wp:comment><wp:comment_id>1</wp:comment_id>
<wp:comment_author>Ann</wp:comment_author><wp:comment_date_gmt>2020-01-01 10:00:00</wp:comment_date_gmt>
<wp:comment_content><![CDATA[Hi <b>you</b>]]></wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment>
<wp:comment><wp:comment_id>2</wp:comment_id><wp:comment_parent>1</wp:comment_parent></wp:comment></item></channel></rss>`,
	"disqus": `<?xml version="1.0"?><disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="1"><link>https://a.example/1</link><title>T</title></thread><post dsq:id="2"><message><![CDATA[<p>Hi</p>]]></message>
<createdAt>2020-01-01T10:00:00Z</createdAt><author><name>Ann</name></author><thread dsq:id="1"/></post></disqus>`,
	"remark42": `{"version":1,"users":[],"posts":[]}
{"id":"a","pid":"","text":"<p>Hi</p>","user":{"id":"u","name":"Ann"},"locator":{"url":"https://a.example/1"},"votes":{"x":true},"time":"2020-01-01T10:00:00Z"}
`,
	"commento": `{"version":1,"comments":[{"commentHex":"a","domain":"a.example","url":"/1","commenterHex":"u","markdown":"Hi","parentHex":"root",
"state":"approved","creationDate":"2020-01-01T10:00:00Z"}],"commenters":[{"commenterHex":"u","email":"a@mail.example","name":"Ann"}]}`,
	"comentario": `{"version":3,"pages":[{"id":"p","path":"/1"}],"comments":[{"id":"c","pageId":"p","markdown":"Hi","isApproved":true,
"userCreated":"u","createdTime":"2020-01-01T10:00:00Z"}],"commenters":[{"id":"u","name":"Ann"}]}`,
	"artalk": `[{"id":"1","rid":"0","content":"Hi","page_key":"/1","nick":"Ann","created_at":"2020-01-01 10:00:00 +0800","vote_up":"3"}]`,
	"isso":   `[{"id":"/1","title":"T","comments":[{"id":1,"author":"Ann","text":"Hi","created":"2020-01-01 10:00:00"}]}]`,
	"csv":    "id,parent,url,name,text,date\n1,,/1,Ann,\"Hi, you\",2020-01-01\n2,1,/1,Bob,Ho,2020-01-02\n",
}

// read reads a file to its end. It returns what it read before an error.
func read(t testing.TB, content []byte, o transfer.Options) ([]transfer.Comment, error) {
	t.Helper()
	file, err := transfer.Spool(bytes.NewReader(content), t.TempDir(), "export")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, _, err := transfer.Open(file, o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all []transfer.Comment
	for {
		c, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		if _, err := c.Source(); err != nil {
			continue // too long to be converted: the importer reports it
		}
		all = append(all, c)
	}
}

func TestEachFormatIsRecognizedAndRead(t *testing.T) {
	for name, content := range samples {
		t.Run(name, func(t *testing.T) {
			for _, o := range []transfer.Options{{}, {Format: name}} {
				all, err := read(t, []byte(content), o)
				if err != nil || len(all) == 0 || all[0].Author.Name != "Ann" || all[0].Page.URL == "" || all[0].Created.IsZero() {
					t.Errorf("%+v, %v", all, err)
				}
			}
			for other := range samples {
				if _, err := read(t, []byte(content), transfer.Options{Format: other}); other != name && err == nil &&
					!(name == "commento" && other == "comentario") {
					t.Errorf("it was read as %s", other)
				}
			}
		})
	}
}

// knownError fails the test unless an error says what is wrong with the file.
func knownError(t testing.TB, err error) {
	t.Helper()
	var fault *transfer.Fault
	if err != nil && !errors.As(err, &fault) && !errors.Is(err, transfer.ErrFormat) {
		t.Errorf("%T: %v", err, err)
	}
}

func TestATruncatedOrDamagedFileGivesAPreciseErrorOrReadsOn(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, content := range samples {
		t.Run(name, func(t *testing.T) {
			for range 200 {
				at := random.IntN(len(content))
				_, err := read(t, []byte(content[:at]), transfer.Options{Format: name})
				if knownError(t, err); err == nil && name != "csv" && name != "remark42" {
					t.Errorf("cut at %d, it was read as if complete", at)
				}
				damaged := []byte(content)
				for range 1 + random.IntN(3) {
					damaged[random.IntN(len(damaged))] ^= byte(1 << random.IntN(8))
				}
				_, err = read(t, damaged, transfer.Options{Format: name})
				knownError(t, err)
			}
		})
	}
}

// endless is the beginning of a file, then one byte for ever.
type endless struct {
	head string
	fill byte
	n    int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.head != "" {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	if e.n <= 0 {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = e.fill
	}
	e.n -= int64(len(p))
	return len(p), nil
}

func packed(t *testing.T, kind string, from io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	archive := zip.NewWriter(&out)
	switch kind {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zstd":
		w, _ = zstd.NewWriter(&out)
	case "zip":
		entry, err := archive.Create("export.xml")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(entry, from); err != nil {
			t.Fatal(err)
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	if _, err := io.Copy(w, from); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestABombIsRefused unpacks files that grow without end, within little memory.
func TestABombIsRefused(t *testing.T) {
	const head = `<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><link>https://a.example/</link><wp:comment><wp:comment_content>`
	for _, kind := range []string{"gzip", "zstd", "zip"} {
		for what, from := range map[string]*endless{
			"one value":   {head: head, fill: 'a', n: 100 << 20},
			"white space": {head: strings.TrimSuffix(head, "<wp:comment><wp:comment_content>"), fill: ' ', n: 100 << 20},
		} {
			t.Run(kind+", "+what, func(t *testing.T) {
				bomb := packed(t, kind, from)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := read(t, bomb, transfer.Options{})
				runtime.ReadMemStats(&after)
				var fault *transfer.Fault
				if !errors.As(err, &fault) {
					t.Errorf("%v", err)
				}
				if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 150<<20 {
					t.Errorf("%d MB are in use", grown>>20)
				}
			})
		}
	}
}

func TestEntitiesAreNeitherExpandedNorLoaded(t *testing.T) {
	laughs := `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY x SYSTEM "file:///etc/passwd">]>` + strings.TrimPrefix(samples["wxr"], `<?xml version="1.0"?>`)
	laughs = strings.Replace(laughs, "<wp:comment_author>Ann", "<wp:comment_author>&c;&x;", 1)
	all, err := read(t, []byte(laughs), transfer.Options{})
	knownError(t, err)
	for _, c := range all {
		if strings.Contains(c.Author.Name, "ha") || strings.Contains(c.Author.Name, "root") {
			t.Errorf("the name is %q", c.Author.Name)
		}
	}
}

func TestOtherEncodingsAreRead(t *testing.T) {
	latin := strings.Replace(samples["wxr"], `<?xml version="1.0"?>`, `<?xml version="1.0" encoding="ISO-8859-1"?>`, 1)
	latin = strings.Replace(latin, "Ann", "Andr\xe9", 1)
	utf16 := []byte{0xff, 0xfe}
	for _, r := range strings.Replace(samples["wxr"], "Ann", "André", 1) {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	for name, content := range map[string][]byte{"ISO-8859-1": []byte(latin), "UTF-16": utf16} {
		all, err := read(t, content, transfer.Options{})
		if err != nil || all[0].Author.Name != "André" {
			t.Errorf("%s: %v, %v", name, all, err)
		}
	}
}

func TestAnArchiveWithSeveralFilesIsRefused(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := range 2 {
		entry, err := w.Create(fmt.Sprintf("part%d.xml", i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(entry, samples["wxr"]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, out.Bytes(), transfer.Options{}); err == nil || !strings.Contains(err.Error(), "several files") {
		t.Errorf("%v", err)
	}
}

func fuzz(f *testing.F, name string) {
	f.Add([]byte(samples[name]))
	f.Fuzz(func(t *testing.T, content []byte) {
		_, err := read(t, content, transfer.Options{Format: name})
		knownError(t, err)
	})
}

func FuzzWXR(f *testing.F)        { fuzz(f, "wxr") }
func FuzzDisqus(f *testing.F)     { fuzz(f, "disqus") }
func FuzzRemark42(f *testing.F)   { fuzz(f, "remark42") }
func FuzzCommento(f *testing.F)   { fuzz(f, "commento") }
func FuzzComentario(f *testing.F) { fuzz(f, "comentario") }
func FuzzArtalk(f *testing.F)     { fuzz(f, "artalk") }
func FuzzIsso(f *testing.F)       { fuzz(f, "isso") }
func FuzzCSV(f *testing.F)        { fuzz(f, "csv") }

func FuzzNative(f *testing.F) {
	f.Add([]byte(`{"type":"header","format":"rejoinder","version":1,"emails":"plain"}
{"type":"commenter","id":"019c0000-0000-7000-8000-000000000001","name":"Ann","email":"ann@mail.example"}
{"type":"comment","id":"019c0000-0000-7000-8000-000000000002","revisions":[{"body":"Hi","facts":{}}],"decisions":[]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := transfer.Spool(bytes.NewReader(content), t.TempDir(), "export")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		reader, err := transfer.OpenNative(file)
		if err == nil {
			defer reader.Close()
		}
		for err == nil {
			_, err = reader.Next()
		}
		if !errors.Is(err, io.EOF) {
			knownError(t, err)
		}
	})
}
