package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestAPersonsDataIsDownloadedAndErasedInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	const path = "/console/sites/paper/person"
	if got := admin.get("/console/sites/paper").link("A person’s data"); got != path {
		t.Errorf("the site's page leads to %q", got)
	}
	s.comment("quay", "", "Lou", "Hello from the quay.")
	email := "4c6f75@mail.example" // as the fixture makes it of the name
	page := admin.get(path)
	page.fill(admin, path, "email", "nonsense").want(http.StatusUnprocessableEntity, `href="#person-email"`, `value="nonsense"`)
	page.fill(admin, path, "email", "nobody@mail.example").want(http.StatusOK, "Nothing is stored under this email.")
	found := page.fill(admin, path, "email", email)
	found.want(http.StatusOK, "Lou", "1 comment", "Erase…")
	file := admin.post(path, url.Values{"email": {email}, "do": {"json"}})
	file.want(http.StatusOK, `"name":"Lou"`, "Hello from the quay.")
	if got := file.header.Get("Content-Disposition"); got != `attachment; filename="person.json"` {
		t.Errorf("the file is sent as %s", got)
	}
	admin.post(path, url.Values{"email": {email}, "do": {"page"}, "all": {"yes"}}).want(http.StatusOK, "<dd>Lou</dd>", "Hello from the quay.")
	asked := admin.post(path, url.Values{"email": {email}, "do": {"erase"}})
	asked.want(http.StatusOK, "Erase this person’s data?", "1 comment", "Erase permanently")
	found.fill(admin, path).want(http.StatusOK, "1 comment") // nothing was erased yet
	admin.follow(admin.post(path, url.Values{"email": {email}, "do": {"erase"}, "confirmed": {"yes"}})).
		want(http.StatusOK, "Erased: 1 comment.")
	admin.post(path, url.Values{"email": {email}, "do": {"json"}}).wantWithout("Lou", "Hello from the quay.")
	log := admin.get("/console/audit")
	log.want(http.StatusOK, "exported a person’s data", "erased a person’s data")
	log.wantWithout(email)
	if strings.Contains(s.log.String(), email) {
		t.Error("the server's log has the email")
	}
}

func TestASiteIsExportedInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	s.comment("quay", "", "Lou", "Hello from the quay.")
	imports := admin.get("/console/sites/paper/imports")
	path := imports.link("Download the export")
	file := admin.get(path)
	file.want(http.StatusOK, "Hello from the quay.", `"type":"header"`)
	file.wantWithout("4c6f75@mail.example")
	admin.get("/console/audit").want(http.StatusOK, "exported a site")
}
