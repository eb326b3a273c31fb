package privacy

import "testing"

func TestSpellingsOfOneMailbox(t *testing.T) {
	for want, spellings := range map[string][]string{
		"anna@mail.example":   {"anna@mail.example", "Anna+news@Mail.example", "anna+a+b@mail.example", "anna+@mail.example."},
		"an.na@mail.example":  {"an.na@mail.example"}, // dots count here
		"annalee@gmail.com":   {"anna.lee@gmail.com", "annalee+x@googlemail.com", "A.N.N.A.Lee@GMAIL.com", "annalee@gmail.com"},
		"annalee@proton.me":   {"anna-lee@protonmail.com", "anna_lee@pm.me", "anna.lee+x@proton.me"},
		"anna.lee@icloud.com": {"anna.lee@me.com", "anna.lee+x@mac.com"},
		"+x@mail.example":     {"+x@mail.example"}, // nothing would be left
		"..@gmail.com":        {"..@gmail.com"},
		"anna":                {"anna"},
	} {
		for _, email := range spellings {
			if have := Mailbox(email); have != want {
				t.Errorf("%s becomes %s, want %s", email, have, want)
			}
			if again := Mailbox(want); again != want {
				t.Errorf("%s becomes %s the second time", want, again)
			}
		}
	}
}
