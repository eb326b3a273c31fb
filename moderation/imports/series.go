package imports

import (
	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// maxSeries bounds how many waiting comments an import compares with one another, at about 300 bytes each.
const maxSeries = 50_000

// series are the waiting comments of an import with nearly the same text, which the queue then shows as one group,
// however long ago they were sent. Other comments need no group.
type series struct {
	known   []similar
	byBand  map[int64][]int // indexes of known
	byPrint map[string]int
}

type similar struct {
	sketch  []byte
	cluster string
}

// likeness is what tells that texts are nearly the same.
type likeness struct {
	minHash moderation.MinHash
	print   string
}

func likenessOf(reading *text.Reading) *likeness {
	return &likeness{minHash: moderation.NewMinHash(reading), print: string(reading.Fingerprint())}
}

// clusterOf returns the cluster of a waiting comment: that of an earlier one with nearly the same text, else its id.
func (s *series) clusterOf(own *likeness, id string) string {
	if s.byPrint == nil {
		s.byBand, s.byPrint = map[int64][]int{}, map[string]int{}
	}
	if at, ok := s.find(own); ok {
		return s.known[at].cluster
	}
	if len(s.known) < maxSeries {
		s.byPrint[own.print] = len(s.known)
		if len(own.minHash.Sketch) > 0 {
			for _, band := range own.minHash.Bands {
				s.byBand[band] = append(s.byBand[band], len(s.known))
			}
		}
		s.known = append(s.known, similar{own.minHash.Sketch, id})
	}
	return id
}

// maxPerBand bounds how many comments with a common part a comment is compared with.
const maxPerBand = 50

func (s *series) find(own *likeness) (at int, ok bool) {
	if at, ok = s.byPrint[own.print]; ok {
		return at, true
	}
	if len(own.minHash.Sketch) == 0 {
		return 0, false
	}
	for _, band := range own.minHash.Bands {
		candidates := s.byBand[band]
		for _, at := range candidates[:min(len(candidates), maxPerBand)] {
			if own.minHash.NearDuplicate(s.known[at].sketch) {
				return at, true
			}
		}
	}
	return 0, false
}
