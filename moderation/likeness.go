package moderation

import "rejoinder/moderation/text"

// nearlySame is the estimated share of common words from which on two texts count as nearly the same.
const nearlySame = 0.75

// Likeness is by what storage finds texts that are nearly the same. The zero value is that of a text too short for it.
type Likeness struct {
	Bands  [4]int64 // texts that are nearly the same have one of these in common
	Sketch []byte   // a text.Sketch; empty: there is none
}

// Alike is an earlier submission that shares a band.
type Alike struct {
	ArticleID string
	Sketch    []byte // a text.Sketch
	Cluster   string // of the comment
}

func likenessOf(body string) Likeness {
	sketch, ok := text.NewSketch(body)
	if !ok {
		return Likeness{}
	}
	return Likeness{Bands: sketch.Bands(), Sketch: sketch.Bytes()}
}

// nearCopies counts the submissions that say nearly the same, about the same article and anywhere on the site.
func nearCopies(from factSources) (article, site int) {
	if len(from.known.Alike) == 0 {
		return 0, 0
	}
	own, ok := text.NewSketch(from.submission.Body)
	if !ok {
		return 0, 0
	}
	for _, a := range from.known.Alike {
		other, ok := text.SketchFrom(a.Sketch)
		if !ok || own.Common(other) < nearlySame {
			continue
		}
		site++
		if a.ArticleID == from.article.ID {
			article++
		}
	}
	return article, site
}
