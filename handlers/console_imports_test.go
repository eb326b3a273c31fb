package handlers_test

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"rejoinder/auth"
)

// upload sends a file with the form of the imports page.
func (b *browser) upload(path, name, content string) pageResponse {
	b.t.Helper()
	body := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n" + content + "\r\n--x--\r\n"
	return b.postRaw(path, body, "Content-Type", "multipart/form-data; boundary=x")
}

var keptFile = regexp.MustCompile(`/console/sites/paper/imports/checked/[0-9a-f-]+`)

const unnamedColumns = "Wer;Was;Wo;email\n" +
	"Mara;Nice quay;https://paper.example/pier;mara@reader.example\n" +
	"Otto;So  long\\nago;https://paper.example/pier;otto@reader.example\n"

func TestColumnsOfAFileAreNamedWithoutAnotherUpload(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	const imports = "/console/sites/paper/imports"
	shown := admin.follow(admin.upload(imports, "old.csv", unnamedColumns))
	shown.want(http.StatusOK, "Which column is what?", "Wer", "Mara", "Nice quay", `<option value="email" selected>`)
	kept := keptFile.FindString(shown.body)
	action, form := shown.form(kept + "/columns")
	form.Set("do", "import")
	admin.post(action, form).want(http.StatusUnprocessableEntity, "Choose a column for the text of the comments", "Nice quay")
	form.Set("column-1", "text")
	form.Set("column-2", "text")
	admin.post(action, form).want(http.StatusUnprocessableEntity, "Choose each kind of column once.", "Which column is what?")
	form.Set("column-0", "name")
	form.Set("column-2", "url")
	form.Set("column-3", "")
	form.Set("do", "check")
	admin.follow(admin.post(action, form)).want(http.StatusOK, "Checked, not imported", "2 of 2 comments on 1 page", "Without an email: 2.")
	form.Set("column-3", "email")
	form.Set("do", "import")
	started := admin.follow(admin.post(action, form))
	started.want(http.StatusOK, "The import has started.", "old.csv")
	admin.post(action, form).want(http.StatusNotFound, "The file is not here any more. Upload it again.")
	other := s.newModerator("Other", auth.RoleAdmin, nil)
	again := admin.follow(admin.upload(imports, "old.csv", unnamedColumns))
	kept = keptFile.FindString(again.body)
	other.post(kept+"/columns", url.Values{"do": {"check"}}).want(http.StatusNotFound) // each has their own
	admin.follow(admin.post(kept+"/discard", nil)).want(http.StatusOK, "The file was removed.")
}

func TestAFileThatCannotBeReadIsRefusedWithItsReason(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(strings.Repeat(unnamedColumns, 100))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	binary := make([]byte, 5000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range binary {
		binary[i] = byte(random.Uint32())
	}
	s := newFixture(t)
	admin := s.newAdmin()
	for name, test := range map[string]struct{ content, want string }{
		"a gzip file that was cut off": {packed.String()[:packed.Len()/2], "the packed file is damaged or incomplete: unexpected EOF."},
		"a gzip file without content":  {packed.String()[:5], "not a complete gzip file"},
		"random bytes":                 {string(binary), "this is not a text file"},
		"an empty file":                {"", "it is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			admin.upload("/console/sites/paper/imports", "old.csv.gz", test.content).
				want(http.StatusUnprocessableEntity, test.want)
		})
	}
}

func TestTheAPITakesNamesOfColumns(t *testing.T) {
	s := newTestServer(t)
	admin := s.addWeekly()
	send := func(query string) reply {
		return s.do(call{method: http.MethodPost, path: "/api/v1/sites/weekly/imports?dry_run=true&format=csv" + query, token: admin,
			header: map[string]string{"Content-Type": "application/octet-stream"}, body: unnamedColumns})
	}
	var report struct {
		Report struct {
			Read    int `json:"read"`
			NoEmail int `json:"no_email"`
		}
	}
	send("&column=text%3DWas&column=url%3D%233").want(http.StatusOK, &report)
	if report.Report.Read != 2 || report.Report.NoEmail != 0 {
		t.Errorf("%+v", report)
	}
	send("&column=text%3DWas&column=url%3D%233&column=email%3D").want(http.StatusOK, &report)
	if report.Report.NoEmail != 2 {
		t.Errorf("an ignored column was read: %+v", report)
	}
	send("").wantProblem(http.StatusUnprocessableEntity, "invalid")
	send("&column=words%3DWas").wantProblem(http.StatusUnprocessableEntity, "invalid")
	if !strings.Contains(string(send("&column=text%3D%239&column=url%3DWo").body), "there is no column") {
		t.Error("a ninth column was found")
	}
}
