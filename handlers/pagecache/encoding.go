package pagecache

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// encoding is a content coding of an answer. The order is that of our preference where a client has none.
type encoding int

const (
	EncodingBrotli encoding = iota
	encodingGzip
	EncodingIdentity
	Encodings
)

// EncodingNames are the codings' names in headers (RFC 9110, section 8.4.1, and RFC 7932 for br).
var EncodingNames = [Encodings]string{"br", "gzip", "identity"}

// Levels of compression. On 40 kB of a thread, higher ones take several times as long for one byte in twenty.
const (
	brotliLevel = 5
	gzipLevel   = 6
	// brotliWindow is how far back brotli looks, as a power of two: 256 KiB is more than a page has. The default
	// of 4 MiB takes as much memory for each page that is being compressed.
	brotliWindow = 18
)

// compressors are used again: one has tables of megabytes.
var compressors = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, gzipLevel)
	if err != nil {
		panic("make a compressor: " + err.Error())
	}
	return &compressor{
		brotli: brotli.NewWriterOptions(io.Discard, brotli.WriterOptions{Quality: brotliLevel, LGWin: brotliWindow}),
		gzip:   z,
	}
}}

type compressor struct {
	brotli *brotli.Writer
	gzip   *gzip.Writer
}

// weightOne is the greatest quality value, in thousandths; unnamed is the quality of a coding that no field
// names.
const (
	weightOne = 1000
	unnamed   = -1
)

// AcceptedEncoding picks the coding that the Accept-Encoding fields like best (RFC 9110, section 12.5.3).
// Without any, and when nothing is acceptable, that is identity: an answer that may not suit is better than
// none.
func AcceptedEncoding(fields []string) encoding {
	named := [Encodings]int{unnamed, unnamed, unnamed}
	rest := unnamed // what * says of all others
	for _, field := range fields {
		for field != "" {
			var one string
			one, field, _ = strings.Cut(field, ",")
			coding, weight, ok := codingWeight(one)
			switch {
			case !ok:
			case coding == "*":
				rest = weight
			case strings.EqualFold(coding, "br"):
				named[EncodingBrotli] = weight
			case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
				named[encodingGzip] = weight
			case strings.EqualFold(coding, "identity"):
				named[EncodingIdentity] = weight
			}
		}
	}
	best, most := EncodingIdentity, 0
	for e, weight := range named {
		if weight == unnamed && encoding(e) != EncodingIdentity {
			weight = max(rest, 0)
		}
		if weight > most {
			best, most = encoding(e), weight
		}
	}
	return best
}

// codingWeight reads one element of an Accept-Encoding field, as "gzip;q=0.8". The weight is in thousandths;
// false for an element that is not well-formed, which says nothing.
func codingWeight(element string) (coding string, weight int, ok bool) {
	coding, parameter, has := strings.Cut(element, ";")
	coding = strings.Trim(coding, " \t")
	if !has {
		return coding, weightOne, coding != ""
	}
	name, value, _ := strings.Cut(strings.Trim(parameter, " \t"), "=")
	if !strings.EqualFold(name, "q") {
		return "", 0, false
	}
	weight, ok = parseWeight(value)
	return coding, weight, ok && coding != ""
}

// parseWeight reads a quality value: 0 or 1 with up to three digits behind the point, at most 1.
func parseWeight(s string) (int, bool) {
	if s == "" || s[0] != '0' && s[0] != '1' {
		return 0, false
	}
	weight := int(s[0]-'0') * weightOne
	if len(s) == 1 {
		return weight, true
	}
	digits := s[2:]
	if s[1] != '.' || len(digits) > 3 {
		return 0, false
	}
	unit := weightOne / 10
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		weight += int(digits[i]-'0') * unit
		unit /= 10
	}
	return weight, weight <= weightOne
}

// Compressed returns the body in every coding, each in memory of its own size. Writing to memory does not
// fail.
func Compressed(body []byte) [Encodings][]byte {
	c := compressors.Get().(*compressor)
	defer compressors.Put(c)
	var br, gz bytes.Buffer
	c.brotli.Reset(&br)
	c.gzip.Reset(&gz)
	for _, w := range []io.WriteCloser{c.brotli, c.gzip} {
		_, err := w.Write(body)
		if err := errors.Join(err, w.Close()); err != nil {
			panic("compress in memory: " + err.Error())
		}
	}
	return [Encodings][]byte{bytes.Clone(br.Bytes()), bytes.Clone(gz.Bytes()), bytes.Clone(body)}
}
