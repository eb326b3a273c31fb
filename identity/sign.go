package identity

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Sign returns a token for a reader, signed with a secret (HS256), as the server of a publication makes them.
func Sign(secret, audience string, c Claims, now time.Time) (string, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"aud": audience, "sub": c.Subject, "name": c.Name, "email": c.Email, "email_verified": true, "badges": c.Badges,
		"iat": now.Unix(), "exp": c.ExpiresAt.Unix(),
	}).SignedString([]byte(secret))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return token, nil
}
