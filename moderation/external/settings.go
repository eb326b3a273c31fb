package external

import (
	"context"
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// prepare checks a request and sets the classifier's fields.
func (a *Admin) prepare(ctx context.Context, c *Classifier, r Request, faults *moderation.Invalid) error {
	sites, err := a.Store.Sites(ctx)
	if err != nil {
		return err
	}
	c.SiteIDs = nil
	for _, slug := range r.Sites {
		i := slices.IndexFunc(sites, func(s moderation.Site) bool { return s.Slug == slug })
		switch {
		case i < 0:
			faults.Add("/sites", "unknown", fmt.Sprintf("There is no site %q.", slug))
		case !slices.Contains(c.SiteIDs, sites[i].ID):
			c.SiteIDs = append(c.SiteIDs, sites[i].ID)
		}
	}
	if r.AllSites && len(r.Sites) > 0 {
		faults.Add("/sites", "ambiguous", "Choose all sites or list some, not both.")
	}
	a.checkSettings(&r.Settings, faults.Add)
	before := *c
	c.Settings = r.Settings
	var secret string
	if r.SecretInFile {
		secret = a.bindFile(c, r, before.SecretHost, faults)
	} else if secret, err = a.chooseSecret(c, r, before.URL != "" && before.URL != r.URL, faults); err != nil {
		return err
	}
	if p := protocols[c.Protocol]; p != nil {
		p.check(*c, secret, faults.Add)
	}
	return faults.Err()
}

// bindFile lets the secret in the operator's file go to the host of the URL, and returns it. For another host
// than the bound one, the request must have it, too: only people who know a secret may choose where it goes.
func (a *Admin) bindFile(c *Classifier, r Request, bound string, faults *moderation.Invalid) string {
	c.SecretSealed, c.SecretHost = nil, hostOf(c.URL)
	if !rules.ValidExternalName(c.Name) {
		return ""
	}
	secret, err := a.Asker.FileSecret(c.Name)
	same := bound == c.SecretHost
	switch {
	case err != nil && same && !r.Enabled: // it can be paused without its file
	case err != nil:
		faults.Add("/secret_in_file", "missing", "The operator must put the secret into the file "+
			SecretsFolder+"/"+c.Name+" in the data folder first ("+err.Error()+").")
	case r.Secret != "" && subtle.ConstantTimeCompare([]byte(r.Secret), []byte(secret)) == 0:
		faults.Add("/secret", "mismatch", "This is not the secret in the file.")
	case r.Secret == "" && bound == "":
		faults.Add("/secret", "required", "Enter the secret of the file once, so that it may be sent to "+c.SecretHost+".")
	case r.Secret == "" && !same:
		faults.Add("/secret", "required", "The secret of the file may be sent to "+bound+" only. Enter it again to send it to "+
			c.SecretHost+".")
	}
	return secret
}

// chooseSecret seals a new secret or keeps the stored one, and returns it. A stored secret is not sent to
// another server: only people who know it may choose where it goes.
func (a *Admin) chooseSecret(c *Classifier, r Request, moved bool, faults *moderation.Invalid) (string, error) {
	c.SecretHost = ""
	switch {
	case len(r.Secret) > maxSecret || strings.ContainsFunc(r.Secret, func(x rune) bool { return x <= ' ' || x > '~' }):
		faults.Add("/secret", "malformed", fmt.Sprintf("A secret has at most %d printable ASCII characters and no spaces.", maxSecret))
		return "", nil
	case r.Secret != "":
		sealed, err := a.Asker.Keys.Seal(r.Secret, c.ID)
		c.SecretSealed = sealed
		return r.Secret, err
	case moved && len(c.SecretSealed) > 0:
		faults.Add("/secret", "required", "Enter the secret again, since the URL changes.")
		return "", nil
	}
	return a.Asker.secretOf(*c)
}

// SecretsFolder is the folder in the data folder with secrets in files.
const SecretsFolder = "classifier-secrets"

func (a *Admin) checkSettings(s *Settings, add faultAdder) {
	if protocols[s.Protocol] == nil {
		add("/protocol", "unknown", "Must be signed, akismet, openai or perspective.")
		return
	}
	if u, err := a.ParseURL(s.URL); err != nil {
		add("/url", "malformed", sentence(err))
	} else {
		s.URL = u.String()
	}
	if s.OnLate != LateJudge && s.OnLate != LateHold {
		add("/on_late", "unknown", "Must be judge or hold.")
	}
	for _, n := range []struct {
		pointer         string
		value, min, max int
	}{
		{"/timeout_ms", s.TimeoutMS, MinTimeoutMS, MaxTimeoutMS}, {"/concurrency", s.Concurrency, 1, MaxConcurrency},
		{"/daily_budget", s.DailyBudget, 0, MaxDailyBudget}, {"/cache_minutes", s.CacheMinutes, 0, MaxCacheMinutes},
	} {
		if n.value < n.min || n.value > n.max {
			add(n.pointer, "out_of_range", fmt.Sprintf("Must be a number from %d to %d.", n.min, n.max))
		}
	}
	accepts := s.Protocol.Accepts()
	for _, sent := range []struct {
		pointer          string
		wanted, accepted bool
	}{
		{"/sends/name", s.Sends.Name, accepts.Name}, {"/sends/url", s.Sends.URL, accepts.URL},
		{"/sends/pseudonym", s.Sends.Pseudonym, accepts.Pseudonym},
		{"/sends/address_prefix", s.Sends.AddressPrefix, accepts.AddressPrefix},
	} {
		if sent.wanted && !sent.accepted {
			add(sent.pointer, "unsupported", "This protocol has no place for it.")
		}
	}
	if s.Feedback && !s.Protocol.Teaches() {
		add("/feedback", "unsupported", "This protocol has no way to send decisions.")
	}
	s.checkTexts(add)
}

func (s *Settings) checkTexts(add faultAdder) {
	s.Blog, s.Model = strings.TrimSpace(s.Blog), strings.TrimSpace(s.Model)
	if len(s.Blog) > moderation.MaxURLCharacters {
		add("/blog", "too_long", "The URL is too long.")
	}
	if len(s.Model) > rules.MaxExternalLabel {
		add("/model", "too_long", fmt.Sprintf("The name of a model has at most %d characters.", rules.MaxExternalLabel))
	}
	if len(s.Labels) > MaxLabels {
		add("/labels", "too_many", fmt.Sprintf("There are at most %d labels.", MaxLabels))
	}
	for _, label := range s.Labels {
		if label == "" || len(label) > rules.MaxExternalLabel {
			add("/labels", "malformed", fmt.Sprintf("A label has from 1 to %d characters.", rules.MaxExternalLabel))
			break
		}
	}
}

// sentence turns an error text in lower case into a sentence.
func sentence(err error) string {
	message := err.Error()
	return strings.ToUpper(message[:1]) + message[1:] + "."
}
