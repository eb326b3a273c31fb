package classify

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
)

// Format of an encoded model, little-endian:
//
//   - the mark, whose last character is the version of the format
//   - numbers of approved texts and of spam
//   - number of batches
//   - bias
//   - weight and slope of every cell
//   - samples of approved texts and of spam, each as the number of examples and the examples; an example is
//     the lengths of its ID and of its packed features, the ID, and the features
//   - CRC-32 (IEEE) of everything before it
const (
	mark         = "RJC2"
	headerBytes  = len(mark) + 8 + 8 + 8
	cellBytes    = 8
	weightsBytes = headerBytes + buckets*cellBytes
	sumBytes     = 4
	leastBytes   = weightsBytes + 2*4 + sumBytes
)

// maxBytes is the maximum size of an encoded model.
const maxBytes = leastBytes + 2*sampleBytes

// ErrFormat means that the bytes are not a model that this program can read. Train a new model instead.
var ErrFormat = errors.New("not a model of this format")

// Encode returns the encoded model: 512 KiB of weights and at most 448 KiB of examples.
func (m *Model) Encode() []byte {
	le := binary.LittleEndian
	b := append(make([]byte, 0, leastBytes+m.old[Approved].bytes+m.old[Spam].bytes), mark...)
	b = le.AppendUint32(b, uint32(m.counts[Approved]))
	b = le.AppendUint32(b, uint32(m.counts[Spam]))
	b = le.AppendUint64(b, m.batches)
	b = m.bias.append(b)
	for _, c := range m.cells {
		b = c.append(b)
	}
	b = m.old[Approved].append(b)
	b = m.old[Spam].append(b)
	return le.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func (c cell) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(c.weight))
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(c.slope))
}

func (s *sample) append(b []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint32(b, uint32(len(s.kept)))
	for _, k := range s.kept {
		b = le.AppendUint16(b, uint16(len(k.id)))
		b = le.AppendUint16(b, uint16(len(k.packed)))
		b = append(b, k.id...)
		b = append(b, k.packed...)
	}
	return b
}

// Decode decodes a model. Errors: ErrFormat.
func Decode(b []byte) (*Model, error) {
	m, err := DecodeWeights(b)
	if err != nil {
		return nil, err
	}
	rest := b[weightsBytes : len(b)-sumBytes]
	for _, l := range []Label{Approved, Spam} {
		if m.old[l], rest, err = readSample(rest); err != nil {
			return nil, err
		}
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("decode model: %d bytes too many: %w", len(rest), ErrFormat)
	}
	return m, nil
}

// DecodeWeights decodes a model without its examples. It can score, but should not learn. Errors: ErrFormat.
func DecodeWeights(b []byte) (*Model, error) {
	if len(b) < leastBytes || len(b) > maxBytes || string(b[:len(mark)]) != mark {
		return nil, fmt.Errorf("decode model: %w", ErrFormat)
	}
	le := binary.LittleEndian
	if le.Uint32(b[len(b)-sumBytes:]) != crc32.ChecksumIEEE(b[:len(b)-sumBytes]) {
		return nil, fmt.Errorf("decode model: damaged: %w", ErrFormat)
	}
	m := New()
	rest := b[len(mark):]
	m.counts[Approved], m.counts[Spam] = int(le.Uint32(rest)), int(le.Uint32(rest[4:]))
	m.batches = le.Uint64(rest[8:])
	m.bias = readCell(rest[16:])
	rest = b[headerBytes:]
	for i := range m.cells {
		m.cells[i] = readCell(rest[i*cellBytes:])
		if !m.cells[i].sound() {
			return nil, fmt.Errorf("decode model: %w", ErrFormat)
		}
	}
	if !m.bias.sound() {
		return nil, fmt.Errorf("decode model: %w", ErrFormat)
	}
	return m, nil
}

func readCell(b []byte) cell {
	le := binary.LittleEndian
	return cell{math.Float32frombits(le.Uint32(b)), math.Float32frombits(le.Uint32(b[4:]))}
}

// sound reports whether the cell holds numbers that learning can produce.
func (c cell) sound() bool {
	weight := float64(c.weight)
	return !math.IsNaN(weight) && !math.IsInf(weight, 0) && c.slope >= 0 && !math.IsInf(float64(c.slope), 0)
}

// readSample returns the sample at the start of b and what follows it.
func readSample(b []byte) (s sample, rest []byte, err error) {
	if len(b) < 4 {
		return s, nil, fmt.Errorf("decode model: cut off: %w", ErrFormat)
	}
	le := binary.LittleEndian
	n := le.Uint32(b)
	for b = b[4:]; n > 0; n-- {
		k, ok := readKept(b)
		if !ok {
			return s, nil, fmt.Errorf("decode model: corrupt example: %w", ErrFormat)
		}
		s.kept = append(s.kept, k)
		s.bytes += k.size()
		b = b[k.size():]
	}
	if s.bytes > sampleBytes || !slices.IsSortedFunc(s.kept, byPriority) {
		return s, nil, fmt.Errorf("decode model: corrupt sample: %w", ErrFormat)
	}
	return s, b, nil
}

func readKept(b []byte) (k kept, ok bool) {
	if len(b) < keptHeader {
		return k, false
	}
	id, packed := int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:]))
	b = b[keptHeader:]
	if len(b) < id+packed {
		return k, false
	}
	k = kept{string(b[:id]), bytes.Clone(b[id : id+packed])}
	return k, k.sound()
}
