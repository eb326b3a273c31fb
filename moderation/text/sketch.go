package text

import (
	"encoding/binary"
	"math"
)

const (
	sketchBands  = 4
	sketchRows   = 4 // in each band
	sketchSize   = sketchBands * sketchRows
	sketchFewest = 8 // distinct words that a text needs to be sketched
	sketchWords  = 400
)

// Sketch is a short summary of the words of a text, by which texts that are nearly the same are found:
// MinHash (Broder 1997). The share of equal places estimates which share of all their words two texts have in
// common.
type Sketch [sketchSize]uint16

// Sketch returns the sketch of the set of the comment's words, at most the first 400. Numbers are ignored,
// because they often differ between copies. ok is false if there are fewer than eight words: with so few, one
// other word makes a different text.
func (r *Reading) Sketch() (sketch Sketch, ok bool) {
	words := r.Words()
	seen := map[uint64]bool{}
	var least [sketchSize]uint64
	for i := range least {
		least[i] = math.MaxUint64
	}
	for _, w := range words[:min(len(words), sketchWords)] {
		hash, letters := uint64(14695981039346656037), false // FNV-1a
		for i := range len(w.Folded) {
			hash = (hash ^ uint64(w.Folded[i])) * 1099511628211
			letters = letters || w.Folded[i] > '9'
		}
		if !letters || seen[hash] {
			continue
		}
		seen[hash] = true
		for i := range least {
			least[i] = min(least[i], spread(hash+uint64(i)*0x9E3779B97F4A7C15))
		}
	}
	for i, l := range least {
		sketch[i] = uint16(l)
	}
	return sketch, len(seen) >= sketchFewest
}

// spread is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
func spread(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Bands returns four keys. Texts that have nine of ten words in common almost surely share one of them, texts
// that have eight of ten nearly always, and texts that have a third in common hardly ever.
func (s Sketch) Bands() (keys [sketchBands]int64) {
	for band := range keys {
		key := uint64(band)
		for _, v := range s[band*sketchRows : (band+1)*sketchRows] {
			key = spread(key<<16 ^ key>>48 ^ uint64(v))
		}
		keys[band] = int64(key)
	}
	return keys
}

// Common estimates which share of all their words two texts have in common, from 0 to 1.
func (s Sketch) Common(o Sketch) float64 {
	equal := 0
	for i := range s {
		if s[i] == o[i] {
			equal++
		}
	}
	return float64(equal) / sketchSize
}

// Bytes returns the sketch as it is stored.
func (s Sketch) Bytes() []byte {
	b := make([]byte, 0, 2*sketchSize)
	for _, v := range s {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

// SketchFrom reads what Bytes returned.
func SketchFrom(b []byte) (s Sketch, ok bool) {
	if len(b) != 2*sketchSize {
		return Sketch{}, false
	}
	for i := range s {
		s[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return s, true
}
