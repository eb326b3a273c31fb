package moderation

import "rejoinder/moderation/text"

// nearDuplicateShare is the estimated share of common words from which on two texts count as nearly the same.
const nearDuplicateShare = 0.75

// Likeness is by what storage finds texts that are nearly the same. The zero value is that of a text too
// short for it.
type Likeness struct {
	Bands  [4]int64 // texts that are nearly the same have one of these in common
	Sketch []byte   // a text.Sketch; empty: there is none
}

// Near tells of another text, by its sketch, whether it says nearly the same.
func (l Likeness) Near(sketch []byte) bool {
	own, ok := text.SketchFrom(l.Sketch)
	if !ok {
		return false
	}
	other, ok := text.SketchFrom(sketch)
	return ok && own.Common(other) >= nearDuplicateShare
}

// Alike is an earlier submission that says nearly the same.
type Alike struct {
	ArticleID string
	Cluster   string // of the comment
}

func newMinHash(body string) Likeness {
	sketch, ok := text.NewSketch(body)
	if !ok {
		return Likeness{}
	}
	return Likeness{Bands: sketch.Bands(), Sketch: sketch.Bytes()}
}

// countNearDuplicates counts the submissions that say nearly the same, about the same article and anywhere on
// the site.
func countNearDuplicates(alike []Alike, articleID string) (article, site int) {
	for _, a := range alike {
		if a.ArticleID == articleID {
			article++
		}
	}
	return article, len(alike)
}
