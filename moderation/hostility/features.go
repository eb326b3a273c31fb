package hostility

const (
	bucketBits = 18
	buckets    = 1 << bucketBits // of the feature hash

	longestPiece = 5 // bytes of an n-gram of a word, with its edges marked; the shortest has 2
)

// The kinds of features. Each is weighed by the square root of its number in a text, so that none dominates.
const (
	wordKind = iota
	pairKind
	pieceKind
	kinds
)

// leastCounts are the minimum counts per kind: fewer features are weighed as if there were this many, so that
// a single word that the model knows from a few texts does not decide about a short text.
var leastCounts = [kinds]int32{wordKind: 12, pairKind: 12, pieceKind: 160}

// The seeds separate the hashes of the kinds.
const (
	wordSeed  uint64 = 0x9E3779B97F4A7C15
	pairSeed  uint64 = 0xC2B2AE3D27D4EB4F
	pieceSeed uint64 = 0x165667B19E3779F9
	textEdge  uint64 = 0x27D4EB2F165667C5 // stands for the word before the first
)

// hashed are the buckets of the features of one token.
type hashed struct {
	word, pair uint32
	pieces     []uint32 // character n-grams
	paired     bool     // pair is set: other readings of a word form no pairs
}

// hasher hashes the features of the tokens of a text, one after the other.
type hasher struct {
	hashed
	before uint64 // hash of the last word
}

func (h *hasher) start() { h.before = textEdge }

// read hashes the features of the next token.
func (h *hasher) read(form []byte, t token) {
	hash := wordSeed
	for _, c := range form {
		hash = mix(hash, c)
	}
	h.word, h.paired = bucket(hash), !t.alternative
	if h.paired {
		h.pair = bucket((h.before ^ hash>>7) * multiplier)
		h.before = (hash ^ pairSeed) * multiplier
	}
	var edged [maxWordBytes + 2]byte
	edged[0] = ' '
	n := 1 + copy(edged[1:maxWordBytes+1], form)
	edged[n] = ' '
	word := edged[:n+1]
	h.pieces = h.pieces[:0]
	for start := range len(word) - 1 {
		hash := mix(pieceSeed, word[start])
		for _, c := range word[start+1 : min(start+longestPiece, len(word))] {
			hash = mix(hash, c)
			h.pieces = append(h.pieces, bucket(hash))
		}
	}
}

const multiplier = 0x94D049BB133111EB

// mix is one step of FNV-1a (Fowler, Noll, Vo) with the multiplier of SplitMix64, whose high bits are good.
// Models are stored, so it must not change within a format.
func mix(hash uint64, c byte) uint64 { return (hash ^ uint64(c)) * multiplier }

func bucket(hash uint64) uint32 { return uint32(hash >> (64 - bucketBits)) }
