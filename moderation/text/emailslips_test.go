package text_test

import (
	"testing"

	"rejoinder/moderation/text"
)

func TestSuggestEmailFindsMistypedDomains(t *testing.T) {
	for typed, want := range map[string]string{
		"rita@gmial.com":      "rita@gmail.com",
		"rita@gmai.com":       "rita@gmail.com",
		"rita@gmaill.com":     "rita@gmail.com",
		"rita@GMIAL.com":      "rita@gmail.com",
		"rita@gmail.con":      "rita@gmail.com",
		"rita@gmail.co":       "rita@gmail.com",
		"rita@gmial.con":      "rita@gmail.com",
		"rita@hotmial.com":    "rita@hotmail.com",
		"rita@hotmial.fr":     "rita@hotmail.fr",
		"rita@hormial.com":    "rita@hotmail.com",
		"rita@outlok.de":      "rita@outlook.de",
		"rita@yaho.co.uk":     "rita@yahoo.co.uk",
		"rita@iclod.com":      "rita@icloud.com",
		"rita@t-onlien.de":    "rita@t-online.de",
		"rita@gmx.ed":         "rita@gmx.de",
		"rita+a@web.dee":      "rita+a@web.de",
		"rita@harbour.con":    "rita@harbour.com",
		"o’hara@gmial.com":    "o’hara@gmail.com",
		"rita@protonmial.com": "rita@protonmail.com",
	} {
		if got := text.SuggestEmail(typed); got != want {
			t.Errorf("%s: got %q, want %q", typed, got, want)
		}
	}
}

func TestSuggestEmailLeavesOtherDomainsAlone(t *testing.T) {
	for _, typed := range []string{
		"rita@gmail.com", "rita@Gmail.com", "rita@mail.com", "rita@email.com", "rita@ymail.com", "rita@gmx.de", "rita@gmx.com",
		"rita@gmx.net", "rita@web.de", "rita@cloud.com", "rita@live.nl", "rita@hotmail.ch", "rita@outlook.hu", "rita@gmail.example",
		"rita@harbour.example", "rita@harbour.co", "rita@wed.de", "rita@love.com", "rita@gazette.com", "rita@mail.gmial.com", "rita",
		"rita@", "", "rita@localhost", "rita@gmial.museum",
	} {
		if got := text.SuggestEmail(typed); got != "" {
			t.Errorf("%s: got %q, want none", typed, got)
		}
	}
}
