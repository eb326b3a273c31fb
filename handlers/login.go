package handlers

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// tokenAnswer is what a client needs to call the API as a moderator. The refresh token is in a cookie, where
// no script can read it.
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	// Duty is what the moderator must do before anything else is allowed.
	Duty auth.Duty `json:"duty,omitempty"`
}

// challengeAnswer is what follows the password of a moderator with a second factor: the token is for the
// second step.
type challengeAnswer struct {
	SecondFactor struct {
		Token     string `json:"token"`
		ExpiresIn int    `json:"expires_in"` // seconds
	} `json:"second_factor"`
}

// login signs a moderator in.
func (s *Server) login(c *gin.Context) error {
	if !s.ownSource(c) {
		return errCrossOrigin
	}
	var req struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	var faults moderation.Invalid
	if req.Email == "" {
		faults.Add("/email", "required", "Please enter your email address.")
	}
	if req.Password == "" {
		faults.Add("/password", "required", "Please enter your password.")
	}
	if err := faults.Err(); err != nil {
		return err
	}
	from := s.loginRequest(c)
	from.Email, from.Password = req.Email, req.Password
	session, err := s.Auth.Login(c.Request.Context(), from)
	return s.answerSignIn(c, session, err)
}

// answerSignIn answers a step of signing in: with the session, or with what the next step takes.
func (s *Server) answerSignIn(c *gin.Context, session auth.Session, err error) error {
	var needed *auth.SecondFactorNeeded
	switch {
	case errors.As(err, &needed):
		var a challengeAnswer
		a.SecondFactor.Token, a.SecondFactor.ExpiresIn = needed.Token, int(needed.ExpiresIn.Seconds())
		answer(c, http.StatusOK, a)
		return nil
	case err != nil:
		return err
	}
	s.answerSession(c, session)
	return nil
}

// refresh trades the refresh token in the cookie for a new one and a new access token.
func (s *Server) refresh(c *gin.Context) error {
	if !s.ownSource(c) {
		return errCrossOrigin
	}
	token := s.refreshCookie(c)
	if token == "" {
		return errSignIn
	}
	session, err := s.Auth.Refresh(c.Request.Context(), token)
	if err != nil {
		if errors.Is(err, auth.ErrTokenInvalid) {
			s.clearSession(c)
		}
		return err
	}
	s.answerSession(c, session)
	return nil
}

// logout ends the session that the cookie belongs to. Without one there is nothing left to end, and that is
// no error.
func (s *Server) logout(c *gin.Context) error {
	if err := s.leave(c); err != nil {
		return err
	}
	noContent(c)
	return nil
}

func (s *Server) answerSession(c *gin.Context, session auth.Session) {
	s.setRefresh(c, session)
	answer(c, http.StatusOK, tokenAnswer{
		AccessToken: session.AccessToken, TokenType: "Bearer", ExpiresIn: int(session.ExpiresIn.Seconds()),
		Duty: session.Duty,
	})
}

// me says who the access token belongs to, and which sites they work on.
func (s *Server) me(c *gin.Context) error {
	sites, err := s.Sites.List(c.Request.Context(), viewerOf(c))
	if err != nil {
		return err
	}
	slugs := make([]string, len(sites))
	for i, site := range sites {
		slugs[i] = site.Slug
	}
	who := identityOf(c)
	factor, err := s.Auth.SecondFactor(c.Request.Context(), who)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, meAnswer{who.ModeratorID, who.Name, who.Role, slugs, who.Duty,
		factorAnswer{factor.Confirmed(), s.Auth.SecondFactorRequired(), factor.CodesLeft}})
	return nil
}

// meAnswer is the signed-in moderator.
type meAnswer struct {
	ID           string       `json:"id"`
	Name         string       `json:"name"`
	Role         auth.Role    `json:"role"`
	Sites        []string     `json:"sites"`
	Duty         auth.Duty    `json:"duty,omitempty"`
	SecondFactor factorAnswer `json:"second_factor"`
}

type factorAnswer struct {
	Enabled           bool `json:"enabled"`
	Required          bool `json:"required"`
	RecoveryCodesLeft int  `json:"recovery_codes_left"`
}

// requireToken lets requests pass that carry the access token of a moderator with that role, who owes nothing
// but what may be owed there.
func (s *Server) requireToken(need auth.Role, allowed ...auth.Duty) gin.HandlerFunc {
	return s.wrap(func(c *gin.Context) error {
		token, ok := bearer(c)
		if !ok {
			return errSignIn
		}
		who, err := s.Auth.Authenticate(c.Request.Context(), token)
		if err != nil {
			return err
		}
		if !slices.Contains(allowed, who.Duty) {
			if err := who.Duty.Err(); err != nil {
				return err
			}
		}
		if !who.Role.Allows(need) {
			return errRole
		}
		c.Set(keyIdentity, who)
		return nil
	})
}
