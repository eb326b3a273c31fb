package moderation

import "rejoinder/moderation/text"

// nearDuplicateShare is the minimum estimated Jaccard similarity of near duplicates.
const nearDuplicateShare = 0.75

// MinHash is the sketch of a text for finding near duplicates. It is zero for short texts.
type MinHash struct {
	Bands  [4]int64 // near duplicates share at least one
	Sketch []byte   // a text.Sketch; empty if the text is too short
}

// NearDuplicate reports whether the text with the given sketch is a near duplicate.
func (l MinHash) NearDuplicate(sketch []byte) bool {
	own, ok := text.SketchFrom(l.Sketch)
	if !ok {
		return false
	}
	other, ok := text.SketchFrom(sketch)
	return ok && own.Common(other) >= nearDuplicateShare
}

// NearDuplicate is an earlier submission with nearly the same text.
type NearDuplicate struct {
	ArticleID string
	Cluster   string // of the comment
}

// NewMinHash returns the sketch of a text.
func NewMinHash(reading *text.Reading) MinHash {
	sketch, ok := reading.Sketch()
	if !ok {
		return MinHash{}
	}
	return MinHash{Bands: sketch.Bands(), Sketch: sketch.Bytes()}
}

// countNearDuplicates counts near duplicates on the article and on the whole site.
func countNearDuplicates(alike []NearDuplicate, articleID string) (article, site int) {
	for _, a := range alike {
		if a.ArticleID == articleID {
			article++
		}
	}
	return article, len(alike)
}
