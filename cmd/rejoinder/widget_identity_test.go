package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// identityKey adds a key to the site gazette and returns its ID and secret.
func (p *program) identityKey(t *testing.T) (id, secret string) {
	t.Helper()
	var key struct{ ID, Secret string }
	body := map[string]any{"name": "Website", "kind": "secret"}
	if got := call(t, http.MethodPost, p.url+"/api/v1/sites/gazette/identity-keys", p.signIn(t), body, &key); got != http.StatusCreated {
		t.Fatalf("add an identity key: status %d", got)
	}
	return key.ID, key.Secret
}

// readerToken is what a publication's server signs for a reader.
func readerToken(t *testing.T, secret string, life time.Duration) string {
	t.Helper()
	claims, err := json.Marshal(map[string]any{
		"aud": "gazette", "sub": "4711", "name": "Mika Rantanen", "email": "mika@mail.example", "email_verified": true,
		"badges": []string{"subscriber"}, "iat": time.Now().Add(-time.Minute).Unix(), "exp": time.Now().Add(life).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256"}`)) + "." + encode(claims)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

func TestAPageSignsItsReaderIn(t *testing.T) {
	t.Parallel()
	p, mika := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	site := newPublisher(t, p, "gazette")
	settings := map[string]any{"settings": map[string]any{"identity": "required"}}
	if got := call(t, http.MethodPatch, p.url+"/api/v1/sites/gazette", p.signIn(t), settings, nil); got != http.StatusOK {
		t.Fatalf("require identities: status %d", got)
	}
	id, secret := p.identityKey(t)
	// The page notes why it is asked, and how to answer.
	const listens = `<script>window.asked = []; document.addEventListener("rejoinder-identity", ({ detail }) => { asked.push(detail.reason); window.sign = detail.sign; });</script>`
	site.setContent(listens, `<rejoinder-thread site="gazette" identity></rejoinder-thread>`)

	mika.openThread(site.url + "/a")
	mika.waitFor(`asked.join() === "missing" && $(".rj-sign-in") && $(".rj-form").hidden`)
	mika.do(fmt.Sprintf(`sign(%q)`, readerToken(t, secret, 2*time.Second)))
	mika.waitFor(`$(".rj-as")?.textContent.trim() === "Commenting as Mika Rantanen Subscriber" && !$("[name=author_email]") && !$(".rj-sign-in")`)
	mika.fill("body", "Half a sentence")
	mika.waitFor(`asked.at(-1) === "expired" && $(".rj-signed-out") && $("[name=body]").value === "Half a sentence"`)
	mika.do(`$("[name=body]").marked = true; host.identity = ` + strconv.Quote(readerToken(t, secret, time.Hour)))
	mika.waitFor(`!$(".rj-signed-out") && $("[name=body]").marked && $("[name=body]").value === "Half a sentence"`)

	// The key is withdrawn while she writes: the server refuses what she sends, and nothing is lost.
	if got := call(t, http.MethodDelete, p.url+"/api/v1/sites/gazette/identity-keys/"+id, p.signIn(t), nil, nil); got != http.StatusNoContent {
		t.Fatalf("remove the key: status %d", got)
	}
	_, secret = p.identityKey(t)
	mika.fill("body", "A whole sentence.")
	mika.click(".rj-respond [type=submit]")
	mika.waitFor(`asked.at(-1) === "signature" && $(".rj-summary") && $("[name=body]").value === "A whole sentence."`)
	token := readerToken(t, secret, time.Hour)
	mika.do(fmt.Sprintf(`sign(%q)`, token))
	mika.waitFor(`!$(".rj-summary") && $("[name=identity]").value === ` + strconv.Quote(token))
	mika.click(".rj-respond [type=submit]")
	mika.waitFor(`$(".rj-own .rj-text")?.textContent.includes("A whole sentence.") && !$("[name=body]").value && $(".rj-own .rj-badge")`)
	if kept := mika.text(`Object.keys(localStorage).map((key) => localStorage[key]).join()`); kept != "" {
		t.Errorf("the browser keeps %s", kept)
	}
	mika.checkClean()

	// In a second browser, the same reader edits the comment.
	site.setContent("", fmt.Sprintf(`<rejoinder-thread site="gazette" identity="%s"></rejoinder-thread>`, readerToken(t, secret, time.Hour)))
	second := newReader(t)
	second.openThread(site.url + "/a")
	second.waitFor(`$(".rj-own .rj-manage")?.textContent.startsWith("Edit")`)
	second.click(".rj-own .rj-manage")
	second.waitFor(`$(".rj-item .rj-panel textarea")`)
	second.do(`$(".rj-item .rj-panel textarea").value = "Another sentence."; $(".rj-item .rj-panel [type=submit]").click()`)
	second.waitFor(`$(".rj-own .rj-text")?.textContent.includes("Another sentence.")`)
	second.checkClean()
	if got := p.pendingComments(t); len(got) != 1 || got["Another sentence."] == "" {
		t.Errorf("waiting: %q", got)
	}
}
