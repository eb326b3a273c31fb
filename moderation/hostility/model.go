package hostility

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"sync"
)

// Format of an encoded model, little-endian:
//
//   - the mark, whose last character is the version of the format
//   - the bias
//   - the largest weight
//   - for every weight other than 0, the distance from the previous bucket as an unsigned varint, and the
//     weight as a byte
//   - the CRC-32 (IEEE) of everything before it
const (
	mark        = "RJH1"
	headerBytes = len(mark) + 4 + 4
	crcBytes    = 4
)

// ErrFormat means that the bytes are not a model that this program can read.
var ErrFormat = errors.New("not a model of this format")

//go:embed model.bin
var embedded []byte

// shipped returns the embedded model.
var shipped = sync.OnceValue(func() *Model {
	m, err := Decode(embedded)
	if err != nil {
		panic("embedded hostility model: " + err.Error())
	}
	return m
})

// Model holds the weights of the features. It never changes; goroutines may share it.
type Model struct {
	bias    float32
	peak    float32 // the largest weight, of either sign
	weights []int8  // by bucket; levels has their values
	levels  [256]float32
}

// newModel returns a model with these weights, rounded to 8 bits on a quadratic scale: small weights, of which
// there are most, keep more of their precision.
func newModel(bias float64, weights []float64) *Model {
	m := &Model{bias: float32(bias), weights: make([]int8, buckets)}
	for _, w := range weights {
		m.peak = max(m.peak, float32(math.Abs(w)))
	}
	for i, w := range weights {
		level := math.Round(math.MaxInt8 * math.Sqrt(math.Abs(w)/max(float64(m.peak), math.SmallestNonzeroFloat32)))
		m.weights[i] = int8(math.Copysign(min(level, math.MaxInt8), w))
	}
	m.setLevels()
	return m
}

// setLevels calculates the weight of each byte.
func (m *Model) setLevels() {
	for level := math.MinInt8; level <= math.MaxInt8; level++ {
		part := float64(level) / math.MaxInt8
		m.levels[uint8(int8(level))] = float32(math.Copysign(part*part, part) * float64(m.peak))
	}
}

// weight returns the weight of a bucket.
func (m *Model) weight(bucket uint32) float32 { return m.levels[uint8(m.weights[bucket])] }

// Encode returns the encoded model.
func (m *Model) Encode() []byte {
	le := binary.LittleEndian
	b := append([]byte(nil), mark...)
	b = le.AppendUint32(b, math.Float32bits(m.bias))
	b = le.AppendUint32(b, math.Float32bits(m.peak))
	last := 0
	for i, w := range m.weights {
		if w != 0 {
			b = append(binary.AppendUvarint(b, uint64(i-last)), byte(w))
			last = i
		}
	}
	return le.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// Decode decodes a model. Errors: ErrFormat.
func Decode(b []byte) (*Model, error) {
	if len(b) < headerBytes+crcBytes || string(b[:len(mark)]) != mark {
		return nil, fmt.Errorf("decode model: %w", ErrFormat)
	}
	le := binary.LittleEndian
	rest := b[:len(b)-crcBytes]
	if le.Uint32(b[len(rest):]) != crc32.ChecksumIEEE(rest) {
		return nil, fmt.Errorf("decode model: damaged: %w", ErrFormat)
	}
	m := &Model{weights: make([]int8, buckets)}
	m.bias = math.Float32frombits(le.Uint32(rest[len(mark):]))
	m.peak = math.Float32frombits(le.Uint32(rest[len(mark)+4:]))
	if !isFinite(m.bias) || !isFinite(m.peak) || m.peak < 0 {
		return nil, fmt.Errorf("decode model: %w", ErrFormat)
	}
	m.setLevels()
	at := uint64(0)
	for rest = rest[headerBytes:]; len(rest) > 0; {
		gap, size := binary.Uvarint(rest)
		if size <= 0 || size == len(rest) || gap >= buckets-at {
			return nil, fmt.Errorf("decode model: %w", ErrFormat)
		}
		at += gap
		m.weights[at] = int8(rest[size])
		rest = rest[size+1:]
	}
	return m, nil
}

func isFinite(f float32) bool { return !math.IsNaN(float64(f)) && !math.IsInf(float64(f), 0) }
