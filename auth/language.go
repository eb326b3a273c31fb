package auth

import "context"

// LocaleChoice is how a moderator reads the console and mail. Nil fields stay unchanged.
type LocaleChoice struct {
	Language *string // BCP 47 tag; empty: as the browser asks
	TimeZone *string // IANA name; empty: that of the first site
}

// ChooseLocale sets the language and the time zone of a moderator's console and mail. The caller checks that they
// exist.
func (s *Service) ChooseLocale(ctx context.Context, moderatorID string, choice LocaleChoice) error {
	_, err := s.store.UpdateModerator(ctx, ModeratorUpdate{ID: moderatorID, At: s.now(),
		Change: func(m *Moderator, _ []Moderator) error {
			if choice.Language != nil {
				m.Language = *choice.Language
			}
			if choice.TimeZone != nil {
				m.TimeZone = *choice.TimeZone
			}
			return nil
		}})
	s.principals.invalidate()
	return wrap("choose language and time zone", err)
}
