package main

import (
	"bufio"
	"errors"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// Sizes of generated exports.
const (
	commentsPerPage  = 80
	commentersOfFile = 20_000
)

// exportWords are what generated comments are made of.
var exportWords = strings.Fields(`the mill ran on the tide until a storm took its gate and nobody in the village has
	ground a sack of corn since then my uncle greased that wheel every second Sunday while we children counted boats
	I think the council should have kept the bridge open although it cost more than anyone wanted to pay it was worth it
	thank you for writing about this again because most people here have forgotten how loud the river used to be
	photographs are in the library on the second floor ask for Mrs Okafor she knows where everything is kept`)

// writeWXR writes an export as WordPress makes them, the same for the same seed.
func writeWXR(path string, comments int, seed uint64) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	defer func() { err = errors.Join(err, w.Flush(), file.Close()) }()
	random := rand.New(rand.NewPCG(seed, seed))
	fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8" ?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/">`+
		"<channel><wp:wxr_version>1.2</wp:wxr_version>\n")
	at := time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)
	for id := 1; id <= comments; {
		page := id/commentsPerPage + 1
		fmt.Fprintf(w, "<item><title>Article %d</title><link>https://bench.example/%d/</link><wp:post_id>%d</wp:post_id>\n",
			page, page, page)
		first := id
		for ; id <= comments && id < first+commentsPerPage; id++ {
			at = at.Add(time.Duration(random.IntN(600)) * time.Second)
			writeWXRComment(w, random, id, first, at)
		}
		fmt.Fprint(w, "</item>\n")
	}
	_, err = fmt.Fprint(w, "</channel></rss>\n")
	return err
}

func writeWXRComment(w *bufio.Writer, random *rand.Rand, id, first int, at time.Time) {
	parent := 0
	if id > first && random.IntN(3) > 0 {
		parent = first + random.IntN(id-first)
	}
	status := "1"
	switch random.IntN(50) {
	case 0:
		status = "0"
	case 1:
		status = "spam"
	}
	who := random.IntN(commentersOfFile)
	fmt.Fprintf(w, "<wp:comment><wp:comment_id>%d</wp:comment_id><wp:comment_author><![CDATA[Writer %d]]></wp:comment_author>"+
		"<wp:comment_author_email>writer%d@mail.example</wp:comment_author_email><wp:comment_author_url></wp:comment_author_url>"+
		"<wp:comment_author_IP>192.0.2.1</wp:comment_author_IP><wp:comment_date_gmt>%s</wp:comment_date_gmt>"+
		"<wp:comment_content><![CDATA[%s]]></wp:comment_content><wp:comment_approved>%s</wp:comment_approved>"+
		"<wp:comment_type>comment</wp:comment_type><wp:comment_parent>%d</wp:comment_parent></wp:comment>\n",
		id, who, who, at.Format(time.DateTime), generatedBody(random), status, parent)
}

// generatedBody is a text of 10 to 90 words; one in eight has markup.
func generatedBody(random *rand.Rand) string {
	words := make([]string, 10+random.IntN(80))
	for i := range words {
		words[i] = exportWords[random.IntN(len(exportWords))]
	}
	text := strings.Join(words, " ") + "."
	switch random.IntN(16) {
	case 0:
		return html.EscapeString(text) + ` <a href="https://link.example/">Here</a> &amp; <em>there</em>.`
	case 1:
		return text + "\n\n" + text
	}
	return text
}
