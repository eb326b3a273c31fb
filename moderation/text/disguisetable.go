package text

import (
	"encoding/binary"
	"slices"
)

// DisguiseTable holds many disguises in little memory: 12 bytes for each, and about a byte for each of its
// letters. Each has a number, from 0 on in the order of Add. After Finish the table is immutable.
type DisguiseTable struct {
	rows   []disguiseRow
	units  []byte   // of all disguises: the numbers of their wanted units, as varints
	wanted []wanted // each once
	forms  []form   // each once
	terms  string   // each behind its length, as a varint

	adding disguiseAdder // until Finish
}

// disguiseRow is one disguise of a table.
type disguiseRow struct {
	term  uint32 // where it begins in terms
	units uint32 // where they begin
	form  uint16 // its number
	size  uint16 // how many units there are
}

// disguiseAdder is what a table needs while disguises are added.
type disguiseAdder struct {
	terms  []byte
	last   string // the term that was added last
	wanted map[wanted]uint64
	forms  map[form]uint16
}

// Add adds a disguise and returns its number.
func (t *DisguiseTable) Add(d *Disguise) int {
	a := &t.adding
	if a.forms == nil {
		a.wanted, a.forms = map[wanted]uint64{}, map[form]uint16{}
	}
	number, known := a.forms[d.form]
	if !known {
		number = uint16(len(t.forms))
		t.forms, a.forms[d.form] = append(t.forms, d.form), number
	}
	row := disguiseRow{units: uint32(len(t.units)), form: number, size: uint16(len(d.want))}
	if len(t.rows) > 0 && d.term == a.last {
		row.term = t.rows[len(t.rows)-1].term
	} else {
		row.term, a.last = uint32(len(a.terms)), d.term
		a.terms = append(binary.AppendUvarint(a.terms, uint64(len(d.term))), d.term...)
	}
	for _, w := range d.want {
		number, known := a.wanted[w]
		if !known {
			number = uint64(len(t.wanted))
			t.wanted, a.wanted[w] = append(t.wanted, w), number
		}
		t.units = binary.AppendUvarint(t.units, number)
	}
	t.rows = append(t.rows, row)
	return len(t.rows) - 1
}

// Finish ends the adding and frees the memory that only adding needs.
func (t *DisguiseTable) Finish() {
	t.rows, t.units, t.wanted = compact(t.rows), compact(t.units), compact(t.wanted)
	t.terms, t.adding = string(t.adding.terms), disguiseAdder{}
}

// compact returns the slice in no more memory than it needs.
func compact[T any](s []T) []T { return append(make([]T, 0, len(s)), s...) }

// unpack makes d the disguise with a number, without its Key.
func (t *DisguiseTable) unpack(d *Disguise, number int) {
	row := &t.rows[number]
	at := row.term
	length, n := varint(t.terms[at:])
	at += uint32(n)
	d.form, d.term = t.forms[row.form], t.terms[at:at+uint32(length)]
	d.want = slices.Grow(d.want[:0], int(row.size))[:row.size]
	units := t.units[row.units:]
	for i := range d.want {
		number, n := int(units[0]), 1
		if number >= 0x80 {
			number, n = varint(units)
		}
		d.want[i], units = t.wanted[number], units[n:]
	}
}

// varint reads a varint that binary.AppendUvarint has written, and returns its length, too.
func varint[T string | []byte](s T) (v, length int) {
	for shift := 0; ; shift += 7 {
		b := s[length]
		length++
		v |= int(b&0x7f) << shift
		if b < 0x80 {
			return v, length
		}
	}
}
