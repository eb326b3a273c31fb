package classify

import (
	"math"
	"slices"

	"rejoinder/moderation/text"
)

const (
	buckets = 1 << 16 // of the feature hash

	shortestPiece = 3 // characters of an n-gram of a word, with its edges marked
	longestPiece  = 5

	// maxWords bounds the cost of a text. A longer text is reduced to its first and last maxWords/2 words,
	// since advertisements are usually there.
	maxWords = 400
	// maxWordRunes bounds the n-grams of one word.
	maxWordRunes = 40
)

// The seeds separate the hashes of the kinds of features.
const (
	wordSeed  uint64 = 0x9E3779B97F4A7C15
	pairSeed  uint64 = 0xC2B2AE3D27D4EB4F
	pieceSeed uint64 = 0x165667B19E3779F9
	shapeSeed uint64 = 0x27D4EB2F165667C5

	sampleSeed uint64 = 0xD6E8FEB86659FD93 // of priorities in the reservoir
)

// noWord is the word index of shape features.
const noWord = -1

// feature is one bucket of a text with its value.
type feature struct {
	bucket uint32
	word   int32 // index of the word it comes from, or noWord
	value  float32
}

// The lengths to which the features of each kind are normalized, so that none dominates.
const (
	wordsLength  = 1
	piecesLength = 2
	shapeLength  = 1
)

// vector is the feature vector of a text. Its memory is reused for the next text.
type vector struct {
	features []feature
	words    []text.Word
	runes    []rune
	counts   [buckets]uint16 // all zero between kinds
}

// read replaces the vector with that of a text, as readers see it.
func (v *vector) read(r *text.Reading) {
	v.features, v.words = v.features[:0], r.Words()
	size := len(v.words)
	if size > maxWords {
		v.words = slices.Concat(v.words[:maxWords/2], v.words[size-maxWords/2:])
	}
	v.kind(wordsLength, v.readWords)
	v.kind(piecesLength, v.readPieces)
	v.kind(shapeLength, func() {
		for i, value := range shapeOf(r, size) {
			v.add(mix(mix(shapeSeed, uint64(i)), uint64(value)), noWord)
		}
	})
}

// kind reads one kind of features and normalizes them to a length. Repeated features are weighted by 1 + the
// logarithm of their count.
func (v *vector) kind(length float64, read func()) {
	from := len(v.features)
	read()
	part, sum := v.features[from:], 0.0
	for i := range part {
		n := int(v.counts[part[i].bucket])
		total := dampened(n)
		part[i].value = float32(total / float64(n))
		sum += total * total / float64(n)
	}
	scale := float32(length / math.Sqrt(max(sum, 1)))
	for i := range part {
		part[i].value *= scale
		v.counts[part[i].bucket] = 0
	}
}

var dampenedSmall = func() (table [64]float64) {
	for n := range table {
		table[n] = 1 + math.Log(float64(n))
	}
	return table
}()

func dampened(n int) float64 {
	if n < len(dampenedSmall) {
		return dampenedSmall[n]
	}
	return 1 + math.Log(float64(n))
}

func (v *vector) add(hash uint64, word int) {
	bucket := uint32(hash>>40) % buckets
	v.counts[bucket]++
	v.features = append(v.features, feature{bucket: bucket, word: int32(word)})
}

// readWords adds every word and every pair of adjacent words, including the edges of the text.
func (v *vector) readWords() {
	before := mix(pairSeed, 0)
	for i, w := range v.words {
		v.add(hashString(wordSeed, w.Folded), i)
		v.add(hashString(before, w.Folded), i)
		before = hashString(pairSeed, w.Folded)
	}
	v.add(mix(before, 0), len(v.words)-1)
}

// readPieces adds the character 3- to 5-grams of each word, with its edges marked.
func (v *vector) readPieces() {
	for i, w := range v.words {
		v.runes = append(v.runes[:0], ' ')
		for _, r := range w.Folded {
			if len(v.runes) > maxWordRunes {
				break
			}
			v.runes = append(v.runes, r)
		}
		v.runes = append(v.runes, ' ')
		for start := range v.runes {
			hash := pieceSeed
			for length, r := range v.runes[start:min(start+longestPiece, len(v.runes))] {
				hash = mix(hash, uint64(r))
				if length+1 >= shortestPiece {
					v.add(hash, i)
				}
			}
		}
	}
}

// mix is one step of a multiplicative hash with good high bits, after the finalizer of SplitMix64 (Steele,
// Lea, Flood 2014). Since models are stored, it must not change within a format.
func mix(hash, value uint64) uint64 {
	hash ^= value * 0xBF58476D1CE4E5B9
	hash *= 0x94D049BB133111EB
	return hash ^ hash>>29
}

func hashString(seed uint64, s string) uint64 {
	hash := seed
	for i := range len(s) {
		hash = mix(hash, uint64(s[i])+1)
	}
	return mix(hash, 0)
}
