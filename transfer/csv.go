package transfer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A CSV file has a line with the names of its columns, and a comment in each other. Commas, semicolons or tabs
// part the columns.

// csvField is a field of a comment, and the names of columns that are taken for it.
type csvField struct {
	name  string
	names []string
}

var csvFields = []csvField{
	{"id", []string{"id", "comment_id", "commentid"}},
	{"parent", []string{"parent", "parent_id", "parentid", "reply_to", "in_reply_to", "comment_parent"}},
	{"url", []string{"url", "page_url", "page", "link", "article_url", "thread", "uri", "slug"}},
	{"key", []string{"key", "page_id", "article_id", "post_id", "thread_id"}},
	{"title", []string{"title", "page_title", "article_title"}},
	{"name", []string{"name", "author", "author_name", "comment_author", "nick"}},
	{"email", []string{"email", "author_email", "mail", "comment_author_email"}},
	{"website", []string{"website", "author_url", "homepage", "comment_author_url"}},
	{"text", []string{"text", "body", "comment", "content", "message", "comment_content", "markdown"}},
	{"html", []string{"html", "body_html"}},
	{"date", []string{"date", "created", "created_at", "time", "timestamp", "comment_date"}},
	{"status", []string{"status", "state", "approved"}},
	{"up", []string{"up", "up_votes", "likes", "vote_up"}},
	{"down", []string{"down", "down_votes", "dislikes", "vote_down"}},
}

// CSVFields lists the fields that a column can be mapped to.
func CSVFields() []string {
	var names []string
	for _, f := range csvFields {
		names = append(names, f.name)
	}
	return names
}

// UnknownColumns is a fault of a CSV file: no column is known for something that every comment needs.
type UnknownColumns struct{ fault *Fault }

func (u *UnknownColumns) Error() string { return u.fault.Error() }

// Unwrap returns the *Fault.
func (u *UnknownColumns) Unwrap() error { return u.fault }

const (
	tableRows    = 3
	tableColumns = 100
	cellRunes    = 80
)

// Table is the beginning of a CSV file.
type Table struct {
	Columns []string
	Rows    [][]string     // the first ones, with shortened values
	Fields  map[string]int // the columns that are named like fields
}

// ReadTable returns the beginning of a CSV file. Errors: *Fault, ErrFormat for another format.
func ReadTable(f *File) (Table, error) {
	reader, _, err := Open(f, Options{Format: "csv", Columns: map[string]string{"text": "#1", "url": "#1"}})
	if err != nil {
		return Table{}, err
	}
	r, _ := reader.(*csvReader)
	table := Table{Columns: slices.Clone(r.header[:min(len(r.header), tableColumns)])}
	for len(table.Rows) < tableRows {
		record, err := r.read()
		if err != nil {
			break // what is wrong with it is said when it is imported
		}
		row := make([]string, len(table.Columns))
		for i := range row {
			if i < len(record) {
				row[i] = shortCell(record[i])
			}
		}
		table.Rows = append(table.Rows, row)
	}
	r.names = nil
	_ = r.locate(r.header) // some are missing, which is why the table is read
	table.Fields = r.columns
	return table, reader.Close()
}

// shortCell returns the beginning of a value, on one line.
func shortCell(value string) string {
	runes := []rune(strings.Join(strings.Fields(value), " "))
	if len(runes) > cellRunes {
		return string(runes[:cellRunes]) + "…"
	}
	return string(runes)
}

func isCSV(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return bytes.ContainsAny(line, ",;\t") && !bytes.ContainsAny(line[:1], "<{[`")
}

type csvReader struct {
	*input
	csv     *csv.Reader
	zone    *time.Location
	header  []string
	columns map[string]int // by field
	names   map[string]string
}

func openCSV(in *input, o Options) (Reader, error) {
	for field := range o.Columns {
		if !slices.Contains(CSVFields(), field) {
			return nil, fmt.Errorf("%w: a comment has no field %q; its fields are %s", ErrFormat, field,
				strings.Join(CSVFields(), ", "))
		}
	}
	r := &csvReader{input: in, zone: o.Zone, names: o.Columns}
	r.csv = csv.NewReader(io.MultiReader(in.text, strings.NewReader("\n"+csvEnd+"\n")))
	r.csv.LazyQuotes, r.csv.FieldsPerRecord, r.csv.ReuseRecord = true, -1, true
	head, err := in.file.head()
	if err != nil {
		return nil, err
	}
	r.csv.Comma = separator(head)
	header, err := r.read()
	if err != nil {
		return nil, err
	}
	r.header = slices.Clone(header)
	for i, name := range r.header {
		r.header[i] = strings.Clone(strings.TrimSpace(name))
	}
	return r, r.locate(r.header)
}

// csvEnd is a line behind the last one of a file. No other has this character: a cleaner removes it.
const csvEnd = "\x00"

// read returns the next line of the table. A quotation that nothing ends is a fault: encoding/csv would take all
// lines behind its beginning for a part of it.
func (r *csvReader) read() ([]string, error) {
	offset := r.csv.InputOffset()
	r.text.begin(offset)
	first := r.text.place(offset).Line
	record, err := r.csv.Read()
	if err != nil {
		return nil, r.fault(err)
	}
	last := len(record) - 1
	switch {
	case !strings.Contains(record[last], csvEnd):
		return record, nil
	case last == 0 && record[last] == csvEnd:
		return nil, io.EOF
	}
	line, column := r.csv.FieldPos(last)
	begins := Place{Line: line, Byte: r.text.lineStart(offset, line-first) + int64(column) - 1}
	return nil, &Fault{begins, "the file ends inside a quotation that begins here: it is incomplete, or a quotation mark is missing"}
}

// separator is what the first line has most of.
func separator(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := ',', -1
	for _, r := range ",;\t" {
		if n := bytes.Count(line, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}

// locate finds the column of each field.
func (r *csvReader) locate(header []string) error {
	r.columns = map[string]int{}
	position := map[string]int{}
	for i, name := range header {
		position[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, f := range csvFields {
		named, chosen := r.names[f.name]
		if named != "" {
			at, ok := position[strings.ToLower(strings.TrimSpace(named))]
			if number, err := strconv.Atoi(strings.TrimPrefix(named, "#")); !ok && err == nil && named[0] == '#' {
				at, ok = number-1, 1 <= number && number <= len(header)
			}
			if !ok {
				return &Fault{Place{Line: 1}, fmt.Sprintf("there is no column %q, which should be the %s", named, f.name)}
			}
			r.columns[f.name] = at
		}
		if chosen {
			continue
		}
		for _, name := range f.names {
			if at, ok := position[name]; ok {
				r.columns[f.name] = at
				break
			}
		}
	}
	_, text := r.columns["text"]
	_, html := r.columns["html"]
	_, url := r.columns["url"]
	_, key := r.columns["key"]
	switch {
	case !text && !html:
		return &UnknownColumns{&Fault{Place{Line: 1}, "no column holds the text of the comments (text or html); " + columnList(header)}}
	case !url && !key:
		return &UnknownColumns{&Fault{Place{Line: 1}, "no column names the page of a comment (url or key); " + columnList(header)}}
	}
	return nil
}

// columnList names the columns of a file, up to a number that a message can hold.
func columnList(header []string) string {
	const most = 30
	names := make([]string, 0, most)
	for _, name := range header[:min(len(header), most)] {
		names = append(names, strconv.Quote(strings.TrimSpace(name)))
	}
	if len(header) > most {
		names = append(names, "…")
	}
	return "its columns are " + strings.Join(names, ", ")
}

func (r *csvReader) fault(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return asFault(err, Place{Line: parse.Line, Byte: r.csv.InputOffset()}, "not valid CSV: "+parse.Err.Error())
	}
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return asFault(err, r.text.place(r.csv.InputOffset()), err.Error())
}

// Next returns the next comment.
func (r *csvReader) Next() (Comment, error) {
	offset := r.csv.InputOffset()
	record, err := r.read()
	if err != nil {
		return Comment{}, err
	}
	get := func(field string) string {
		if at, ok := r.columns[field]; ok && at < len(record) {
			return strings.TrimSpace(record[at])
		}
		return ""
	}
	line, _ := r.csv.FieldPos(0)
	c := Comment{Place: Place{Line: line, Byte: offset}, ID: strings.Clone(get("id")), ParentID: strings.Clone(get("parent")),
		Page:   Page{ID: strings.Clone(get("key")), URL: strings.Clone(get("url")), Title: strings.Clone(get("title"))},
		Author: Author{Name: strings.Clone(get("name")), Email: strings.Clone(get("email")), URL: strings.Clone(get("website"))},
		Body:   strings.Clone(get("text")), Problems: r.text.take()}
	if c.Body == "" {
		c.Body, c.Markup = strings.Clone(get("html")), HTML
	}
	if c.ParentID == "0" {
		c.ParentID = ""
	}
	c.Up, c.Down = loose(get("up")).number(), loose(get("down")).number()
	if date := get("date"); date != "" {
		if seconds, err := strconv.ParseFloat(date, 64); err == nil {
			c.Created = unixTime(seconds)
		} else {
			c.setTimes("", date, r.zone)
		}
	}
	c.setNamedStatus(get("status"))
	return c, nil
}

// setNamedStatus understands the words that systems use.
func (c *Comment) setNamedStatus(s string) {
	switch strings.ToLower(s) {
	case "", "1", "true", "yes", "approved", "published", "public", "visible":
		c.Status = Approved
	case "0", "false", "no", "pending", "hold", "held", "unapproved", "waiting":
		c.Status = Pending
	case "spam", "junk":
		c.Status = Spam
	case "rejected", "declined", "refused":
		c.Status = Rejected
	case "deleted", "trash", "removed":
		c.Status = Deleted
	default:
		c.Status = Pending
		c.problem("status", "the status "+short(s)+" is unknown; the comment waits for a moderator")
	}
}
