package external

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"rejoinder/outbound"
)

// akismetProtocol asks a server of the Akismet protocol, version 1.1. URL is the folder of its calls, such as
// https://rest.akismet.com/1.1/. See https://akismet.com/developers/.
type akismetProtocol struct{}

// LabelSpam and LabelHam are the labels of Akismet. LabelDiscard is for spam that it advises to throw away.
const (
	LabelSpam    = "spam"
	LabelHam     = "ham"
	LabelDiscard = "discard"
)

func (akismetProtocol) check(c Classifier, secret string, add faultAdder) {
	if secret == "" {
		add("/secret", "required", "Akismet needs an API key.")
	}
	if blog, err := url.Parse(c.Blog); err != nil || blog.Host == "" || blog.Scheme != "https" && blog.Scheme != "http" {
		add("/blog", "malformed", "Akismet needs the URL of the site, such as https://example.org.")
	}
	if !c.Sends.AddressPrefix {
		add("/sends/address_prefix", "required", "Akismet refuses comments without an IP address. Switch on the network of the IP address.")
	}
}

// form returns the parameters that describe a document. The address is that of its network.
func (akismetProtocol) form(c Classifier, secret string, d Document) url.Values {
	form := url.Values{
		"api_key": {secret}, "blog": {c.Blog}, "blog_charset": {"UTF-8"}, "comment_type": {"comment"},
		"comment_content": {d.Text}, "user_ip": {"0.0.0.0"},
	}
	if prefix, err := netip.ParsePrefix(d.Address); err == nil {
		form.Set("user_ip", prefix.Addr().String())
	}
	for name, value := range map[string]string{
		"comment_author": d.AuthorName, "comment_author_url": d.AuthorURL, "blog_lang": d.Language,
	} {
		if value != "" {
			form.Set(name, value)
		}
	}
	return form
}

func (p akismetProtocol) body(c Classifier, secret string, d Document) []byte {
	return []byte(p.form(c, secret, d).Encode())
}

// call returns the address of one of the protocol's calls.
func (akismetProtocol) call(c Classifier, name string) string {
	return strings.TrimSuffix(c.URL, "/") + "/" + name
}

func (p akismetProtocol) request(c Classifier, _ string, body []byte, _ stamp) (*http.Request, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	return newFormRequest(p.call(c, "comment-check"), form)
}

func (akismetProtocol) answer(_ Classifier, r outbound.Response) (Answer, error) {
	if !r.OK() {
		return Answer{}, fmt.Errorf("%w: status %d", ErrStatus, r.Status)
	}
	switch strings.TrimSpace(string(r.Body)) {
	case "true":
		if r.Header.Get("X-Akismet-Pro-Tip") == LabelDiscard {
			return Answer{Score: 1, Label: LabelDiscard}, nil
		}
		return Answer{Score: 1, Label: LabelSpam}, nil
	case "false":
		return Answer{Label: LabelHam}, nil
	}
	return Answer{}, fmt.Errorf("%w: neither true nor false%s", ErrAnswer, debugHelp(r))
}

// debugHelp quotes why the server refused a call, as far as it says so in printable ASCII.
func debugHelp(r outbound.Response) string {
	help := r.Header.Get("X-Akismet-Debug-Help")
	clean := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, help)
	if clean == "" {
		return ""
	}
	return " (" + clean[:min(len(clean), 200)] + ")"
}

func (p akismetProtocol) feedback(c Classifier, secret string, d Document, spam bool) (*http.Request, error) {
	name := "submit-ham"
	if spam {
		name = "submit-spam"
	}
	return newFormRequest(p.call(c, name), p.form(c, secret, d))
}

func (akismetProtocol) accepted(r outbound.Response) bool {
	return r.OK() && strings.HasPrefix(string(r.Body), "Thanks for making the web a better place")
}

func (p akismetProtocol) verify(c Classifier, secret string) (*http.Request, error) {
	return newFormRequest(p.call(c, "verify-key"), url.Values{"api_key": {secret}, "key": {secret}, "blog": {c.Blog}})
}

func (akismetProtocol) verified(r outbound.Response) error {
	switch body := strings.TrimSpace(string(r.Body)); {
	case !r.OK():
		return fmt.Errorf("%w: status %d", ErrStatus, r.Status)
	case body != "valid":
		return fmt.Errorf("%w: the key is not valid%s", ErrAnswer, debugHelp(r))
	}
	return nil
}
