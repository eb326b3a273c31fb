package classify

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// An encoded model, in little-endian order: the mark, whose last character is the format's version; the
// counts of approved and of spam; the number of batches; the bias; every cell as weight and slope; and the
// CRC-32 (IEEE) of everything before it.
const (
	mark        = "RJC1"
	headerBytes = len(mark) + 8 + 8 + 8
	cellBytes   = 8
	blobBytes   = headerBytes + buckets*cellBytes + 4
)

// ErrFormat means that the bytes are not a model that this program can read. Train a new model instead.
var ErrFormat = errors.New("not a model of this format")

// Encode returns the encoded model: 524,320 bytes.
func (m *Model) Encode() []byte {
	le := binary.LittleEndian
	b := append(make([]byte, 0, blobBytes), mark...)
	b = le.AppendUint32(b, uint32(m.counts[Approved]))
	b = le.AppendUint32(b, uint32(m.counts[Spam]))
	b = le.AppendUint64(b, m.batches)
	b = m.bias.append(b)
	for _, c := range m.cells {
		b = c.append(b)
	}
	return le.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func (c cell) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(c.weight))
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(c.slope))
}

// Decode decodes a model. Errors: ErrFormat.
func Decode(b []byte) (*Model, error) {
	if len(b) != blobBytes || string(b[:len(mark)]) != mark {
		return nil, fmt.Errorf("decode model: %w", ErrFormat)
	}
	le := binary.LittleEndian
	if le.Uint32(b[blobBytes-4:]) != crc32.ChecksumIEEE(b[:blobBytes-4]) {
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

// sound reports whether the cell holds numbers that learning can have left.
func (c cell) sound() bool {
	weight := float64(c.weight)
	return !math.IsNaN(weight) && !math.IsInf(weight, 0) && c.slope >= 0 && !math.IsInf(float64(c.slope), 0)
}
