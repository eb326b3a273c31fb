package auth

import "context"

// ChooseLanguage sets the language of a moderator's console and mail; empty: as the browser asks. The caller checks
// that there is such a language.
func (s *Service) ChooseLanguage(ctx context.Context, moderatorID, tag string) error {
	_, err := s.store.UpdateModerator(ctx, ModeratorUpdate{ID: moderatorID, At: s.now(),
		Change: func(m *Moderator, _ []Moderator) error {
			m.Language = tag
			return nil
		}})
	s.principals.invalidate()
	return wrap("choose language", err)
}
