package moderation

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"rejoinder/moderation/rules"
)

// Ruleset is one saved version of a site's rules.
type Ruleset struct {
	ID        string
	SiteID    string
	Version   int // 1, 2, 3 … per site
	Source    string
	Base      string // the document that Source extends, as of saving; empty if none
	Checksum  string // SHA-256 of Source, hexadecimal
	Note      string
	CreatedBy string // moderator; empty for the command line and the shipped default
	CreatedAt time.Time
	Active    bool
	// Author and Activator are the names of the moderators who saved and activated it; empty if none did.
	Author, Activator string
	ActivatedAt       time.Time // zero unless active
	Judging           []string  // rules that are not off; set only during activation
	Replaces          string    // ID of the version that must be active; empty: any; set only during activation
}

// Document returns the source with the base stored with it, so that its meaning never changes.
func (r Ruleset) Document() rules.Document {
	d := rules.Document{Source: []byte(r.Source)}
	if r.Base != "" {
		d.Base = []byte(r.Base)
	}
	return d
}

// EnabledRules returns the IDs of the rules that are not off.
func EnabledRules(compiled *rules.Ruleset) []string {
	var ids []string
	for _, r := range compiled.Rules() {
		if r.Mode != rules.Off {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Checksum returns the SHA-256 of a ruleset's source, hexadecimal.
func Checksum(source string) string {
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])
}
